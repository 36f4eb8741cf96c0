"""What people type and paste, in one spelling, with nothing lost that can be seen."""

import re

LONGEST = 30_000  # letters of one text: several thousand words, and what one cell of a spreadsheet can hold
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_TRAILING = re.compile(r"[ \u00a0]+$", re.MULTILINE)
_EMPTY_ROWS = re.compile(r"^[ |]*\|[ |]*(?:\n|\Z)", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n{3,}")


def tidy(text: str) -> str:
    """Lines end in one way, cells of a pasted table are parted by " | ", letters that no database or spreadsheet can
    hold are gone."""
    text = re.sub(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029", "\n", text)
    text = _EMPTY_ROWS.sub("", _CONTROLS.sub("", re.sub(r" *\t *", " | ", text)))
    return _EMPTY_LINES.sub("\n\n", _TRAILING.sub("", text)).strip()


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", tidy(text)).strip()


def listed(text: str) -> list[str]:
    """Names parted by commas, semicolons or lines, each once."""
    return list(dict.fromkeys(name for part in re.split(r"[,;，、\n]", tidy(text)) if (name := one_line(part))))
