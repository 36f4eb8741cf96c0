"""Each score over the years beside its peers, and two scores of many against each other."""

import dataclasses
from collections import Counter
from decimal import Decimal

import numpy as np
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from prongsai import framework
from prongsai.registry.models import Agency
from prongsai.results import actions, queries
from prongsai.results.models import PublishedResult
from prongsai.web.situations import load_situations
from prongsai.web.views import exploring
from tests.conftest import sample_year


@pytest.fixture
def many(people, nation, parcels):
    """Twelve agencies of one type with published results."""
    actions.publish(
        result_set=actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"]),
        by=people["office"],
    )
    return nation


def read(client, address, **asked):
    answer = client.get(address, asked)
    assert answer.status_code == 200
    return answer.context, html.fromstring(answer.content)


@given(st.lists(st.integers(0, 10_000).map(lambda n: Decimal(n) / 100), min_size=1, max_size=60))
def test_a_band_is_what_another_way_of_counting_gives(scores):
    band = exploring._describe_band(sorted(scores))
    expected = np.percentile([float(s) for s in scores], [10, 25, 50, 75, 90], method="inverted_cdf")
    found = [band.low, band.quarter, band.middle, band.three_quarters, band.high]
    assert [float(s) for s in found] == list(expected)


def test_every_score_stands_beside_its_peers(client, many):
    context, page = read(client, reverse("agency_years", args=["N03"]))
    row = PublishedResult.objects.get(agency__code="N03")
    rules = queries.framework_of_year("ita", many.fiscal_year)
    wanted = [n.id for n in rules.nodes.values() if n.kind in exploring._KINDS and n.id in row.result.shown]
    assert [one.node.id for one in context["series"]] == wanted
    assert len(page.xpath("//svg[@role='img']")) == len(wanted) >= 14
    totals = sorted(PublishedResult.objects.values_list("overall", flat=True))
    overall = context["series"][0]
    assert overall.points == [(many.fiscal_year, Decimal(row.result.shown["overall"]), False)]
    assert overall.above == 100 * sum(total < row.overall for total in totals) // 12
    assert overall.peers == 12
    text = page.text_content()
    assert all(row.result.shown[node] in text for node in wanted)


def test_nine_peers_would_tell_what_each_of_them_has(client, many):
    Agency.objects.filter(code__in=["N00", "N01", "N02"]).update(kind="town")
    exploring._read_peers.cache_clear()
    context, _ = read(client, reverse("agency_years", args=["N03"]))
    assert context["series"][0].bands == {}
    assert context["series"][0].above is None


def test_a_year_whose_rules_changed_is_marked_and_what_continues_nothing_ends(client, published):
    context, _ = read(client, reverse("agency_years", args=["A1"]))
    years = sorted(made.fiscal_year for made in published)
    assert context["years"] == years
    for one in context["series"]:
        assert [year for year, *_ in one.points] in (years, years[1:])
        changed = [year for year, _, changed in one.points if changed]
        assert changed == [int(caution.partition(":")[0]) for caution in one.cautions][::-1]
    shown = {made.fiscal_year: made.results.get().shown for made in published}
    assert [score for _, score, _ in context["series"][0].points] == [Decimal(shown[y]["overall"]) for y in years]
    assert client.get("/agency/nobody/years/").status_code == 404


def test_a_node_follows_what_it_continues(published):
    """Also where it has another name in the year before."""
    newest = max(published, key=lambda made: made.fiscal_year)
    history = [PublishedResult.objects.get(fiscal_year=y) for y in sorted(m.fiscal_year for m in published)]
    rules = [queries.framework_of(row.result.result_set) for row in history]
    compared = exploring.compare_years(rules)
    for node in rules[-1].nodes:
        if node in history[-1].result.shown:
            points, names, _ = exploring._follow(node, history, rules, {})
            before = compared.predecessors.get(node)
            continued = before is not None and before in history[0].result.shown
            assert len(points) == 1 + continued
            assert names.get(history[0].fiscal_year) == (before if continued else None)
    assert newest.fiscal_year == history[-1].fiscal_year


