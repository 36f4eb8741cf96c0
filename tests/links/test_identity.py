"""Weighing what a page is: no phrase decides, sketches compare, and what is expected of a page arrives with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.links import Answer, Expected, Identity, Target, check_targets
from prongsai.links.addresses import parse_url
from prongsai.links.classify import Evidence, RedirectChain, classify
from prongsai.links.content import _restore, answer_body
from prongsai.links.fetch import Response
from prongsai.links.identity import CERTAIN, KINDS, decide, models, prepare, weigh
from prongsai.links.model import HARMLESS
from prongsai.links.traits import cover, likeness, measure_topics, shingles_of, sketch, squeeze
from prongsai.links.vocabulary import TOPICS
from tests.evidence.themes import THEMES, site_page
from tests.evidence.world import World

from .fake_web import page

TERMS = sorted({term for terms in TOPICS.values() for term in terms})


def observe(world, title, body, theme=None, url=None):
    """The state of a page of an agency's site, without network or sandbox."""
    expected = world.expected()
    reply = site_page(world, title, body, theme)
    fields = answer_body(reply.body.encode(), "text/html", "text/html", 1, world.host, prepare(expected))
    response = Response(200, [], "", [], body=reply.body.encode(), body_read=True)
    chain = RedirectChain([parse_url(url or f"https://{world.host}/ita/page")], [])
    return classify(Evidence(response, _restore(fields, []), chain, owner_hosts=(world.host,), expected=expected))


@pytest.mark.parametrize("theme", THEMES[:2], ids=lambda t: t.__name__)
def test_no_phrase_decides(theme):
    """Any one term of the vocabulary, in the title and the text of a good page: it stays, or a person is asked."""
    world = World("a page like any other")
    body = f"<h2>{world.label} ปี {world.year}</h2>{world.content()}{world.paragraphs(2)}"
    asked = 0
    for term in TERMS:
        state, code = observe(world, f"{world.label} {term}", f"<p>{term}</p>{body}", theme)
        assert state in HARMLESS, (term, state, code)
        asked += state == "review"
    assert asked <= len(TERMS) / 20


def test_without_the_alarming_page_the_same_words_are_harmless():
    world = World("words")
    calm = f"<h2>{world.label} {world.year}</h2>{world.content()}{world.paragraphs(3)}"
    assert observe(world, f"404/{world.year} คำสั่ง {world.label}", calm)[0] in HARMLESS
    assert observe(world, world.name, "<p>ไม่พบหน้าที่ท่านต้องการ ไฟล์อาจถูกย้ายหรือลบ กลับหน้าแรก</p>")[0] in (
        "soft_404",
        "review",
    )


def test_doubt_goes_to_a_person_and_certainty_does_not():
    """The thresholds: little is enough to ask about a hijacked page, much is needed to call one missing."""

    def decided(**chances):
        rest = 1 - sum(chances.values())
        shares = {"content": rest} | chances if "content" not in chances else chances
        kind = max(shares, key=shares.__getitem__)
        sure = Answer("yes", 90, 0.9)
        identity = Identity(kind, shares, sure, sure, sure)
        return (decide(identity, {"expected": 1.0}) or ("ok", ""))[0]

    assert decided(not_found=0.1) == "ok"
    assert decided(hijacked=0.2) == "review"
    assert decided(hijacked=CERTAIN) == "hijacked"
    assert decided(not_found=0.6) == "review"
    assert decided(not_found=CERTAIN) == "soft_404"
    assert decided(not_found=0.5, fault=0.45) == "soft_404"  # whichever it is, there is no page
    assert decided(not_found=0.5, sign_in=0.45) == "review"
    assert decided(shell=0.5, fault=0.3) == "review"


def test_chances_are_of_all_classes_and_add_up():
    model = models()["page"]
    assert set(model.outcomes) == set(KINDS)
    chances = weigh(model, {"gambling.text": 1.0, "unknown": 5.0})
    assert sum(chances.values()) == pytest.approx(1)
    assert chances["hijacked"] > weigh(model, {})["hijacked"]


words = st.text(alphabet="กขคงจabc ", min_size=1, max_size=12)


@given(st.sets(words, max_size=80), st.sets(words, max_size=80))
def test_likeness_is_that_of_sets(one, other):
    assert likeness(sketch(one), sketch(one)) == (1.0 if one else 0.0)
    assert likeness(sketch(one), sketch(other)) == likeness(sketch(other), sketch(one))
    assert 0.0 <= likeness(sketch(one), sketch(other)) <= 1.0
    if not one & other:
        assert likeness(sketch(one), sketch(other)) == 0.0


@given(st.text(alphabet="กาขเค งจabc", min_size=1, max_size=40), words)
def test_a_phrase_covers_itself_however_it_is_broken(phrase, rest):
    shingles = shingles_of(phrase)
    assert 0.0 <= cover(shingles, squeeze(rest)) <= 1.0
    if squeeze(phrase):
        assert cover(shingles, squeeze("\n".join(f"{rest} {phrase} {rest}"))) == pytest.approx(1.0)


def test_a_latin_term_is_a_word_and_no_part_of_one():
    assert measure_topics("the slot is here")["gambling"][0] > 0
    assert "gambling" not in measure_topics("two slotted screws")


def test_what_is_expected_survives_the_file_in_which_targets_wait(web):
    """More targets of one host than are in memory: the last ones are judged by what was expected of them too."""
    web.routes["a.test"] |= {f"/p{n}": page(title=f"เรื่องที่ {n}") for n in range(120)}
    seen = {"menu": [1, 2], "structure": [3], "lines": [4]}
    targets = [
        Target(
            n,
            web.url("a.test", f"/p{n}"),
            ("a.test",),
            expected=Expected(labels=(f"เรื่องที่ {n}",), years=(n,), site=(seen,)),
        )
        for n in range(120)
    ]
    features = [o.features for o in check_targets(targets, web.policy())]
    assert len(features) == 120
    assert all(f["expected"] and f["site"] and f["subject.title"] == 1.0 and "year.none" in f for f in features)
