"""Draws every paper of the best, the worst and the oddest invented agency, of one whose items nobody knows and of one
with a total alone, page by page: the PDF beside the Word file as LibreOffice prints it, where that is installed. Prints
what a machine can see: pages that hold a signature alone, lines that end inside a word or an address, words in a font
that is not Thai.

    python docs/look_at_papers.py [FOLDER]

Word files name TH SarabunPSK, which offices have; the project's own Sarabun, of the same design, is scaled to its size
and stands for it here.
"""

import argparse
import dataclasses
import datetime
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

import pypdfium2
from fontTools.ttLib import TTFont
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.documents.nation import invent_agency, invent_register  # noqa: E402
from tests.documents.samples import FRAMEWORKS  # noqa: E402

from prongsai.documents.content.data import (  # noqa: E402
    Disclosure,
    DocumentData,
    FollowUp,
    MemoHeader,
    Signatory,
    SurveyProgress,
)
from prongsai.documents.issuance import compose_document, write_document  # noqa: E402
from prongsai.documents.papers import KINDS, MEMOS, OF_REGISTER  # noqa: E402
from prongsai.improvement.registers import kinds as registers  # noqa: E402
from prongsai.lib.typeset import FONTS  # noqa: E402
from prongsai.scoring import complete_scores  # noqa: E402

YEAR = max(FRAMEWORKS)
ADDRESS = "https://www.tambon-tharuea-kaeo-nuea.go.th/public/list/data/index/menu/1142/page/รายงานผลการดำเนินงานตามแผน"
LONG_NAME = "องค์การบริหารส่วนตำบลบ้านหนองน้ำใสไหลเย็นเป็นสุขสมมุติพัฒนาเหนือ"
LINE = (
    Signatory("นักวิเคราะห์นโยบายและแผนชำนาญการ"),
    Signatory("หัวหน้าสำนักปลัด"),
    Signatory("รองปลัดองค์การบริหารส่วนตำบล"),
    Signatory("ปลัดองค์การบริหารส่วนตำบล"),
    Signatory("นายกองค์การบริหารส่วนตำบล"),
)
SCALE, GAP = 0.75, 8
MAX_SHOWN = 5
FONT_CONFIGURATION = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>/usr/share/fonts</dir><dir>{home}/fonts</dir><cachedir>{home}/cache</cachedir></fontconfig>"""
FAMILY, BODY = "TH SarabunPSK", 0.68  # of Sarabun as shipped to TH Sarabun


def invent() -> dict[str, DocumentData]:
    """The best and the worst of sixty agencies with scores of items and a plan, and one with whatever is odd."""
    found = [
        data for number in range(60) if (data := invent_agency(YEAR, number)).measures and len(data.result.scores) > 40
    ]
    found.sort(
        key=lambda data: data.result.scores.get("overall") or sum(data.result.scores.values()) / len(data.result.scores)
    )
    chosen = {"best": found[-1], "worst": found[0], "odd": make_odd(found[len(found) // 2])}
    framework = found[0].result.framework
    chosen["unknown-items"] = leave_scores(
        found[len(found) // 3], (*framework.indicators, *framework.instruments, "overall")
    )
    chosen["total-alone"] = dataclasses.replace(leave_scores(found[1], ("overall",)), measures=())
    header = MemoHeader(office="สำนักปลัด องค์การบริหารส่วนตำบล", to="นายกองค์การบริหารส่วนตำบล")
    return {
        name: dataclasses.replace(
            data,
            memo_header=data.memo_header or header,
            signatories=data.signatories if name == "odd" else LINE[: 2 if name == "best" else 5],
            surveys=tuple(
                SurveyProgress(
                    instrument=i.id, received=12, required=40, address="https://ita.example.go.th/s/AB12CD34EF/"
                )
                for i in data.result.framework.survey_instruments()
            ),
        )
        for name, data in chosen.items()
    }


def leave_scores(data: DocumentData, nodes: Collection[str]) -> DocumentData:
    """An agency with a long name of whose result these scores alone are known."""
    known = complete_scores(data.result.framework, data.result.scores)
    result = dataclasses.replace(data.result, scores={node: known[node] for node in nodes if node in known})
    office = dataclasses.replace(data.office, name=LONG_NAME, place="อำเภอพระนครศรีสมมุติ จังหวัดพระนครศรีสมมุติ")
    return dataclasses.replace(data, result=result, previous=None, chain=(), office=office)


def make_odd(data: DocumentData) -> DocumentData:
    """A very long name, a step of 3,000 words, addresses that do not end, twenty pieces of evidence, Arabic digits."""
    first, *others = data.measures
    long = " ".join(["ประชุมชี้แจงผู้มีส่วนเกี่ยวข้องทุกส่วนราชการและจัดทำแนวปฏิบัติที่เกี่ยวข้องให้ครบถ้วน"] * 300)
    files = tuple(f"ภาพถ่ายกิจกรรมครั้งที่ {n} และรายงานการประชุม {ADDRESS}/{n}" for n in range(20))
    report = FollowUp(
        date=datetime.date(YEAR - 543, 3, 1),
        status="อยู่ระหว่างดำเนินการ",
        work_done=f"เผยแพร่แล้วที่ {ADDRESS}",
        files=files,
        evidence=files,
    )
    items = [i.id for i in data.result.framework.rules.disclosure_items]
    return dataclasses.replace(
        data,
        office=dataclasses.replace(data.office, name=LONG_NAME),
        measures=(dataclasses.replace(first, steps=(long, f"ดู {ADDRESS}"), follow_ups=(report,) * 3), *others),
        disclosures=tuple(
            Disclosure(item=item, comment=f"ลิงก์ {ADDRESS} เปิดไม่ได้", urls=(ADDRESS,) * 3) for item in items[:9]
        ),
        signatories=(*LINE, Signatory("ผู้ทรงคุณวุฒิซึ่งมีชื่อตำแหน่งยาวเป็นพิเศษของคณะทำงานขับเคลื่อนการประเมิน", name="ผู้มีชื่อยาว")),
        formatting=dataclasses.replace(data.formatting, digits="arabic"),
    )


def write_papers(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Every paper of every agency, in both forms."""
    for name, data in invent().items():
        for number, kind in enumerate((*KINDS, *MEMOS.values())):
            about = next((paper for paper, memo in MEMOS.items() if memo == kind), kind)
            if about in OF_REGISTER:
                sheet = invent_register(registers.papers()[about][0], YEAR, number + len(name)).register
                data = dataclasses.replace(data, register=sheet)
            written = write_document(compose_document(kind, data))
            paths = folder / f"{name}-{kind}.docx", folder / f"{name}-{kind}.typst.pdf"
            paths[0].write_bytes(written.docx)
            paths[1].write_bytes(written.pdf)
            yield paths


