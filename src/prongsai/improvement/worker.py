"""Sends the reminders of follow-ups and removes expired uploads once a day, in a thread of the worker process."""

import logging
import threading
import time

from django.db import close_old_connections

from prongsai.improvement.actions import remind, sweep_held_uploads
from prongsai.registry.queries import today

log = logging.getLogger("prongsai.improvement")
_CHECK_SECONDS = 600  # between two checks of the date


def start_reminding() -> None:
    """Start the thread; it ends with the process."""
    threading.Thread(target=_remind_daily, name="improvement-reminders", daemon=True).start()


def _remind_daily() -> None:
    reminded_on = None
    while True:
        try:
            close_old_connections()
            if today() != reminded_on:
                remind()
                sweep_held_uploads()
                reminded_on = today()
        except Exception:
            log.exception("reminders failed; next attempt in ten minutes")
        time.sleep(_CHECK_SECONDS)
