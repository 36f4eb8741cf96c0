"""Normalises text that people type or paste: one spelling, and nothing visible is lost."""

import re

from prongsai.lib.thai import DIRECTIONS

MAX_TEXT_LENGTH = 30_000  # characters: several thousand words, and within the limit of a spreadsheet's cell
# what no database stores, and marks of direction, with which a text is shown in another order than it was typed
_CONTROLS = re.compile(rf"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff{DIRECTIONS}]")
_TRAILING_SPACES = re.compile(r"(?<![ \u00a0])[ \u00a0]+$", re.MULTILINE)
_EMPTY_ROWS = re.compile(r"^[ \u00a0]*+\|[ \u00a0|]*+(?:\n|\Z)", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n{3,}")


def normalize_text(text: str) -> str:
    """Text of several lines: line ends are ``\\n``, cells of a pasted table are separated by " | ", characters that a
    database or a spreadsheet can't store are removed. Normalising twice changes nothing more."""
    text = re.sub(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029", "\n", text)
    text = _EMPTY_ROWS.sub("", _CONTROLS.sub("", re.sub(r"(?:(?<! ) +)?\t *", " | ", text)))
    return _EMPTY_LINES.sub("\n\n", _TRAILING_SPACES.sub("", text)).strip()


def normalize_line(text: str) -> str:
    """Text of one line: every run of white space is one space."""
    return re.sub(r"\s+", " ", normalize_text(text)).strip()


def split_names(text: str) -> list[str]:
    """Names separated by commas, semicolons or line ends, each once, in order."""
    parts = re.split(r"[,;，、\n]", normalize_text(text))
    return list(dict.fromkeys(name for part in parts if (name := normalize_line(part))))
