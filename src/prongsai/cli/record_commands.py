"""The commands for whoever checks the public record on a machine of their own: receipts, and the public log."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from prongsai.framework import Framework
    from prongsai.lib.sandbox import Limits
    from prongsai.publiclog.monitor import LogReport
    from prongsai.publiclog.origin import Origin

HOLDS, WRONG, UNREADABLE, UNPROVEN = range(4)  # exit codes
_SEVERITY = (HOLDS, UNPROVEN, UNREADABLE, WRONG)
_MAX_RECEIPT_BYTES = 50_000_000
_KEY_HELP = "กุญแจสาธารณะที่เชื่อถือ (ชื่อ+รหัส+กุญแจ) หรือไฟล์ที่มีกุญแจบรรทัดละหนึ่งดอก ใส่ซ้ำได้"


def _limits() -> "Limits":
    from prongsai.lib.sandbox import Limits

    return Limits(seconds=20, max_seconds=20, wall=60)


def _stop(problem: object) -> typer.Exit:
    print(problem, file=sys.stderr)
    return typer.Exit(UNREADABLE)


def verify(
    files: Annotated[list[Path], typer.Argument(help="ใบรับรองผล (JSON) หรือสำเนาหน้าเว็บ (WACZ) จากเว็บไซต์")],
    rules_file: Annotated[
        Path | None, typer.Option("--rules", help="หลักเกณฑ์ (JSON) จากหน้าหลักเกณฑ์ ถ้าไม่ใช่ปีที่มากับโปรแกรม")
    ] = None,
    keys: Annotated[list[str] | None, typer.Option("--key", help=_KEY_HELP)] = None,
    log: Annotated[
        str | None, typer.Option(help="ที่อยู่หรือโฟลเดอร์ของบันทึกสาธารณะ เพื่อดูว่าต่อเนื่องกัน และผลนี้ถูกถอนหรือแก้ไขหรือไม่")
    ] = None,
    opening: Annotated[Path | None, typer.Option(help="ไฟล์เปิดยอดรายข้อที่สำนักงานให้ผู้ตรวจสอบ ใช้กับใบรับรองหนึ่งฉบับ")] = None,
) -> None:
    """คำนวณใบรับรองซ้ำ หรือตรวจสำเนาหน้าเว็บ และตรวจที่มา โดยไม่ใช้เว็บไซต์; จบด้วย 0 เมื่อตรงและพิสูจน์ที่มาได้ 1 เมื่อไม่ตรง 2 เมื่ออ่านไม่ได้ 3 เมื่อตัวเลขตรงแต่ยังพิสูจน์ที่มาไม่ได้"""
    framework = _read_rules(rules_file) if rules_file else None
    trusted = read_keys(keys or [])
    if opening and len(files) > 1:
        raise _stop("ไฟล์เปิดยอดใช้กับใบรับรองทีละหนึ่งฉบับ")
    codes = [
        _verify_snapshot_file(path, trusted)
        if path.suffix.lower() == ".wacz"
        else _verify_receipt_file(path, framework, trusted, log, opening)
        for path in files
    ]
    raise typer.Exit(max(codes, key=_SEVERITY.index))


def read_keys(texts: Sequence[str]) -> list[str]:
    """The keys as they are or as files of lines. Stops at one that is no key."""
    from prongsai.lib.signed_note import NoteError, VerifierKey

    keys = []
    for text in texts:
        path = Path(text)
        try:
            lines = [text] if "+" in text else path.read_text(encoding="utf-8").split("\n")
            keys += [str(VerifierKey.parse(line)) for line in lines if line.strip()]
        except (OSError, ValueError) as error:
            problem = error if isinstance(error, NoteError) else f"อ่านไฟล์กุญแจไม่ได้: {text}"
            raise _stop(problem) from None
    return keys


def _read_rules(path: Path) -> "Framework":
    """The rules of a file from the website, checked like any others; stops with every problem of them."""
    from prongsai import framework as rules
    from prongsai.lib.sandbox import SandboxError

    try:
        data = _read_json(path)["rules"]
        framework, problems = rules.check_data(data, None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, SandboxError):
        raise _stop(f"{path}: ไม่ใช่ไฟล์หลักเกณฑ์ของโปร่งใส หรืออ่านไม่ได้") from None
    if framework is None:
        raise _stop("\n".join(map(str, problems)))
    return framework


def _read_json(path: Path) -> Any:
    """The data of a JSON file, read in the sandbox. Raises OSError, ValueError and SandboxError."""
    from prongsai.lib import sandbox

    if path.stat().st_size > _MAX_RECEIPT_BYTES:
        raise ValueError("too large")
    return sandbox.run("json:load", limits=_limits(), file=path)


def _verify_receipt_file(
    path: Path, framework: "Framework | None", keys: Sequence[str], log: str | None, opening_file: Path | None
) -> int:
    """Print what a receipt gives when it is computed again and where it comes from; the exit code that it asks for."""
    from prongsai import framework as rules
    from prongsai.lib import sandbox
    from prongsai.lib.sandbox import SandboxError
    from prongsai.publiclog.origin import Origin

    try:
        receipt: dict[str, Any] = _read_json(path)
        opening = _read_json(opening_file) if opening_file else None
        framework = framework or rules.load(rules.NATIONAL, int(receipt["fiscal_year"]))
        # numbers and proofs that anybody may have written
        problems = sandbox.run("prongsai.analysis:verify_receipt", receipt, framework, opening, limits=_limits())
        origin = Origin(**sandbox.run("prongsai.publiclog.origin:verify_apart", receipt, keys, limits=_limits()))
        heading = f"{path}: {receipt['agency']['name']} ปี {receipt['fiscal_year']}"
        summary, unchecked = (
            _summarize_receipt(receipt, is_opened=opening is not None),
            len(receipt.get("committed", ())),
        )
    except rules.FrameworkError:
        print(f"{path}: เครื่องนี้ไม่มีหลักเกณฑ์ของปีในใบรับรอง", file=sys.stderr)
        return UNREADABLE
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError, SandboxError):
        also = f" หรือ {opening_file} ไม่ใช่ไฟล์เปิดยอด" if opening_file else ""
        print(f"{path}: ไม่ใช่ใบรับรองผลของโปร่งใส หรืออ่านไม่ได้{also}", file=sys.stderr)
        return UNREADABLE
    print(heading)
    for problem in (*problems, *origin.problems):
        print(f"  ✗ {problem}")
    if problems or origin.problems:
        return WRONG
    print(f"  ✓ ตัวเลข: {summary}")
    for mark in (*_describe_collection(receipt), *_describe_brought(receipt)):
        print(f"  ! {mark}")
    if opening is not None:
        print(f"  ✓ ยอดรายข้อ: {unchecked} ข้อ ตรงกับที่ใบรับรองผูกไว้ คะแนนทุกรายการคำนวณจากยอดได้ตรง")
    elif unchecked:
        print(f"  – ยอดรายข้อ: ไม่ได้ตรวจ {unchecked} ข้อของแบบวัด ซึ่งผูกไว้ด้วยรหัสและไม่เปิดเผย (--opening สำหรับผู้ตรวจสอบ)")
    print(f"  {'✓' if origin.is_proven else '?'} ที่มา: {_describe_origin(origin)}")
    followed = _follow_log(log, origin, receipt, keys)
    return followed if followed != HOLDS or origin.is_proven else UNPROVEN


def _verify_snapshot_file(path: Path, keys: Sequence[str]) -> int:
    """Print what a snapshot of a web page shows, and what could not be checked; the exit code that it asks for."""
    from prongsai.lib import sandbox
    from prongsai.lib.sandbox import SandboxError
    from prongsai.publiclog.origin import Origin

    try:
        job = "prongsai.publiclog.origin:verify_snapshot_apart"
        report = sandbox.run(job, list(keys), limits=_limits(), file=path)
    except (OSError, SandboxError):
        print(f"{path}: ไม่ใช่สำเนาหน้าเว็บ หรืออ่านไม่ได้", file=sys.stderr)
        return UNREADABLE
    found = report["examination"]
    sightings = [(at, Origin(**origin)) for at, origin in report["sightings"]]
    problems = [*found["problems"], *(problem for _, origin in sightings for problem in origin.problems)]
    print(f"{path}: {found['url']}")
    for problem in problems:
        print(f"  ✗ {problem}")
    if problems:
        return WRONG
    print(f"  ✓ เนื้อหา: {found['length']:,} ไบต์ เว็บไซต์ตอบรหัส {found['status']} เมื่อ {found['observed_at']} ทุกไฟล์ตรงกับรหัส")
    print(f"  ✓ ลายเซ็น: ลงนามไว้ทั้งชุดเมื่อ {found['created']}")
    for at, origin in sightings:
        print(f"  {'✓' if origin.is_proven else '?'} เห็นเมื่อ {at}: {_describe_sighting(origin)}")
    if not sightings:
        print("  ? ที่มา: ไฟล์นี้ไม่มีหลักฐานจากบันทึกสาธารณะ จึงไม่รู้ว่าใครลงนามและลงนามเมื่อใดจริง")
    print("  – ไม่ได้ตรวจ: เว็บไซต์ส่งเนื้อหานี้จริงหรือไม่ ซึ่งผู้เก็บสำเนาเท่านั้นที่เห็น")
    return HOLDS if sightings and all(origin.is_proven for _, origin in sightings) else UNPROVEN


def _describe_sighting(origin: "Origin") -> str:
    if origin.is_proven:
        return _describe_origin(origin)
    why = "ไม่ได้ลงนามด้วยกุญแจที่เชื่อถือ" if origin.has_keys else "ไม่ได้ให้กุญแจที่เชื่อถือ (--key)"
    return f"ยังพิสูจน์ที่มาไม่ได้: {why}"


_COLLECTION_MARKS = {
    "open_link": "ไม่ได้ตรวจว่าใครตอบ รับคำตอบผ่านลิงก์ที่ใครก็ใช้ได้ คนเดียวอาจตอบหลายครั้ง",
    "above_population": "คำตอบที่นับมากกว่าจำนวนคนที่หน่วยงานแจ้งว่ามีสิทธิ์ตอบ",
}


def _describe_collection(receipt: dict[str, Any]) -> list[str]:
    """What a receipt says of how answers came in, which no arithmetic shows."""
    collection = receipt.get("about", {}).get("collection", {})
    return [
        f"{survey}: {text}"
        for survey, marks in sorted(collection.items())
        for name, text in _COLLECTION_MARKS.items()
        if name in marks
    ]


def _describe_brought(receipt: dict[str, Any]) -> list[str]:
    """What a receipt says of marks that were given outside the system."""
    brought = receipt.get("about", {}).get("brought", [])
    if not brought:
        return []
    return [
        f"คะแนนการเปิดเผยข้อมูล {len(brought)} ข้อนำเข้าจากตารางที่ทำนอกระบบ ในนามของผู้ประเมิน: {', '.join(map(str, brought))}"
    ]


def _describe_origin(origin: "Origin") -> str:
    if origin.is_proven:
        witnesses = len(origin.signers) - 1
        seen = f" มีพยานที่เชื่อถือร่วมลงนาม {witnesses} ราย" if witnesses else " ไม่มีพยานที่เชื่อถือร่วมลงนาม"
        return f"อยู่ในบันทึกสาธารณะรายการที่ {origin.index:,} ลงนามโดย {origin.signers[0]}{seen}"
    if not origin.checkpoint:
        return "ตัวเลขสอดคล้องกัน แต่ยังพิสูจน์ที่มาไม่ได้: ใบรับรองไม่มีหลักฐานจากบันทึกสาธารณะ"
    if not origin.has_keys:
        return "ตัวเลขสอดคล้องกัน แต่ยังพิสูจน์ที่มาไม่ได้: ไม่ได้ให้กุญแจที่เชื่อถือ (--key)"
    return "ตัวเลขสอดคล้องกัน แต่ยังพิสูจน์ที่มาไม่ได้: ไม่ได้ลงนามด้วยกุญแจที่เชื่อถือ"


def _follow_log(log: str | None, origin: "Origin", receipt: dict[str, Any], keys: Sequence[str]) -> int:
    """Print whether the log of today continues the receipt's checkpoint, and what became of the result."""
    if log is None or not origin.checkpoint:
        print("  – ประวัติ: ไม่ได้ตรวจว่าบันทึกต่อเนื่องกัน และผลนี้ถูกถอนหรือแก้ไขภายหลังหรือไม่ (--log)")
        return HOLDS
    report = examine_log(
        log, key=_key_of_log(keys, origin), others=[origin.checkpoint], result_set=receipt["about"]["result_set"]
    )
    for problem in report.problems:
        print(f"  ✗ ประวัติ: {problem}")
    for index in report.withdrawn:
        print(f"  ! ผลนี้ถูกถอนหรือแก้ไขแล้ว: รายการที่ {index:,} ของบันทึกสาธารณะ")
    if report.problems:
        return WRONG
    print(f"  ✓ ประวัติ: บันทึกสาธารณะ {report.size:,} รายการ ต่อเนื่องจากจุดยืนยันในใบรับรอง")
    return HOLDS


