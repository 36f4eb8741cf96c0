"""A server that is told to stop says so first, goes on answering, and finishes what it began: of a rolling restart
nobody notices anything."""

import os

import pytest

from tests.installation import database
from tests.machines import rolling

pytestmark = pytest.mark.skipif(
    not os.environ.get("TEST_DATABASE_URL"),
    reason="servers on two machines share PostgreSQL: python -m tests.postgres …",
)


def test_of_a_rolling_restart_nobody_notices_anything(tmp_path):
    shared = database(tmp_path) | {"PRONGSAI_KEYS": str(tmp_path / "keys")}
    figures = rolling.run(tmp_path, shared=shared)
    assert figures["failed"] == []
    assert figures["requests"] > 20
    assert figures["answers acknowledged"] == figures["answers stored"] > 0
