"""What a reader of a result has to know of how its answers came in."""

import ibis

from prongsai.scoring.pipeline import read_collection

COLUMNS = ("agency", "instrument", "open_link", "answers", "population")


def read(*rows):
    table = ibis.memtable([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    return read_collection(table, {"IIT", "EIT1"})


def test_an_open_link_and_more_answers_than_people_are_marked_and_nothing_else():
    assert read(
        ("A1", "IIT", True, 4, 3),
        ("A1", "EIT1", False, 9, 8),
        ("B2", "IIT", True, 1, 3),
        ("C3", "IIT", False, 3, 3),  # neither
        ("D4", "EIT2", True, 9, 3),  # of a survey that the rules do not have
    ) == {
        "A1": {"IIT": {"open_link": True, "above_population": True}, "EIT1": {"above_population": True}},
        "B2": {"IIT": {"open_link": True}},
    }


def test_a_link_that_nobody_used_marks_nothing_and_no_population_is_never_exceeded():
    assert read(("A1", "IIT", True, 0, 3), ("B2", "EIT1", False, 9_000, None)) == {}
    assert read_collection(None, {"IIT"}) == {}
