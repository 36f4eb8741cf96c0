"""Installations with agencies, whose workers a test starts and kills."""

import pytest

from tests.jobs.installation import Installation


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The folder of an installation with agencies, whose copies are the tests' own."""
    folder = tmp_path_factory.mktemp("prepared")
    Installation(folder).close()
    return folder


@pytest.fixture
def installation(prepared, tmp_path):
    made = Installation(tmp_path, like=prepared)
    yield made
    made.close()
