"""Runs here what the sandbox runs in a child: ``pytest -p tests.in_process``, to measure which branches tests reach.

A child ends by ``os._exit``, under limits that let no file be written, so that no measure comes out of it. Nothing is
tested by this that the same tests do not test without it; those of the limits themselves are not for it.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from prongsai.lib import sandbox
from prongsai.lib.sandbox.child import find_function
from prongsai.lib.sandbox.outcome import decode, encode, encode_failure

_LIMITS = sandbox.Limits()


def run(job: str, *arguments: Any, limits: Any = _LIMITS, file: Path | None = None, preload: Any = ()) -> Any:
    """As ``sandbox.run``, with the same answers and errors."""
    with file.open("rb") if file else nullcontext() as opened:
        try:
            function = find_function(job)
            answer = encode(function(*([opened] if opened else []), *arguments), limits.answer)
        except Exception as error:
            answer = encode_failure(error)
    return decode(answer, {}, limits.max_seconds)


@pytest.fixture(autouse=True, scope="session")
def nothing_runs_apart() -> Iterator[None]:
    with mock.patch.object(sandbox, "run", run):
        yield
