"""Kinds of table that go out to be filled in and come back: users, enrolment, head-counts, agencies.

A kind says what its columns are, what is there now in the words of its cells, what is wrong with rows, and by which
actions of its room a row is added, changed and taken back. Everything else (writing and reading files, rows with one
key, what was changed meanwhile, progress, a worker that dies, undoing) is the same for all: see ``work``.

What is there and what a row wants are both texts by column, normalised by the kind, so that they can be compared.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, ClassVar

from django.utils.module_loading import autodiscover_modules

from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import index_agencies_by_name

Values = dict[str, str]


@dataclass(frozen=True)
class Column:
    """A column: its heading in Thai, other words that are read as it, and what may stand in its cells. ``is_shown``:
    it only tells people which row this is."""

    key: str
    title: str
    aliases: tuple[str, ...] = ()
    hint: str = ""
    width: int = 20
    is_required: bool = False
    is_shown: bool = False


@dataclass(frozen=True)
class Scope:
    """What a table is about: an assessment, and one of its rounds where the kind has one. ``site``: "https://host",
    for mails; ``upload``: the key of the file that came back, where it is about one."""

    assessment: str
    round: Round | None = None
    site: str = ""
    upload: int | None = None

    @cached_property
    def agencies_by_name(self) -> Mapping[str, list[Agency]]:
        """``index_agencies_by_name``, read once for a whole table, and only for one that has rows without codes."""
        return index_agencies_by_name(self.assessment)

    @property
    def the_round(self) -> Round:
        if self.round is None:
            raise DomainError("ตารางนี้ต้องเลือกรอบก่อน")
        return self.round


@dataclass
class Entry:
    """A row that came back. ``cells``: as it shows them; ``values``: what it wants, of the columns that the file has;
    ``before``: what is there; ``problems``: what is wrong, each with its column's heading; ``question``: what somebody
    has to answer before it is done; ``held``: what its kind stores by itself until the row is applied (``hold``)."""

    place: str
    cells: Values
    key: str = ""
    title: str = ""
    values: Values = field(default_factory=dict)
    before: Values | None = None
    rank: int = 0
    problems: list[str] = field(default_factory=list)
    question: str = ""
    held: Any = None

    def refuse(self, column: str, text: str) -> None:
        """Refuse the row because of one cell, or as a whole."""
        self.problems.append(f"ช่อง {column}: {text}" if column else text)


class TableKind(ABC):
    """A kind of table. ``permission`` is the action that whoever brings such a table needs. ``is_secret``: nobody may
    read its cells afterwards; the file is hidden until it is read, then removed, and of its cells only those stay that
    ``prepare`` leaves. ``takes_several_files``: they may come back together; of one whose rows are compared with each
    other in ``check_together`` they may not."""

    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    permission: ClassVar[str]
    of_round: ClassVar[bool] = False
    can_add: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False
    takes_several_files: ClassVar[bool] = True

    def hide(self, content: bytes) -> bytes:
        """A file that came back, of a kind that is secret, as it is stored until it is read."""
        raise NotImplementedError(self.name, content)

    def reveal(self, content: bytes) -> bytes:
        """What was hidden. Raises UnreadableError where nobody can read it any more."""
        raise NotImplementedError(self.name, content)

    def prepare(self, _: Scope, /, unread: Sequence[str], entries: list[Entry]) -> list[Entry]:  # noqa: ARG002
        """The rows that are shown and applied, of those that the file has. ``unread``: headings of columns that the
        table does not have. Raises UnreadableError where the file as a whole is not taken."""
        return entries

    def hold(self, scope: Scope, entries: Sequence[Entry]) -> None:  # noqa: B027
        """Store what rows have ``held``, in the transaction that stores the rows."""

    def discard(self, scope: Scope, keys: Sequence[str] | None = None) -> None:  # noqa: B027
        """Forget what is held for a file that is not applied, or for some of its rows."""

    @abstractmethod
    def columns(self, scope: Scope, /) -> Sequence[Column]:
        """The columns, in the order of the file."""

    @abstractmethod
    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        """What is there, by key; all of it in the order of the file, or of some keys."""

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        """Say which row each one is about: its key, as ``current`` has it."""
        first = self.columns(scope)[0]
        for entry in entries:
            entry.key = entry.title = entry.cells.get(first.key, "")
            if not entry.key:
                entry.refuse(first.title, "ว่าง จึงไม่ทราบว่าเป็นแถวของใคร")

    @abstractmethod
    def check(self, scope: Scope, entries: Sequence[Entry]) -> None:
        """Read the cells of rows into ``values``, and say all that is wrong with them."""

    def check_together(self, scope: Scope, entries: Sequence[Entry]) -> None:  # noqa: B027
        """Compare the good rows of a file with each other: refuse, ask, or say by ``rank`` which are applied first."""

    def add(self, scope: Scope, key: str, values: Values, by: User) -> None:
        """Store a new row, of a kind that ``can_add``. Raises DomainError."""
        raise NotImplementedError(self.name, scope, key, values, by)

    @abstractmethod
    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        """Change a row from one state to the other, which is also how it is changed back. Raises DomainError."""

    def take_back(self, scope: Scope, key: str, by: User) -> None:
        """Take back a row that was added. Raises DomainError where something depends on it."""
        raise NotImplementedError(self.name, scope, key, by)

    def take_back_together(self, scope: Scope, keys: Sequence[str], by: User) -> bool:  # noqa: ARG002
        """Take back several rows that were added, all or none, where that costs less than one after another. Returns
        whether they were. Raises DomainError where something depends on one."""
        return False


_kinds: dict[str, TableKind] = {}


def register(kind: type[TableKind]) -> type[TableKind]:
    """Make a kind known."""
    _kinds[kind.name] = kind()
    return kind


@cache
def _load_rooms() -> None:
    autodiscover_modules("tables")


def find_kind(name: str) -> TableKind | None:
    _load_rooms()
    return _kinds.get(name)


def all_kinds() -> list[TableKind]:
    _load_rooms()
    return sorted(_kinds.values(), key=lambda kind: (kind.of_round, kind.title))


def keep(values: Mapping[str, str], columns: Iterable[str]) -> Values:
    """Those of some columns."""
    return {c: values[c] for c in columns if c in values}
