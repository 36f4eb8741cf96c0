"""Which agency a row of somebody's table is about: by its code, or by its name and province where there is none."""

from collections import defaultdict
from dataclasses import dataclass, field

from prongsai.registry.models import Agency, AgencyVersion
from prongsai.registry.names import exact_key, search_key


@dataclass(frozen=True)
class _Entry:
    pk: int
    code: str
    name: str
    province: str


@dataclass(frozen=True)
class AgencyIndex:
    """The agencies of an assessment, read once for a whole table."""

    by_code: dict[str, _Entry] = field(default_factory=dict)
    by_name: dict[str, list[_Entry]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def load(cls, assessment: str) -> "AgencyIndex":
        """With the names that agencies had before."""
        index = cls()
        columns = ("pk", "code", "name_th", "province")
        for entry in (_Entry(*row) for row in Agency.objects.filter(assessment=assessment).values_list(*columns)):
            index.by_code[entry.code] = entry
            index.by_name[search_key(entry.name)].append(entry)
        earlier = AgencyVersion.objects.filter(agency__assessment=assessment)
        for row in earlier.values_list("agency_id", "agency__code", "name_th", "province"):
            entry, key = _Entry(*row), search_key(row[2])
            if all(entry.pk != known.pk for known in index.by_name[key]):
                index.by_name[key].append(entry)
        return index

    def find(self, code: str, name: str = "", province: str = "") -> tuple[int | None, str]:
        """The key of the agency that a row means, or why it is none, in Thai. A code counts, unless the name beside it
        is that of another agency; without a code the name does, if one agency alone has it (in the province)."""
        named = self._find_named(name, province)
        if code:
            known = self.by_code.get(code)
            if known is None:
                return None, f"ไม่มีหน่วยงานรหัส {code[:40]} ในทะเบียน"
            if named and known.pk not in {entry.pk for entry in self._find_named(name, "")}:
                other = named[0]
                return None, f"รหัส {code[:40]} ในทะเบียนคือ{known.name[:60]} แต่ชื่อในแถวเป็นของรหัส {other.code}"
            return known.pk, ""
        if not name:
            return None, "ไม่มีรหัสหน่วยงานหรือชื่อหน่วยงาน"
        if len(named) == 1:
            return named[0].pk, ""
        if not named:
            place = f" ใน{province[:40]}" if province else ""
            near = [f"{entry.name[:60]} (รหัส {entry.code})" for entry in self.by_name.get(search_key(name), [])[:1]]
            return None, " ".join([f"ไม่พบหน่วยงานชื่อ “{name[:60]}”{place} ในทะเบียน", *(f"ใกล้เคียง {n}" for n in near)])
        places = ", ".join(sorted({entry.province or "ไม่ระบุจังหวัด" for entry in named}))[:80]
        return None, f"มีหน่วยงานชื่อ “{name[:60]}” {len(named)} แห่ง ({places}) เพิ่มรหัสหรือจังหวัดให้แถวนี้"

    def _find_named(self, name: str, province: str) -> list[_Entry]:
        """The agencies of a name, abbreviations written out; a name that is only like it is none of theirs."""
        wanted, place = exact_key(name), _squeeze_province(province)
        found = [entry for entry in self.by_name.get(search_key(name), []) if exact_key(entry.name) == wanted]
        return [entry for entry in found if not place or _squeeze_province(entry.province) == place] if wanted else []


def _squeeze_province(province: str) -> str:
    return exact_key(province).removeprefix("จังหวัด")
