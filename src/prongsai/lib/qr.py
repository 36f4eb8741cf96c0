"""QR codes."""

import io


def draw_svg(text: str) -> str:
    """A text as a QR code, an SVG with a border of one module."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=1, xmldecl=False)
    return out.getvalue().decode()
