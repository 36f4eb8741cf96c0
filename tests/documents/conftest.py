"""Documents that several tests read, issued once."""

import gc

import pytest

from prongsai.documents import KINDS, issue_document
from tests.conftest import review_once
from tests.documents.samples import sample_data

# of both families of levels; reading a PDF whole takes most of the time, the others are read the quick way
READ_WHOLE = ("bangpla", "phron")


@pytest.fixture(autouse=True, scope="module")
def without_garbage():
    """Papers are circles of objects with large buffers, which Python hardly counts: all of them take gigabytes."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def issued():
    """``issued(agency, kind)``: a paper of a sample agency, issued once in a session."""
    documents = {}

    def issue(name: str, kind: str):
        assert kind in KINDS
        if (name, kind) not in documents:
            documents[name, kind] = issue_document(kind, sample_data(name), read_whole_pdf=name in READ_WHOLE)
        return documents[name, kind]

    return issue


@pytest.fixture
def office(people, agencies, running_round, published, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return people


@pytest.fixture
def published(people, agencies, imported):
    """Both years of a sample document, corrected where the audit says how, and published."""
    from prongsai.results import actions as results
    from prongsai.results import queries

    made = []
    for year in queries.import_years(imported):
        values = {
            x.node: (x.check.likely if x.contradicted and x.check.likely else x.value)
            for x in review_once(imported, year)
            if x.value
        }
        result_set = results.confirm_document(
            imported=imported, agency=agencies[0], fiscal_year=year, values=values, by=people["officer"]
        )
        results.publish(result_set=result_set, by=people["office"])
        made.append(result_set)
    return made
