"""Rules written as files: as somebody would write them by hand, and in the same bytes on every machine."""

from dataclasses import replace

from prongsai.framework import write_folder
from prongsai.framework.schema import Source
from tests.framework.small import framework_of, small_rules

LONG = "ข้อความยาวที่ไม่มีใครอยากอ่านเป็นหลายบรรทัด " * 12 + "จบ"

MAIN = f"""\
assessment: ita
fiscal_year: 2568
state: announced
title: {{th: "ปีตัวอย่าง", en: "A small year"}}
note: "{LONG}"
sources:
  BOOK: {{title: "No"}}
scales:
  - id: level
    kind: answer
    options:
      - {{label: {{th: "น้อย", en: Little}}, points: 0}}
      - {{label: {{th: "มาก", en: Much}}, points: 100}}
    basis: {{standing: documented, source: [BOOK]}}
"""

CASES = """\
cases:
  - title: "คะแนนรวม"
    source: [BOOK]
    given:
      IIT: "90"
      EIT: "90"
      OIT: "271/3"
    expect:
      overall: "271/3"
    level: A
    passes: true
    within: "0.5"
"""


def test_files_are_laid_out_as_by_hand(tmp_path):
    """A list stands in from its field, what is short on one line and in brackets, a long text on one line too; quotes
    around all that is more than a word, and around a word that YAML could take for a constant."""
    rules = replace(small_rules(), note=LONG, sources={"BOOK": Source(title="No")})
    files = {path.name: path.read_bytes().decode() for path in write_folder(framework_of(rules), tmp_path)}
    assert [*files] == ["framework.yaml", "survey-items.yaml", "disclosure-items.yaml", "cases.yaml"]
    assert files["framework.yaml"].startswith(MAIN)
    assert files["cases.yaml"] == CASES
    assert "    of: [IIT, EIT]\n" in files["framework.yaml"]
