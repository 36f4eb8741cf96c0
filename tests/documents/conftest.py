"""Documents that several tests read, issued once."""

import pytest

from prongsai.documents import KINDS, issue_document
from tests.documents.samples import sample_data

# of both families of levels; reading a PDF whole takes most of the time, the others are read the quick way
READ_WHOLE = ("bangpla", "phron")


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
