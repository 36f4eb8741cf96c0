"""From a folder of YAML to a Framework, or to every problem in it at once."""

from functools import lru_cache
from pathlib import Path

from prongsai.framework import compiled
from prongsai.framework.folder import available, root
from prongsai.framework.problems import FrameworkError, Problem
from prongsai.framework.schema import Rules
from prongsai.framework.tree import Framework


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


def restore(data: object) -> Framework:
    """The rules whose JSON form, :func:`prongsai.framework.as_data`, was stored by this program; not checked anew."""
    import json

    from pydantic import TypeAdapter

    return Framework(TypeAdapter(Rules).validate_json(json.dumps(data), strict=True))


def check(path: Path) -> list[Problem]:
    """Everything wrong with one year's folder, in order of file and line. An empty list means it can be used."""
    return _parse(path)[1]


def _parse(folder: Path) -> tuple[Rules | None, list[Problem]]:
    from prongsai.framework.checks import check_meaning  # heavy, and not needed for rules that are compiled
    from prongsai.framework.reading import read_year

    draft = read_year(folder)
    if not draft.has_unread_file:
        check_meaning(draft, folder)
    problems = sorted(draft.problems, key=lambda problem: (problem.file, problem.line))
    return (None if problems else Rules(**draft.valid)), problems
