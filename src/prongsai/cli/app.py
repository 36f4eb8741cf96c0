"""The commands, each a thin layer over a room. What a command needs is imported when it runs."""

import sys
from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from prongsai.cli.jobs_commands import jobs_app
from prongsai.cli.key_commands import keys_app
from prongsai.cli.parameters import Command, Group
from prongsai.cli.platform_commands import COMMANDS, trail_app
from prongsai.cli.record_commands import COMMANDS as RECORD_COMMANDS

if TYPE_CHECKING:
    from prongsai.cli.audit_report import DocumentAudit
    from prongsai.framework import Framework

app = typer.Typer(
    name="prongsai",
    cls=Group,
    help="โปร่งใส: หลักเกณฑ์ การคำนวณ และการตรวจตัวเลขของการประเมิน ITA",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help in boxes takes three times as long as all the rest
    add_completion=False,
)
framework_app = typer.Typer(help="หลักเกณฑ์แต่ละปี: ดู ตรวจ เทียบ", cls=Group, no_args_is_help=True, rich_markup_mode=None)
app.add_typer(framework_app, name="framework")
app.add_typer(jobs_app, name="jobs")
app.add_typer(keys_app, name="keys")
app.add_typer(trail_app, name="trail")
app.add_typer(trail_app, name="audit-trail", hidden=True)  # its name until version 0.2
for command in (*COMMANDS, *RECORD_COMMANDS):
    app.command()(command)


def app_of(name: str) -> typer.Typer:
    """The program with one command or group alone: typer makes each ready before it runs one. All of it where there is
    none of this name."""
    commands = [c for c in app.registered_commands if name == (c.name or _name_of(c.callback))]
    groups = [group for group in app.registered_groups if group.name == name]
    if not commands and not groups:
        return app
    alone = copy(app)
    alone.registered_commands, alone.registered_groups = commands, groups
    return alone


def _name_of(function: Callable[..., object] | None) -> str:
    """The name typer gives the command of a function."""
    return function.__name__.replace("_", "-") if function else ""


@app.callback()
def begin() -> None:
    """With this, typer asks for the name of a command though it knows of one alone."""


def exit_with_error(message: str, code: int = 2) -> NoReturn:
    """Print what is wrong on standard error and leave."""
    print(message, file=sys.stderr)
    raise typer.Exit(code)


def load_year(name: str) -> "Framework":
    """The rules of ``2568``, which is the national assessment's, or of ``assessment/2568``."""
    from prongsai import framework as rules

    assessment, _, year = name.rpartition("/")
    if not year.isdecimal():
        exit_with_error(f"“{name}” ไม่ใช่ปีงบประมาณ เช่น 2568 หรือชื่อการประเมินกับปี เช่น {rules.NATIONAL}/2568")
    try:
        return rules.load(assessment or rules.NATIONAL, int(year))
    except rules.FrameworkError as error:
        exit_with_error("\n".join(map(str, error.problems)))


@framework_app.command("list")
def framework_list() -> None:
    """รายชื่อปีที่มีหลักเกณฑ์ และแต่ละปีมีอะไรบ้าง"""
    from prongsai.cli.framework_list import print_framework_list
    from prongsai.framework import available

    print_framework_list([load_year(f"{assessment}/{year}") for assessment, year in available()])


@framework_app.command("show")
def framework_show(
    year: Annotated[str, typer.Argument(help="ปีงบประมาณ เช่น 2568")],
    node: Annotated[str | None, typer.Argument(help="เช่น IIT, 9, 9.1, EIT1/6, i1, O12")] = None,
) -> None:
    """หลักเกณฑ์ของปีหนึ่ง ทั้งหมดหรือเฉพาะจุด พร้อมที่มา"""
    from prongsai.cli import output

    framework = load_year(year)
    if node is None:
        output.print_framework(framework)
        return
    name = output.find_node(framework, node)
    if name is None:
        exit_with_error(f"ปี {year} ไม่มี “{node}” ลองดู: prongsai framework show {year}")
    output.print_node(framework, name)


@framework_app.command("check")
def framework_check(
    path: Annotated[Path | None, typer.Argument(help="แฟ้มของปี; ไม่ระบุคือตรวจทุกปี")] = None,
) -> None:
    """ตรวจแฟ้มหลักเกณฑ์ แจ้งทุกปัญหาพร้อมกัน รวมตัวอย่างคำนวณ; จบด้วย 0 เมื่อใช้ได้ แม้มีข้อควรตรวจดู 1 เมื่อมีปัญหา"""
    from prongsai import framework as rules
    from prongsai.cli.output import print_problems
    from prongsai.scoring import check_cases

    folders = [path] if path else [rules.root() / name / str(year) for name, year in rules.available()]
    if not folders:
        exit_with_error(f"ไม่พบหลักเกณฑ์ใดใน {rules.root()}")
    problems = {folder: rules.check(folder, also=check_cases) for folder in folders}
    for folder in folders:
        print_problems(folder, problems[folder])
    if any(map(rules.errors_of, problems.values())):
        raise typer.Exit(1)


