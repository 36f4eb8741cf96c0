"""The survey's background work: mixing waiting envelopes every minute, and a new key every night."""

import logging
import threading
import time

from django.db import close_old_connections

from prongsai.survey.mixing import mix_ready_channels, rotate_key_nightly

log = logging.getLogger("prongsai.survey")
INTERVAL_SECONDS = 60
JOBS = (mix_ready_channels, rotate_key_nightly)


def start_mixing() -> None:
    threading.Thread(target=_run_forever, name="survey-mixing", daemon=True).start()


def _run_forever() -> None:
    while True:
        run_jobs()
        time.sleep(INTERVAL_SECONDS)


def run_jobs() -> None:
    """Run each job once. One that fails is logged, runs again in a minute, and does not stop the other."""
    for job in JOBS:
        try:
            close_old_connections()
            job()
        except Exception:
            log.exception("a job of the survey failed; it runs again in a minute")
