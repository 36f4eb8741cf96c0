"""The kinds of registers, their values, and the disclosure items that they fulfil by the rules of every year."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.improvement.registers import kinds, values
from prongsai.improvement.registers.forms import parse_pasted
from prongsai.improvement.registers.fulfilment import SheetFacts, find_items, find_sheets, fulfil
from prongsai.lib import fiscal, thai
from prongsai.lib.checked_yaml import FileMistakesError
from tests.improvement.sheets import fields_of, values_of

KINDS = kinds.load()
PLAN, RISK, NO_GIFT, GIFTS, ETHICS, EXECUTIVE = KINDS.values()
FRAMEWORKS = {year: rules.load(name, year) for name, year in rules.available() if name == "ita"}


def ids(kind, fiscal_year, rules_year):
    return {
        paper.key: item.id for item, papers in find_items(kind, fiscal_year, FRAMEWORKS[rules_year]) for paper in papers
    }


# what each year's rules ask for, read by a person: kind, year of the sheet, year of the rules, paper, item
ITEMS = [
    (PLAN, 2563, 2563, {"action_plan": "O39", "action_plan_half": "O40"}),
    (PLAN, 2562, 2563, {"action_plan_year": "O41"}),
    (PLAN, 2566, 2566, {"action_plan": "O36", "action_plan_half": "O37"}),
    (PLAN, 2565, 2566, {"action_plan_year": "O38"}),
    (PLAN, 2568, 2568, {"action_plan": "O25"}),
    (PLAN, 2567, 2568, {"action_plan_year": "O26"}),
    (PLAN, 2570, 2570, {"action_plan": "O23"}),
    (PLAN, 2569, 2570, {"action_plan_year": "O24"}),
    (RISK, 2566, 2566, {"risk_table": "O34", "risk_report": "O35"}),
    (RISK, 2567, 2567, {"risk_table": "O30"}),
    (RISK, 2566, 2567, {"risk_report": "O31"}),
    (RISK, 2568, 2568, {"risk_table": "O23"}),
    (RISK, 2567, 2568, {"risk_report": "O24"}),
    (RISK, 2570, 2570, {"risk_table": "O21"}),
    (RISK, 2569, 2570, {"risk_report": "O22"}),
    (NO_GIFT, 2565, 2565, {"no_gift_declaration": "O34"}),
    (NO_GIFT, 2566, 2566, {"no_gift_declaration": "O31", "no_gift_activities": "O32"}),
    (NO_GIFT, 2568, 2568, {"no_gift_declaration": "O21", "no_gift_activities": "O21"}),
    (NO_GIFT, 2570, 2570, {"no_gift_declaration": "O20", "no_gift_english": "O20", "no_gift_activities": "O20"}),
    (NO_GIFT, 2569, 2570, {}),
    (GIFTS, 2565, 2566, {"gift_report": "O33"}),
    (GIFTS, 2566, 2567, {"gift_report": "O29"}),
    (GIFTS, 2567, 2568, {"gift_report": "O22"}),
    (GIFTS, 2569, 2570, {"gift_report": "O20"}),
    (ETHICS, 2564, 2564, {"ethics_report": "O38"}),
    (ETHICS, 2566, 2566, {"ethics_report": "O40"}),
    (ETHICS, 2566, 2567, {"ethics_report": "O21"}),
    (ETHICS, 2568, 2568, {"ethics_report": "O16"}),
    (ETHICS, 2570, 2570, {"ethics_report": "O15"}),
    (EXECUTIVE, 2563, 2563, {"executive_report": "O35"}),
    (EXECUTIVE, 2565, 2565, {"executive_report": "O35"}),
    (EXECUTIVE, 2570, 2570, {}),  # asked for in other items since
]


@pytest.mark.parametrize(("kind", "sheet_year", "rules_year", "expected"), ITEMS)
def test_the_item_is_found_by_the_words_of_the_rules(kind, sheet_year, rules_year, expected):
    assert ids(kind, sheet_year, rules_year) == expected


def states(kind, sheet_year, rules_year, facts):
    """Whether each element of the items is provided; None where it is kept elsewhere."""
    found = fulfil(
        kind,
        sheet_year,
        FRAMEWORKS[rules_year],
        lambda other, year: facts.get((other.key, year)),
        lambda item: range(len(item.elements)),
    )
    return {(i.item.id, e.text[:24]): (e.is_provided if e.by else None, e.missing) for i in found for e in i.elements}


def facts(kind, year, records, *, approved=True, fields=None, nothing=False):
    own = fields_of(kind, year) if fields is None else fields
    return {(kind.key, year): SheetFacts(kind, year, own, records, approved, nothing)}


def test_an_element_is_ticked_where_every_record_has_it():
    whole, part = values_of(PLAN, 1), values_of(PLAN, 2)
    assert all(s[0] for s in states(PLAN, 2570, 2570, facts(PLAN, 2570, [whole, part])).values())
    del part["ends"]
    found = states(PLAN, 2570, 2570, facts(PLAN, 2570, [whole, part]))
    assert found["O23", "ช่วงเวลา"] == (False, ("เดือนที่สิ้นสุด",))
    assert found["O23", "โครงการ/กิจกรรม"] == (True, ())
    part.pop("budget", None)  # an empty budget means none, and the paper says so
    assert states(PLAN, 2570, 2570, facts(PLAN, 2570, [part]))["O23", "งบประมาณ"] == (True, ())
    assert not any(s[0] for s in states(PLAN, 2570, 2570, facts(PLAN, 2570, [])).values())


def test_the_report_of_the_year_needs_its_results():
    planned = values_of(PLAN, 1, stages=("plan",))
    found = states(PLAN, 2569, 2570, facts(PLAN, 2569, [planned]))
    assert found["O24", "ผลแต่ละโครงการ"][0] is False
    assert found["O24", "ผลสัมฤทธิ์ตามเป้า"] == (False, ("ผลสัมฤทธิ์เทียบกับเป้าหมาย",))
    whole = states(PLAN, 2569, 2570, facts(PLAN, 2569, [values_of(PLAN, 1)]))
    assert all(state for state, _ in whole.values())


def test_one_item_is_fulfilled_by_several_registers_of_two_years():
    declared = facts(NO_GIFT, 2570, [values_of(NO_GIFT, 1, topic="knowledge")])
    found = states(NO_GIFT, 2570, 2570, declared)
    report = next(state for (_, text), state in found.items() if text.startswith("รายงานผลตาม"))
    assert report == (False, ("การรับของขวัญหรือประโยชน์อื่นใด ปี 2569",))
    nothing = facts(GIFTS, 2569, [], fields={"nothing": "2026-09-30"}, nothing=True)
    assert all(state for state, _ in states(NO_GIFT, 2570, 2570, declared | nothing).values())
    part = states(NO_GIFT, 2570, 2570, declared | facts(GIFTS, 2569, [], fields={"nothing": "2025-11-12"}))
    assert any("ยืนยันว่าไม่มีให้ถึงสิ้นปี" in " ".join(missing) for _, missing in part.values())
    unconfirmed = facts(GIFTS, 2569, [], fields={})
    assert not all(state for state, _ in states(NO_GIFT, 2570, 2570, declared | unconfirmed).values())


def test_an_element_about_knowledge_needs_an_activity_about_it():
    """The item on ethics asks for activities, and for knowledge of section 128 among them."""
    training = values_of(ETHICS, 1, topic="code")
    text = "อบรมหรือกิจกรรมจริยธรรมใ"
    assert states(ETHICS, 2570, 2570, facts(ETHICS, 2570, [training]))["O15", text] == (
        False,
        ("กิจกรรมเรื่อง “การรับทรัพย์สินหรือประโยชน์อื่นใด (มาตรา 128)”",),
    )
    both = facts(ETHICS, 2570, [training, values_of(ETHICS, 2, topic="benefits")])
    found = states(ETHICS, 2570, 2570, both)
    assert found["O15", text] == (True, ())
    assert found["O15", "ประมวลจริยธรรม"] == (None, ())


def test_a_declaration_is_signed_when_it_is_approved():
    found = states(NO_GIFT, 2570, 2570, facts(NO_GIFT, 2570, [], approved=False))
    assert found["O20", "ประกาศลงนามโดยผู้บริหารส"] == (False, ("การอนุมัติของผู้บริหาร",))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_element_of_the_newest_rules_is_provided_by_a_full_register(kind):
    newest = max(FRAMEWORKS)
    everything = {}
    for other in KINDS.values():
        for year in (newest - 1, newest):
            topics = {"no_gift": ("knowledge", "knowledge"), "ethics": ("code", "benefits")}.get(other.key)
            rows = [values_of(other, n, **({"topic": topics[n - 1]} if topics else {})) for n in (1, 2)]
            everything |= facts(other, year, rows)
    for year in (newest - 1, newest):
        for (item, text), (state, missing) in states(kind, year, newest, everything).items():
            # the code of ethics itself and the team are no records
            assert state or (state is None and kind is ETHICS), (item, text, missing)


# --- values


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("budget", "๒๐,๐๐๐ บาท", "20000.00"),
        ("budget", "ไม่ใช้งบประมาณ", ""),
        ("budget", "1,500.5", "1500.50"),
        ("budget", "-", ""),
        ("starts", "ตุลาคม", "1"),
        ("starts", "ต.ค.", "1"),
        ("starts", "ม.ค. 70", "4"),
        ("starts", "มี.ค. 70", "6"),
        ("starts", "มีนาคม พ.ศ. 2570", "6"),
        ("starts", "กันยายน ๒๕๗๐", "12"),
        ("starts", "๓", "3"),
        ("half_status", "ดำเนินการแล้วเสร็จ", "done"),
        ("half_status", "อยู่ระหว่าง", "doing"),
        ("objective", " ก \r\n\r\n\r\n ข ", "ก\n\n ข"),
        ("project", "สอง\tคำ\nสองบรรทัด", "สอง | คำ สองบรรทัด"),
    ],
)
def test_values_are_understood_as_people_write_them(key, typed, stored):
    assert values.parse(PLAN.column[key], typed, 2570) == (stored, "")


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("budget", "สองหมื่น"),
        ("budget", "1e3x"),
        ("budget", "-5"),
        ("budget", "NaN"),
        ("starts", "ตุลาคม 2571"),
        ("starts", "13"),
        ("starts", "เดือนหน้า"),
        ("half_status", "เสร็จมั้ง"),
        ("project", "ก" * 501),
        ("objective", "ก" * 30_001),
    ],
)
def test_what_is_not_understood_is_refused_with_a_reason(key, typed):
    stored, problem = values.parse(PLAN.column[key], typed, 2570)
    assert (stored, len(problem) > 15) == ("", True)


def test_a_link_cannot_run_a_script():
    link = NO_GIFT.column["evidence"]
    assert values.parse(link, "www.example.go.th/ก", 2570) == ("https://www.example.go.th/ก", "")
    for bad in ("javascript:alert(1)", "javascript://a.b/%0aalert(1)", "data:text/html,x", "http://[", "ftp://a.b/c"):
        assert values.parse(link, bad, 2570)[0].startswith("https://") or values.parse(link, bad, 2570)[1], bad


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_shown_to_type_in_is_stored_again_as_it_was(kind):
    stored = values_of(kind, 7)
    for key, value in stored.items():
        part = kind.column[key]
        assert values.parse(part, values.show_typed(part, value, 2570), 2570) == (value, ""), key
    for key, value in fields_of(kind, 2570).items():
        part = kind.field[key]
        if part.type != "line":  # these have two lines
            assert values.parse(part, values.show_typed(part, value, 2570), 2570) == (value, ""), key


def test_the_level_follows_from_likelihood_and_impact():
    level = RISK.column["level"]
    assert RISK.level_of(level, {"likelihood": "5", "impact": "5"}).key == "extreme"
    assert RISK.level_of(level, {"likelihood": "1", "impact": "1"}).key == "low"
    assert RISK.level_of(level, {"likelihood": "1", "impact": "5"}).key == RISK.matrix.rows[0][4]
    assert RISK.level_of(level, {"likelihood": "5"}) is None
    for row, higher in zip(RISK.matrix.rows, RISK.matrix.rows[1:], strict=False):  # never lower where either is higher
        order = [x.key for x in RISK.matrix.levels]
        assert all(order.index(a) <= order.index(b) for a, b in zip(row, higher, strict=True))
        assert [order.index(a) for a in row] == sorted(order.index(a) for a in row)


# --- pasted tables


def test_a_table_with_titles_is_read_in_any_order():
    text = 'ที่\tเดือนที่สิ้นสุด\tโครงการหรือกิจกรรม\tงบประมาณ\tหมายเหตุ\n๑\tก.ย.\t"อบรม\nสองบรรทัด"\t๕,๐๐๐\tไม่มี\n2\t\tประชุม\t\t\n'
    table = parse_pasted(PLAN, text, 2570)
    assert (table.errors, table.problem, table.unknown) == (0, "", ("หมายเหตุ",))
    assert [row.stored for row in table.rows] == [
        {"ends": "12", "project": "อบรม สองบรรทัด", "budget": "5000.00"},
        {"project": "ประชุม"},
    ]


def test_a_table_without_titles_is_read_in_the_order_of_the_columns():
    cells = ["การสร้างวัฒนธรรมสุจริต", "อบรม", "ให้รู้", "80 คน", "1000", "สำนักปลัด", "ต.ค.", "มี.ค."]
    stored = parse_pasted(PLAN, "\t".join(cells), 2570).rows[0].stored
    assert (stored["project"], stored["budget"], stored["ends"]) == ("อบรม", "1000.00", "6")
    numbered = parse_pasted(PLAN, "1\t" + "\t".join(cells), 2570).rows[0].stored
    assert numbered == stored


def test_each_wrong_cell_is_named():
    text = "โครงการหรือกิจกรรม\tงบประมาณ\tเดือนที่เริ่ม\tเดือนที่สิ้นสุด\nก\tสิบ\tพรุ่งนี้\tก.ย.\nข\t10\tก.ย.\tต.ค."
    table = parse_pasted(PLAN, text, 2570)
    assert [(row.number, [c.part.key for c in row.errors]) for row in table.rows] == [
        (1, ["budget", "starts"]),
        (2, ["ends"]),
    ]
    assert [c.value for c in table.rows[0].errors] == ["สิบ", "พรุ่งนี้"]


def test_a_pasted_month_that_has_not_come_is_named(monkeypatch):
    monkeypatch.setattr("prongsai.improvement.registers.queries.today", lambda: datetime.date(2026, 11, 29))
    table = parse_pasted(GIFTS, "เดือนที่รับ\tของขวัญ ทรัพย์สิน หรือประโยชน์\nพ.ย.\tกระเช้า\nธ.ค.\tปฏิทิน", 2570)
    assert [(row.number, [c.error for c in row.errors]) for row in table.rows] == [
        (1, []),
        (2, ["ยังไม่ถึงเดือนธันวาคม 2569 บันทึกเมื่อเกิดขึ้นแล้ว"]),
    ]


@pytest.mark.parametrize("text", ["", " \n\t\n", "โครงการหรือกิจกรรม\tงบประมาณ", "ก\t1\n" * 301])
def test_what_is_no_table_is_refused_with_a_reason(text):
    assert parse_pasted(PLAN, text, 2570).problem


# --- the files


def test_mistakes_in_a_file_are_named_with_their_line(tmp_path):
    source = (kinds.FOLDER / "risk.yaml").read_text(encoding="utf-8")
    broken = source.replace("{count} เหตุการณ์", "{kount} เหตุการณ์").replace("[low, low, low, medium, medium]", "[low]")
    (tmp_path / "x.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(FileMistakesError) as caught:
        kinds.read(tmp_path / "x.yaml")
    assert "{kount}" in str(caught.value)
    assert "5 แถว แถวละ 5 ช่อง" in str(caught.value)
    (tmp_path / "z.yaml").write_text(source.replace("several: area", "one_with: {area: sea}", 1), encoding="utf-8")
    with pytest.raises(FileMistakesError, match="area: sea"):
        kinds.read(tmp_path / "z.yaml")
    (tmp_path / "y.yaml").write_text(source.replace("type: choice", "type: choise", 1), encoding="utf-8")
    with pytest.raises(FileMistakesError, match=r"y\.yaml บรรทัด \d+: columns > 1 > type"):
        kinds.read(tmp_path / "y.yaml")


def test_keys_of_papers_are_those_of_one_kind_each_and_fit_their_column():
    keys = [paper.key for kind in KINDS.values() for paper in kind.papers]
    assert len(keys) == len(set(keys)) == len(kinds.papers())
    assert all(len(key) <= 20 for key in (*keys, *KINDS))


@pytest.mark.parametrize("year", FRAMEWORKS)
def test_an_item_knows_the_registers_that_fulfil_it_as_they_know_it(year):
    framework = FRAMEWORKS[year]
    by_item = {
        (item.id, kind.key, of) for item in framework.rules.disclosure_items for kind, of in find_sheets(item, year)
    }
    by_kind = {
        (item.id, kind.key, of)
        for kind in KINDS.values()
        for of in (year - 1, year, year + 1)
        for item, _ in find_items(kind, of, framework)
    }
    assert by_item == by_kind


def test_a_tick_holds_from_the_first_day_of_the_year_to_its_day():
    field, year = GIFTS.field["nothing"], 2569
    first, last = fiscal.first_day(year), fiscal.last_day(year)
    for day in (first, first + datetime.timedelta(42), last - datetime.timedelta(1), last):
        stored, problem = values.parse(field, day.isoformat(), year)
        assert (stored, problem) == (day.isoformat(), "")
        assert values.covers_year(stored, year) == (day == last)
        shown = values.show_value(field, stored, year)
        assert (shown == f"ในปีงบประมาณ พ.ศ. {year}") == (day == last)
        assert (thai.date(day) in shown) == (day != last)
    for wrong in ("1", "x", (first - datetime.timedelta(1)).isoformat(), (last + datetime.timedelta(1)).isoformat()):
        assert values.parse(field, wrong, year)[0] == ""
        assert values.parse(field, wrong, year)[1]
    assert values.parse(field, "", year) == ("", "")


@given(kind=st.sampled_from(sorted(KINDS)), month=st.integers(1, fiscal.MONTHS), today=st.integers(0, fiscal.MONTHS))
def test_what_is_reported_has_happened(kind, month, today):
    """Months of a report have begun; those of a plan may be to come."""
    last_day = fiscal.first_day(2570, today) if today else None
    months = [c for c in KINDS[kind].columns if c.type == "month"]
    stored = {c.key: str(month) for c in months}
    refused = {c.key for c in months if c.stage != "plan" and month > today}
    problems = values.find_problems(KINDS[kind], stored, last_day, 2570)
    assert problems.keys() == refused
    assert all(fiscal.month_name(2570, month) in text for text in problems.values())
