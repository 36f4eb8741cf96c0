"""The background work of disclosures: checks of links that are due, and once a day notices of changes."""

import logging
import threading
import time
from datetime import date

from django.db import close_old_connections
from django.utils import timezone

from prongsai.disclosure import link_checks

log = logging.getLogger("prongsai.disclosure")
_POLL_SECONDS = 3  # an officer waits for the first check of what was just filed
_NOTICE_HOUR = 8  # of the day, local time
_notified_days: list[date] = []


def start_link_checks() -> None:
    threading.Thread(target=_run_forever, name="disclosure-link-checks", daemon=True).start()


def _run_forever() -> None:
    while True:
        for job in (link_checks.check_due_links, _notify_daily):
            try:
                close_old_connections()
                job()
            except Exception:
                log.exception("background work failed; repeated in %s seconds", _POLL_SECONDS)
        time.sleep(_POLL_SECONDS)


def _notify_daily() -> None:
    """A change is notified once, so another run after a restart does no harm."""
    today = timezone.localdate()
    if timezone.localtime().hour >= _NOTICE_HOUR and _notified_days[-1:] != [today]:
        link_checks.notify_changes()
        _notified_days[:] = [today]
