"""Which request or job the work at hand belongs to, and that quiet work has no identifier."""

import pytest

from prongsai.lib import origin


def test_work_belongs_to_what_began_it_and_to_nothing_afterwards():
    assert (origin.current(), origin.current_request_id()) == (None, "")
    with origin.begin(origin.Origin(request_id="a")) as outer:
        with pytest.raises(ValueError), origin.begin(origin.Origin(request_id="b")):
            assert origin.current_request_id() == "b"
            raise ValueError
        assert origin.current() is outer
        assert origin.current_request_id() == "a"
    assert (origin.current(), origin.current_request_id()) == (None, "")


def test_silenced_work_has_no_identifier():
    """A respondent's answer and a request in the log could else be joined."""
    with origin.begin(origin.Origin(request_id="a")) as work:
        assert not work.is_quiet
        work.silence()
        assert work.is_quiet
        assert origin.current_request_id() == ""
