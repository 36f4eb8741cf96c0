"""From a folder of YAML to a Framework, or to every problem in it at once."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prongsai.framework import compiled
from prongsai.framework.folder import MAIN_FILE, available, root
from prongsai.framework.problems import FrameworkError, Problem, errors_of
from prongsai.framework.schema import Rules, as_data
from prongsai.framework.tree import Framework

if TYPE_CHECKING:
    from prongsai.framework.reading import Location, YearDraft
    from prongsai.lib.strict_yaml import Place

Check = Callable[[Framework], Iterable[Problem]]  # a check of complete rules, whose problems have a place


@lru_cache
def load(assessment: str, fiscal_year: int) -> Framework:
    """The rules of one year of an assessment, complete and frozen.

    Raises FrameworkError with every problem when the folder is missing or anything in it is wrong.
    """
    folder = root() / assessment / str(fiscal_year)
    if Path(assessment).name != assessment or not (folder / MAIN_FILE).is_file():
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
            raise FrameworkError(errors_of(problems))
        framework = Framework(rules)
        compiled.write(folder, framework)
    return framework


def load_folder(folder: Path) -> Framework:
    """The rules of a folder of any name. Raises FrameworkError with every problem."""
    rules, problems = _parse(folder, is_named=False)
    if rules is None:
        raise FrameworkError(errors_of(problems))
    return Framework(rules)


def restore(data: object) -> Framework:
    """The rules whose JSON form, :func:`prongsai.framework.as_data`, was stored by this program; not checked anew."""
    import json

    from pydantic import TypeAdapter

    return Framework(TypeAdapter(Rules).validate_json(json.dumps(data), strict=True))


def check(path: Path, also: Check | None = None) -> list[Problem]:
    """Everything wrong with one year's folder, in order of file and line. Without an error it can be used.

    ``also`` checks complete rules further, such as :func:`prongsai.scoring.check_cases`; its problems are found in the
    files by their places.
    """
    return _parse(path, also=also)[1]


def _parse(folder: Path, *, is_named: bool = True, also: Check | None = None) -> tuple[Rules | None, list[Problem]]:
    from prongsai.framework import checks  # heavy, and not needed for rules that are compiled
    from prongsai.framework.reading import read_year

    draft = read_year(folder)
    if not draft.has_unread_file:
        checks.check_meaning(draft, checks.read_previous(draft, folder))
        if is_named:
            checks.check_folder_name(draft, folder)
    framework, problems = _conclude(draft, also)
    return (None if framework is None else framework.rules), problems


def check_data(
    data: Mapping[str, Any],
    previous: Framework | None,
    locations: "Mapping[Place, Location] | None" = None,
    also: Check | None = None,
) -> tuple[Framework | None, list[Problem]]:
    """The rules in a JSON form, :func:`prongsai.framework.as_data`, checked as a folder is, and every problem of it.

    ``previous`` are the rules of the year before, to which ``continues`` refers; ``locations`` says where each part was
    written, by its path in ``data``; ``also`` as in :func:`check`. With an error there is no Framework; with cautions
    alone there is.
    """
    from prongsai.framework import checks
    from prongsai.framework.reading import read_data

    draft = read_data(data, locations)
    checks.check_meaning(draft, None if previous is None else as_data(previous.rules))
    return _conclude(draft, also)


def _conclude(draft: "YearDraft", also: Check | None) -> tuple[Framework | None, list[Problem]]:
    framework = None if errors_of(draft.problems) else Framework(Rules(**draft.valid))
    if framework is not None and also is not None:
        for problem in also(framework):
            draft.add(problem)
    problems = sorted(draft.problems, key=lambda problem: (problem.file, problem.line, problem.column))
    return (None if errors_of(problems) else framework), problems
