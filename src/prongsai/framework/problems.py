"""What can be wrong with a framework: a code for each kind of problem, and the error that carries them."""

from dataclasses import dataclass
from typing import Literal

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
    "unknown-previous-item",
    "unknown-band",
    "case-value",
    "case-contradicted",
]
WorkbookCode = Literal[
    "not-a-workbook",
    "missing-sheet",
    "unknown-sheet",
    "moved-column",
    "merged-cells",
    "formula-in-cell",
    "unknown-owner",
    "duplicate-id",
    "not-a-choice",
]
ProblemCode = Literal[SyntaxCode, FolderCode, SchemaCode, MeaningCode, WorkbookCode]


@dataclass(frozen=True)
class Problem:
    """One problem of a framework: its code, where it is, what is wrong, why it matters, how to correct it.

    ``code`` is stable and documented in ``docs/framework-format.md``; ``file`` is a file of a folder or a sheet of a
    workbook; ``line`` counts from 1; ``column`` is that of a workbook ("C"), else empty; texts are Thai.
    """

    code: ProblemCode
    file: str
    line: int
    what: str
    why: str
    how: str
    column: str = ""

    @property
    def where(self) -> str:
        return f"{self.file}:{self.column}{self.line}"

    def __str__(self) -> str:
        return f"{self.where}: {self.what} [{self.code}]\n    เพราะ: {self.why}\n    วิธีแก้: {self.how}"


class FrameworkError(Exception):
    """The rules cannot be used. ``problems`` holds every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
