"""The page of an agency on a small phone: short, light, and still while it loads."""

import pytest

from e2e.conftest import YEAR, accessible

SCREEN = {"width": 360, "height": 740}
SCREENS = 3  # of the whole page, its header, the demonstration's notices and its footer included
BYTES = 60_000  # of all that it is made of, over the wire
SHIFT = 0.02  # as browsers add up what moves
WATCH = """
    self.shift = 0;
    new PerformanceObserver((seen) => {
        for (const one of seen.getEntries()) self.shift += one.value;
    }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize(("language", "dark"), [("", False), ("/en", True)])
def test_three_screens_of_a_phone_with_the_answer_first(visit, language, dark):
    page = visit(width=SCREEN["width"], dark=dark)
    page.set_viewport_size(SCREEN)
    page.add_init_script(WATCH)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    addresses, sizes = {}, {}
    devtools.on("Network.requestWillBeSent", lambda e: addresses.update({e["requestId"]: e["request"]["url"]}))
    devtools.on("Network.loadingFinished", lambda e: sizes.update({addresses[e["requestId"]]: e["encodedDataLength"]}))
    address = f"{language}/agency/Z0001/{YEAR - 1}/"
    page.request.get(address)  # from now on it is stored
    page.goto(address, wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollHeight") <= SCREENS * SCREEN["height"]
    verdict = page.locator(".verdict").bounding_box()
    assert verdict["y"] + verdict["height"] < SCREEN["height"]
    chart = page.locator("svg.chart").first.bounding_box()
    assert chart["y"] + chart["height"] < 2 * SCREEN["height"]
    assert 40_000 < sum(sizes.values()) < BYTES
    page.reload(wait_until="networkidle")  # with its letters at hand: before, the machine decides when they come
    assert page.evaluate("self.shift") < SHIFT
    accessible(page)
    for part in page.locator(".folding > summary").all():
        part.click()
        assert part.locator("..").get_attribute("open") is not None
    accessible(page)


def test_what_only_colours_tell_is_told_in_the_colours_of_the_device(visit):
    page = visit(width=SCREEN["width"])
    page.goto("/agency/Z0001/")
    style = "(element, name) => getComputedStyle(element)[name]"
    swatch, chosen = page.locator(".legend i"), page.locator(".years a[aria-current]")
    colours = [one.evaluate(style, "backgroundColor") for one in swatch.all()]
    page.emulate_media(forced_colors="active")
    assert [one.evaluate(style, "backgroundColor") for one in swatch.all()] == colours
    assert len(set(colours)) == len(colours) == 3
    assert chosen.evaluate(style, "outlineStyle") == "solid"
    assert page.locator(".years a:not([aria-current])").first.evaluate(style, "outlineStyle") == "none"
