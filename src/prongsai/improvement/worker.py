"""What the worker does for plans while it runs: reminders, once a day; each is given once."""

import logging
import threading
import time

from django.db import close_old_connections

from prongsai.improvement.actions import remind
from prongsai.registry.queries import today

log = logging.getLogger("prongsai.improvement")
_EVERY = 600  # seconds between two looks at the calendar


def start_reminding() -> None:
    threading.Thread(target=_work, name="improvement-reminders", daemon=True).start()


def _work() -> None:
    done_on = None
    while True:
        try:
            close_old_connections()
            if today() != done_on:
                remind()
                done_on = today()
        except Exception:
            log.exception("tried again in ten minutes")
        time.sleep(_EVERY)