def _key_of_log(keys: Sequence[str], origin: "Origin") -> str:
    from prongsai.publiclog.origin import name_of_log

    name = name_of_log(origin.checkpoint)
    return next((key for key in keys if key.partition("+")[0] == name), "")


def examine_log(location: str, *, key: str, others: Sequence[str], result_set: str = "") -> "LogReport":
    """What a log shows, read from its place and examined in the sandbox. Stops where it cannot be read."""
    from prongsai.lib import sandbox
    from prongsai.lib.sandbox import SandboxError
    from prongsai.publiclog.monitor import LogReport, LogUnreadableError, read_log

    try:
        copy = read_log(location)
        arguments = (copy.note, copy.bundles, key, list(others), result_set)
        report = LogReport(**sandbox.run("prongsai.publiclog.monitor:examine_apart", *arguments, limits=_limits()))
    except LogUnreadableError as error:
        raise _stop(error) from None
    except SandboxError:
        raise _stop(f"บันทึกที่ {location} ผิดรูป อ่านไม่ได้") from None
    return report


def _summarize_receipt(receipt: dict[str, Any], *, is_opened: bool) -> str:
    if "nodes" in receipt:
        total = next((n["shown"] for n in receipt["nodes"] if n["node"] == "overall"), "ไม่มีคะแนนรวม")
        taken = 0 if is_opened else len(receipt.get("given", ()))
        how = f" (แบบวัด {taken} รายการเชื่อตามที่แสดง ภายในการปัดเศษ)" if taken else ""
        return f"สอดคล้องกันทั้ง {len(receipt['nodes'])} รายการ{how} คะแนนรวม {total} {receipt.get('level', '')}"
    wrong = sum(check["verdict"] == "contradicted" for check in receipt["checks"])
    verdict = f"มี {wrong} ตัวเลขที่ขัดกับตัวเลขอื่น" if wrong else "ไม่มีตัวเลขที่ชี้ได้ว่าขัดกับตัวเลขอื่น"
    return f"ตรงตามที่บันทึก {len(receipt['figures'])} ตัวเลขจากเอกสารที่ประกาศ {verdict}"


