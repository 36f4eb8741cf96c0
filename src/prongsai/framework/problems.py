"""What can be wrong with a framework: a code for each kind of problem, and the error that carries them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

SyntaxCode = Literal["file-too-large", "not-utf8", "invalid-yaml", "anchor", "repeated-field"]  # of lib.strict_yaml
FolderCode = Literal["unknown-year", "missing-framework-file", "not-a-mapping", "field-in-two-files"]
SchemaCode = Literal[
    "unknown-field",
    "missing-field",
    "not-a-list",
    "not-an-integer",
    "not-text",
    "not-a-choice",
    "out-of-range",
    "too-few",
    "invalid-id",
    "wrong-shape",
    "invalid-value",
]
MeaningCode = Literal[
    "folder-mismatch",
    "duplicate-id",
    "unknown-source",
    "unknown-instrument",
    "unknown-indicator",
    "unknown-sub-indicator",
    "unknown-scale",
    "scale-mismatch",
    "missing-parts",
    "method-mismatch",
    "instrument-without-indicators",
    "indicator-without-items",
    "indicator-without-sub-indicators",
    "sub-indicator-without-items",
    "weights-sum",
    "band-order",
    "no-lowest-band",
    "phase-order",
    "date-outside-year",
    "sample-instrument",
    "sample-cap",
    "open-link-instrument",
    "unknown-previous-item",
    "scale-without-points",
    "unknown-band",
    "case-value",
    "unknown-reading-target",
    "reading-without-change",
]
CaseCode = Literal["case-node", "case-unknown", "case-score", "case-level", "case-passes"]  # of scoring.check_cases
CautionCode = Literal[
    "other-previous-item",
    "unlinked-item",
    "crossed-items",
    "year-left-over",
    "points-below-full",
    "unknown-agency-type",
    "nothing-in-common",
    "period-not-over",
    "number-for-text",
    "unread-cell",
    "hidden-cells",
]
WorkbookCode = Literal[
    "not-a-workbook",
    "missing-sheet",
    "unknown-sheet",
    "moved-column",
    "merged-cells",
    "formula-in-cell",
    "error-in-cell",
    "hidden-sheet",
    "beyond-sheet",
    "unknown-owner",
    "missing-field",
    "duplicate-id",
    "not-text",
    "not-an-integer",
    "out-of-range",
    "not-a-choice",
]
ProblemCode = Literal[SyntaxCode, FolderCode, SchemaCode, MeaningCode, CaseCode, CautionCode, WorkbookCode]
Severity = Literal["error", "caution"]
CAUTIONS: frozenset[str] = frozenset(get_args(CautionCode))


@dataclass(frozen=True)
class Problem:
    """One problem of a framework: its code, where it is, what is wrong, why it matters, how to correct it.

    ``code`` is stable and documented in ``docs/framework-format.md``; ``file`` is a file of a folder or a sheet of a
    workbook, empty for rules that are data alone; ``line`` counts from 1; ``column`` is that of a workbook ("C"), else
    empty; ``place`` is the path in the JSON form of the rules, ``("bands", 2, "at_least")``, or the nearest around what
    is missing; texts are Thai.
    """

    code: ProblemCode
    file: str
    line: int
    what: str
    why: str
    how: str
    column: str = ""
    place: tuple[str | int, ...] = ()

    @property
    def severity(self) -> Severity:
        """With an error the rules cannot be used; a caution is for a person to confirm."""
        return "caution" if self.code in CAUTIONS else "error"

    @property
    def where(self) -> str:
        if not self.file:
            return ".".join(str(step + 1 if isinstance(step, int) else step) for step in self.place)
        return f"{self.file}:{self.column}{self.line}"

    def __str__(self) -> str:
        return f"{self.where}: {self.what} [{self.code}]\n    เพราะ: {self.why}\n    วิธีแก้: {self.how}"


class FrameworkError(Exception):
    """The rules cannot be used. ``problems`` holds every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def errors_of(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that keep the rules from being used."""
    return [problem for problem in problems if problem.severity == "error"]
