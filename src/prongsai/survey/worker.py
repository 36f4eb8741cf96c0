"""What the worker does for the survey while it runs: mixing what waits, and a new key every night."""

import logging
import threading
import time

from django.db import close_old_connections

from prongsai.survey import mix

log = logging.getLogger("prongsai.survey")
_EVERY = 60  # seconds


def start_mixing() -> None:
    threading.Thread(target=_work, name="survey-mixing", daemon=True).start()


def _work() -> None:
    while True:
        for job in (mix.release_ready, _rotate_nightly):
            try:
                close_old_connections()
                job()
            except Exception:
                log.exception("tried again in a minute")
        time.sleep(_EVERY)


def _rotate_nightly() -> None:
    if mix.days_since_rotation() > 0:  # by the key's own date: a worker that starts anew forgets nothing
        mix.rotate()
