"""The page of an agency on a slow phone, as Lighthouse's mobile profile has it: bytes over the wire, the largest
contentful paint, and how much moves while it loads.

    prongsai demo --port 8000                # or any other site
    python -m bench.agency_on_a_phone http://127.0.0.1:8000/agency/Z0001/2568/ …

Chromium at 360 by 740 pixels, with a processor four times slower than this one's and a network of 1.6 Mbit/s with
150 ms there and back for each request, nothing cached. The median and the worst of seven visits.
"""

import argparse
import shutil
from statistics import median

from playwright.sync_api import Browser, sync_playwright

VISITS = 7
SLOWER = 4  # times, the processor
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 768_000 / 8}
BROWSER = shutil.which("chromium") or shutil.which("chromium-headless-shell")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
WATCH = """
    self.shift = 0, self.largest = 0;
    new PerformanceObserver((seen) => {
        for (const one of seen.getEntries()) self.shift += one.value;
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((seen) => {
        for (const one of seen.getEntries()) self.largest = one.startTime;
    }).observe({ type: "largest-contentful-paint", buffered: true });
"""


def visit(browser: Browser, address: str) -> tuple[int, float, float]:
    """Bytes, milliseconds until the largest contentful paint, and the layout shift."""
    page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    page.add_init_script(WATCH)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    largest, shift = page.evaluate("[self.largest, self.shift]")
    page.context.close()
    return sum(sizes), largest, shift


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("addresses", nargs="+")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        for address in options.parse_args().addresses:
            visits = [visit(browser, address) for _ in range(VISITS)]
            sizes, times, shifts = zip(*visits, strict=True)
            print(
                f"{address}: {median(sizes):,.0f} bytes; largest paint after {median(times):.0f} ms (at most "
                f"{max(times):.0f}); shift {median(shifts):.4f} (at most {max(shifts):.4f})"
            )
        browser.close()


if __name__ == "__main__":
    main()
