"""Tables of what sharing out the work goes by: where assessors live and which languages they interview in, and in which
language the interviews of a province are held."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from django.db.models.functions import Lower

from prongsai.disclosure import allocation
from prongsai.disclosure.models import AssessorProfile, ProvinceLanguage
from prongsai.lib import thai
from prongsai.people.actions import DomainError, log_audit
from prongsai.people.models import User
from prongsai.registry.provinces import REGION_OF
from prongsai.registry.queries import assessors_of
from prongsai.registry.tables.kinds import Column, Entry, Scope, TableKind, Values, register

EMAIL = Column("email", "อีเมลผู้ประเมิน", ("อีเมล", "ผู้ประเมิน", "email"), "ผู้ประเมินที่เชิญแล้ว คนละแถว", 34, is_required=True)
NAME = Column("name", "ชื่อ", ("ชื่อผู้ประเมิน",), "ระบบกรอกให้ ไม่อ่านจากไฟล์", 30, is_shown=True)
HOME = Column("home", "จังหวัดประจำ", ("จังหวัด", "ที่อยู่", "home"), "ชื่อจังหวัด ว่างคือไม่กำหนด", 22)
LANGUAGES = Column(
    "languages", "ภาษา", ("ภาษาที่ใช้สัมภาษณ์", "languages"), "นอกจากภาษาไทย คั่นด้วยจุลภาค ว่างคือไม่มี เช่น มลายูถิ่น, อังกฤษ", 34
)
_MOST_LANGUAGES, _LONGEST = 20, 60
_PREFIXES = [thai.squeeze(prefix) for prefix in ("จังหวัด", "จ.", "จ")]
_CAPITAL = {thai.squeeze(name) for name in ("กทม", "กทม.", "กรุงเทพ", "กรุงเทพฯ")}
_PROVINCES = {thai.squeeze(name): name for name in REGION_OF}


def find_province(typed: str) -> str | None:
    """A province as it is typed: however it is spaced, with or without the word for province."""
    squeezed = thai.squeeze(typed)
    if squeezed in _CAPITAL:
        return "กรุงเทพมหานคร"
    return next((_PROVINCES[k] for p in ("", *_PREFIXES) if (k := squeezed.removeprefix(p)) in _PROVINCES), None)


def _split_languages(typed: str) -> list[str]:
    """The languages of a cell, each once."""
    named = {allocation.fold_language(n): " ".join(n.split()) for n in typed.replace(";", ",").split(",")}
    return [name for folded, name in named.items() if folded]


@register
class AssessorProfiles(TableKind):
    """Where assessors live, and what they interview in beside Thai."""

    name: ClassVar = "assessors"
    title: ClassVar = "จังหวัดประจำและภาษาของผู้ประเมิน"
    about: ClassVar = "การคำนวณร่างแบ่งงานครั้งต่อไปให้งานตามจังหวัดประจำและภาษา ร่างที่คำนวณแล้วไม่เปลี่ยน ผู้ที่ไม่อยู่ในไฟล์ไม่เปลี่ยน"
    permission: ClassVar = "registry.assign"

    def columns(self, _: Scope, /) -> Sequence[Column]:
        return (EMAIL, NAME, HOME, LANGUAGES)

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        users = assessors_of(scope.assessment).annotate(key=Lower("email")).order_by("key")
        if keys is not None:
            users = users.filter(key__in=keys)
        for user, profile in zip(people := list(users), allocation.load_profiles(people).values(), strict=True):
            key = user.email.lower()
            languages = ", ".join(profile.languages)
            yield key, {EMAIL.key: key, NAME.key: user.name, HOME.key: profile.home, LANGUAGES.key: languages}

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        super().find_keys(scope, entries)
        for entry in entries:
            entry.key = entry.key.lower()
            entry.title = f"{entry.cells.get(NAME.key, '')} {entry.key}".strip()

    def check(self, _: Scope, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.before is None:
                entry.refuse(EMAIL.title, f"ไม่มีผู้ประเมินที่ใช้อีเมล {entry.key[:80]}")
                continue
            if HOME.key in entry.cells:
                typed = entry.cells[HOME.key]
                home = find_province(typed) if typed else ""
                if home is None:
                    entry.refuse(HOME.title, f"ไม่รู้จักจังหวัด “{typed[:40]}”")
                else:
                    entry.values[HOME.key] = home
            if LANGUAGES.key in entry.cells:
                languages = _split_languages(entry.cells[LANGUAGES.key])
                if len(languages) > _MOST_LANGUAGES or any(len(name) > _LONGEST for name in languages):
                    entry.refuse(LANGUAGES.title, f"ใส่ได้ไม่เกิน {_MOST_LANGUAGES} ภาษา ภาษาละไม่เกิน {_LONGEST} ตัวอักษร")
                entry.values[LANGUAGES.key] = ", ".join(languages)

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        user = assessors_of(scope.assessment).filter(email__iexact=key).first()
        if user is None:
            raise DomainError(f"ไม่มีผู้ประเมินที่ใช้อีเมล {key} แล้ว")
        known = AssessorProfile.objects.filter(assessor=user).first() or AssessorProfile(assessor=user)
        known.home = after.get(HOME.key, known.home)
        if LANGUAGES.key in after:
            known.languages = _split_languages(after[LANGUAGES.key])
        known.save()
        detail = {"before": dict(before), "after": dict(after)}
        log_audit(by=by, action="disclosure.describe_assessors", subject=f"ผู้ใช้ {user.pk}", detail=detail)


PROVINCE = Column("province", "จังหวัด", ("ชื่อจังหวัด", "province"), "ชื่อจังหวัด จังหวัดละแถว", 22, is_required=True)
LANGUAGE = Column("language", "ภาษาที่ใช้สัมภาษณ์", ("ภาษา", "language"), "ว่างคือภาษาไทย ผู้ประเมินทุกคนไปได้", 30)


@register
class ProvinceLanguages(TableKind):
    """The language of interviews, of each province that has one of its own."""

    name: ClassVar = "province-languages"
    title: ClassVar = "ภาษาที่ใช้สัมภาษณ์ของจังหวัด"
    about: ClassVar = (
        "ร่างแบ่งงานครั้งต่อไปให้หน่วยงานในจังหวัดเหล่านี้เฉพาะผู้ประเมินที่ใช้ภาษานั้นได้ หน้าแบ่งงานเริ่มจากตารางนี้และแก้เฉพาะร่างได้"
    )
    permission: ClassVar = "registry.assign"

    def columns(self, _: Scope, /) -> Sequence[Column]:
        return (PROVINCE, LANGUAGE)

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        known = dict(ProvinceLanguage.objects.filter(assessment=scope.assessment).values_list("province", "language"))
        for province in sorted(REGION_OF if keys is None else set(keys) & set(REGION_OF), key=thai.sort_key):
            yield province, {PROVINCE.key: province, LANGUAGE.key: known.get(province, "")}

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        super().find_keys(scope, entries)
        for entry in entries:
            entry.key = find_province(entry.key) or entry.key

    def check(self, _: Scope, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.before is None:
                entry.refuse(PROVINCE.title, f"ไม่รู้จักจังหวัด “{entry.key[:40]}”")
            if LANGUAGE.key in entry.cells:
                language = " ".join(entry.cells[LANGUAGE.key].split())
                if len(language) > _LONGEST or "," in language or ":" in language:
                    entry.refuse(LANGUAGE.title, f"ใส่ภาษาเดียว ไม่เกิน {_LONGEST} ตัวอักษร ไม่มีจุลภาคหรือ :")
                is_thai = allocation.fold_language(language) in ("", "ไทย", "ไทยกลาง")
                entry.values[LANGUAGE.key] = "" if is_thai else language

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        if LANGUAGE.key not in after or after[LANGUAGE.key] == before.get(LANGUAGE.key):
            return
        of = ProvinceLanguage.objects.filter(assessment=scope.assessment, province=key)
        of.delete()
        if after[LANGUAGE.key]:
            ProvinceLanguage.objects.create(assessment_id=scope.assessment, province=key, language=after[LANGUAGE.key])
        detail = {"before": before.get(LANGUAGE.key, ""), "after": after[LANGUAGE.key]}
        log_audit(by=by, action="disclosure.describe_province", subject=key, detail=detail)
