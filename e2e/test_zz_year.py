import pytest
from e2e.test_year import *
from e2e.test_year import test_a_year_from_a_typed_result_to_the_signed_memo_and_the_report as _t
for n in [n for n in dict(globals()) if n.startswith("test_") and "from_a_typed_result" not in n]: del globals()[n]
@pytest.fixture(scope="session")
def site(): return "http://localhost:8113"