def imitate(source: Path, target: Path) -> None:
    """Sarabun on a larger body, by the name that Word files ask for."""
    with TTFont(source) as font:
        font["head"].unitsPerEm = round(font["head"].unitsPerEm / BODY)
        for record in font["name"].names:
            if record.nameID in (1, 4, 16):
                record.string = FAMILY
        font.save(target)


def print_in_office(files: list[Path], folder: Path) -> bool:
    """The Word files as LibreOffice prints them, beside them; False where it is not installed."""
    office = shutil.which("soffice")
    if office is None:
        print("LibreOffice is not installed: apt-get install libreoffice-writer-nogui fonts-thai-tlwg")
        return False
    with tempfile.TemporaryDirectory() as home:
        fonts = Path(home) / "fonts.conf"
        fonts.write_text(FONT_CONFIGURATION.format(home=home))
        (Path(home) / "fonts").mkdir()
        for path in FONTS.glob("*.ttf"):
            imitate(path, Path(home) / "fonts" / path.name)
        subprocess.run(
            [
                office,
                f"-env:UserInstallation=file://{home}/profile",
                "--headless",
                *("--convert-to", "pdf", "--outdir", str(folder)),
                *map(str, files),
            ],
            env=os.environ | {"FONTCONFIG_FILE": str(fonts), "HOME": home},
            check=True,
            capture_output=True,
        )
    return True


def find_problems(path: Path) -> Iterator[str]:
    """What a machine sees in the pages of a PDF."""
    document = pypdfium2.PdfDocument(path)
    for number, page in enumerate(document, 1):
        text = page.get_textpage().get_text_bounded()
        lines = [line.strip() for line in text.splitlines() if line.strip(" -\u0e50\u0e51\u0e52\u0e530123456789")]
        if lines and all(re.search(r"ลงชื่อ|^\(|ตำแหน่ง|^ความเห็น|\.{10}|ปลัด|นายก", line) for line in lines):
            yield f"page {number}: a signature alone"
        if number > 1 and 0 < len("".join(lines)) < 60:
            yield f"page {number}: almost empty: {' '.join(lines)}"
        for line, following in itertools.pairwise(lines):
            if re.match("[\u0e30-\u0e3a\u0e45-\u0e4e]", following):
                yield f"page {number}: a line begins inside a syllable: {line[-20:]}|{following[:20]}"
            # an address may end its line after a part, as https://www.example.go.|th/
            if re.search(r"https?://\S*[^\s/?&=_.#%+-]$", line) and re.match(r"[a-z0-9/.-]{2,}", following):
                yield f"page {number}: an address is broken: {line[-30:]}|{following[:30]}"


def draw(path: Path, columns: int = 4) -> Image.Image:
    """All pages of a PDF as one picture, twelve at most."""
    document = pypdfium2.PdfDocument(path)
    pages = [document[n].render(scale=SCALE).to_pil() for n in range(min(12, len(document)))]
    width, height = max(p.width for p in pages) + GAP, max(p.height for p in pages) + GAP
    columns = min(columns, len(pages))
    sheet = Image.new("RGB", (width * columns + GAP, height * -(-len(pages) // columns) + GAP), "#8a8f94")
    for number, page in enumerate(pages):
        sheet.paste(page, (GAP + number % columns * width, GAP + number // columns * height))
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build" / "papers")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    written = list(write_papers(folder))
    printed = print_in_office([word for word, _ in written], folder)
    for word, typeset in written:
        for path in (typeset, *([word.with_suffix(".pdf")] if printed else [])):
            draw(path).save(path.with_suffix(".png"))
            problems = list(find_problems(path))
            for problem in problems[:MAX_SHOWN]:
                print(path.name, problem)
            if len(problems) > MAX_SHOWN:
                print(path.name, f"and {len(problems) - MAX_SHOWN} more")
    print(f"pictures of {len(written)} papers in {folder}")


if __name__ == "__main__":
    main()
