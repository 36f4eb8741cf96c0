"""Calls do not ask the system for memory again and again, however deep they are nested."""

import resource

from prongsai import wsgi
from prongsai.lib.call_stack import with_room
from tests import conftest

TIMES = 400


def claim_more():
    """A frame larger than those of ``count_pages_at``: at some depth it does not fit behind them."""


claim_more.__code__ = claim_more.__code__.replace(co_stacksize=100)


def count_pages_at(depth):
    """Pages of memory that the system hands out while a function is called often, at a depth."""
    if depth:
        return count_pages_at(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(TIMES):
        claim_more()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def most_pages():
    return max(map(count_pages_at, range(300)))


def test_no_call_asks_for_memory_each_time():
    assert with_room(most_pages)() < TIMES / 2


def test_the_site_and_the_tests_have_room():
    assert wsgi.application.__code__ == conftest.run_test.__code__ == with_room(most_pages).__code__
