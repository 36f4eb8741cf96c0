"""Statements that take long, by setting: one line each, with the route and the identifier of the request or job.

Without the values that were passed, and without those written into the statement. Nothing while a respondent is served
and nothing of the thread that stores answers: a line would give an answer its second."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from prongsai.lib import origin

log = logging.getLogger("prongsai.slow_query")
MAX_LETTERS = 600  # of a statement
_VALUES = re.compile(r"'[^']*'|\b[0-9]+\b")


def watch_connections() -> None:
    """Time the statements of every connection that is opened from now on, where the installation asks for it."""
    if settings.SLOW_QUERIES or settings.TRACES:
        connection_created.connect(_watch, dispatch_uid="prongsai.slow_queries")


def _watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if time_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(time_statement)


def time_statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Execute a statement; count it for the trace of its request, and log it if it took long."""
    at_hand = origin.current()
    if at_hand is None or at_hand.is_quiet:
        return execute(sql, params, many, context)
    start = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.perf_counter() - start
        at_hand.statements, at_hand.statement_seconds = at_hand.statements + 1, at_hand.statement_seconds + seconds
        if settings.SLOW_QUERIES and seconds * 1000 >= settings.SLOW_QUERIES:
            log.warning(
                "slow query: %s", hide_values(str(sql)), extra={"route": at_hand.route, "ms": round(seconds * 1000, 1)}
            )


def hide_values(sql: str) -> str:
    """A statement without what was written into it as text or number."""
    return _VALUES.sub("?", sql[: 4 * MAX_LETTERS])[:MAX_LETTERS]
