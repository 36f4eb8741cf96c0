"""The WSGI application, for any server of it; ``prongsai serve`` runs granian."""

import os
import signal
import threading
import time

from django.core.wsgi import get_wsgi_application

from prongsai.lib.call_stack import with_room

_WATCH_SECONDS = 0.5


def _end_with(server: int) -> None:
    """A server whose parent process alone is killed takes its processes along: they would go on serving, and hold the
    port against the server that replaces it."""
    while os.getppid() == server:
        time.sleep(_WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


if _server := os.environ.get("PRONGSAI_SERVER"):  # set by prongsai serve
    threading.Thread(target=_end_with, args=(int(_server),), daemon=True).start()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
application = with_room(get_wsgi_application())
