"""Where a line of Thai, or a web address, may end."""

from prongsai.lib.lines import parts

ADDRESS = "https://www.prongsai.go.th/data-sets/?year=2570&kind=a//b"


def test_a_web_address_may_end_after_its_parts_and_never_inside_its_beginning():
    assert parts(ADDRESS) == ["https://www.prongsai.go.th/", "data-", "sets/?", "year=", "2570&", "kind=", "a//", "b"]
    assert parts("www.a/b.th") == ["www.a/b.th"]
    assert parts("แผน/ผล") == ["แผน/ผล"]
