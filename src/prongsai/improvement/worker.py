"""What the worker does for plans while it runs: reminders, looked at every hour; each is given once."""

import logging
import threading
import time

from django.db import close_old_connections

from prongsai.improvement.actions import remind

log = logging.getLogger("prongsai.improvement")
_EVERY = 3600  # seconds


def start_reminding() -> None:
    threading.Thread(target=_work, name="improvement-reminders", daemon=True).start()


def _work() -> None:
    while True:
        try:
            close_old_connections()
            remind()
        except Exception:
            log.exception("tried again in an hour")
        time.sleep(_EVERY)