@framework_app.command("diff")
def framework_diff(
    old: Annotated[str, typer.Argument(help="ปีเดิม แฟ้ม หรือต้นของรหัสกำกับ")],
    new: Annotated[str, typer.Argument(help="ปีใหม่ แฟ้ม หรือต้นของรหัสกำกับ")],
    words: Annotated[bool, typer.Option("--words", help="แสดงถ้อยคำและองค์ประกอบที่เปลี่ยนทีละแห่ง")] = False,
) -> None:
    """สิ่งที่เปลี่ยนระหว่างสองปีหรือสองฉบับ เป็นถ้อยคำ"""
    from prongsai.cli.output import print_changes
    from prongsai.framework import difference

    first, last = find_rules(old), find_rules(new)
    if first.fiscal_year > last.fiscal_year:
        first, last = last, first
    between = range(first.fiscal_year + 1, last.fiscal_year)
    chain = [first, *(load_year(f"{first.assessment}/{year}") for year in between), last]
    print_changes(first, last, difference(chain, every_word=words))


@framework_app.command("new")
def framework_new(
    year: Annotated[int, typer.Argument(help="ปีงบประมาณใหม่ เช่น 2571")],
    folder: Annotated[Path, typer.Argument(help="แฟ้มที่จะเขียน เช่น frameworks/ita/2571")],
    source: Annotated[str, typer.Option("--from", help="ปีหรือแฟ้มที่ใช้เริ่ม")],
    assessment: Annotated[str | None, typer.Option("--assessment", help="ชื่อย่อของการประเมินอื่น")] = None,
    with_cases: Annotated[bool, typer.Option("--with-cases", help="ยกตัวอย่างคำนวณมาด้วย")] = False,
) -> None:
    """เริ่มหลักเกณฑ์ของปีใหม่จากปีที่มีอยู่ ทุกเรื่องถือว่าอนุมานจนกว่าจะตรวจ"""
    from prongsai import framework as rules

    before = find_rules(source)
    if year <= before.fiscal_year:
        exit_with_error(f"ปี {year} ไม่อยู่หลังปี {before.fiscal_year} ที่ใช้เริ่ม เลือก --from เป็นปีก่อนหน้า")
    is_same = assessment in (None, before.assessment)
    known = [y for name, y in rules.available() if name == before.assessment] if is_same else []
    between = [rules.load(before.assessment, y) for y in range(before.fiscal_year + 1, year) if y in known]
    data = rules.begin_year(before, year, assessment=assessment, with_cases=with_cases, between=between)
    begun, problems = rules.check_data(data, [before, *between][-1] if is_same else None)
    if begun is None:
        exit_with_error("\n".join(map(str, problems)), 1)
    _write_rules(begun, folder)


@framework_app.command("export")
def framework_export(
    source: Annotated[str, typer.Argument(metavar="YEAR", help="ปีหรือแฟ้ม")],
    book: Annotated[Path, typer.Argument(help="สมุดงาน .xlsx ที่จะเขียน")],
) -> None:
    """เขียนหลักเกณฑ์เป็นสมุดงานสำหรับแก้ใน Excel"""
    from prongsai.framework.workbook import write_workbook

    framework = find_rules(source)
    try:
        book.write_bytes(write_workbook(framework, find_shipped(framework.assessment, framework.fiscal_year - 1)))
    except OSError as error:
        exit_with_error(f"บันทึก {book} ไม่ได้: {error.strerror}")
    print(f"เขียน {book} แล้ว")


@framework_app.command("import")
def framework_import(
    book: Annotated[Path, typer.Argument(help="สมุดงาน .xlsx ที่ส่งออกจากระบบ")],
    folder: Annotated[Path, typer.Argument(help="แฟ้มที่จะเขียน เช่น frameworks/ita/2571")],
    source: Annotated[str | None, typer.Option("--previous", help="หลักเกณฑ์ของปีก่อน ถ้าไม่ใช่ปีที่มีในระบบ")] = None,
) -> None:
    """อ่านสมุดงานเป็นแฟ้มหลักเกณฑ์ แจ้งทุกปัญหาพร้อมแผ่นงานและเซลล์; จบด้วย 1 เมื่อมีปัญหา"""
    from prongsai.cli.output import print_problems
    from prongsai.framework.workbook import read_workbook
    from prongsai.scoring import check_cases

    if not book.is_file():
        exit_with_error(f"ไม่พบไฟล์ {book}")
    before = find_rules(source) if source else find_shipped
    framework, problems = read_workbook(book, before, check_cases)
    if problems:
        print_problems(book, problems)
    if framework is None:
        raise typer.Exit(1)
    _write_rules(framework, folder)


