"""What a phrase of the data is: plain Thai with named places in braces, of which each says which it may have."""

import re
import string
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

_DIGIT = re.compile("[0-9๐-๙]")


def _check(text: str, allowed: frozenset[str], *, figures: bool) -> str:
    """A phrase that can be filled in, with ``figures`` or without. Raises ValueError in Thai."""
    try:
        pieces = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError("ปีกกา { } ไม่ครบคู่") from error
    unknown = {name for _, name, _, _ in pieces if name is not None} - allowed
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in sorted(allowed)) or "ไม่มี"
        raise ValueError(f"ไม่รู้จัก {', '.join(f'{{{name}}}' for name in sorted(unknown))} ที่ใช้ได้: {known}")
    written = "".join(literal for literal, *_ in pieces)
    if not figures and _DIGIT.search(written):
        raise ValueError("มีตัวเลข ให้เขียนเป็นคำ")
    if not written.strip() or text != " ".join(text.split()):
        raise ValueError("ว่าง หรือมีช่องว่างเกิน")
    return text


class Places:
    """The named places that a phrase may have; ``figures`` of the rules, such as the number of a law."""

    def __init__(self, *names: str, figures: bool = False) -> None:
        self.names, self.figures = frozenset(names), figures

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> object:
        validator = AfterValidator(lambda text: _check(text, self.names, figures=self.figures))
        return validator.__get_pydantic_core_schema__(source, handler)  # type: ignore[arg-type]


Plain = Annotated[str, Places()]


class Part(BaseModel):
    """A part of the file: every phrase that it names, and no other."""

    model_config = ConfigDict(frozen=True, extra="forbid")
