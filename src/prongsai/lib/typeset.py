"""Setting paper: Typst source and data in, PDF out, in Sarabun, with a text layer that reads as it was written."""

import json
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"


def pdf(template: Path, data: object) -> bytes:
    """Set ``template``, which reads ``data`` with ``json(bytes(sys.inputs.data))``."""
    import typst

    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    return bytes(typst.compile(str(template), sys_inputs=inputs, font_paths=[str(FONTS)], ignore_system_fonts=True))
