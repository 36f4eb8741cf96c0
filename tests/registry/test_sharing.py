"""Sharing agencies out: whatever the tasks, the promises at the head of ``registry.sharing`` hold."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.registry.sharing import Reason, Task, Worker, share

ASSESSORS = st.integers(1, 8)


@st.composite
def jobs(draw):
    people = list(range(1, draw(ASSESSORS) + 1))
    some = st.frozensets(st.sampled_from(people))
    tasks = [
        Task(
            agency,
            draw(st.integers(0, 4)),
            draw(st.integers(1, 5)),
            draw(some),
            draw(st.one_of(st.just(frozenset()), some)),
            draw(st.one_of(st.none(), st.sampled_from(people))),
            draw(st.one_of(st.none(), some)),
        )
        for agency in range(100, 100 + draw(st.integers(0, 40)))
    ]
    workers = [
        Worker(
            who,
            draw(st.integers(0, 30)),
            draw(st.one_of(st.none(), st.integers(0, 40))),
            tuple(draw(st.lists(st.integers(0, 4), max_size=3))),
        )
        for who in people
    ]
    return tasks, workers, draw(st.integers(0, 50))


def loads_of(tasks, workers, sharing):
    load = {w.assessor: w.load for w in workers}
    for task in tasks:
        if task.agency in sharing.assigned:
            load[sharing.assigned[task.agency]] += task.weight
    return load


@settings(max_examples=300, deadline=None)
@given(jobs())
def test_the_promises(made):
    tasks, workers, slack = made
    sharing = share(tasks, workers, slack=slack)
    limits = {w.assessor: w.limit for w in workers}
    load = loads_of(tasks, workers, sharing)

    def can_take(who, task):
        return task.is_open_to(who) and (limits[who] is None or load[who] + task.weight <= limits[who])

    assert sharing.assigned.keys() | sharing.left.keys() == {t.agency for t in tasks}
    assert not sharing.assigned.keys() & sharing.left.keys()
    for task in tasks:
        who = sharing.assigned.get(task.agency)
        if who is None:
            assert not any(can_take(w.assessor, task) for w in workers)
            free = [w.assessor for w in workers if w.assessor not in task.conflicts]
            able = [a for a in free if task.speakers is None or a in task.speakers]
            if able:
                expected = Reason.LIMIT if set(able) - task.avoided else Reason.EARLIER
            else:
                expected = Reason.LANGUAGE if free else Reason.CONFLICT
            assert sharing.left[task.agency] == expected
            continue
        assert who not in task.conflicts | task.avoided
        assert task.speakers is None or who in task.speakers
        for w in workers:  # nobody else could take it and be better off by more than the bound
            if w.assessor != who and can_take(w.assessor, task):
                assert load[who] - load[w.assessor] <= sharing.bound
    for w in workers:
        if w.limit is not None and load[w.assessor] > w.load:
            assert load[w.assessor] <= w.limit
    mixed = random.Random(3)
    again = share(mixed.sample(tasks, len(tasks)), mixed.sample(workers, len(workers)), slack=slack)
    assert (again.assigned, again.left) == (sharing.assigned, sharing.left)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4)), max_size=120), ASSESSORS, st.sampled_from([0, 10, 20]))
def test_free_of_conflicts_everybody_has_the_same_up_to_the_bound(drawn, people, slack):
    tasks = [Task(agency, place, weight) for agency, (place, weight) in enumerate(drawn)]
    workers = [Worker(who) for who in range(people)]
    sharing = share(tasks, workers, slack=slack)
    load = loads_of(tasks, workers, sharing).values()
    assert not sharing.left
    even = -(-sum(t.weight for t in tasks) // people)
    assert sharing.bound <= max((t.weight for t in tasks), default=0) + 2 * even * slack // 100
    assert max(load) - min(load) <= sharing.bound


def provinces_apiece(tasks, sharing):
    places = {}
    for task in tasks:
        places.setdefault(sharing.assigned[task.agency], set()).add(task.place)
    return sum(map(len, places.values()))


def test_a_province_stays_with_few():
    """A nation: 77 provinces, 200 assessors. As even as can be, each border and each cut costs one; slack saves
    some."""
    draw = random.Random(8)
    tasks = [Task(agency, draw.randrange(77), draw.choice([1, 1, 1, 2])) for agency in range(8317)]
    workers = [Worker(who) for who in range(200)]
    even, near = (share(tasks, workers, slack=slack) for slack in (0, 20))
    assert provinces_apiece(tasks, even) <= 200 + 76 + 10
    assert provinces_apiece(tasks, near) < provinces_apiece(tasks, even) - 10


def test_who_had_an_agency_last_year_has_it_again_or_never():
    again = [Task(k, k % 3, 1, preferred=k % 4) for k in range(40)]
    assert share(again, [Worker(w) for w in range(4)]).assigned == {k: k % 4 for k in range(40)}
    never = [Task(k, k % 3, 1, avoided=frozenset([k % 4])) for k in range(40)]
    assigned_now = share(never, [Worker(w) for w in range(4)]).assigned
    assert all(assigned_now[k] != k % 4 for k in range(40))
    assert share(never[:1], [Worker(0)]).left == {0: Reason.EARLIER}


def test_who_is_in_a_province_already_gets_more_of_it():
    tasks = [Task(k, k // 10, 1) for k in range(40)]
    workers = [Worker(0, places=(3,)), Worker(1), Worker(2, places=(0,)), Worker(3)]
    assigned_now = share(tasks, workers).assigned
    assert {assigned_now[k] for k in range(10)} == {2}
    assert {assigned_now[k] for k in range(30, 40)} == {0}


def test_nobody_at_all():
    assert share([Task(1, 0, 1)], []).left == {1: Reason.NOBODY}
    assert share([], []).assigned == {}
    assert share([Task(1, 0, 1)], [Worker(5, limit=0)]).left == {1: Reason.LIMIT}
    assert share([Task(1, 0, 1, conflicts=frozenset([5]))], [Worker(5)]).left == {1: Reason.CONFLICT}
    assert share([Task(1, 0, 1, speakers=frozenset([6]))], [Worker(5)]).left == {1: Reason.LANGUAGE}


@pytest.mark.parametrize(("weight", "slack"), [(0, 0), (1, -1), (1, 51)])
def test_nonsense_is_refused(weight, slack):
    with pytest.raises(ValueError, match=r"slack|weight"):
        share([Task(1, 0, weight)], [Worker(1)], slack=slack)
