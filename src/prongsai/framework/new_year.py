"""A year's rules begun from another's."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from prongsai.framework.changes import lineage
from prongsai.framework.schema import as_data
from prongsai.framework.tree import Framework
from prongsai.framework.years_in_text import move_date, move_title, move_years

_ITEM_LISTS = ("survey_items", "disclosure_items")
_BASES = ("basis", "scale_basis", "placement", "period_basis")


def begin_year(
    previous: Framework,
    fiscal_year: int,
    *,
    assessment: str | None = None,
    with_cases: bool = False,
    between: Sequence[Framework] = (),
) -> dict[str, Any]:
    """The rules of ``previous`` as a beginning for another year, in their JSON form; :func:`check_data` accepts them.

    Every fact is inferred from the year before, which is the one source; the rules are provisional. Every item
    continues itself; where there are years ``between``, oldest first, what the last of them made of it; in another
    assessment, which has no year before, nothing. Dates of the calendar, and the years that texts mean, move by as many
    years: they are inferred like the rest, and wait for the calendar that is announced. Worked cases come along only
    when asked for: they are of another year.
    """
    before = previous.fiscal_year
    data: dict[str, Any] = as_data(previous.rules)
    source = f"RULES{before}"
    note = f"ยกมาจากหลักเกณฑ์ปี {before} ยังไม่ได้ตรวจกับประกาศของปี {fiscal_year}"
    basis = {"standing": "inferred", "source": [source], "note": note}
    cases = [case | {"source": [source]} for case in data["cases"]] if with_cases else []
    data = _move_years(data, fiscal_year - before) | {
        "assessment": assessment or previous.assessment,
        "fiscal_year": fiscal_year,
        "state": "provisional",
        "earlier_editions": [],
        "title": {name: move_title(text, before, fiscal_year) for name, text in data["title"].items()},
        "note": f"เริ่มจากหลักเกณฑ์ปี {before} ทุกเรื่องถือว่าอนุมานจนกว่าจะตรวจกับประกาศของปี {fiscal_year}",
        "sources": {source: {"title": f"{previous.rules.title.th} ฉบับที่ใช้ในระบบนี้", "url": None}},
        "cases": cases,
    }
    for part in _parts(data):
        part |= {name: dict(basis) for name in _BASES if name in part}
        if "standing" in part and "th" in part:  # an element
            part |= {"standing": "inferred", "source": [source]}
    origins = lineage([previous, *between])
    for item in (item for key in _ITEM_LISTS for item in data[key]):
        successors = [name for name, ids in origins.items() if item["id"] in ids]
        item["continues"] = successors if data["assessment"] == previous.assessment else []
    for phase in data["calendar"]:
        phase |= {name: _move_date(phase[name], fiscal_year - before) for name in ("starts", "ends")}
    return data


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _parts(part)


def _move_years(value: Any, years: int) -> Any:
    """Texts with every year they mean moved; laws stay of the year they are of."""
    if isinstance(value, str):
        return move_years(value, years)
    if isinstance(value, dict):
        return {name: _move_years(part, years) for name, part in value.items()}
    return [_move_years(part, years) for part in value] if isinstance(value, list) else value


def _move_date(text: str | None, years: int) -> str | None:
    return None if text is None else move_date(datetime.date.fromisoformat(text), years).isoformat()
