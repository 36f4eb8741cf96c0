"""Sharing agencies out among assessors: integers in, a proposal out; no database, no clock, no chance.

Interviews are face to face, so agencies lie along one line of neighbouring provinces, and each assessor gets a stretch
of it. A cut between two stretches moves to the border of a province when one is near enough (``slack``). What a
stretch holds that its assessor may not take goes to whoever may and has least; then single agencies move from who has
most to who has least until the promise of balance holds:

    An agency that the proposal gave to one assessor could not go to another who may take it and has room, and leave the
    two further apart than ``bound``: the heaviest agency, and twice the slack of an even share.

Without conflicts, limits or earlier assignments nobody's load is more than ``bound`` above anybody else's. Nobody gets
an agency that is barred to them, nor more than their limit. Whatever nobody can take is named, with the reason."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MAX_SLACK = 50  # percent


class Reason(StrEnum):
    """Why nobody is given an agency."""

    NOBODY = "nobody"  # there is no assessor at all
    CONFLICT = "conflict"  # everybody has a conflict of interest
    LANGUAGE = "language"  # whoever has none does not speak the language of its interviews
    EARLIER = "earlier"  # whoever has none had it last year, which was to be avoided
    LIMIT = "limit"  # whoever may take it has as much as they can


@dataclass(frozen=True)
class Task:
    """An agency to be given to somebody. ``place``: its province's number along the line of provinces. ``conflicts``
    and ``avoided``: assessors who may not have it, and those who had it and shall not again. ``speakers``: who speaks
    the language of its interviews, where that is not everybody's. ``preferred``: who had it last year and shall
    again."""

    agency: int
    place: int
    weight: int
    conflicts: frozenset[int] = frozenset()
    avoided: frozenset[int] = frozenset()
    preferred: int | None = None
    speakers: frozenset[int] | None = None

    def is_understood_by(self, assessor: int) -> bool:
        return self.speakers is None or assessor in self.speakers

    def is_open_to(self, assessor: int) -> bool:
        return assessor not in self.conflicts and assessor not in self.avoided and self.is_understood_by(assessor)


@dataclass(frozen=True)
class Worker:
    """An assessor: the load of what they keep, the most they can have (None: no limit), and the places that they are in
    already, at home or by what they keep, in which they rather get more."""

    assessor: int
    load: int = 0
    limit: int | None = None
    places: tuple[int, ...] = ()


@dataclass(frozen=True)
class Sharing:
    """Who gets which agency, what nobody gets and why, and the bound of balance that holds."""

    assigned: dict[int, int]
    left: dict[int, Reason]
    bound: int


def share(tasks: Sequence[Task], workers: Sequence[Worker], *, slack: int = 0) -> Sharing:
    """Share tasks out. ``slack``: how many percent of an even share a load may stray to keep a province whole. The
    order of tasks and workers makes no difference. Raises ValueError for weights below one or a slack out of range."""
    if not 0 <= slack <= MAX_SLACK:
        raise ValueError(f"slack {slack} is not within 0 to {MAX_SLACK}")
    if any(task.weight < 1 for task in tasks):
        raise ValueError("a weight is below one")
    plan = _Plan(sorted(tasks, key=lambda t: (t.place, t.agency)), sorted(workers, key=lambda w: w.assessor), slack)
    plan.repeat_last_year()
    plan.cut_the_line()
    while plan.place_leftovers() | plan.balance():  # a move may make room for what was left
        pass
    left = {task.agency: plan.find_reason(task) for task in plan.leftovers}
    return Sharing({agency: plan.owner[agency] for agency in sorted(plan.owner)}, left, plan.bound)


@dataclass
class _Plan:
    tasks: list[Task]
    workers: list[Worker]
    slack: int
    owner: dict[int, int] = field(default_factory=dict)  # agency -> assessor

    def __post_init__(self) -> None:
        self.load = {w.assessor: w.load for w in self.workers}
        self.limit = {w.assessor: w.limit for w in self.workers}
        self.held: dict[int, dict[int, Task]] = {w.assessor: {} for w in self.workers}
        self.places: dict[int, dict[int, int]] = {w.assessor: defaultdict(int) for w in self.workers}
        for w in self.workers:
            for place in w.places:
                self.places[w.assessor][place] += 1
        self.leftovers: list[Task] = []
        level, self.room = _find_room(self.workers, sum(t.weight for t in self.tasks))
        self.stray = level * self.slack // 100
        self.bound = max((t.weight for t in self.tasks), default=0) + 2 * self.stray

    def can_take(self, assessor: int, task: Task) -> bool:
        limit = self.limit[assessor]
        return task.is_open_to(assessor) and (limit is None or self.load[assessor] + task.weight <= limit)

    def give(self, assessor: int, task: Task) -> None:
        self.owner[task.agency] = assessor
        self.load[assessor] += task.weight
        self.held[assessor][task.agency] = task
        self.places[assessor][task.place] += 1

    def take(self, assessor: int, task: Task) -> None:
        self.load[assessor] -= task.weight
        del self.held[assessor][task.agency]
        self.places[assessor][task.place] -= 1

    def repeat_last_year(self) -> None:
        """Who had an agency last year gets it again, up to an even share."""
        for task in self.tasks:
            who = task.preferred
            if who in self.room and self.can_take(who, task) and self.room[who] >= task.weight:
                self.give(who, task)
                self.room[who] -= task.weight

    def cut_the_line(self) -> None:
        """Each assessor gets the next stretch of what is left, as long as their room."""
        tasks = [task for task in self.tasks if task.agency not in self.owner]
        borders = {i for i in range(1, len(tasks)) if tasks[i].place != tasks[i - 1].place}
        start, ideal, reached = 0, 0, 0
        waiting = self._in_order_of_place()
        while waiting and start < len(tasks):
            who = self._pick(waiting, tasks[start].place)
            ideal += self.room[who]
            end, edge = start, reached
            while end < len(tasks) and 2 * edge + tasks[end].weight < 2 * ideal + 1:
                edge += tasks[end].weight
                end += 1
            cut = self._nearest_border(tasks, borders, start, end) if waiting else len(tasks)
            for task in tasks[start:cut]:
                reached += task.weight
                if self.can_take(who, task):
                    self.give(who, task)
                else:
                    self.leftovers.append(task)
            start = cut
        self.leftovers += tasks[start:]

    def _in_order_of_place(self) -> list[Worker]:
        """Those with room: first those who are somewhere already, in order of the middle of where they are."""
        having = {
            w.assessor: sorted(p for p, n in self.places[w.assessor].items() for _ in range(n)) for w in self.workers
        }
        ranked = [
            (not where, where[len(where) // 2] if where else 0, w.assessor, w)
            for w in self.workers
            if self.room[w.assessor]
            for where in (having[w.assessor],)
        ]
        return [w for *_, w in sorted(ranked, key=lambda r: r[:3])]

    def _pick(self, waiting: list[Worker], place: int) -> int:
        """The next along the line: who is at or before this place already, else somebody who is nowhere yet."""
        first = waiting[0]
        where = sorted(p for p, n in self.places[first.assessor].items() if n)
        if where and where[len(where) // 2] > place:
            free = next((w for w in waiting if not any(self.places[w.assessor].values())), first)
            waiting.remove(free)
            return free.assessor
        return waiting.pop(0).assessor

    def _nearest_border(self, tasks: list[Task], borders: set[int], start: int, end: int) -> int:
        """The border of a province nearest to an ideal cut, within half the slack; the cut itself where none is."""
        half, away = self.stray // 2, 0
        best, distance = end, half + 1
        for i in range(end, start, -1):
            if i in borders and away < distance:
                best, distance = i, away
            away += tasks[i - 1].weight
            if away > half:
                break
        away = 0
        for i in range(end, len(tasks)):
            if i in borders and away < distance:
                best, distance = i, away
            away += tasks[i].weight
            if away > half:
                break
        return best

    def place_leftovers(self) -> bool:
        """Give what was left to whoever may take it: who has room in an even share before who has none, who is in the
        province already before who is not, who has less before who has more."""
        remaining = []
        for task in self.leftovers:
            able = [w.assessor for w in self.workers if self.can_take(w.assessor, task)]
            if able:
                self.give(min(able, key=lambda a: (*self._cost(a, task.place), self.load[a], a)), task)
            else:
                remaining.append(task)
        has_placed = len(remaining) < len(self.leftovers)
        self.leftovers = remaining
        return has_placed

    def _cost(self, assessor: int, place: int) -> tuple[bool, bool]:
        lowest = min(self.load.values())
        return self.load[assessor] - lowest > self.bound // 2, not self.places[assessor][place]

    def balance(self) -> bool:
        """Move single agencies from who has most to who has least, until no move is left that the bound asks for. Each
        move makes the sum of the squares of the loads smaller, so that it ends."""
        has_moved = False
        while move := self._find_move():
            donor, receiver, task = move
            self.take(donor, task)
            self.give(receiver, task)
            has_moved = True
        return has_moved

    def _find_move(self) -> tuple[int, int, Task] | None:
        order = sorted(self.load, key=lambda a: (self.load[a], a))
        for donor in reversed(order):
            if not self.held[donor]:
                continue
            for receiver in order:
                if self.load[donor] - self.load[receiver] <= self.bound:
                    break
                movable = [t for t in self.held[donor].values() if self.can_take(receiver, t)]
                if movable:
                    return donor, receiver, min(movable, key=lambda t: self._regret(donor, receiver, t))
        return None

    def _regret(self, donor: int, receiver: int, task: Task) -> tuple[bool, bool, int, int]:
        """What is rather moved: what was not theirs last year, what the receiver has neighbours of, what the donor has
        few neighbours of."""
        near = bool(self.places[receiver][task.place])
        return task.preferred == donor, not near, self.places[donor][task.place], task.agency

    def find_reason(self, task: Task) -> Reason:
        """Why nobody has a task that is left over in the end."""
        if not self.workers:
            return Reason.NOBODY
        free = [w.assessor for w in self.workers if w.assessor not in task.conflicts]
        if not free:
            return Reason.CONFLICT
        free = [assessor for assessor in free if task.is_understood_by(assessor)]
        if not free:
            return Reason.LANGUAGE
        return Reason.LIMIT if any(a not in task.avoided for a in free) else Reason.EARLIER


def _no_less(limit: int | None, level: int) -> int:
    return level if limit is None else limit


def _find_room(workers: Sequence[Worker], total: int) -> tuple[int, dict[int, int]]:
    """The even share, and how much each is to get for it: the least load up to which everybody may be filled so that
    all that is to be given fits. Where it does not fit, the most that anybody can have."""

    def room_at(level: int) -> dict[int, int]:
        return {w.assessor: max(0, min(level, _no_less(w.limit, level)) - w.load) for w in workers}

    if not workers:
        return 0, {}
    low, high = 0, total + max(w.load for w in workers)
    if sum(room_at(high).values()) < total:
        level = max(max(w.load, _no_less(w.limit, 0)) for w in workers)
        return level, room_at(level)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if sum(room_at(middle).values()) >= total else (middle + 1, high)
    room, lower = room_at(low), room_at(low - 1)
    over = sum(room.values()) - total  # fewer than can do with one less
    for assessor in [a for a in room if room[a] > lower[a]][:over]:
        room[assessor] -= 1
    return low, room
