"""Makes ``daengmo-office`` as .odt, .rtf, .html and .doc from tests/content.py. Run by hand when the content changes.

    python -m tests.data.make_office

needs LibreOffice Writer (``soffice``) on the path.
"""

import subprocess
import tempfile
from pathlib import Path

from tests.content import DOCUMENTS
from tests.formats import write_docx

HERE = Path(__file__).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = write_docx(DOCUMENTS["daengmo"], Path(folder) / "daengmo-office.docx")
        for kind in ("odt", "rtf", "html:HTML", "doc"):
            subprocess.run(
                ["soffice", "--headless", "--convert-to", kind, "--outdir", str(HERE), str(source)], check=True
            )


if __name__ == "__main__":
    main()
