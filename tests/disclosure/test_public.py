"""The public pages and the feed; suggested passages, agreement, the office's lists."""

import json

from django.urls import reverse
from lxml import etree

from prongsai.disclosure import actions, queries
from prongsai.disclosure.models import Link, LinkCheck
from prongsai.disclosure.suggest import suggest_passages
from tests.conftest import sample_year
from tests.disclosure.filed import (
    SITE,
    check_due_links,
    content_digest,
    file_and_confirm,
    file_first,
)
from tests.web.test_discovery import find_faults


def test_the_public_sees_only_confirmed_content(client, people, filing, ids):
    url = reverse("oit_page", args=["A1", sample_year()])
    file_first(filing, people["officer"], SITE)
    assert client.get(url).status_code == 404
    check_due_links()
    actions.confirm_filing(
        filing=filing, position="นายก", content_digest=content_digest(filing), by=people["executive"]
    )
    page = client.get(url).content.decode()
    assert f'href="{SITE}/{ids[0]}"' in page
    assert "เปิดได้" in page
    assert ">ผังโครงสร้าง &lt;2568&gt;</a>" not in page
    LinkCheck.objects.update(title="ผังโครงสร้าง <2568>")
    assert (
        ">ผังโครงสร้าง &lt;2568&gt;</a>" in client.get(url).content.decode()
    )  # what the page calls itself, and where it is
    file_first(filing, people["officer"], SITE + "/unconfirmed", revision=1)
    page = client.get(url).content.decode()
    assert "unconfirmed" not in page
    assert f'href="{SITE}/{ids[0]}"' in page
    assert (
        reverse("oit_page", args=["A1", sample_year()]) in client.get(reverse("agency", args=["A1"])).content.decode()
    )


def test_the_page_for_the_agencys_own_website(client, people, filing, ids):
    file_and_confirm(filing, people)
    embed = client.get(reverse("oit_embed", args=["A1", sample_year()]))
    assert "X-Frame-Options" not in embed.headers
    assert "frame-ancestors *" in embed["Content-Security-Policy"]
    page = client.get(reverse("oit_page", args=["A1", sample_year()]))
    assert page["X-Frame-Options"] == "DENY"
    export = client.get(reverse("oit_export", args=["A1", sample_year()]))
    text = export.content.decode()
    assert export["Content-Disposition"].startswith("attachment")
    assert "<link" not in text
    assert "<script" not in text
    assert f"{SITE}/{ids[0]}" in text


def test_the_badge_counts_what_works_and_is_a_picture_alone(client, people, filing):
    address = reverse("oit_badge", args=["A1", sample_year()])
    assert client.get(address).status_code == 404, "nothing is public before the executive confirmed it"
    file_and_confirm(filing, people, items=3)
    Link.objects.filter(pk=Link.objects.first().pk).update(state="dead")
    badge = client.get(address)
    assert badge["Content-Type"] == "image/svg+xml"
    drawing = etree.fromstring(badge.content)
    assert [text.text for text in drawing.findall("{*}text")][1] == "ลิงก์ที่เปิดได้ 2 จาก 3"
    assert not drawing.xpath("//*[local-name()='script' or @*[starts-with(local-name(), 'on')]]")
    english = etree.fromstring(client.get(f"/en{address}").content)
    assert [text.text for text in english.findall("{*}text")][1] == "Links that work: 2 of 3"
    page = client.get(reverse("oit_page", args=["A1", sample_year()])).content.decode()
    assert f'src="{address}"' in page


def test_the_feed_lists_confirmed_changes(client, people, filing, ids):
    import xml.etree.ElementTree as ET

    file_and_confirm(filing, people)
    answer = client.get(reverse("oit_feed", args=["A1", sample_year()]))
    assert answer["Content-Type"].startswith("application/atom+xml")
    titles = [t.text for t in ET.fromstring(answer.content).iter("{http://www.w3.org/2005/Atom}title")]
    assert titles[1:] == [f"{ids[0]}: เพิ่มลิงก์", "ผู้บริหารยืนยัน"]
    file_first(filing, people["officer"], SITE + "/draft", revision=1)
    file_first(filing, people["officer"], SITE + "/final?a=1&b=2", revision=2)
    actions.confirm_filing(
        filing=filing, position="นายก", content_digest=content_digest(filing), by=people["executive"]
    )
    text = client.get(reverse("oit_feed", args=["A1", sample_year()])).content.decode()
    assert "/final?a=1&amp;amp;b=2/" in text  # the feed calls it HTML
    assert "/draft" not in text  # nobody ever confirmed it
    assert find_faults(text.encode()) == []


def test_similar_passages_are_suggested_and_others_are_not():
    text = "หน้าแรก แผนผังโครงสร้าง ของหน่วยงาน ประกอบด้วยสำนักปลัด กองคลัง ติดต่อผ่าน LINE OA ได้ทุกวัน"
    passages = suggest_passages(
        ["แผนผังโครงสร้างหน่วยงาน", "ช่องทางถาม-ตอบสองทาง (live chat, LINE OA)", "ราคากลางของงานจัดซื้อจัดจ้าง"], text
    )
    assert "แผนผังโครงสร้าง" in passages[0].match
    assert "LINE OA" in passages[1].match
    assert passages[2] is None
    assert suggest_passages(["อะไรก็ได้"], "") == [None]


def test_agreement_is_exact():
    from fractions import Fraction

    from prongsai.analysis import agreement

    table = [(100, 100)] * 20 + [(100, 0)] * 5 + [(0, 100)] * 10 + [(0, 0)] * 15
    assert agreement(table).kappa == Fraction(2, 5)  # the textbook example: observed 0.70, by chance 0.50
    assert agreement([]).kappa is None
    assert agreement([(100, 100)] * 9).kappa is None
    assert agreement([(0, 100), (100, 0)]).kappa == -1
    assert queries.format_kappa(Fraction(2, 5)) == "0.40"
    assert queries.format_kappa(Fraction(-1)) == "−1.00"
    assert json.dumps([queries.format_kappa(None)], ensure_ascii=False) == '["–"]'


def test_every_tile_of_the_office_has_its_list(client, people, filing, agencies):
    file_and_confirm(filing, people)
    client.force_login(people["office"])
    url = reverse("oit_nation", args=[sample_year()])

    def listed(show):
        page = client.get(url, {"show": show}).context["page"]
        return {a.code for a in page.object_list}

    everybody = {a.code for a in filing.round.agencies.all()}
    for stage in queries.STAGES:
        there, not_there = listed(stage), listed(f"-{stage}")
        assert len(there) == getattr(queries.round_progress(filing.round), stage)
        assert there | not_there == everybody
        assert not there & not_there
    assert listed("confirmed") == {"A1"}
    assert client.get(url, {"show": "nonsense"}).context["page"] is None
