"""Makes the PDF test documents from tests/content.py. Run by hand when the content changes; see README.md here.

    python tests/data/make_pdf.py FONT_FOLDER

needs the ``typst`` package, Sarabun's TTF files in FONT_FOLDER, and LibreOffice (``soffice``) on the path.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import typst

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.content import DOCUMENTS  # noqa: E402
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


def main(fonts: str) -> None:
    for name, blocks in DOCUMENTS.items():
        for ruled in ("yes", "no"):
            made = typst.compile(
                PAGE.encode(), font_paths=[fonts], sys_inputs={"blocks": json.dumps(blocks), "ruled": ruled}
            )
            (HERE / f"{name}-{'ruled' if ruled == 'yes' else 'plain'}.pdf").write_bytes(made)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("bangpla", "daengmo"):
            source = write_docx(DOCUMENTS[name], Path(folder) / f"{name}-office.docx")
            subprocess.run(
                ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(HERE), str(source)], check=True
            )


if __name__ == "__main__":
    main(sys.argv[1])
