"""``python -m tests.hostile.fuzz [seconds]``: changes good and hostile files at random and gives them to every reader.

What stops with a Python error that no reader has foreseen, a child that crashed, or one that took more than its time is
printed, and stored in ``tests/data/hostile``, where it is a test from then on. ``FUZZ_SEED`` repeats a run.
"""

import hashlib
import io
import os
import random
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from prongsai.documents.agency_templates.starter import build_starter
from prongsai.framework.workbook import write_workbook
from prongsai.lib.sandbox import client
from tests import more_formats
from tests.content import DOCUMENTS
from tests.hostile.corpus import BOMBS, STORED, pdf_of, png, progressive_jpeg, stored, word
from tests.hostile.readers import FRAMEWORKS, READERS

SAMPLES = Path(__file__).parents[2] / "samples"
SECONDS = 60
MAX_SECONDS = 8  # of processor time of a child whose file is as small as these; a page that is a picture has seven
MAX_SECONDS_OF_EVIDENCE = 26  # five pages are drawn, each within its own time, and nobody waits
_LARGEST = 60_000  # bytes of a hostile file that is worth changing
_WORDS = [
    b"<", b">", b"{{", b"}}", b"{%", b"%}", b"(", b")", b"|", b" ", b"\t", b"\n",
    b"\0", b"\xff", b"&", b"]]>", b"0 R", b"obj",
    b"endobj", b"stream", b"<script", b"</td>", b"2568", b"90.00", "คะแนน".encode(), "\u0e4d\u0e32".encode(), b"PK\x01\x02",
    rb"\cell", rb"\row", rb"\u3588?", rb"\bin9", b"<text:p>", b"<table:table>", b"--b\n",
    b"Content-Type: text/html\n\n",
    b"\xe2\x80\x8b", b"DDEAUTO", b"w:instrText", b"TargetMode=\"External\"",
]  # fmt: skip


def seeds() -> dict[tuple[str, str], bytes]:
    """Good files and hostile ones that are small."""
    small = {key: data for key, make in (BOMBS | stored()).items() if len(data := make()) <= _LARGEST}
    good = {("file", path.name): path.read_bytes() for path in SAMPLES.glob("*.*") if path.stat().st_size < 200_000}
    good |= {("file", f"good.{kind}"): write(DOCUMENTS["daengmo"]) for kind, write in more_formats.WRITERS.items()}
    pages = {("page", name): data for (_, name), data in good.items()}
    framework = FRAMEWORKS[max(FRAMEWORKS)]
    others = {
        ("template", "starter.docx"): build_starter("outcome"),
        ("template", "short.docx"): word("{{ agency }}", "{%p for a in advice %}", "{{ a.what }}", "{%p endfor %}"),
        ("workbook", "rules.xlsx"): write_workbook(framework),
        ("emblem", "square.png"): png(30, 30, bytes(30 * 91)),
        ("evidence", "square.png"): png(30, 30, bytes(30 * 91)),
        ("evidence", "photograph.jpg"): progressive_jpeg(60, 40),
        ("evidence", "page.pdf"): pdf_of(b"BT /F1 9 Tf 50 50 Td (some text) Tj ET 0 0 m 9 9 l S"),
    }
    return small | good | pages | others


def change(data: bytes, chance: random.Random) -> bytes:
    """Data with a few changes; of an archive, inside one of its parts as often as not."""
    if data.startswith(b"PK") and chance.random() < 0.8:
        try:
            return _change_part(data, chance)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, IndexError, zlib.error, EOFError):
            pass
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        _change_once(changed, chance)
    return bytes(changed)


def _change_part(data: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(list(parts))
    parts[name] = change(parts[name], chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return out.getvalue()


def _change_once(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    until = min(len(data), at + chance.choice((1, 4, 50, 1000)))
    match chance.randrange(5):
        case 0:
            data[at:at] = chance.choice(_WORDS) * chance.choice((1, 2, 50, 3000))
        case 1:
            del data[at:until]
        case 2:
            data[at:at] = data[at:until] * chance.choice((1, 10, 100))
        case 3 if at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        case _:
            place = chance.randrange(len(data) + 1)
            data[place:place] = data[at:until]


def find_fault(reader: Callable[[Path], list[str]], path: Path) -> str:
    """What a file does to a reader that it should not; empty when it is answered."""
    ended: list[dict[str, object]] = []
    decode = client.decode

    def watch(answer: bytes, report: dict[str, object], max_seconds: float) -> object:
        ended.append(report)
        return decode(answer, report, max_seconds)

    client.decode = watch  # type: ignore[assignment]
    try:
        reader(path)
    except Exception as error:  # whatever it is, no reader foresaw it
        return f"{type(error).__name__}: {error}"[:200]
    finally:
        client.decode = decode
    took = max((float(str(report["seconds"])) for report in ended), default=0.0)
    most = MAX_SECONDS_OF_EVIDENCE if reader is READERS["evidence"] else MAX_SECONDS
    return f"{took:.1f} seconds of processor time" if took > most else ""


def fuzz(seconds: float, seed: int) -> list[str]:
    """Every fault that was found in so many seconds."""
    chance = random.Random(seed)
    known = seeds()
    faults, counts = [], Counter[str]()
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < until:
            reader, name = chance.choice(list(known))
            data = change(known[reader, name], chance)
            path = Path(folder) / name
            path.write_bytes(data)
            counts[reader] += 1
            if fault := find_fault(READERS[reader], path):
                stored_as = STORED / f"{reader}-{hashlib.sha256(data).hexdigest()[:12]}{path.suffix}"
                STORED.mkdir(exist_ok=True)
                stored_as.write_bytes(data)
                faults.append(f"{stored_as.name}: {fault}")
    print(", ".join(f"{reader} {count:,}" for reader, count in sorted(counts.items())), f"(seed {seed})")
    return faults


if __name__ == "__main__":
    found = fuzz(
        float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS, int(os.environ.get("FUZZ_SEED") or time.time_ns() % 10**9)
    )
    print("\n".join(found) or "nothing found")
    sys.exit(1 if found else 0)
