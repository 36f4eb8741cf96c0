"""The form on a slow phone: bytes over the wire, and how long until somebody can answer.

    python -m bench.form_on_a_phone

Chromium at 360 pixels, with a processor six times slower than this one's and the network of a poor mobile connection
(400 ms there and back, 400 kbit/s), nothing cached; with the Thai letters of the device, and with the form's own, which
it fetches where the local ones are taken away. ``usable`` is when a question can be answered and the script runs;
``letters`` when its own are there. The median of five visits.
"""

import re
import shutil
import tempfile
from statistics import median
from typing import Any

from bench import survey
from playwright.sync_api import Browser, sync_playwright

VISITS = 5
SLOWER = 6  # times, the processor
NETWORK = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic"]


def visit(browser: Browser, address: str, *, has_thai_font: bool) -> tuple[int, float, float]:
    """Bytes, milliseconds until usable, milliseconds until the letters are there."""
    page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    if not has_thai_font:

        def without_local_fonts(route: Any) -> None:
            answer = route.fetch()
            route.fulfill(response=answer, body=re.sub(r"local\([^)]*\),?", "", answer.text()))

        page.route("**/survey*.css", without_local_fonts)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="commit")
    page.locator("[data-keep]").wait_for(state="visible")  # hidden until the script runs
    usable = page.evaluate("performance.now()")
    page.wait_for_load_state("networkidle")
    letters = page.evaluate(
        "document.fonts.ready.then(() => Math.max(0, ...performance.getEntriesByType('resource')"
        ".filter((r) => r.name.endsWith('.woff2')).map((r) => r.responseEnd)))"
    )
    page.context.close()
    return sum(sizes), usable, letters


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="prongsai-bench-") as name:
        slug = survey.prepare(name)
        server = survey.serve()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium") or CHROMIUM, args=ARGUMENTS)
                address = f"http://127.0.0.1:{survey.PORT}/s/{slug}/"
                for has_thai_font in (True, False):
                    visits = [visit(browser, address, has_thai_font=has_thai_font) for _ in range(VISITS)]
                    size, usable, letters = (median(v[k] for v in visits) for k in range(3))
                    print(
                        f"thai letters on the phone: {has_thai_font}; {size:,.0f} bytes; usable after {usable:.0f} ms;"
                        f" own letters after {letters:.0f} ms"
                    )
                browser.close()
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    main()
