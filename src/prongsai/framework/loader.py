"""From a folder of YAML to a Framework, or to every problem in it at once."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prongsai.framework import compiled
from prongsai.framework.folder import available, root
from prongsai.framework.problems import FrameworkError, Problem
from prongsai.framework.schema import Rules
from prongsai.framework.tree import Framework

if TYPE_CHECKING:
    from prongsai.framework.reading import Location, YearDraft
    from prongsai.lib.strict_yaml import Place


@lru_cache
def load(assessment: str, fiscal_year: int) -> Framework:
    """The rules of one year of an assessment, complete and frozen.

    Raises FrameworkError with every problem when the folder is missing or anything in it is wrong.
    """
    folder = root() / assessment / str(fiscal_year)
    if (assessment, fiscal_year) not in available():
        known = ", ".join(f"{name}/{year}" for name, year in available())
        problem = Problem(
            "unknown-year",
            str(folder),
            1,
            f"ไม่มีหลักเกณฑ์ “{assessment}/{fiscal_year}”",
            "ไม่พบแฟ้ม framework.yaml ของปีนี้",
            f"เลือกจากที่มี: {known or 'ยังไม่มีเลย'}",
        )
        raise FrameworkError([problem])
    framework = compiled.read(folder)
    if framework is None:
        rules, problems = _parse(folder)
        if rules is None:
            raise FrameworkError(problems)
        framework = Framework(rules)
        compiled.write(folder, framework)
    return framework


def load_folder(folder: Path) -> Framework:
    """The rules of a folder of any name. Raises FrameworkError with every problem."""
    rules, problems = _parse(folder, is_named=False)
    if rules is None:
        raise FrameworkError(problems)
    return Framework(rules)


def restore(data: object) -> Framework:
    """The rules whose JSON form, :func:`prongsai.framework.as_data`, was stored by this program; not checked anew."""
    import json

    from pydantic import TypeAdapter

    return Framework(TypeAdapter(Rules).validate_json(json.dumps(data), strict=True))


def check(path: Path) -> list[Problem]:
    """Everything wrong with one year's folder, in order of file and line. An empty list means it can be used."""
    return _parse(path)[1]


def _parse(folder: Path, *, is_named: bool = True) -> tuple[Rules | None, list[Problem]]:
    from prongsai.framework import checks  # heavy, and not needed for rules that are compiled
    from prongsai.framework.reading import read_year

    draft = read_year(folder)
    if not draft.has_unread_file:
        checks.check_meaning(draft, checks.read_previous_items(draft, folder))
        if is_named:
            checks.check_folder_name(draft, folder)
    return _conclude(draft)


def check_data(
    data: Mapping[str, Any], previous: Framework | None, locations: "Mapping[Place, Location] | None" = None
) -> tuple[Framework | None, list[Problem]]:
    """The rules in a JSON form, :func:`prongsai.framework.as_data`, checked as a folder is; or every problem of it.

    ``previous`` are the rules of the year before, to which ``continues`` refers; ``locations`` says where each part was
    written, by its path in ``data``.
    """
    from prongsai.framework import checks
    from prongsai.framework.reading import read_data

    draft = read_data(data, locations or {})
    checks.check_meaning(draft, None if previous is None else previous.items.keys())
    found, problems = _conclude(draft)
    return (None if found is None else Framework(found)), problems


def _conclude(draft: "YearDraft") -> tuple[Rules | None, list[Problem]]:
    problems = sorted(draft.problems, key=lambda problem: (problem.file, problem.line, problem.column))
    return (None if problems else Rules(**draft.valid)), problems