@framework_app.command("rehearse")
def framework_rehearse(
    new: Annotated[str, typer.Argument(help="ปีหรือแฟ้มของหลักเกณฑ์ที่จะซ้อม")],
    folder: Annotated[Path, typer.Option("--on", help="แฟ้มข้อมูลที่ปิดผนึกของปีก่อน")],
    source: Annotated[str | None, typer.Option("--from", help="หลักเกณฑ์ของข้อมูล ถ้าไม่ใช่ปีก่อนหน้าหนึ่งปี")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="บันทึกรายหน่วยงานเป็น .xlsx .csv หรือ .parquet")] = None,
    groups: Annotated[
        Path | None, typer.Option("--groups", help="ตาราง .csv: คอลัมน์แรกเป็นรหัสหน่วยงาน คอลัมน์อื่นใช้แบ่งกลุ่ม เช่น ประเภท จังหวัด")
    ] = None,
) -> None:
    """ซ้อมหลักเกณฑ์ใหม่กับคำตอบและคะแนนตรวจของปีก่อน: ใครเปลี่ยนระดับ และข้อใดตัดสิน"""
    from prongsai.cli import rehearsal
    from prongsai.scoring import ParcelError

    after = find_rules(new)
    before = find_rules(source) if source else load_year(f"{after.assessment}/{after.fiscal_year - 1}")
    if before.assessment != after.assessment or before.fiscal_year > after.fiscal_year:
        exit_with_error(
            f"ซ้อม {after.assessment}/{after.fiscal_year} กับข้อมูลของ {before.assessment}/{before.fiscal_year} ไม่ได้: "
            "ข้อมูลต้องเป็นของการประเมินเดียวกัน ปีเดียวกันหรือปีก่อนหน้า เลือก --from ใหม่"
        )
    years = range(before.fiscal_year + 1, after.fiscal_year)
    try:
        result = rehearsal.run_rehearsal(
            before, after, [load_year(f"{after.assessment}/{year}") for year in years], folder
        )
    except ParcelError as error:
        exit_with_error("\n".join(error.problems))
    try:
        rehearsal.print_rehearsal(result, rehearsal.read_groups(groups) if groups else {})
    except (OSError, ValueError) as error:
        exit_with_error(f"อ่าน {groups} ไม่ได้: {error}")
    if out is not None:
        try:
            rehearsal.save_table(result, out)
        except (OSError, ValueError) as error:
            exit_with_error(f"บันทึก {out} ไม่ได้: {error}")
        print(f"บันทึก {out} แล้ว")


def find_shipped(assessment: str, fiscal_year: int) -> "Framework | None":
    """The rules of a year that come with the program; None where there are none."""
    from prongsai import framework as rules

    return rules.load(assessment, fiscal_year) if (assessment, fiscal_year) in rules.available() else None


def find_rules(name: str) -> "Framework":
    """The rules of a year (``2568``, ``ita/2568``), of a folder, or of the digest that begins with the name."""
    from prongsai import framework as rules

    if (Path(name) / "framework.yaml").is_file():
        try:
            return rules.load_folder(Path(name))
        except rules.FrameworkError as error:
            exit_with_error("\n".join(map(str, error.problems)), 1)
    if len(name) >= 8 and all(letter in "0123456789abcdef" for letter in name):
        years = (rules.load(*key) for key in rules.available())
        if found := [framework for framework in years if framework.digest.startswith(name)]:
            return found[0]
        from prongsai.cli.platform_commands import find_stored_rules

        if stored := find_stored_rules(name):
            return stored
        exit_with_error(f"ไม่มีหลักเกณฑ์ที่มีรหัสกำกับ {name}")
    return load_year(name)


def _write_rules(framework: "Framework", folder: Path) -> None:
    from prongsai import framework as rules

    if folder.exists() and any(folder.iterdir()):
        exit_with_error(f"{folder} มีไฟล์อยู่แล้ว เลือกแฟ้มว่าง")
    try:
        files = rules.write_folder(framework, folder)
    except OSError as error:
        exit_with_error(f"เขียน {folder} ไม่ได้: {error.strerror}")
    print("\n".join(f"เขียน {file}" for file in files))


