"""What tables with a row for each agency share: the columns that name it, and finding it by its code or, in a table
without codes, by name and province."""

from collections.abc import Sequence

from prongsai.registry.models import Agency
from prongsai.registry.names import exact_key, search_key
from prongsai.registry.provinces import REGION_OF
from prongsai.registry.tables.kinds import Column, Entry, Scope

CODE = Column("code", "รหัสหน่วยงาน", ("รหัส", "agency"), "ไม่มีรหัสก็ได้ หากชื่อและจังหวัดตรงกับทะเบียนเพียงแห่งเดียว", 14)
NAME = Column("name_th", "ชื่อหน่วยงาน", ("ชื่อ", "หน่วยงาน", "name"), "บอกว่าแถวนี้คือใคร แก้ชื่อที่ตารางหน่วยงาน", 42, is_shown=True)
PROVINCE = Column("province", "จังหวัด", (), "บอกว่าแถวนี้คือใคร", 18, is_shown=True)
NAMING = (CODE, NAME, PROVINCE)


def clean_province(text: str) -> str:
    """A province as the registry has it."""
    short = text.removeprefix("จังหวัด").removeprefix("จ.").strip()
    return short if short in REGION_OF else text


def find_agencies(scope: Scope, entries: Sequence[Entry]) -> None:
    """Give entries their agency's code as key. A name that is not that of the code is refused: one of them is wrong."""
    codes = [code for e in entries if (code := e.cells.get(CODE.key))]
    known = {a.code: a for a in Agency.objects.filter(assessment=scope.assessment, code__in=codes)}
    for entry in entries:
        code, name = entry.cells.get(CODE.key, ""), entry.cells.get(NAME.key, "")
        province = clean_province(entry.cells.get(PROVINCE.key, ""))
        entry.title = f"{code} {name}".strip()
        if code:
            agency = known.get(code)
            if agency is None:
                entry.refuse(CODE.title, f"ไม่มีหน่วยงานรหัส {code[:40]}")
            elif name and search_key(name) != search_key(agency.name_th):
                entry.refuse(NAME.title, f"รหัส {code} ในทะเบียนคือ {agency.name_th} ไม่ใช่ {name[:80]}")
        else:
            agency = find_by_name(scope, entry, name, province)
        if agency is not None:
            entry.key, entry.title = agency.code, f"{agency.code} {agency.name_th}"


def find_by_name(scope: Scope, entry: Entry, name: str, province: str) -> Agency | None:
    """The one agency of a name and province, now or before; the entry is refused where there is none or more than one.
    A name that is only like it is another agency's."""
    if not name:
        entry.refuse("", f"ไม่มีทั้ง{CODE.title}และ{NAME.title}")
        return None
    same = scope.agencies_by_name.get(exact_key(name), ())
    found = [agency for agency in same if not province or agency.province == province]
    if len(found) == 1:
        return found[0]
    where = f" จังหวัด{province}" if province else ""
    if not found:
        entry.refuse(NAME.title, f"ไม่พบ {name[:80]}{where} ในทะเบียน")
    else:
        codes = ", ".join(agency.code for agency in found[:5])
        entry.refuse(NAME.title, f"มี {name[:80]}{where} มากกว่าหนึ่งแห่ง ({codes}) ใส่รหัสหน่วยงาน")
    return None
