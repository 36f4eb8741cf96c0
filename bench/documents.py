"""How fast documents come out: N agencies, documents 3 (use of results) and 5 (memo), each as PDF and Word.

    python bench/documents.py [N] [--read-back]

Prongsai's print shop runs in a pool of as many processes as cores, as a national run would. Beside it, on the same
data, what an office would otherwise script: docxtpl fills a Word template and LibreOffice turns it into a PDF, one
conversion process at a time with as many files a call as help (20). Times are milliseconds of processor a
document, which a busy machine does not lengthen much, and by the wall clock; memory is the largest process. Every
agency has figures of its own, so that nothing is merely remembered; sentences that rules give to many agencies are, as
in a real run.
"""

import argparse
import multiprocessing
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from prongsai import framework
from prongsai.documents import compose, fill_template, read_back, write
from prongsai.documents.content.data import Disclosure, DocumentData, Measure, MemoHeader, Office, Signatory, Result

KINDS = ("development", "memo")
TOGETHER = 20  # files in one call of LibreOffice


def chain():
    years = sorted(framework.available())[-2:]
    return tuple(framework.load(y) for y in years)


def material(number: int, frameworks=None) -> DocumentData:
    """A fictional agency with scores of every item in both years, comments and a plan of its own."""
    before, now = frameworks or _chain()
    dice = random.Random(number)
    results = []
    for rules in (before, now):
        known = {}
        for node in rules.nodes.values():
            if node.kind == "item":
                full = 100 if dice.random() < 0.8 else 0
                known[node.id] = (
                    Fraction(full) if node.instrument == "OIT" else Fraction(dice.randint(6000, 10000), 100)
                )
        results.append(Result(rules, known))
    office = Office(
        f"องค์การบริหารส่วนตำบลทดสอบ{number}", f"อำเภอที่ {number % 90} จังหวัดตัวอย่าง", "สำนักปลัด", "นายกองค์การบริหารส่วนตำบล"
    )
    plan = tuple(
        Measure(
            (i,),
            f"มาตรการที่ {number} ของ{rule.label.th}",
            f"ผลของหน่วยงานที่ {number} ควรปรับปรุงให้ดีขึ้น",
            tuple(f"ขั้นที่ {k} ประชุมชี้แจงและติดตามงานเรื่องที่ {dice.randint(1, 999)} ให้แล้วเสร็จ" for k in range(1, 4)),
            "ตลอดปีงบประมาณ",
            ("สำนักปลัด", "กองคลัง"),
        )
        for i, rule in now.indicators.items()
    )
    comments = tuple(
        Disclosure(i, f"ข้อมูลของหน่วยงานที่ {number} ยังไม่ครบ")
        for i, v in results[1].known.items()
        if i.startswith("O") and v < 100
    )
    head = MemoHeader(f"สำนักปลัด {office.name}", office.head, f"ทส {number}/")
    chain_line = tuple(Signatory(p) for p in ("นักวิเคราะห์นโยบายและแผน", "หัวหน้าสำนักปลัด", "ปลัด", "นายก"))
    return DocumentData(office, results[1], results[0], (before, now), comments, plan, head, chain_line)


_KEPT: list = []


def _chain():
    if not _KEPT:
        _KEPT.append(chain())
    return _KEPT[0]


def one(task: tuple[int, bool]) -> tuple[int, float, int, float]:
    """Both documents of one agency; bytes made, processor seconds of reading back, memory of this process in MB,
    processor seconds."""
    number, check = task
    began = time.process_time()
    size, reading = 0, 0.0
    told = material(number)
    for kind in KINDS:
        made = write(compose(kind, told))
        size += len(made.pdf) + len(made.docx)
        if check:
            start = time.process_time()
            problems = read_back(made, told).contradictions
            reading += time.process_time() - start
            assert not problems, (number, kind, problems)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return size, reading, memory, time.process_time() - began


