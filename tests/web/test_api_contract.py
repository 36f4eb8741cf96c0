"""The API against its own description: generated requests, good and bad; no server error, nothing undescribed."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings

PATHS = (
    "/api/agencies",
    "/api/agencies/{code}",
    "/api/agencies/{code}/results",
    "/api/rounds",
    "/api/rounds/{fiscal_year}/indicators",
    "/api/rounds/{fiscal_year}/results",
)


@pytest.fixture
def one_connection():
    """The application leaves the test's own connection, with its open transaction, as it is."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("path", PATHS)
def test_the_api_keeps_its_word(published, one_connection, path):
    from prongsai.wsgi import application

    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)

    @given(case=schema[path]["GET"].as_strategy())
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def check(case):
        case.call_and_validate()

    check()
