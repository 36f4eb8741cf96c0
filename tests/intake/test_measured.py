"""Documents in the words of dozens of offices, written by somebody who had not seen the reader."""

from functools import reduce
from itertools import chain
from operator import add

import pytest

from prongsai.intake import figures_of, read_rows
from tests.intake.measuring import AS_THEY_CAME, SETS, Stored, count, stored_documents
from tests.intake.reading import FRAMEWORKS

DOCUMENTS = {name: list(stored_documents(folder)) for name, folder in SETS.items()}
LEAST = {
    "first": (0.985, 0.97),
    "second": (0.945, 0.97),
    "third": (0.975, 0.97),
    "fourth": (0.99, 0.97),
    "fifth": (0.97, 0.97),
    "sixth": (0.73, 0.95),  # short and odd on purpose
    "seventh": (0.97, 0.97),
    "eighth": (0.97, 0.97),
    "ninth": (0.97, 0.97),
    "tenth": (0.97, 0.97),  # full of numbers that are no scores
    "eleventh": (0.985, 0.97),
    "twelfth": (0.99, 0.97),
}  # of the figures, of the agencies
# of each folder in as_they_came, as docs/performance.md has it: documents, figures, right, wrong, agencies accused
FIRST_READING: dict[str, tuple[int, int, int, int, int]] = {"thirteenth": (40, 1064, 720, 53, 2)}


def count_of(document: Stored):
    rows = read_rows(document.path, trusted=True)
    return count(figures_of(rows, FRAMEWORKS), document.truth, has_slip=document.has_slip)


@pytest.mark.parametrize(
    "document", list(chain(*DOCUMENTS.values())), ids=lambda d: f"{d.path.parent.name}-{d.path.stem}"
)
def test_nothing_is_read_wrongly_and_nobody_is_accused(document):
    counted = count_of(document)
    assert (counted.wrong, counted.false_alarms) == (0, 0)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_most_is_read(name):
    counted = reduce(add, map(count_of, DOCUMENTS[name]))
    figures, agencies = LEAST[name]
    assert counted.documents == len([p for p in SETS[name].iterdir() if p.name not in ("right.csv", "slips.csv")]) >= 14
    assert counted.right / counted.figures >= figures
    assert counted.named / counted.agencies >= agencies
    assert counted.slips_found >= counted.slips / 2


def test_of_documents_as_they_came_the_first_reading_is_no_worse():
    """What to expect of the next document."""
    for name, (documents, figures, right, wrong, accused) in FIRST_READING.items():
        counted = reduce(add, map(count_of, stored_documents(AS_THEY_CAME[name])))
        assert (counted.documents, counted.figures) == (documents, figures)
        assert counted.right >= right
        assert counted.wrong <= wrong
        assert counted.false_alarms <= accused


def test_every_set_has_its_measure():
    assert LEAST.keys() == SETS.keys()
    assert FIRST_READING.keys() == AS_THEY_CAME.keys()
