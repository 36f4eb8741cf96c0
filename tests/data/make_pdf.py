"""Makes the PDF test documents from tests/content.py. Run by hand when the content changes; see README.md here.

    python tests/data/make_pdf.py FONT_FOLDER

needs the ``typst`` package, Sarabun's TTF files in FONT_FOLDER, and LibreOffice (``soffice``) and Chromium
(``chromium``) on the path.
"""

import html
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import typst

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.content import DOCUMENTS, Block  # noqa: E402
from tests.formats import write_docx  # noqa: E402

PAGE = """
#set page(paper: "a4", margin: 2cm)
#set text(font: "Sarabun", size: 11pt, lang: "th", region: "th", fallback: false)
#let blocks = json(bytes(sys.inputs.blocks))
#for block in blocks [
  #if type(block) == str [ #par(block) ] else [
    #table(columns: calc.max(..block.map(r => r.len())), stroke: if sys.inputs.ruled == "yes" { 0.5pt } else { none },
      ..block.map(r => r + ("",) * (calc.max(..block.map(q => q.len())) - r.len())).flatten())
  ]
]
"""


BROWSER_STYLE = """
@font-face { font-family: Sarabun; src: url("FONT"); }
body { font: 16px Sarabun; } nav a { margin-right: 1em; }
table { border-collapse: collapse; width: 100%; } td { border: 1px solid #999; padding: 4px; }
"""


def print_page(blocks: list[Block], font: Path, made: Path) -> None:
    """As a person prints a page: with menu and footer, and the browser's date, title, address and number round it."""
    body = ""
    for block in blocks:
        if isinstance(block, str):
            body += f"<p>{html.escape(block)}</p>"
        else:
            rows = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in block)
            body += f"<table>{rows}</table>"
    style = BROWSER_STYLE.replace("FONT", font.resolve().as_uri())
    menu = "".join(f"<a href='#'>{word}</a>" for word in ("หน้าแรก", "ข้อมูลหน่วยงาน", "ข่าวประชาสัมพันธ์", "ติดต่อเรา"))
    page = f"<!doctype html><html lang=th><meta charset=utf-8><title>ประกาศ</title><style>{style}</style>"
    page += f"<nav>{menu}</nav>{body}<footer>ติดต่อเรา โทร. 0 4399 1234</footer>"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "ita.html"
        source.write_text(page, encoding="utf-8")
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
        subprocess.run([*command, f"--print-to-pdf={made}", source.as_uri()], check=True)


def main(fonts: str) -> None:
    for name, blocks in DOCUMENTS.items():
        for ruled in ("yes", "no"):
            made = typst.compile(
                PAGE.encode(), font_paths=[fonts], sys_inputs={"blocks": json.dumps(blocks), "ruled": ruled}
            )
            (HERE / f"{name}-{'ruled' if ruled == 'yes' else 'plain'}.pdf").write_bytes(made)
    for name in ("bangpla", "daengmo", "lumphuek"):
        print_page(DOCUMENTS[name], next(Path(fonts).glob("Sarabun*Regular.ttf")), HERE / f"{name}-browser.pdf")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("bangpla", "daengmo"):
            source = write_docx(DOCUMENTS[name], Path(folder) / f"{name}-office.docx")
            subprocess.run(
                ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(HERE), str(source)], check=True
            )


if __name__ == "__main__":
    main(sys.argv[1])
