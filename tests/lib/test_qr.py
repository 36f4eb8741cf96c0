"""A QR code as it is printed."""

from xml.etree import ElementTree

from prongsai.lib.qr import draw_svg


def test_a_text_is_drawn_as_a_code_with_a_border():
    """An SVG to stand inside a page: no declaration before it, and never a micro code, which few telephones read."""
    text = draw_svg("a")
    svg = ElementTree.fromstring(text)
    assert text.startswith("<svg")
    assert svg.get("class") == "segno"
    assert (svg.get("width"), svg.get("height")) == ("23", "23")  # 21 modules, and one on each side
    assert draw_svg("a") == text != draw_svg("b")
