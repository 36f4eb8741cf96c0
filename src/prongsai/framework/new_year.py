"""A year's rules begun from another's, and rules written as a folder of YAML."""

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from prongsai.framework.folder import MAIN_FILE
from prongsai.framework.schema import Record, as_data
from prongsai.framework.tree import Framework
from prongsai.framework.years_in_text import move_title, move_years

_ITEM_LISTS = ("survey_items", "disclosure_items")
_BASES = ("basis", "scale_basis", "placement", "period_basis")
_FILES = {"survey_items": "survey-items.yaml", "disclosure_items": "disclosure-items.yaml", "cases": "cases/cases.yaml"}


def begin_year(
    previous: Framework, fiscal_year: int, *, assessment: str | None = None, with_cases: bool = False
) -> dict[str, Any]:
    """The rules of ``previous`` as a beginning for another year, in their JSON form; :func:`check_data` accepts them.

    Every fact is inferred from the year before, which is the one source; every item continues itself; the rules are
    provisional. Dates of the calendar, and the years that texts mean, move by as many years: they are inferred like the
    rest, and wait for the calendar that is announced. Worked cases come along only when asked for: they are of another
    year.
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
    for item in (item for key in _ITEM_LISTS for item in data[key]):
        item["continues"] = [item["id"]]
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
    if text is None:
        return None
    day = datetime.date.fromisoformat(text)
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year + years, day=last).isoformat()


def write_folder(framework: Framework, folder: Path) -> list[Path]:
    """Write rules as the YAML files of a year; returns the files."""
    import yaml

    main: dict[str, Any] = {}
    files: dict[str, Mapping[str, Any]] = {MAIN_FILE: main}
    for name, value in _without_defaults(framework.rules).items():
        if name in _FILES:
            files[_FILES[name]] = {name: value}
        else:
            main[name] = value
    paths = []
    for file, data in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_flow_style=None, width=10_000),
            encoding="utf-8",
        )
        paths.append(path)
    return paths


def _without_defaults(value: object) -> Any:
    """The JSON form without fields that say what they say when they are not written."""
    if isinstance(value, Record):
        known = vars(type(value))["__dataclass_fields__"]
        parts = ((name, part) for name, part in vars(value).items() if part != known[name].default)
        return {name: _without_defaults(part) for name, part in parts}
    if isinstance(value, tuple):
        return [_without_defaults(part) for part in value]
    if isinstance(value, dict):
        return {name: _without_defaults(part) for name, part in value.items()}
    return as_data(value)