def witness(
    locations: Annotated[list[str], typer.Argument(help="ที่อยู่หรือโฟลเดอร์ของบันทึกสาธารณะ ให้หลายแห่งเพื่อเทียบสำเนากัน")],
    key: Annotated[str, typer.Option(help="กุญแจสาธารณะของบันทึก หรือไฟล์กุญแจ ที่ได้มาจากทางอื่น")],
    state: Annotated[Path, typer.Option(help="ไฟล์จำจุดยืนยันที่เห็นครั้งก่อน สร้างให้เองครั้งแรก")] = Path("public-log.checkpoint"),
) -> None:
    """เฝ้าดูบันทึกสาธารณะ: อ่านทั้งเล่ม เทียบกับที่เคยเห็นและกับสำเนาอื่น; จบด้วย 0 เมื่อต่อเนื่อง 1 เมื่อมีประวัติสองฉบับหรือถูกแก้ 2 เมื่ออ่านไม่ได้"""
    from prongsai.lib.stored_files import store_bytes
    from prongsai.publiclog.monitor import longest, read_note

    try:
        (trusted,) = read_keys([key])
    except ValueError:
        raise _stop("ต้องมีกุญแจของบันทึกหนึ่งดอก") from None
    notes = [_note_at(location) for location in locations]
    seen = [read_note(state)] if state.is_file() else []
    newest = longest(notes)
    report = examine_log(locations[newest], key=trusted, others=[*seen, *notes[:newest], *notes[newest + 1 :]])
    if report.problems:
        for problem in report.problems:
            print(f"✗ {problem}")
        evidence = state.with_name(f"{state.name}.conflict")
        store_bytes(evidence, "\n".join([*seen, *notes]).encode())
        print(f"จุดยืนยันทุกฉบับที่เห็นเก็บไว้เป็นหลักฐานที่ {evidence}")
        raise typer.Exit(WRONG)
    store_bytes(state, notes[newest].encode())
    kinds = " ".join(f"{name} {number:,}" for name, number in sorted(report.kinds.items()))
    print(f"✓ บันทึกสาธารณะ {report.size:,} รายการ ต่อเนื่องกัน: {kinds}")


def _note_at(location: str) -> str:
    from prongsai.publiclog.monitor import LogUnreadableError, fetch_note

    try:
        return fetch_note(location)
    except LogUnreadableError as error:
        raise _stop(error) from None


COMMANDS = (verify, witness)
