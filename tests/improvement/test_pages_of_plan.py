"""What the pages of one plan say alike."""

import re

from tests.improvement.plans import url


def test_every_page_of_a_plan_speaks_of_the_rules_of_the_same_year(client, plan, people):
    """Those of the result that it answers: the year in the address is that of the plan."""
    client.force_login(people["officer"])
    said = {}
    for name in ("plan", "plan_edit", "plan_board", "plan_timeline", "plan_outcome", "plan_what_if", "plan_discard"):
        page = client.get(url(name, plan)).content.decode()
        said[name] = re.findall(r"หลักเกณฑ์ปี ([^<]*?) ที่ใช้ในหน้านี้", page)
    assert len({tuple(years) for years in said.values()}) == 1, said
