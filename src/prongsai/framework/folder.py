"""Where the rules are: a folder for each assessment, in it a folder for each fiscal year."""

import os
from pathlib import Path

MAIN_FILE = "framework.yaml"
NATIONAL = "ita"  # the assessment that is meant where none is named


def root() -> Path:
    """The folder of all assessments: ``PRONGSAI_FRAMEWORKS``, or the one shipped with the program."""
    if chosen := os.environ.get("PRONGSAI_FRAMEWORKS"):
        return Path(chosen)
    package = Path(__file__).parents[1]
    shipped = package / "frameworks"
    return shipped if shipped.is_dir() else package.parents[1] / "frameworks"


def available() -> list[tuple[str, int]]:
    """Assessment and fiscal year of all rules that :func:`prongsai.framework.load` knows; within an assessment the
    oldest first."""
    folders = (path.parent for path in root().glob(f"*/*/{MAIN_FILE}"))
    return sorted((folder.parent.name, int(folder.name)) for folder in folders if folder.name.isdecimal())


def files_of(folder: Path) -> list[Path]:
    """The files of a year: its rules, then its worked cases."""
    return [*sorted(folder.glob("*.yaml")), *sorted(folder.glob("cases/*.yaml"))]


def previous_year_files(folder: Path, fiscal_year: int) -> list[Path]:
    """The files that ``continues`` refers to; none where the year before is not there."""
    before = folder.parent / str(fiscal_year - 1)
    return sorted(before.glob("*.yaml")) if (before / MAIN_FILE).is_file() else []
