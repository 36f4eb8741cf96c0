"""Speed of documents: N agencies, papers 3 (use of results) and 5 (memo), each as PDF and Word.

    python bench/documents.py [N] [--read-back]

Our writers run in as many processes as there are cores, as a national batch would. Beside them, on the same data, what
an office would otherwise script: docxtpl fills a Word template and LibreOffice converts it to PDF, one process at a
time with as many files a call as help (20). Times are milliseconds of processor a document, which a busy machine hardly
lengthens, and wall-clock time; memory is that of the largest process. Every agency has figures of its own, so that
nothing comes from a cache; sentences that the rules give to many agencies do, as in a real batch.
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
from functools import lru_cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from prongsai import framework
from prongsai.documents import compose_document, fill_template, read_back, write_document
from prongsai.documents.content.data import (
    Disclosure,
    DocumentData,
    Measure,
    MemoHeader,
    Office,
    Signatory,
    YearResult,
)

KINDS = ("development", "memo")
FILES_PER_CALL = 20  # of LibreOffice


@lru_cache(maxsize=1)
def newest_frameworks():
    return tuple(framework.load(*key) for key in framework.available()[-2:])


def fictional_data(number: int) -> DocumentData:
    """A fictional agency with scores of every item in both years, comments and a plan of its own."""
    previous, current = newest_frameworks()
    dice = random.Random(number)
    results = []
    for rules in (previous, current):
        scores = {}
        for node in rules.nodes.values():
            if node.kind == "item":
                mark = Fraction(100 if dice.random() < 0.8 else 0)
                scores[node.id] = mark if node.instrument == "OIT" else Fraction(dice.randint(6000, 10000), 100)
        results.append(YearResult(rules, scores))
    office = Office(
        name=f"องค์การบริหารส่วนตำบลทดสอบ{number}",
        place=f"อำเภอที่ {number % 90} จังหวัดตัวอย่าง",
        prepared_by="สำนักปลัด",
        executive_position="นายกองค์การบริหารส่วนตำบล",
    )
    measures = tuple(
        Measure(
            indicators=(i,),
            title=f"มาตรการที่ {number} ของ{rule.label.th}",
            finding=f"ผลของหน่วยงานที่ {number} ควรปรับปรุงให้ดีขึ้น",
            steps=tuple(f"ขั้นที่ {k} ประชุมชี้แจงและติดตามงานเรื่องที่ {dice.randint(1, 999)} ให้แล้วเสร็จ" for k in range(1, 4)),
            period="ตลอดปีงบประมาณ",
            responsible=("สำนักปลัด", "กองคลัง"),
        )
        for i, rule in current.indicators.items()
    )
    return DocumentData(
        office=office,
        result=results[1],
        previous=results[0],
        chain=(previous, current),
        disclosures=tuple(
            Disclosure(item=i, comment=f"ข้อมูลของหน่วยงานที่ {number} ยังไม่ครบ")
            for i, score in results[1].scores.items()
            if i.startswith("O") and score < 100
        ),
        measures=measures,
        memo_header=MemoHeader(
            office=f"สำนักปลัด {office.name}", to=office.executive_position, reference_number=f"ทส {number}/"
        ),
        signatories=tuple(map(Signatory, ("นักวิเคราะห์นโยบายและแผน", "หัวหน้าสำนักปลัด", "ปลัด", "นายก"))),
    )


def write_for_agency(task: tuple[int, bool]) -> tuple[int, float, int, float]:
    """Both papers of one agency: bytes written, processor seconds of reading back, memory of this process in MB,
    processor seconds."""
    number, check = task
    began = time.process_time()
    size, reading = 0, 0.0
    data = fictional_data(number)
    for kind in KINDS:
        written = write_document(compose_document(kind, data))
        size += len(written.pdf) + len(written.docx)
        if check:
            start = time.process_time()
            problems = read_back(written, data).contradictions
            reading += time.process_time() - start
            assert not problems, (number, kind, problems)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return size, reading, memory, time.process_time() - began


def measure_ours(agencies: int, workers: int, check: bool) -> dict[str, float]:
    start = time.perf_counter()
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(write_for_agency, ((n, check) for n in range(agencies)), chunksize=4))
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


# --- what an office would use otherwise


def build_templates() -> dict[str, bytes]:
    """Word templates with tags in about the layout of our two documents."""
    import io

    import docx

    templates = {}
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
        templates[kind] = out.getvalue()
    return templates


def measure_libreoffice(agencies: int) -> dict[str, float]:
    """docxtpl, checked as an upload is, then LibreOffice; one after the other, as LibreOffice runs once a profile."""
    templates = build_templates()
    data_of_agencies = [fictional_data(n) for n in range(agencies)]
    with tempfile.TemporaryDirectory() as folder:
        start, processor = time.perf_counter(), time.process_time()
        files = []
        for number, data in enumerate(data_of_agencies):
            for kind in KINDS:
                path = Path(folder) / f"{number}-{kind}.docx"
                path.write_bytes(fill_template(templates[kind], kind, data))
                files.append(path)
        middle = time.perf_counter()
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        filling = time.process_time() - processor
        for start_of_call in range(0, len(files), FILES_PER_CALL):
            subprocess.run(
                [
                    "soffice",
                    "--headless",
                    f"-env:UserInstallation=file://{folder}/profile",
                    "--convert-to",
                    "pdf",
                    "--outdir",
                    folder,
                    *map(str, files[start_of_call : start_of_call + FILES_PER_CALL]),
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("agencies", nargs="?", type=int, default=200)
    parser.add_argument("--read-back", action="store_true", help="also read every file back, as issue_document() does")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    ours = measure_ours(arguments.agencies, arguments.workers, arguments.read_back)
    print(
        f"{arguments.agencies} agencies, documents {' and '.join(KINDS)}, PDF and Word, "
        f"{arguments.workers} processes, start of processes included"
    )
    print(
        f"  our writers: {ours['cpu']:.0f} ms of processor a document, {ours['ms']:.0f} by the wall, "
        f"{ours['kB']:.0f} kB an agency, RSS {ours['middle']} MB half way, {ours['rss']} MB at most"
    )
    print(f"  8,300 agencies, these documents: {8300 * ours['agency'] / 60:.0f} minutes")
    if arguments.read_back:
        print(f"  of it reading back: {ours['reading']:.0f} ms a document in one process")
    if shutil.which("soffice") is None:
        print("  docxtpl + LibreOffice: not run, LibreOffice is not installed here")
        return
    some = min(arguments.agencies, 40)
    other = measure_libreoffice(some)
    print(
        f"  docxtpl + LibreOffice ({some} agencies): {other['cpu']:.0f} ms of processor a document; "
        f"by the wall {other['fill']:.0f} to fill, {other['convert']:.0f} to convert"
    )
    print(f"  ratio of processor time: {other['cpu'] / ours['cpu']:.1f}")


if __name__ == "__main__":
    main()
