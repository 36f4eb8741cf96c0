"""The story of an agency's year says nothing that is not in its facts, in either language."""

import re
from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.analysis import story
from prongsai.analysis.story import Facts, Sentence, tell
from prongsai.framework import Label

scores = st.decimals(0, 100, places=2).map(str)
labels = st.sampled_from([Label(th="ดีเลิศ", en="Excellent"), Label(th="การใช้เงินรายได้", en="Use of income")])
invented = st.builds(
    Facts,
    year=st.integers(2560, 2599),
    target=st.integers(50, 95),
    total=st.none() | scores,
    level=st.none() | labels,
    passed=st.none() | st.booleans(),
    place=st.none() | st.integers(1, 9000),
    peers=st.integers(0, 9000),
    before=st.none() | scores,
    points=st.none() | st.decimals(-100, 100, places=2),
    is_like_for_like=st.booleans(),
    count=st.integers(1, 12),
    below=st.integers(0, 12),
    lowest=st.none() | labels,
    lowest_score=st.none() | scores,
    plan=st.none() | st.integers(2560, 2599),
    is_withheld=st.booleans(),
    is_imported=st.booleans(),
)
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def numbers_of(facts):
    values = (getattr(facts, field.name) for field in fields(facts))
    return {
        str(abs(v) if isinstance(v, Decimal) else v) for v in values if not isinstance(v, bool | Label | type(None))
    }


@given(invented)
def test_every_figure_is_one_of_the_facts(facts):
    for sentence in tell(facts):
        for text in (sentence.th, sentence.en):
            assert set(NUMBER.findall(text)) <= numbers_of(facts)
            assert "None" not in text
            assert "{" not in text


@given(invented)
def test_a_story_is_five_to_eight_sentences_each_about_something_else(facts):
    keys = [sentence.key for sentence in tell(facts)]
    assert 5 <= len(keys) <= 8
    assert len(set(keys)) == len(keys)
    assert all(re.search("[ก-๙]", s.th) and not re.search("[ก-๙]", s.en) for s in tell(facts))
    assert keys[-1] in ("imported", "unknown")  # what is not known is always said


@given(invented)
def test_what_is_said_is_so(facts):
    keys = {sentence.key for sentence in tell(facts)}
    can_be_compared = None not in (facts.total, facts.before, facts.points)
    assert ("risen" in keys) == (can_be_compared and facts.is_like_for_like and facts.points > 0)
    assert ("fallen" in keys) == (can_be_compared and facts.is_like_for_like and facts.points < 0)
    assert ("same" in keys) == (can_be_compared and facts.is_like_for_like and facts.points == 0)
    assert ("other_rules" in keys) == (can_be_compared and not facts.is_like_for_like)
    assert ("reached" in keys) == (facts.total is not None and facts.passed is True)
    assert ("not_reached" in keys) == (facts.total is not None and facts.passed is False)
    assert ("peers" in keys) == (facts.total is not None and facts.place is not None and facts.peers > 1)
    assert ("promised" in keys) == (facts.plan is not None)
    assert ("withheld" in keys) == facts.is_withheld
    assert ("all_reached" in keys) == (None not in (facts.lowest, facts.lowest_score) and not facts.below)


@pytest.mark.parametrize(
    ("known", "key"),
    [
        ({"peers": 2}, "peers"),
        ({"peers": 1}, "no_peers"),  # an agency alone has no place among others
        ({"points": Decimal("0.01")}, "risen"),
        ({"points": Decimal("0.00")}, "same"),
        ({"points": Decimal("-0.01")}, "fallen"),
        ({"is_imported": True}, "imported"),
        ({"is_imported": False}, "unknown"),
    ],
)
def test_the_least_that_makes_a_difference(known, key):
    facts = Facts(**{"year": 2568, "target": 85, "total": "86.02", "before": "86.01", "place": 1} | known)
    others = {"peers": {"no_peers"}, "no_peers": {"peers"}, "imported": {"unknown"}, "unknown": {"imported"}}
    keys = {sentence.key for sentence in tell(facts)}
    assert key in keys
    assert not keys & others.get(key, {"risen", "same", "fallen"} - {key})


def test_a_whole_story():
    facts = Facts(
        year=2568,
        target=85,
        total="86.02",
        level=Label(th="ผ่าน", en="Pass"),
        passed=True,
        place=12,
        peers=340,
        before="88.10",
        points=Decimal("-2.08"),
        count=10,
        below=2,
        lowest=Label(th="การใช้งบประมาณ", en="Use of budget"),
        lowest_score="71.50",
        plan=2569,
    )
    sentences = tell(facts)
    assert [s.key for s in sentences] == ["what", "reached", "peers", "fallen", "some_below", "promised", "unknown"]
    assert sentences[0].th == "ปีงบประมาณ พ.ศ. 2568 ได้คะแนนรวม 86.02 คะแนน อยู่ในระดับผ่าน"
    assert sentences[3] == Sentence(
        "fallen",
        "คะแนนรวมลดลง 2.08 คะแนน จาก 88.10 คะแนนในปีก่อน",
        "The total fell by 2.08 points from 88.10 in the year before.",
    )
    assert (
        sentences[4].en == "Of 10 indicators, 2 are below the target; the lowest is “Use of budget”, at 71.50 points."
    )


@pytest.mark.parametrize(
    "text",
    [
        'what:\n  th: "ได้ 5 คะแนน"\n  en: "points"\n',
        'what:\n  th: "ได้ {total}"\n  en: "points"\n',
        'what:\n  th: "ได้ {secret}"\n  en: "{secret}"\n',
        'what:\n  th: "ได้"\n',
        'what:\n  th: "ได้"\n  en: "points"\nwhat:\n  th: "ได้"\n  en: "points"\n',
    ],
)
def test_a_phrase_that_states_a_figure_or_what_nobody_knows_is_refused(text, tmp_path, monkeypatch):
    (tmp_path / "story.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(story, "FILE", tmp_path / "story.yaml")
    with pytest.raises(ValueError, match="what"):
        story.read_phrases.__wrapped__()
