"""The commands, each a thin layer over a room."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from prongsai import framework as rules
from prongsai.cli import audit as auditing
from prongsai.cli import show, site
from prongsai.cli.screen import screen

app = typer.Typer(
    name="prongsai",
    help="โปร่งใส: หลักเกณฑ์ การคำนวณ และการตรวจตัวเลขของการประเมิน ITA",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
framework_app = typer.Typer(help="หลักเกณฑ์แต่ละปี: ดู ตรวจ เทียบ", no_args_is_help=True)
app.add_typer(framework_app, name="framework")
app.add_typer(site.trail_app, name="audit-trail")
for command in (
    site.serve,
    site.worker,
    site.check_links,
    site.migrate,
    site.make_user,
    site.demo,
    site.backup,
    site.restore,
    site.verify,
):
    app.command()(command)


def stop(message: str, code: int = 2) -> NoReturn:
    """Say what is wrong on standard error and leave."""
    print(message, file=sys.stderr)
    raise typer.Exit(code)


def load(year: str) -> rules.Framework:
    try:
        return rules.load(year)
    except rules.FrameworkError as error:
        stop("\n".join(map(str, error.problems)))


@framework_app.command("list")
def framework_list() -> None:
    """รายชื่อปีที่มีหลักเกณฑ์ และแต่ละปีมีอะไรบ้าง"""
    show.listing([load(year) for year in rules.available()])


@framework_app.command("show")
def framework_show(
    year: Annotated[str, typer.Argument(help="ปีงบประมาณ เช่น 2568")],
    node: Annotated[str | None, typer.Argument(help="เช่น IIT, 9, 9.1, EIT1/6, i1, O12")] = None,
) -> None:
    """หลักเกณฑ์ของปีหนึ่ง ทั้งหมดหรือเฉพาะจุด พร้อมที่มา"""
    framework = load(year)
    if node is None:
        show.overview(framework)
        return
    name = show.find(framework, node)
    if name is None:
        stop(f"ปี {year} ไม่มี “{node}” ลองดู: prongsai framework show {year}")
    show.detail(framework, name)


@framework_app.command("check")
def framework_check(
    path: Annotated[Path | None, typer.Argument(help="แฟ้มของปี; ไม่ระบุคือตรวจทุกปี")] = None,
) -> None:
    """ตรวจแฟ้มหลักเกณฑ์ แจ้งทุกปัญหาพร้อมกัน; จบด้วย 0 เมื่อใช้ได้ 1 เมื่อมีปัญหา"""
    folders = [path] if path else [rules.root() / year for year in rules.available()]
    if not folders:
        stop(f"ไม่พบหลักเกณฑ์ใดใน {rules.root()}")
    bad = 0
    for folder in folders:
        problems = rules.check(folder)
        bad += len(problems)
        show.problems(folder, problems)
    if bad:
        raise typer.Exit(1)


@framework_app.command("diff")
def framework_diff(
    old: Annotated[str, typer.Argument(help="ปีเดิม")], new: Annotated[str, typer.Argument(help="ปีใหม่")]
) -> None:
    """สิ่งที่เปลี่ยนระหว่างสองปี เป็นถ้อยคำ"""
    first, last = load(old), load(new)
    if first.fiscal_year > last.fiscal_year:
        first, last = last, first
    chain = [load(str(y)) for y in range(first.fiscal_year, last.fiscal_year + 1)]
    show.changes(first, last, rules.difference(chain))


@app.command()
def score(
    year: Annotated[str, typer.Argument(help="ปีงบประมาณ เช่น 2568")],
    folder: Annotated[Path, typer.Argument(help="แฟ้มที่มี answers-*.parquet และ marks.parquet")],
    out: Annotated[Path | None, typer.Option("--out", help="บันทึกผลเป็น .parquet หรือ .csv")] = None,
    engine: Annotated[str, typer.Option("--engine", help="ที่อยู่ของเครื่องคำนวณที่ Ibis รู้จัก")] = "duckdb://",
) -> None:
    """คำนวณคะแนนทุกหน่วยงานจากข้อมูลที่ปิดผนึกแล้ว"""
    from prongsai import scoring

    framework = load(year)
    try:
        parcels = scoring.open_parcels(framework, folder, engine)
        scores = scoring.score(framework, parcels.answers, parcels.marks, parcels.populations, checked=parcels.checked)
    except scoring.ParcelError as error:
        stop("\n".join(error.problems))
    except Exception as error:
        if type(error).__module__.split(".")[0] not in ("duckdb", "ibis", "pyarrow", "_duckdb"):
            raise
        stop(f"เครื่องคำนวณ {engine} ทำงานไม่สำเร็จ: {str(error).splitlines()[0]}")
    if out is not None:
        try:
            show.save(scores, out)
        except (OSError, ValueError) as error:
            stop(f"บันทึก {out} ไม่ได้: {error}")
    show.scores(scores, parcels.digest, out)


@app.command()
def audit(
    files: Annotated[list[Path], typer.Argument(help="เอกสารผลการประเมิน .txt .csv .xlsx .docx .pdf")],
    framework: Annotated[str | None, typer.Option("--framework", help="ปีงบประมาณ ถ้าไม่ใช้ปีที่อ่านได้จากเอกสาร")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="ผลเป็น JSON")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="บันทึกรายงานเป็นหน้าเว็บไฟล์เดียว")] = None,
    everything: Annotated[bool, typer.Option("--all", help="แสดงทุกตัวเลข รวมที่ข้อมูลไม่พอชี้ขาด")] = False,
) -> None:
    """ตรวจตัวเลขในเอกสาร: หลักเกณฑ์ของปีให้ค่านี้หรือไม่

    จบด้วย 0 เมื่อไม่มีตัวเลขใดขัดกัน 1 เมื่อมี 2 เมื่ออ่านไฟล์ไม่ได้
    """
    frameworks = {f.fiscal_year: f for f in map(load, rules.available())}
    if framework is not None and not framework.isdigit():
        stop(f"--framework ต้องเป็นปีงบประมาณ เช่น 2568 (มี: {', '.join(rules.available())})")
    year = load(framework).fiscal_year if framework else None
    documents = [d for path in files for d in auditing.documents(path, frameworks, year)]
    if html is not None:
        try:
            html.write_text(auditing.page(documents), encoding="utf-8")
        except OSError as error:
            stop(f"บันทึก {html} ไม่ได้: {error.strerror}")
    if as_json:
        print(auditing.as_json(documents))
    else:
        auditing.show(screen(), documents, everything=everything)
    raise typer.Exit(exit_code(documents))


def exit_code(documents: Sequence[auditing.Document]) -> int:
    if any(d.error for d in documents):
        return 2
    return 1 if any(c.verdict == "contradicted" for d in documents for c in d.checks) else 0
