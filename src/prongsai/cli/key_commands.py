"""``prongsai keys``: the key that a round's answers are sealed to, split among institutions and opened at the seal."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prongsai.cli.parameters import Group
from prongsai.cli.platform_commands import set_up_django

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from prongsai.registry.models import Round
    from prongsai.survey.key_shares import Share
    from prongsai.survey.models import SealingKey

keys_app = typer.Typer(
    help="กุญแจปิดผนึกคำตอบแบบวัด: สร้าง แบ่งให้สถาบัน ตรวจ เปิด", cls=Group, no_args_is_help=True, rich_markup_mode=None
)
_Year = Annotated[int, typer.Argument(metavar="YEAR", help="ปีงบประมาณของรอบ เช่น 2570")]
_Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="ไฟล์ส่วนของกุญแจ")]
_Assessment = Annotated[str, typer.Option(help="รหัสการประเมิน ถ้าปีนั้นมีหลายการประเมิน")]
_Yes = Annotated[bool, typer.Option("--yes", help="ไม่ถามยืนยัน")]
_LeaveOut = Annotated[bool, typer.Option("--leave-out", help="แบบวัดที่เปิดใหม่: ทำลายช่องทางที่คำตอบน้อยเกินไปโดยไม่เปิดและไม่นับ")]


def _stop(problem: object, code: int = 2) -> typer.Exit:
    print(problem, file=sys.stderr)
    return typer.Exit(code)


def _find_round(year: int, assessment: str) -> "Round":
    set_up_django()
    from prongsai.registry.models import Round

    rounds = Round.objects.filter(fiscal_year=year)
    found = list(rounds.filter(assessment=assessment) if assessment else rounds)
    if not found:
        raise _stop(f"ไม่มีรอบการประเมินปี {year}")
    if len(found) > 1:
        raise _stop(f"ปี {year} มีหลายการประเมิน ระบุด้วย --assessment: {' '.join(r.assessment_id for r in found)}")
    return found[0]


def _confirm(question: str, *, yes: bool) -> None:
    if not yes and not typer.confirm(question):
        raise _stop("ยังไม่ได้ทำอะไร", 1)


@keys_app.command("list")
def keys_list(year: _Year, assessment: _Assessment = "") -> None:
    """กุญแจของรอบ ใครถือ ต้องใช้กี่ส่วน มีกี่ซองรอเปิด และหายแล้วเสียอะไร"""
    assessment_round = _find_round(year, assessment)
    from prongsai.survey.queries import list_keys

    states = list_keys(assessment_round)
    for state in states:
        key = state.key
        print(f"{key.public_key[:8]}  สร้าง {key.created_on}  ซองที่รอเปิด {state.waiting:,}")
        if key.abandoned_on:
            print(f"  สละเมื่อ {key.abandoned_on} คำตอบที่เสียไป {key.lost:,} ชุด")
        elif key.holders:
            print(f"  {key.threshold} จาก {len(key.holders)} ส่วน: {' · '.join(key.holders)}")
            print(f"  {_say_what_is_lost(len(key.holders), key.threshold)}")
        elif state.is_here:
            print("  อยู่ในโฟลเดอร์ keys ของเครื่องนี้ดอกเดียว หายแล้วเปิดไม่ได้ ทำสำเนาด้วย prongsai keys copy")
        else:
            print("  ไม่อยู่ในโฟลเดอร์ keys ของเครื่องนี้" + ("" if state.waiting else " (ถูกเขียนทับเมื่อปิดผนึก)"))
    if not states:
        print("รอบนี้ยังไม่มีกุญแจปิดผนึก")


def _say_what_is_lost(holders: int, needed: int) -> str:
    spare = holders - needed
    safe = f"หายไม่เกิน {spare} ส่วน: ไม่เสียอะไร" if spare else "หายส่วนเดียวก็เปิดไม่ได้"
    return f"{safe} · หาย {spare + 1} ส่วนขึ้นไป: คำตอบทุกชุดที่ปิดผนึกด้วยกุญแจนี้เปิดไม่ได้อีก ไม่มีทางกู้"


@keys_app.command("create")
def keys_create(
    year: _Year,
    holder: Annotated[
        list[str] | None, typer.Option(help="ชื่อสถาบันที่ถือส่วนหนึ่ง ใส่ซ้ำสถาบันละครั้ง ไม่ใส่: กุญแจดอกเดียวในเครื่องนี้")
    ] = None,
    needed: Annotated[int, typer.Option(min=1, help="ต้องใช้กี่ส่วนจึงเปิดได้")] = 2,
    folder: Annotated[Path | None, typer.Option(help="โฟลเดอร์ที่เขียนไฟล์ของแต่ละสถาบัน ควรเป็นสื่อที่ถอดออกได้")] = None,
    assessment: _Assessment = "",
    yes: _Yes = False,
) -> None:
    """สร้างกุญแจใหม่ให้รอบ แบ่งให้หลายสถาบันตามที่ระบุ; คำตอบหลังจากนี้ปิดผนึกด้วยกุญแจนี้ คำตอบก่อนหน้าเปิดด้วยกุญแจเดิม"""
    assessment_round = _find_round(year, assessment)
    from prongsai.people.actions import DomainError
    from prongsai.survey import actions

    holders = list(holder or [])
    if holders and folder is None:
        raise _stop("ระบุ --folder ที่จะเขียนไฟล์ของแต่ละสถาบัน")
    if holders and needed < 2:
        raise _stop("แบ่งให้หลายสถาบันต้องใช้อย่างน้อย 2 ส่วนจึงเปิดได้ มิฉะนั้นสถาบันเดียวเปิดได้เอง")
    if folder is not None and folder.exists() and any(folder.glob("*.share.txt")):
        raise _stop(f"{folder} มีไฟล์ส่วนของกุญแจอยู่แล้ว ใช้โฟลเดอร์อื่น ไฟล์เดิมจะไม่ถูกเขียนทับ")
    if holders:
        print(f"กุญแจของรอบปี {year} จะแบ่งเป็น {len(holders)} ส่วน เปิดได้เมื่อมี {needed} ส่วน เครื่องนี้จะไม่เก็บกุญแจ")
        print(_say_what_is_lost(len(holders), needed))
    else:
        print(f"กุญแจของรอบปี {year} จะอยู่ในโฟลเดอร์ keys ของเครื่องนี้ดอกเดียว ผู้ดูแลเครื่องเปิดคำตอบได้ และแบบวัดจะบอกผู้ตอบเช่นนั้น")
        print("โฟลเดอร์นี้หายโดยไม่มีสำเนา: คำตอบทุกชุดที่ปิดผนึกด้วยกุญแจนี้เปิดไม่ได้อีก ไม่มีทางกู้")
    _confirm("สร้างกุญแจ", yes=yes)
    try:
        with actions.new_key(
            assessment_round=assessment_round, holders=holders, threshold=needed if holders else 1, by=None
        ) as shares:
            if folder is not None:
                _write_shares(folder, shares)  # before the key is in force
    except (DomainError, OSError) as error:
        raise _stop(f"ยังไม่ได้สร้างกุญแจ: {error}", 1) from None
    if shares:
        print("มอบไฟล์ให้สถาบันละไฟล์ ลบออกจากเครื่องนี้ แล้วตรวจทีละไฟล์ด้วย prongsai keys check")


def _write_shares(folder: Path, shares: "Sequence[Share]") -> None:
    """Write a file for each institution, and read all of them again."""
    from prongsai.survey.key_shares import read_share

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for share in shares:
        path = folder / f"{share.fiscal_year}-{share.public_key[:8]}-{share.number}.share.txt"
        _write(path, share)
        if read_share(path.read_text(encoding="utf-8")) != share:
            raise OSError(f"เขียน {path} แล้วอ่านกลับไม่ตรง สื่ออาจเสีย")
        print(f"{path}  {share.holder}")


def _write(path: Path, share: "Share") -> None:
    from prongsai.survey.key_shares import write_share

    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(write_share(share))
        file.flush()
        os.fsync(file.fileno())


@keys_app.command("copy")
def keys_copy(
    year: _Year,
    file: Annotated[Path, typer.Argument(help="ไฟล์สำเนาที่จะเขียน เก็บไว้นอกเครื่องแม่ข่าย")],
    assessment: _Assessment = "",
) -> None:
    """ทำสำเนากุญแจที่อยู่ในเครื่องนี้ไว้นอกเครื่อง; ใครได้สำเนานี้กับฐานข้อมูลก็เปิดคำตอบได้"""
    assessment_round = _find_round(year, assessment)
    from prongsai.people.actions import DomainError
    from prongsai.survey import actions, sealing

    key = sealing.find_key(assessment_round.pk)
    if key is None:
        raise _stop("รอบนี้ยังไม่มีกุญแจปิดผนึก", 1)
    try:
        _write(file, actions.copy_own_key(key=key, by=None))
    except FileExistsError:
        raise _stop(f"มีไฟล์ {file} อยู่แล้ว ไม่เขียนทับ") from None
    except (DomainError, OSError) as error:
        raise _stop(error, 1) from None
    print(f"{file}  ลบออกจากเครื่องนี้เมื่อย้ายไปเก็บแล้ว")


def _read_shares(files: "Sequence[Path]") -> "list[Share]":
    """The shares in files; names every file that is none, and stops."""
    from prongsai.survey.key_shares import ShareError, read_share

    shares, problems = [], []
    for path in files:
        try:
            shares.append(read_share(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError):
            problems.append(f"{path}: อ่านไฟล์ไม่ได้")
        except ShareError as error:
            problems.append(f"{path}: {error}")
    if problems:
        raise _stop("\n".join(problems))
    return shares


@keys_app.command("check")
def keys_check(files: _Files) -> None:
    """ตรวจไฟล์ส่วนของกุญแจว่าอ่านได้และไม่เสียหาย โดยไม่เปิดอะไรและไม่ใช้ฐานข้อมูล"""
    for share in _read_shares(files):
        print(
            f"ส่วนที่ {share.number} จาก {share.holders} ต้องใช้ {share.threshold}  "
            f"ปี {share.fiscal_year} กุญแจ {share.public_key[:8]}  {share.holder}"
        )


@keys_app.command("open")
def keys_open(
    year: _Year, files: _Files, assessment: _Assessment = "", yes: _Yes = False, leave_out: _LeaveOut = False
) -> None:
    """ปิดรับแบบวัดและเปิดคำตอบทั้งรอบด้วยส่วนของกุญแจ; กุญแจอยู่ในหน่วยความจำเท่านั้น ถ้าถูกขัดจังหวะสั่งซ้ำได้"""
    assessment_round = _find_round(year, assessment)
    from prongsai.people.actions import DomainError
    from prongsai.survey import actions, queries

    shares = _read_shares(files)
    by_key = {s.public_key: [t for t in shares if t.public_key == s.public_key] for s in shares}
    private_keys: dict[int, X25519PrivateKey] = {}
    try:
        for some in by_key.values():
            private_keys |= actions.join_key(assessment_round=assessment_round, shares=some)
    except DomainError as error:
        raise _stop(error, 1) from None
    print("กุญแจครบ เปิดได้")
    _confirm("ปิดทุกช่องทางแล้วเปิดคำตอบทั้งรอบ หลังจากนี้รับคำตอบเพิ่มไม่ได้", yes=yes)
    try:
        sealed = actions.seal(
            assessment_round=assessment_round,
            folder=assessment_round.parcels,
            by=None,
            private_keys=private_keys,
            leave_out=leave_out,
        )
    except (DomainError, OSError) as error:
        raise _stop(error, 1) from None
    print(f"ปิดผนึกแล้ว {sealed.responses:,} ชุด")
    if unreadable := queries.count_unreadable(assessment_round):
        print(f"ซองที่ข้างในไม่ใช่คำตอบ {unreadable:,} ซองไม่ถูกนับ ดูรายหน่วยงานในหน้ากุญแจของเว็บไซต์")


@keys_app.command("give-up")
def keys_give_up(
    year: _Year,
    key: Annotated[str, typer.Argument(metavar="KEY", help="ตัวอักษรแรกของกุญแจ จาก prongsai keys list")],
    assessment: _Assessment = "",
    yes: _Yes = False,
) -> None:
    """สละกุญแจที่เหลือส่วนไม่พอ เพื่อให้ปิดผนึกคำตอบอื่นได้; คำตอบที่ปิดผนึกด้วยกุญแจนี้เสียไปตลอด"""
    assessment_round = _find_round(year, assessment)
    from prongsai.people.actions import DomainError
    from prongsai.survey import actions

    found = _find_key(assessment_round, key)
    from prongsai.survey.models import Envelope

    waiting = Envelope.objects.filter(sealed_to=found).count()
    print(f"คำตอบ {waiting:,} ชุดที่ปิดผนึกด้วยกุญแจ {found.public_key[:8]} จะไม่ถูกเปิดและไม่ถูกนับ กู้ไม่ได้อีก")
    _confirm("สละกุญแจนี้", yes=yes)
    try:
        lost = actions.give_up_key(key=found, by=None)
    except DomainError as error:
        raise _stop(error, 1) from None
    print(f"สละกุญแจแล้ว เสียคำตอบ {lost:,} ชุด")


def _find_key(assessment_round: "Round", prefix: str) -> "SealingKey":
    from prongsai.survey.models import SealingKey

    found = list(SealingKey.objects.filter(round=assessment_round, public_key__startswith=prefix.lower()))
    if len(found) != 1 or not prefix:
        raise _stop("ไม่มีกุญแจนี้ หรือมีหลายดอกที่ขึ้นต้นเหมือนกัน ดูด้วย prongsai keys list")
    return found[0]
