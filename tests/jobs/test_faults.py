"""A short run of ``make faults``: kills under load, and everything that was acknowledged is there, once."""

from tests import faults


def test_what_was_acknowledged_is_stored_once(tmp_path):
    figures = faults.run_kills(tmp_path, kills=4, seconds=1, report=lambda _: None)
    assert figures["answers acknowledged"] > 10
    assert figures["filings acknowledged"]
    assert figures["plan edits acknowledged"]
    assert (figures["imports"], figures["batches"]) == (2, 1)
