"""Under mutation every test compiles its own SQL, so that mutmut knows which tests run which function."""

import os

import pytest

from prongsai.scoring import totals


@pytest.fixture(autouse=True)
def _fresh_sql():
    if "MUTANT_UNDER_TEST" in os.environ:
        totals._compile_for_duckdb.cache_clear()
