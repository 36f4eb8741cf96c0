"""The web server of ``prongsai serve``: granian, which says that it is going before it goes."""

import gc
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from prongsai.web.health import DRAINING
from prongsai.web.logs import GRANIAN_LOGGING

_LAST_REQUESTS = 30  # seconds for what is being answered when the server closes


class DrainingServer(Server):  # type: ignore[misc, valid-type]
    """Told to stop, it is not ready any more (``/health/ready``), and answers as before for ``drain`` seconds; then it
    takes no request and finishes those it has."""

    def __init__(self, *arguments: Any, drain: int, flag: Path, **options: Any) -> None:
        self.drain, self.flag = drain, flag
        super().__init__(*arguments, **options)

    def shutdown(self, exit_code: int = 0) -> None:
        self.flag.touch()
        time.sleep(self.drain)
        super().shutdown(exit_code)


def run_server(*, host: str, port: int, workers: int, drain: int, log_level: str) -> None:
    """Serve until a signal comes."""
    with tempfile.TemporaryDirectory(prefix="prongsai-serve-") as folder:
        flag = Path(folder) / "draining"
        os.environ[DRAINING] = str(flag)  # read by the processes that the server starts
        gc.collect()
        gc.freeze()  # a collection in one of them would write to every page that they share, and so copy it
        DrainingServer(
            "prongsai.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=12,
            workers_kill_timeout=_LAST_REQUESTS,
            respawn_failed_workers=True,
            log_access=False,
            log_level=LogLevels(log_level.lower()),
            log_dictconfig=GRANIAN_LOGGING,
            drain=drain,
            flag=flag,
        ).serve()
