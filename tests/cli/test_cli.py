"""The commands as a person meets them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from prongsai import framework as rules
from prongsai.cli.app import app
from prongsai.rulebooks.actions import store_edition
from tests.content import DOCUMENTS
from tests.formats import write_txt
from tests.scoring.test_agreement import random_year
from tests.scoring.test_parcels import write

SAMPLES = Path(__file__).parents[2] / "samples"


def run(*arguments: object):
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


class TestAudit:
    def test_nothing_contradicted(self):
        result = run("audit", SAMPLES / "daengmo-2564.pdf")
        assert result.exit_code == 0
        assert "ต่างเพราะปัดเศษ" in result.stdout

    def test_something_contradicted(self):
        result = run("audit", SAMPLES / "bangpla-2568.txt")
        assert result.exit_code == 1
        assert "96.67" in result.stdout

    def test_unreadable_wins_over_contradicted(self, tmp_path):
        (tmp_path / "empty.pdf").touch()
        result = run("audit", SAMPLES / "bangpla-2568.txt", tmp_path / "empty.pdf")
        assert result.exit_code == 2
        assert "ว่างเปล่า" in result.stdout
        assert "96.67" in result.stdout  # the readable one is still shown

    def test_json(self, tmp_path):
        (tmp_path / "empty.txt").touch()
        result = run("audit", "--json", SAMPLES / "lumphuek-2564.docx", tmp_path / "empty.txt")
        good, bad = json.loads(result.stdout)["documents"]
        assert good["agency"] == "องค์การบริหารส่วนตำบลลุ่มพื้ก"
        assert good["fiscal_years"] == [2564]
        overall = next(f for f in good["figures"] if f["node"] == "overall")
        assert overall | {"place": ""} == {
            "fiscal_year": 2564,
            "node": "overall",
            "value": "58.08",
            "place": "",
            "sure": True,
        }
        check = next(c for c in good["checks"] if c["node"] == "overall")
        assert {"fiscal_year", "node", "printed", "recomputed", "verdict", "explanation", "likely"} <= check.keys()
        assert check["verdict"] == "reproduced"
        assert bad["error"]

    def test_html_is_one_page_that_fetches_nothing(self, tmp_path):
        page = tmp_path / "a.html"
        document = write_txt(
            [*DOCUMENTS["bangpla"], "<script>alert(1)</script> เทศบาลตำบลบางปลา"], tmp_path / "<b>.txt"
        )
        assert run("audit", document, "--html", page).exit_code == 1
        text = page.read_text(encoding="utf-8")
        assert "เทศบาลตำบลบางปลา" in text
        assert "ขัดกับตัวเลขอื่น" in text
        assert "http" not in text
        assert "<script" not in text
        assert "<b>" not in text.replace("<b>7</b>", "").replace("<b>", "<b>", 0).split("<ul")[0]

    def test_a_page_that_cannot_be_written(self, tmp_path):
        result = run("audit", SAMPLES / "lumphuek-2564.docx", "--html", tmp_path / "no" / "a.html")
        assert result.exit_code == 2
        assert "บันทึก" in result.stderr

    def test_another_year_by_hand(self):
        result = run("audit", "--json", "--framework", "2563", SAMPLES / "lumphuek-2564.docx")
        years = {f["fiscal_year"] for f in json.loads(result.stdout)["documents"][0]["figures"]}
        assert years == {2563}

    @pytest.mark.parametrize("year", ["2599", "abc"])
    def test_a_year_that_is_not_there(self, year):
        result = run("audit", "--framework", year, SAMPLES / "lumphuek-2564.docx")
        assert result.exit_code == 2
        assert "2568" in result.stderr

    def test_a_text_without_scores_says_so(self, tmp_path):
        result = run("audit", write_txt(["ประกาศวันหยุด"], tmp_path / "x.txt"))
        assert result.exit_code == 0
        assert "ไม่พบคะแนน" in result.stdout

    def test_everything_on_request(self):
        few = run("audit", SAMPLES / "lumphuek-2564.docx").stdout
        many = run("audit", "--all", SAMPLES / "lumphuek-2564.docx").stdout
        assert "12.50" not in few
        assert "12.50" in many


class TestFramework:
    def test_list(self):
        out = run("framework", "list").stdout
        lines = {line.split()[0]: line for line in out.splitlines()[2:]}
        assert list(lines) == [str(year) for _, year in rules.available()]
        for year, line in lines.items():
            assert ("ฉบับชั่วคราว (ยังไม่มีประกาศ)" in line) is rules.load(rules.NATIONAL, int(year)).is_provisional
            assert ("ประกาศแล้ว" in line) is not rules.load(rules.NATIONAL, int(year)).is_provisional

    @pytest.mark.parametrize(
        ("node", "said"),
        [
            ("O6", "ความก้าวหน้า"),
            ("i1", "มาตร level6"),
            ("e1", "EIT1/e1"),
            ("9", "ค่าเฉลี่ยของตัวชี้วัดย่อย"),
            ("EIT1/6", "EIT1/e1"),
            ("overall", "40.00%"),
            ("o27", "O27"),
        ],
    )
    def test_show_a_node(self, node, said):
        assert said in run("framework", "show", "2568", node).stdout

    def test_show_a_year(self):
        out = run("framework", "show", "2568").stdout
        assert "ผ่านดีเยี่ยม" in out
        assert "อนุมาน" in out

    @pytest.mark.parametrize("node", [[], ["IIT"], ["O20"]])
    def test_provisional_rules_say_so(self, node):
        assert "ฉบับชั่วคราว (ยังไม่มีประกาศ)" in run("framework", "show", "2569", *node).stdout
        assert "ชั่วคราว" not in run("framework", "show", "2568", *node).stdout

    def test_show_what_is_not_there(self):
        assert run("framework", "show", "2568", "O99").exit_code == 2
        assert run("framework", "show", "2599").exit_code == 2

    def test_check(self, tmp_path):
        assert run("framework", "check").exit_code == 0
        folder = tmp_path / "2568"
        shutil.copytree(rules.root() / "ita" / "2568", folder)
        path = folder / "framework.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("weight: 3000", "weight: 1"), encoding="utf-8")
        result = run("framework", "check", folder)
        assert result.exit_code == 1
        assert "น้ำหนักรวม" in result.stdout
        assert "วิธีแก้" in result.stdout

    def test_diff(self):
        out = run("framework", "diff", "2568", "2566").stdout  # in either order
        assert "จากปี 2566 ถึงปี 2568" in out
        assert "เดิมคือ" in out
        assert "ชั่วคราว" not in out

    def test_diff_with_provisional_rules(self):
        out = run("framework", "diff", "2568", "2569").stdout
        assert "ฉบับชั่วคราว" in out
        assert "จำนวนข้อเปลี่ยนจาก 28 เป็น 26" in out
        assert "ต่อจาก O10, O11" in out
        assert "ไม่มีสิ่งใดเปลี่ยน" in run("framework", "diff", "2569", "2570").stdout


class TestRulesWithoutYaml:
    def test_a_year_is_begun_changed_in_a_workbook_and_compared(self, tmp_path):
        folder, book = tmp_path / "ita" / "2571", tmp_path / "rules.xlsx"
        assert run("framework", "new", "2571", folder, "--from", "2570").exit_code == 0
        assert run("framework", "check", folder).exit_code == 0
        assert "ไม่มีสิ่งใดเปลี่ยน" in run("framework", "diff", "2570", folder).stdout
        assert run("framework", "export", folder, book).exit_code == 0
        sheets = openpyxl.load_workbook(book)
        sheets["เครื่องมือ"]["F3"], sheets["เครื่องมือ"]["F6"] = 25, 45
        sheets.save(book)
        changed = tmp_path / "changed" / "2571"
        assert run("framework", "import", book, changed, "--previous", "2570").exit_code == 0
        out = run("framework", "diff", folder, changed).stdout
        assert "น้ำหนักของ IIT เปลี่ยนจาก 30% เป็น 25%" in out

    def test_a_year_begun_over_another_continues_what_became_of_its_items(self, tmp_path):
        assert run("framework", "new", "2568", tmp_path / "2568", "--from", "2566").exit_code == 0
        items = {i.id: i.continues for i in rules.load_folder(tmp_path / "2568").items.values()}
        assert items["O5"] == ("O4",)  # the contact details are O4 in the year between

    def test_another_assessment_begins_without_a_year_before(self, tmp_path):
        folder = tmp_path / "kku" / "2571"
        assert run("framework", "new", "2571", folder, "--from", "2570", "--assessment", "kku").exit_code == 0
        begun = rules.load_folder(folder)
        assert begun.assessment == "kku"
        assert not any(item.continues for item in begun.items.values())

    def test_a_workbook_is_checked_with_its_cases_against_the_year_before(self, tmp_path):
        book = tmp_path / "rules.xlsx"
        run("framework", "export", "2569", book)
        sheets = openpyxl.load_workbook(book)
        assert sheets["ข้อของปีก่อน"]["A3"].value == "i1"
        sheets["ข้อคำถาม"]["H3"] = "i99"
        sheets.save(book)
        assert "ข้อคำถาม:H3" in run("framework", "import", book, tmp_path / "a").stdout
        sheets["ข้อคำถาม"]["H3"] = "i2"
        sheets["ระดับ"]["M4"] = "จดไว้"
        sheets.save(book)
        result = run("framework", "import", book, tmp_path / "b")
        assert result.exit_code == 0  # cautions are shown and stop nothing
        assert "ควรตรวจดู" in result.stdout
        assert "other-previous-item" in result.stdout
        assert rules.load_folder(tmp_path / "b").items["i1"].continues == ("i2",)
        sheets["ตัวอย่างคำนวณ"]["D3"] = "overall=1"
        sheets.save(book)
        assert "case-score" in run("framework", "import", book, tmp_path / "c").stdout
        assert not (tmp_path / "c").exists()

    def test_check_runs_the_worked_cases(self, tmp_path):
        folder = tmp_path / "ita" / "2568"
        rules.write_folder(rules.load(rules.NATIONAL, 2568), folder)
        assert run("framework", "check", folder).exit_code == 0
        cases = folder / "cases" / "cases.yaml"
        cases.write_text(cases.read_text(encoding="utf-8").replace("96.0445", "96.0446"), encoding="utf-8")
        result = run("framework", "check", folder)
        assert result.exit_code == 1
        assert "case-score" in result.stdout
        assert "cases/cases.yaml:" in result.stdout

    def test_cautions_are_shown_and_end_with_0(self, tmp_path):
        folder = tmp_path / "ita" / "2571"
        run("framework", "new", "2571", folder, "--from", "2570")
        main = folder / "framework.yaml"
        main.write_text(main.read_text(encoding="utf-8").replace("พ.ศ. 2571", "พ.ศ. 2570", 1), encoding="utf-8")
        result = run("framework", "check", folder)
        assert result.exit_code == 0
        assert "ใช้ได้ มีข้อควรตรวจดู 1 ข้อ" in result.stdout
        assert "year-left-over" in result.stdout

    def test_words_are_counted_and_shown_on_request(self, tmp_path):
        folder = tmp_path / "2571"
        run("framework", "new", "2571", folder, "--from", "2570")
        main = folder / "survey-items.yaml"
        main.write_text(main.read_text(encoding="utf-8").replace("defect: ", 'defect: "ใหม่"  # ', 1), encoding="utf-8")
        assert "แก้ถ้อยคำ 1 แห่ง: ข้อแนะนำ 1" in run("framework", "diff", "2570", folder).stdout
        assert "ข้อคำถาม i1 จุดที่ต้องพัฒนา" in run("framework", "diff", "2570", folder, "--words").stdout

    def test_a_wrong_workbook_writes_nothing(self, tmp_path):
        book = tmp_path / "rules.xlsx"
        run("framework", "export", "2569", book)
        sheets = openpyxl.load_workbook(book)
        sheets["เครื่องมือ"]["F3"] = 101
        sheets.save(book)
        result = run("framework", "import", book, tmp_path / "out")
        assert result.exit_code == 1
        assert "เครื่องมือ:F3" in result.stdout
        assert not (tmp_path / "out").exists()

    def test_a_year_begins_from_an_earlier_one(self, tmp_path):
        result = run("framework", "new", "2569", tmp_path / "x", "--from", "2570")
        assert result.exit_code == 2
        assert "ไม่อยู่หลังปี 2570" in result.output

    def test_nothing_is_overwritten(self, tmp_path):
        (tmp_path / "a.txt").touch()
        assert run("framework", "new", "2571", tmp_path, "--from", "2570").exit_code == 2

    @pytest.mark.django_db
    def test_the_difference_to_an_edition_of_this_installation(self, tmp_path, monkeypatch):
        framework = rules.load(rules.NATIONAL, 2570)
        changed = replace(framework.rules, target=replace(framework.rules.target, points=80))
        edition = store_edition(framework=rules.restore(rules.as_data(changed)), by=None)
        monkeypatch.setenv("PRONGSAI_DATA", str(tmp_path))
        missing = run("framework", "diff", "2569", edition.digest[:12])
        assert missing.exit_code == 2
        assert "ไม่มีหลักเกณฑ์ที่มีรหัสกำกับ" in missing.output
        assert not list(tmp_path.iterdir())
        (tmp_path / "prongsai.sqlite3").touch()  # the database of the tests stands in for it
        result = run("framework", "diff", "2569", edition.digest[:12])
        assert result.exit_code == 0, result.output
        assert "80" in result.output

    def test_rules_are_rehearsed_on_last_years_inputs(self, tmp_path):
        (tmp_path / "in").mkdir()
        folder, out = write(tmp_path / "in", *random_year("2568", 5)), tmp_path / "agencies.csv"
        result = run("framework", "rehearse", "2569", "--on", folder, "--out", out)
        assert result.exit_code == 0
        assert "หลักเกณฑ์ปี 2569 กับข้อมูลปี 2568" in result.stdout
        assert "ไม่มีข้อมูลเดิมรองรับ" in result.stdout
        assert "total_low" in out.read_text(encoding="utf-8-sig")
        book = tmp_path / "changes.xlsx"
        groups = tmp_path / "groups.csv"
        groups.write_text("รหัส,จังหวัด\nA1,เชียงใหม่\n", encoding="utf-8")
        grouped = run("framework", "rehearse", "2569", "--on", folder, "--out", book, "--groups", groups)
        assert grouped.exit_code == 0, grouped.output
        assert "จังหวัด" in grouped.output
        assert "ตัวชี้วัดที่ขยับคะแนนรวมเฉลี่ย" in grouped.output
        (head, *rows) = openpyxl.load_workbook(book).active.iter_rows(values_only=True)
        assert head[0] == "agency"
        assert rows
        groups.write_text("รหัส\nA1\n", encoding="utf-8")
        assert run("framework", "rehearse", "2569", "--on", folder, "--groups", groups).exit_code == 2
        assert run("framework", "rehearse", "2569", "--on", tmp_path / "nothing").exit_code == 2
        assert run("framework", "rehearse", "2569", "--on", folder, "--out", tmp_path / "x.doc").exit_code == 2
        later = run("framework", "rehearse", "2567", "--on", folder, "--from", "2568")
        assert later.exit_code == 2
        assert "ซ้อม ita/2567 กับข้อมูลของ ita/2568 ไม่ได้" in later.stderr

    def test_a_digest_names_an_edition(self):
        digest = rules.load(rules.NATIONAL, 2568).digest
        assert "จากปี 2568 ถึงปี 2569" in run("framework", "diff", digest[:12], "2569").stdout
        assert run("framework", "diff", "0" * 12, "2569").exit_code == 2


class TestScore:
    @pytest.fixture
    def folder(self, tmp_path):
        return write(tmp_path, *random_year("2568", 5))

    def test_a_small_round_is_shown(self, folder):
        result = run("score", "2568", folder)
        assert result.exit_code == 0
        assert "4 หน่วยงาน" in result.stdout
        assert "หน่วยงาน 0" in result.stdout

    def test_a_doubtful_rule_is_scored_both_ways(self, folder):
        said = [line for line in run("score", "2568", folder).stdout.splitlines() if "หากอ่านว่า" in line]
        assert len(said) == len(rules.load("ita", 2568).readings) > 0

    @pytest.mark.parametrize("kind", ["parquet", "csv"])
    def test_the_result_is_saved(self, folder, tmp_path_factory, kind):
        out = tmp_path_factory.mktemp("out") / f"scores.{kind}"
        assert run("score", "2568", folder, "--out", out).exit_code == 0
        if kind == "parquet":
            assert pq.read_table(out).num_rows == 4 * 90
        else:
            assert out.read_bytes().startswith(b"\xef\xbb\xbf")

    def test_another_engine(self, folder):
        assert run("score", "2568", folder, "--engine", "polars://").stdout == run("score", "2568", folder).stdout

    def test_what_is_wrong_is_said_in_one_go(self, folder):
        (folder / "answers-IIT.parquet").write_bytes(b"x")
        result = run("score", "2568", folder)
        assert result.exit_code == 2
        assert "answers-IIT.parquet" in result.stderr
        assert run("score", "2568", folder / "nowhere").exit_code == 2
        assert run("score", "2568", folder, "--engine", "nonsense://").exit_code == 2


def test_a_clone_without_its_fonts_says_what_to_run(monkeypatch, tmp_path):
    monkeypatch.setattr("prongsai.web.assets.FONTS", tmp_path)
    result = CliRunner().invoke(app, ["migrate"])
    assert result.exit_code == 2
    assert "prongsai.web.assets" in result.output
