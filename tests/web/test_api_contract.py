"""The API against its own description: generated requests, good and bad; no server error, nothing undescribed."""

import schemathesis
from hypothesis import HealthCheck, given, settings

EXAMPLES = {  # of each path: how many generated requests
    "/api/agencies": 40,
    "/api/agencies/{code}": 20,
    "/api/agencies/{code}/results": 20,
    "/api/rounds": 3,  # takes nothing
    "/api/rounds/{fiscal_year}/indicators": 20,
    "/api/rounds/{fiscal_year}/ranking": 40,
    "/api/rounds/{fiscal_year}/results": 40,
}


def test_the_api_keeps_its_word(published, one_connection):
    from prongsai.wsgi import application

    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    assert set(schema) == set(EXAMPLES)
    for path, count in EXAMPLES.items():

        @given(case=schema[path]["GET"].as_strategy())
        @settings(max_examples=count, suppress_health_check=list(HealthCheck))
        def check(case):
            case.call_and_validate()

        check()
