"""The ceremony on the command line: a key is made and handed out, checked, lost in part, and opened at the seal."""

import re
import stat

import pytest
from typer.testing import CliRunner

from prongsai.cli.app import app
from prongsai.survey import queries, sealing
from prongsai.survey.models import Channel, Envelope, SealingKey
from tests.survey.conftest import link  # noqa: F401  # a fixture
from tests.survey.test_sealing import form_address, seal_form

HOLDERS = ["สถาบันทดสอบหนึ่ง", "สถาบันทดสอบสอง", "สถาบันทดสอบสาม"]


def run(*arguments, typed=""):
    return CliRunner().invoke(app, ["keys", *map(str, arguments)], input=typed)


@pytest.fixture
def year(running_round, settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    return running_round.fiscal_year


def create(year, folder, *more, typed="y\n"):
    holders = [part for name in HOLDERS for part in ("--holder", name)]
    return run("create", year, *holders, "--needed", "2", "--folder", folder, *more, typed=typed)


def test_a_key_is_made_handed_out_and_opened_at_the_seal(client, link, year, running_round, tmp_path):  # noqa: F811
    folder = tmp_path / "shares"
    made = create(year, folder)
    assert made.exit_code == 0, made.output
    # what is lost is said before the question
    assert made.output.index("หายไม่เกิน 1 ส่วน: ไม่เสียอะไร") < made.output.index("สร้างกุญแจ [y/N]")
    assert "หาย 2 ส่วนขึ้นไป" in made.output
    files = sorted(folder.iterdir())
    assert len(files) == 3
    assert all(stat.S_IMODE(f.stat().st_mode) == 0o600 for f in files)
    for _ in range(4):
        assert client.post(form_address(link), seal_form(link)).status_code == 200
    listed = run("list", year)
    assert "2 จาก 3 ส่วน" in listed.output
    assert re.search(r"ซองที่รอเปิด 4$", listed.output, re.M)
    checked = run("check", *files)
    assert checked.exit_code == 0
    assert [name for name in HOLDERS if name in checked.output] == HOLDERS
    alone = run("open", year, files[1], "--yes")
    assert alone.exit_code == 1
    assert "ขาดอีก 1" in alone.output
    assert Channel.objects.get().is_open
    opened = run("open", year, files[0], files[2], typed="y\n")
    assert opened.exit_code == 0, opened.output
    assert "ปิดผนึกแล้ว 4 ชุด" in opened.output
    assert queries.find_latest_seal(running_round).responses == 4


def test_who_does_not_confirm_changes_nothing(link, year, tmp_path):  # noqa: F811
    before = list(SealingKey.objects.values_list("pk"))
    assert create(year, tmp_path / "shares", typed="n\n").exit_code == 1
    assert not (tmp_path / "shares").exists()
    assert list(SealingKey.objects.values_list("pk")) == before


def test_a_key_that_cannot_be_handed_out_is_not_in_force(link, year, running_round, tmp_path):  # noqa: F811
    """The stick is full, or missing: answers would be sealed to a key that nobody has."""
    before = sealing.find_key(running_round.pk)
    (tmp_path / "file").write_text("no folder")
    made = create(year, tmp_path / "file" / "shares")
    assert made.exit_code == 1
    assert "ยังไม่ได้สร้างกุญแจ" in made.output
    assert sealing.find_key(running_round.pk) == before


def test_files_of_a_former_key_are_never_written_over(link, year, tmp_path):  # noqa: F811
    create(year, tmp_path)
    before = {f: f.read_bytes() for f in tmp_path.glob("*.share.txt")}
    assert create(year, tmp_path).exit_code == 2
    assert {f: f.read_bytes() for f in tmp_path.glob("*.share.txt")} == before
    assert SealingKey.objects.exclude(holders=[]).count() == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--holder", "ก", "--holder", "ข"), "--folder"),
        (("--holder", "ก", "--holder", "ข", "--needed", "1", "--folder", "FOLDER"), "อย่างน้อย 2"),
        (("--holder", "ก", "--holder", "ข", "--needed", "3", "--folder", "FOLDER"), "จำนวนส่วน"),
        (("--holder", "ก", "--holder", "ก", "--folder", "FOLDER"), "ไม่ซ้ำกัน"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(year, running_round, tmp_path, arguments, problem):
    made = run("create", year, *[a.replace("FOLDER", str(tmp_path)) for a in arguments], "--yes")
    assert made.exit_code in (1, 2)
    assert problem in made.output
    assert not SealingKey.objects.exists()


def test_every_damaged_file_is_named(year, tmp_path):
    create(year, tmp_path)
    first, second, third = sorted(tmp_path.glob("*.share.txt"))
    first.write_text(first.read_text().replace("needed: 2", "needed: 1"))
    second.write_bytes(b"\xff\xfe")
    done = run("open", year, first, second, third, "--yes")
    assert done.exit_code == 2
    assert "เลขตรวจ" in done.output
    assert str(first) in done.output
    assert str(second) in done.output
    assert str(third) not in done.output


def test_the_key_of_the_server_is_copied_once_and_opens(client, year, link, tmp_path):  # noqa: F811
    client.post(form_address(link), seal_form(link))
    copied = run("copy", year, tmp_path / "copy.txt")
    assert copied.exit_code == 0, copied.output
    assert run("copy", year, tmp_path / "copy.txt").exit_code == 2
    sealing.destroy_own_keys(link.round_id)
    assert "ไม่อยู่ในโฟลเดอร์ keys" in run("list", year).output
    assert "ปิดผนึกแล้ว 1 ชุด" in run("open", year, tmp_path / "copy.txt", "--yes").output


def test_giving_a_key_up_says_how_many_answers_go(client, link, year, tmp_path):  # noqa: F811
    client.post(form_address(link), seal_form(link))
    lost = SealingKey.objects.get().public_key[:8]
    assert run("give-up", year, lost, "--yes").exit_code == 1  # still in force
    create(year, tmp_path)
    assert run("give-up", year, "", "--yes").exit_code == 2
    assert run("give-up", year, lost, typed="n\n").exit_code == 1
    assert SealingKey.objects.filter(abandoned_on=None).count() == 2
    done = run("give-up", year, lost, typed="y\n")
    assert done.output.index("คำตอบ 1 ชุด") < done.output.index("[y/N]")
    assert "เสียคำตอบ 1 ชุด" in done.output
    assert Envelope.objects.count() == 1  # until the seal
    assert "เสียไป 1 ชุด" in run("list", year).output


def test_a_year_without_a_round_says_so(db):
    assert run("list", 2500).exit_code == 2
