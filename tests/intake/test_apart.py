"""What reading in the sandbox hands out is data alone, and gives the same as reading here."""

import io
import json

import pytest

from prongsai import framework as rules
from prongsai.intake import Row, UnreadableError, apart, comments, figures_of, files, find_fiscal_year
from prongsai.intake.reading import NamedYear
from prongsai.lib import pictures
from prongsai.links import content
from tests.years import YEARS

FRAMEWORKS = {year: rules.load(name, year) for name, year in rules.available()}
YEAR = YEARS["2564"]
LINES = (
    "ผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. 2564 เทศบาลตำบลทดสอบ",
    "คะแนนรวม 87.50 คะแนน อยู่ในระดับ A",
    f"1. {YEAR.items['O1'].label.th} ไม่ได้แสดงชื่อรองผู้บริหารในแผนผัง",
)
ROWS = [Row((line,), f"บรรทัด {n}") for n, line in enumerate(LINES, 1)]


@pytest.fixture
def through_data(monkeypatch):
    """Calls of the sandbox made here, their answers as JSON brings them back; and how long they may take."""
    allowed = []
    monkeypatch.setattr(apart.sandbox, "allow_until", allowed.append)
    monkeypatch.setattr(apart.time, "process_time", lambda: 1000.0)

    def call(job, *arguments, **_):
        answer = json.loads(json.dumps(getattr(apart, job.partition(":")[2])(*arguments)))
        if "error" in answer:
            raise UnreadableError(answer["error"])
        return answer["answer"]

    monkeypatch.setattr(apart, "run_apart", call)
    monkeypatch.setattr(
        apart, "run_on_file", lambda job, path, *more, **_: call(job, path.open("rb"), path.suffix, *more)
    )
    return allowed


def test_figures_are_those_that_are_read_here(through_data, tmp_path):
    here = figures_of(ROWS, FRAMEWORKS)
    assert [f.node for reading in here for f in reading.figures] == ["overall", "level"]
    assert apart.figures_of(ROWS, FRAMEWORKS) == here
    path = tmp_path / "a.txt"
    path.write_text("\n".join(LINES), encoding="utf-8")
    assert apart.read(path, FRAMEWORKS) == here
    told = apart.read(path, FRAMEWORKS, 2563)
    assert {f.fiscal_year for reading in told for f in reading.figures} == {2563}


def test_a_file_that_cannot_be_read_is_a_sentence(monkeypatch):
    def refuse(*_, **__):
        raise UnreadableError("ตั้งรหัสผ่านไว้")

    monkeypatch.setattr(apart, "rows_in", refuse)
    assert apart.answer_file(io.BytesIO(b"x"), ".txt", None, FRAMEWORKS, None) == {"error": "ตั้งรหัสผ่านไว้"}


def test_the_year_is_that_which_is_found_here(through_data):
    found = apart.find_fiscal_year(ROWS)
    assert found == find_fiscal_year(ROWS)
    assert isinstance(found, NamedYear)
    assert found.year == 2564
    assert apart.find_fiscal_year([Row(("ไม่มีปี",), "")]) is None


def test_comments_are_those_that_are_found_here(through_data):
    (comment,) = apart.comments_of(ROWS, YEAR)
    assert [comment] == comments.comments_of(ROWS, YEAR)
    assert (comment.item, comment.place) == ("O1", "บรรทัด 3")


def test_what_is_read_as_a_whole_has_time_by_its_length(through_data):
    """And what is read row by row begins with the time of one piece: it asks for more as it goes on."""
    letters = sum(map(len, LINES))
    first = 1000 + apart.sandbox.base_seconds()
    apart.find_fiscal_year(ROWS)
    apart.comments_of(ROWS, YEAR)
    assert through_data[:2] == [first + letters / apart.LETTERS_A_SECOND] * 2
    through_data.clear()
    apart.figures_of(ROWS, FRAMEWORKS)
    assert through_data[0] == first


@pytest.mark.parametrize("limits", [files.LIMITS, pictures._LIMITS, content.LIMITS])
def test_what_a_worker_reads_has_time_on_a_busy_machine(limits):
    """What is lawful is refused for its own work alone, not for that of others."""
    assert limits.wall >= 8 * limits.max_seconds