def ours(agencies: int, workers: int, check: bool) -> dict[str, float]:
    start = time.perf_counter()
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(one, ((n, check) for n in range(agencies)), chunksize=4))
    seconds = time.perf_counter() - start
    memory = [d[2] for d in done]
    return {
        "ms": 1000 * seconds / (len(KINDS) * agencies),
        "agency": seconds / agencies,
        "rss": max(memory),
        "middle": memory[len(memory) // 2],
        "cpu": 1000 * sum(d[3] for d in done) / (len(KINDS) * agencies),
        "kB": sum(d[0] for d in done) / agencies / 1000,
        "reading": 1000 * sum(d[1] for d in done) / (len(KINDS) * agencies),
    }


# --- what else an office would use
# ---------------------------------------------------------------------------------------------


def templates() -> dict[str, bytes]:
    """Word templates with tags in about the layout of our two documents."""
    import io

    import docx

    made = {}
    bodies = {
        "development": (
            (
                "{{ title }}",
                "{{ agency }}",
                "{{ said_method }}",
                "{{ said_overall }} {{ said_change }}",
                "{{ said_why }}",
                "{{ said_extremes }}",
                "{{ said_counts }}",
            ),
            (
                "indicators",
                (
                    "{{ i.number }}",
                    "{{ i.name }}",
                    "{{ i.before }}",
                    "{{ i.score }}",
                    "{{ i.change }}",
                    "{{ i.finding }}",
                ),
            ),
            (
                "plan",
                (
                    "{{ i.indicator }}",
                    "{{ i.finding }}",
                    "{{ i.measure }}",
                    "{{ i.steps }}",
                    "{{ i.period }}",
                    "{{ i.responsible }}",
                ),
            ),
        ),
        "memo": (
            (
                "บันทึกข้อความ",
                "{{ memo.office }}",
                "{{ memo.subject }}",
                "{{ memo.to }}",
                "{{ said_overall }} {{ said_change }}",
            ),
            ("weak_marks", ("{{ i.code }}", "{{ i.name }}", "{{ i.cause }}", "{{ i.remedy }}")),
            ("marks", ("{{ i.code }}", "{{ i.name }}", "{{ i.comment }}", "{{ i.score }}")),
            ("signers", ("{{ i.position }}", "{{ i.name }}", "{{ i.opinion }}")),
        ),
    }
    for kind, (lines, *tables) in bodies.items():
        file = docx.Document()
        for line in lines:
            file.add_paragraph(line)
        for name, cells in tables:
            table = file.add_table(rows=0, cols=len(cells), style="Table Grid")
            for row in (("{%tr for i in " + name + " %}",), cells, ("{%tr endfor %}",)):
                for cell, text in zip(table.add_row().cells, row, strict=False):
                    cell.text = text
        out = io.BytesIO()
        file.save(out)
        made[kind] = out.getvalue()
    return made


def theirs(agencies: int) -> dict[str, float]:
    """docxtpl, checked as an upload is, then LibreOffice; one after the other, as LibreOffice runs once a profile."""
    filled = templates()
    told = [material(n) for n in range(agencies)]
    with tempfile.TemporaryDirectory() as folder:
        start, processor = time.perf_counter(), time.process_time()
        files = []
        for number, one_told in enumerate(told):
            for kind in KINDS:
                path = Path(folder) / f"{number}-{kind}.docx"
                path.write_bytes(fill_template(filled[kind], kind, one_told))
                files.append(path)
        middle = time.perf_counter()
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        filling = time.process_time() - processor
        for at in range(0, len(files), TOGETHER):
            subprocess.run(
                [
                    "soffice",
                    "--headless",
                    f"-env:UserInstallation=file://{folder}/profile",
                    "--convert-to",
                    "pdf",
                    "--outdir",
                    folder,
                    *map(str, files[at : at + TOGETHER]),
                ],
                check=True,
                capture_output=True,
            )
        end = time.perf_counter()
        assert len(list(Path(folder).glob("*.pdf"))) == len(files)
    each = len(files)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    converting = after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime
    return {
        "cpu": 1000 * (filling + converting) / each,
        "fill": 1000 * (middle - start) / each,
        "convert": 1000 * (end - middle) / each,
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("agencies", nargs="?", type=int, default=200)
    asked.add_argument("--read-back", action="store_true", help="also read every file back, as issue() does")
    asked.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    told = asked.parse_args()
    mine = ours(told.agencies, told.workers, told.read_back)
    print(
        f"{told.agencies} agencies, documents {' and '.join(KINDS)}, PDF and Word, {told.workers} processes, start of processes included"
    )
    print(
        f"  print shop: {mine['cpu']:.0f} ms of processor a document, {mine['ms']:.0f} by the wall, {mine['kB']:.0f} kB an agency, RSS {mine['middle']} MB half way, {mine['rss']} MB at most"
    )
    print(f"  8,300 agencies, these documents: {8300 * mine['agency'] / 60:.0f} minutes")
    if told.read_back:
        print(f"  of it reading back: {mine['reading']:.0f} ms a document in one process")
    if shutil.which("soffice") is None:
        print("  docxtpl + LibreOffice: not run, LibreOffice is not installed here")
        return
    some = min(told.agencies, 40)
    other = theirs(some)
    print(
        f"  docxtpl + LibreOffice ({some} agencies): {other['cpu']:.0f} ms of processor a document; by the wall {other['fill']:.0f} to fill, {other['convert']:.0f} to convert"
    )
    print(f"  ratio of processor time: {other['cpu'] / mine['cpu']:.1f}")


if __name__ == "__main__":
    main()
