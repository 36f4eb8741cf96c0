"""An error that concerns many things at once: one sentence with their number, and their names folded below it."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_NAMED = 3  # so many are named in the sentence itself
_LETTERS = 80  # of a name


def fold_names(names: Sequence[str], unit: str, problem: str) -> str | SafeString:
    """``unit``, the Thai word for what is named, the names, and ``problem``, what is said of them. Of many names their
    number stands in the sentence, and they are unfolded below it."""
    quoted = [f"“{name[:_LETTERS]}{'…' if len(name) > _LETTERS else ''}”" for name in names]
    if len(names) <= _NAMED:
        return " ".join(filter(None, (unit, ", ".join(quoted), problem)))
    listed = format_html_join("", "<li>{}</li>", ((name,) for name in quoted))
    return format_html(
        "{unit} {count} รายการ {problem}<details><summary>ดูชื่อ</summary><ul>{listed}</ul></details>",
        unit=unit,
        count=len(names),
        problem=problem,
        listed=listed,
    )
