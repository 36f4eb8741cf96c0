"""Documents in the words of dozens of offices, written by somebody who had not seen the reader."""

from functools import reduce
from operator import add

import pytest

from prongsai.intake import figures_of, read_rows
from tests.intake.measuring import Stored, count, stored_documents
from tests.intake.reading import FRAMEWORKS

DOCUMENTS = list(stored_documents())


def count_of(document: Stored):
    rows = read_rows(document.path, trusted=True)
    return count(figures_of(rows, FRAMEWORKS), document.truth, has_slip=document.has_slip)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.path.stem)
def test_nothing_is_read_wrongly_and_nobody_is_accused(document):
    counted = count_of(document)
    assert (counted.wrong, counted.false_alarms) == (0, 0)


def test_most_is_read():
    counted = reduce(add, map(count_of, DOCUMENTS))
    assert counted.documents == 45
    assert counted.right / counted.figures >= 0.95
    assert counted.named / counted.agencies >= 0.95
    assert counted.slips_found >= 4
