"""Short runs of ``make faults``: kills under load and races; everything that was acknowledged is there, once."""

from tests import faults


def silent(_):
    pass


def test_what_was_acknowledged_is_stored_once(tmp_path):
    figures = faults.run_kills(tmp_path, kills=4, seconds=1, report=silent)
    assert figures["answers acknowledged"] > 10
    assert figures["filings acknowledged"]
    assert figures["plan edits acknowledged"]
    assert (figures["imports"], figures["batches"]) == (2, 1)


def test_whoever_presses_at_the_same_moment(tmp_path):
    figures = faults.run_races(tmp_path, races=2, report=silent)
    assert figures["two officers"] == {"302, 409": 2}
    assert figures["double clicks acknowledged"] == 2
    assert figures["publications"]["failed"] == 0
    assert figures["answers refused because it was sealed"] < 8
