"""What a worker does for this room, in a thread: says that it works, notes the head of the audit trail outside the
database, and sends it out once a day."""

import logging
import threading
import time

from django.db import close_old_connections
from django.utils import timezone

from prongsai.people.actions import record_heartbeat
from prongsai.people.trail import anchor_day, note_head

log = logging.getLogger("prongsai.people")
_SECONDS = 60


def start_trail_and_heartbeat() -> None:
    """Start the thread; it ends with the process."""
    threading.Thread(target=_repeat, name="people-trail", daemon=True).start()


def _repeat() -> None:
    while True:
        for step in (lambda: record_heartbeat("worker"), note_head, lambda: anchor_day(on=timezone.localdate())):
            try:
                close_old_connections()
                step()
            except Exception:
                log.exception("a step of the audit trail failed; next attempt in a minute")
        time.sleep(_SECONDS)
