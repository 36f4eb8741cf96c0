"""A framework with mistakes: all of them reported at once, each with its file, line, reason and remedy."""

import shutil
from pathlib import Path

import pytest

from prongsai import framework as rules


@pytest.fixture
def year(tmp_path) -> Path:
    """A copy of 2568 to spoil, with 2567 beside it."""
    for name in ("2567", "2568"):
        shutil.copytree(rules.root() / name, tmp_path / name)
    return tmp_path / "2568"


def spoil(folder: Path, file: str, old: str, new: str, count: int = 1) -> int:
    """Replace text in a file; the line it stands on."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    line = text[: text.index(old)].count("\n") + 1
    path.write_text(text.replace(old, new, count), encoding="utf-8")
    return line


MISTAKES = [
    ("framework.yaml", "weight: 3000", "weight: 3100", "น้ำหนักรวม"),
    ("framework.yaml", "  points: 85", "  points: 185", None),
    ("framework.yaml", "points: 85", "points: 8.5", "ไม่ใช่จำนวนเต็ม"),
    ("framework.yaml", "overall: weighted_sum", "overal: weighted_sum", "ไม่รู้จักช่อง"),
    ("framework.yaml", "at_least: 70", "at_least: 90", "ไม่ต่ำกว่าระดับก่อนหน้า"),
    ("framework.yaml", "at_least: 0", "at_least: 10", "คะแนนต่ำสุด"),
    ("framework.yaml", "places: 2", "places: two", "ไม่ใช่จำนวนเต็ม"),
    ("framework.yaml", 'starts: "2025-08-15"', 'starts: "2024-01-15"', "อยู่นอกปีงบประมาณ"),
    ("framework.yaml", "parts: mean_of_parts", "parts: mean_of_part", "ไม่ใช่ค่าที่ใช้ได้"),
    ("framework.yaml", "    method: mean_of_indicators\n", "", "ขาดช่อง “method”"),
    ("framework.yaml", "fiscal_year: 2568", "fiscal_year: 2568\nfiscal_year: 2567", "ซ้ำ"),
    ("framework.yaml", 'id: "2568"', 'id: "2569"', "ไม่ตรงกับชื่อแฟ้ม"),
    ("framework.yaml", "instrument: EIT2", "instrument: EIT3", "ไม่ใช่แบบวัดการรับรู้"),
    ("survey-items.yaml", "scale: level6", "scale: level7", "ไม่มีมาตรวัด"),
    ("survey-items.yaml", "- id: i2\n", "- id: i1\n", "ซ้ำ"),
    ("survey-items.yaml", "direction: positive", "direction: up", "ไม่ใช่ค่าที่ใช้ได้"),
    ("survey-items.yaml", 'indicator: "5"', 'indicator: "55"', "ไม่มีตัวชี้วัด"),
    ("survey-items.yaml", "continues: [i3]", "continues: [i99]", "ไม่มีในปี 2567"),
    ("disclosure-items.yaml", "source: [RTRDA", "source: [RTRDAX", "ไม่มีแหล่งข้อมูล"),
    ("disclosure-items.yaml", 'sub_indicator: "9.2"', 'sub_indicator: "9.9"', "ไม่มีตัวชี้วัดย่อย"),
    ("disclosure-items.yaml", "standing: documented", "standing: certain", "ไม่ใช่ค่าที่ใช้ได้"),
    ("disclosure-items.yaml", "scale: disclosure", "scale: level6", "ใช้กับข้อ"),
    ("cases/published.yaml", 'level: "ผ่านดี"', 'level: "ดีมาก"', "ไม่มีระดับ"),
    ("cases/published.yaml", '"99.60"', '"99,60"', "ไม่ใช่ตัวเลข"),
]


@pytest.mark.parametrize(("file", "old", "new", "what"), [m for m in MISTAKES if m[3]])
def test_one_mistake_is_found_where_it_stands(year, file, old, new, what):
    line = spoil(year, file, old, new)
    problems = rules.check(year)
    found = [p for p in problems if what in p.what]
    assert found, problems
    assert found[0].file == file
    assert abs(found[0].line - line) <= 12  # a mistake of meaning is shown at its entry
    assert all(p.why and p.how for p in problems)


def test_twenty_mistakes_are_reported_together(year):
    spoilt = 0
    for file, old, new, _ in MISTAKES:
        if old in (year / file).read_text(encoding="utf-8") and "fiscal_year" not in old:
            spoil(year, file, old, new)
            spoilt += 1
    problems = rules.check(year)
    assert spoilt >= 20
    assert len(problems) >= 20
    assert {p.file for p in problems} == {
        "framework.yaml",
        "survey-items.yaml",
        "disclosure-items.yaml",
        "cases/published.yaml",
    }
    assert problems == sorted(problems, key=lambda p: (p.file, p.line))


def test_suggestions_name_the_nearest_word(year):
    spoil(year, "framework.yaml", "target:", "targets:")
    assert any("“target”" in p.how for p in rules.check(year))


@pytest.mark.parametrize("content", [b"", b"- a\n- b\n", b"\xff\xfe\x00", b"a: [", b"x" * 3_000_000])
def test_files_that_are_no_framework(tmp_path, content):
    folder = tmp_path / "2570"
    folder.mkdir()
    (folder / "framework.yaml").write_bytes(content)
    assert rules.check(folder)


def test_a_folder_that_is_not_there(tmp_path):
    (problem,) = rules.check(tmp_path / "nowhere")
    assert "framework.yaml" in problem.what


def test_loading_a_spoilt_year_gives_every_problem(year, monkeypatch):
    monkeypatch.setenv("PRONGSAI_FRAMEWORKS", str(year.parent))
    spoil(year, "framework.yaml", "weight: 3000", "weight: 3100")
    spoil(year, "survey-items.yaml", "scale: level6", "scale: level7")
    rules.load.cache_clear()
    try:
        with pytest.raises(rules.FrameworkError) as caught:
            rules.load("2568")
    finally:
        rules.load.cache_clear()
    assert len(caught.value.problems) >= 2
