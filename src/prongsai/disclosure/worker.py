"""What the worker does for disclosures while it runs: links that are due, and once a day word of what changed."""

import logging
import threading
import time
from datetime import date

from django.db import close_old_connections
from django.utils import timezone

from prongsai.disclosure import looking

log = logging.getLogger("prongsai.disclosure")
_EVERY = 3  # seconds: an officer waits for the first look at what was just filed
_told: list[date] = []


def start_watching() -> None:
    threading.Thread(target=_work, name="disclosure-watching", daemon=True).start()


def _work() -> None:
    while True:
        for job in (looking.run_due, _tell_daily):
            try:
                close_old_connections()
                job()
            except Exception:
                log.exception("tried again in a moment")
        time.sleep(_EVERY)


def _tell_daily() -> None:
    """Changes are told once, so telling again after a restart does no harm."""
    today = timezone.localdate()
    if timezone.localtime().hour >= 8 and _told[-1:] != [today]:
        looking.tell_changes()
        _told[:] = [today]
