"""Asking the program for its own pages as a reader of the site's address would, here or in a process for each core."""

import io
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http.response import HttpResponseBase

from prongsai.lib.call_stack import with_room
from prongsai.web.rendered_pages import AHEAD, APART, share_parts

Part = TypeVar("Part")
Done = TypeVar("Done")
ENGLISH = "/en"
_NICENESS = 10  # whoever reads the site comes first


class Reader:
    """Asks the program itself, as a reader of a site's address would."""

    def __init__(self, site: str) -> None:
        self._answer, self._site = with_room(WSGIHandler().get_response), urlsplit(site)

    def render(self, addresses: Iterable[str]) -> int:
        """Have pages stored in both languages; how many answers were pages. What they share is computed once."""
        with share_parts():
            asked = (self.ask(prefix + address, "gzip") for address in addresses for prefix in ("", ENGLISH))
            return sum(answer.status_code == HTTPStatus.OK for answer in asked)

    def ask(self, path: str, encoding: str = "") -> HttpResponseBase:
        """The answer to a path as it stands in addresses, in an encoding; without one it is not stored, so that a
        nation written elsewhere does not push out the pages that readers ask for."""
        is_secure = self._site.scheme == "https"
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": unquote(path).encode().decode("latin-1"),
            "SCRIPT_NAME": "",
            "QUERY_STRING": query,
            "SERVER_NAME": self._site.hostname or "",
            "SERVER_PORT": str(self._site.port or (443 if is_secure else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": self._site.netloc,
            "HTTP_X_FORWARDED_PROTO": self._site.scheme,
            "HTTP_ACCEPT_ENCODING": encoding,
            "wsgi.url_scheme": self._site.scheme,
            "wsgi.input": io.BytesIO(),
            AHEAD: True,
        }
        if not encoding:
            environ[APART] = True
        return self._answer(WSGIRequest(environ))


def count_cores() -> int:
    return len(os.sched_getaffinity(0))


class Readers:
    """Readers of a site, one for each core; of one core in this process. To be closed."""

    def __init__(self, site: str, cores: int) -> None:
        self._site, self._pool = site, None
        if cores > 1:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(cores, mp_context=spawn, initializer=django.setup)

    def __enter__(self) -> "Readers":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def map(self, work: Callable[[Reader, Part], Done], parts: Iterable[Part]) -> Iterator[Done]:
        """What ``work``, a function of a module, gives for each part, in their order. Raises what it raises, and
        BrokenProcessPool when a process dies."""
        if self._pool:
            yield from self._pool.map(partial(_work, self._site, work), parts)
        else:
            reader = Reader(self._site)
            yield from (work(reader, part) for part in parts)


def _work(site: str, work: Callable[[Reader, Part], Done], part: Part) -> Done:
    return work(_begin_reader(site), part)


@cache
def _begin_reader(site: str) -> Reader:
    """That of this process, begun once."""
    os.nice(_NICENESS)
    return Reader(site)