def test_pairs_are_counted_as_another_way_counts_them(client, many):
    address = reverse("score_pairs", args=[many.fiscal_year])
    context, page = read(client, address, x="1", y="9")
    pairs = [(Decimal(r.result.shown["1"]), Decimal(r.result.shown["9"])) for r in PublishedResult.objects.all()]
    step = context["step"]
    expected = Counter(
        (min(int(a // step) * step, 100 - step), min(int(b // step) * step, 100 - step)) for a, b in pairs
    )
    assert context["cells"] == expected
    assert context["count"] == sum(expected.values()) == 12
    assert (context["higher_right"], context["higher_up"]) == (
        sum(a > b for a, b in pairs),
        sum(a < b for a, b in pairs),
    )
    circles = page.xpath("//div[contains(@class, 'pairs')]//circle")
    assert len(circles) == len(expected)
    apart = [row["by"] for row in context["sides"][1][2]]
    assert apart == sorted((b - a for a, b in pairs if b > a), reverse=True)[:10]


def test_pairs_of_a_type_or_province_alone_and_never_fiction_among_them(client, people, nation, parcels):
    address = reverse("score_pairs", args=[nation.fiscal_year])
    made = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    Agency.objects.filter(code="N00").update(province="ขอนแก่น")
    Agency.objects.filter(code="N01").update(kind="town")
    Agency.objects.filter(code__in=["N02", "N03"]).update(fictional=True)
    actions.publish(result_set=made, by=people["office"])
    assert read(client, address)[0]["count"] == 10
    assert read(client, address, province="ขอนแก่น")[0]["count"] == 1
    assert read(client, address, kind="town")[0]["count"] == 1
    assert read(client, address, fictional="1")[0]["count"] == 2


@pytest.mark.parametrize("asked", [{"x": "nothing"}, {"y": "O1"}, {"kind": "shop"}, {"province": "x"}])
def test_what_is_no_axis_and_no_place_is_not_there(client, many, asked):
    assert client.get(reverse("score_pairs", args=[many.fiscal_year]), asked).status_code == 404
    assert client.get(reverse("score_pairs", args=[sample_year() - 100])).status_code == 404


# --- what it means


ABOUT = {  # in the rules of the newest announced year with questions: situations and some of what is about them
    "permit": ("ให้บริการ", "ขอรับบริการ"),
    "tender": ("จัดซื้อจัดจ้าง",),
    "complaint": ("ร้องเรียน",),
    "work": ("ทรัพยากรบุคคล",),
}


@pytest.mark.parametrize("year", [year for _, year in framework.available()])
def test_each_situation_has_items_of_every_year_and_most_items_are_of_one_at_most(year):
    rules = framework.load("ita", year)
    items = [n for n in rules.nodes.values() if n.kind == "item"]
    for name, situation in load_situations().items():
        found = situation.find_nodes(rules)
        assert found, (year, name)
        assert len(found) < len(items) / 2
        texts = " ".join(node.label.th for node in found)
        assert any(word in texts for word in ABOUT[name]), (year, name, texts)


def test_what_a_result_means_says_the_scores_of_its_items_and_how_many_are_weak(client, many):
    address = reverse("what_it_means", args=["N03", many.fiscal_year])
    context, page = read(client, address)
    shown = PublishedResult.objects.get(agency__code="N03").result.shown
    rules = queries.framework_of_year("ita", many.fiscal_year)
    for one in context["found"]:
        nodes = [n.id for n in one["situation"].find_nodes(rules) if n.id in shown]
        assert sorted(node.id for _, node, _ in one["known"]) == sorted(nodes) != []
        assert [score for score, *_ in one["known"]] == sorted(Decimal(shown[node]) for node in nodes)
        assert one["below"] == sum(Decimal(shown[node]) < 85 for node in nodes)
    assert "≈" in page.text_content()
    assert client.get(reverse("what_it_means", args=["N03", many.fiscal_year - 50])).status_code == 404


def test_a_situation_that_no_score_is_about_says_so(client, published, monkeypatch):
    nothing = dataclasses.replace(load_situations()["permit"], words=("ไม่มีคำนี้ในหลักเกณฑ์",))
    monkeypatch.setattr(exploring, "load_situations", lambda: {"permit": nothing})
    _, page = read(client, reverse("what_it_means", args=["A1", sample_year()]))
    assert page.text_content().count("ไม่มีคะแนนรายข้อของเรื่องนี้") == 1
