"""What the worker does for the survey while it runs: mixing what waits, and a new key every night."""

import logging
import threading
import time

from django.db import close_old_connections
from django.utils import timezone

from prongsai.survey import mix

log = logging.getLogger("prongsai.survey")
_EVERY = 60  # seconds


def start_mixing() -> None:
    threading.Thread(target=_work, name="survey-mixing", daemon=True).start()


def _work() -> None:
    today = timezone.localdate()
    while True:
        try:
            close_old_connections()
            mix.release_ready()
            if timezone.localdate() != today:
                mix.rotate()
                today = timezone.localdate()
        except Exception:
            log.exception("mixing failed; tried again in a minute")
        time.sleep(_EVERY)
