"""Differences of two texts, as properties of any texts, and in Thai words."""

from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.links.comparison import _CONTEXT, MAX_ROWS, compare_texts

lines = st.lists(
    st.sampled_from(["กข", "กขค ๑๒", "กขค ๑๓", "ab 12", "ab 13", "x", "แผนจัดซื้อ 2567", "แผนจัดจ้าง 2568"]), max_size=14
)


def side(rows, place):
    """The lines of one side, without those in gaps."""
    return ["".join(words for _, words in row[place]) for row in rows if row[0] != "gap" and row[place]]


@settings(max_examples=40)
@given(lines, lines)
def test_nothing_is_lost_and_only_differences_are_marked(before, after):
    rows = compare_texts("\n".join(before), "\n".join(after))
    hidden = sum(int(row[1][0][1]) for row in rows if row[0] == "gap")
    assert len(side(rows, 1)) + hidden == len(before)
    assert len(side(rows, 2)) + hidden == len(after)
    assert set(side(rows, 1)) <= set(before)
    assert set(side(rows, 2)) <= set(after)
    for kind, stored, live in rows:
        if kind == "changed":
            assert "".join(w for d, w in stored if not d) == "".join(w for d, w in live if not d)
    differs = any(kind not in ("same", "gap") for kind, _, _ in rows)
    assert differs == (before != after)


def test_words_that_changed_are_marked_in_their_line():
    ((kind, stored, live),) = compare_texts("งบประมาณ 1,200 บาท ประจำปี 2567", "งบประมาณ 1,250 บาท ประจำปี 2568")
    assert kind == "changed"
    assert [words for differs, words in stored if differs] == ["200", "2567"]
    assert [words for differs, words in live if differs] == ["250", "2568"]


def test_equal_lines_far_away_are_a_gap_and_endless_differences_are_cut():
    same = [f"บรรทัด {n}" for n in range(40)]
    rows = compare_texts("\n".join([*same, "เดิม"]), "\n".join([*same, "xyz"]))
    assert [row[0] for row in rows] == ["gap", *["same"] * _CONTEXT, "removed", "added"]
    endless = compare_texts("\n".join(f"a{n}" for n in range(900)), "\n".join(f"ข{n}" for n in range(900)))
    assert (len(endless), endless[-1][0]) == (MAX_ROWS + 1, "cut")