# packages whose errors are the engine's, not ours
_ENGINES = {"duckdb", "_duckdb", "ibis", "pyarrow", "polars", "pyspark", "py4j", "clickhouse_connect"}


@app.command()
def score(
    year: Annotated[str, typer.Argument(help="ปีงบประมาณ เช่น 2568")],
    folder: Annotated[Path, typer.Argument(help="แฟ้มที่มี answers-*.parquet และ marks.parquet")],
    out: Annotated[Path | None, typer.Option("--out", help="บันทึกผลเป็น .parquet .csv หรือ .xlsx")] = None,
    engine: Annotated[str, typer.Option("--engine", help="ที่อยู่ของเครื่องคำนวณที่ Ibis รู้จัก")] = "duckdb://",
) -> None:
    """คำนวณคะแนนทุกหน่วยงานจากข้อมูลที่ปิดผนึกแล้ว"""
    from prongsai import scoring
    from prongsai.analysis.readings import count_reading_effects
    from prongsai.cli import output

    framework = load_year(year)
    try:
        parcels = scoring.open_parcels(framework, folder, engine)
        scores = scoring.score(framework, parcels.answers, parcels.marks, parcels.populations, checked=parcels.checked)
        otherwise = count_reading_effects(scores, parcels)
    except scoring.ParcelError as error:
        exit_with_error("\n".join(error.problems))
    except Exception as error:
        if type(error).__module__.split(".")[0] not in _ENGINES:
            raise
        name = engine.partition("://")[0]  # the address may hold a password
        exit_with_error(f"เครื่องคำนวณ {name} ทำงานไม่สำเร็จ: {str(error).splitlines()[0]}")
    if out is not None:
        try:
            output.save_scores(scores, out)
        except (OSError, ValueError) as error:
            exit_with_error(f"บันทึก {out} ไม่ได้: {error}")
    output.print_scores(scores, parcels.digest, out, otherwise)


@app.command()
def audit(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="ไฟล์ (PDF Word Excel OpenDocument RTF หน้าเว็บที่บันทึกไว้ CSV ข้อความ) ZIP โฟลเดอร์ หรือที่อยู่เว็บ https://…",
            metavar="SOURCE...",
        ),
    ],
    framework: Annotated[str | None, typer.Option("--framework", help="ปีงบประมาณ ถ้าไม่ใช้ปีที่อ่านได้จากเอกสาร")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="ผลเป็น JSON")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="บันทึกรายงานเป็นหน้าเว็บไฟล์เดียว")] = None,
    everything: Annotated[bool, typer.Option("--all", help="แสดงทุกตัวเลข รวมที่ข้อมูลไม่พอชี้ขาด")] = False,
) -> None:
    """ตรวจตัวเลขในเอกสาร: หลักเกณฑ์ของปีให้ค่านี้หรือไม่

    จบด้วย 0 เมื่อไม่มีตัวเลขใดขัดกัน 1 เมื่อมี 2 เมื่ออ่านไฟล์ไม่ได้
    """
    from prongsai.cli import audit_report
    from prongsai.cli.audit_sources import audit_source
    from prongsai.framework import NATIONAL, available

    years = [year for assessment, year in available() if assessment == NATIONAL]
    frameworks = {year: load_year(str(year)) for year in years}
    if framework is not None and not framework.isdigit():
        exit_with_error(f"--framework ต้องเป็นปีงบประมาณ เช่น 2568 (มี: {', '.join(map(str, years))})")
    year = load_year(framework).fiscal_year if framework else None
    audits = [audit for source in sources for audit in audit_source(source, frameworks, year)]
    if html is not None:
        try:
            html.write_text(audit_report.render_page(audits), encoding="utf-8")
        except OSError as error:
            exit_with_error(f"บันทึก {html} ไม่ได้: {error.strerror}")
    if as_json:
        print(audit_report.render_json(audits))
    else:
        audit_report.print_audits(audits, everything=everything)
    raise typer.Exit(audit_exit_code(audits))


def audit_exit_code(audits: "Sequence[DocumentAudit]") -> int:
    """0 when no figure is contradicted, 1 when one is, 2 when a file could not be read."""
    if any(audit.error for audit in audits):
        return 2
    return 1 if any(check.verdict == "contradicted" for audit in audits for check in audit.checks) else 0


for registered in (*app.registered_commands, *framework_app.registered_commands, *trail_app.registered_commands):
    registered.cls = Command
    # without a short help, typer cuts the help after 45 code points, which a Thai sentence exceeds
    registered.short_help = (registered.callback.__doc__ or "").partition("\n")[0]
