"""A small web on loopback: many host names, every kind of misbehaviour, and a log of all requests.

Public names resolve to 127.9.0.1; 127.0.0.1, ::1 and the like stand for private addresses, which must never
be contacted.
"""

import asyncio
import ssl
import threading
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network

import trustme

from prongsai.links import Policy

PUBLIC = "127.9.0.1"
ALLOWED_NETWORKS = (ip_network("127.9.0.0/16"),)


@dataclass
class Request:
    method: str
    path: str
    host: str
    headers: dict[str, str]
    ip_address: str


@dataclass
class Reply:
    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"

    def raw(self, request: Request) -> bytes:
        body = self.body.encode() if isinstance(self.body, str) else self.body
        headers = {"Content-Type": self.kind, "Content-Length": str(len(body))} | self.headers
        head = f"HTTP/1.1 {self.status} Whatever\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items() if v)
        return head.encode("latin-1") + b"\r\n" + (b"" if request.method == "HEAD" else body)


Raw = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


def to(location: str, status: int = 302, **headers: str) -> Reply:
    return Reply("", status, {"Location": location, **headers})


def page(text: str = "", title: str = "หน้าหนึ่ง", head: str = "") -> Reply:
    """A page with enough text of its own."""
    words = text or "รายงานผลการดำเนินงานของหน่วยงาน " + " ".join(f"เรื่องที่ {n} ของ {title}" for n in range(60))
    return Reply(
        f"<!doctype html><html><head><title>{title}</title>{head}</head>"
        f"<body><h1>{title}</h1><p>{words}</p></body></html>"
    )


class FakeWeb:
    """Runs in a thread of its own. ``requests`` holds every request, ``forbidden_connections`` every connection to a
    private address."""

    def __init__(self) -> None:
        self.routes: dict[str, dict[str, Reply | Callable[[Request], Reply] | Raw]] = defaultdict(dict)
        self.names: dict[str, list[str]] = {}
        self.requests: list[Request] = []
        self.forbidden_connections: list[str] = []
        self.open_now: Counter[str] = Counter()
        self.max_open: Counter[str] = Counter()
        self.opened: Counter[str] = Counter()
        self.authority = trustme.CA()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(20)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()

    async def _open(self) -> None:
        plain = await asyncio.start_server(self._serve, PUBLIC, 0)
        self.port = plain.sockets[0].getsockname()[1]
        first = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        first.sni_callback = self._certificate
        self.authority.issue_cert("first.test").configure_cert(first)
        secure = await asyncio.start_server(self._serve, PUBLIC, 0, ssl=first)
        self.tls_port = secure.sockets[0].getsockname()[1]
        self._servers = [plain, secure]
        for private in ("127.0.0.1", "127.0.0.2", "::1"):
            for port in (self.port, self.tls_port):
                try:
                    self._servers.append(await asyncio.start_server(self._forbid, private, port))
                except OSError:
                    assert private == "::1"  # a machine without IPv6

    def close(self) -> None:
        async def end() -> None:
            for server in self._servers:
                server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            self._loop.call_soon(self._loop.stop)

        asyncio.run_coroutine_threadsafe(end(), self._loop)
        self._thread.join()
        self._loop.close()

    # for tests

    def url(self, host: str, path: str = "/", tls: bool = False) -> str:
        return f"{'https' if tls else 'http'}://{host}:{self.tls_port if tls else self.port}{path}"

    def certificate(self, name: str, of: str | None = None, authority: trustme.CA | None = None, **how: object) -> None:
        """The certificate that is presented for ``name``; by default a valid one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (authority or self.authority).issue_cert(of or name, **how).configure_cert(context)
        self._contexts[name] = context

    def policy(self, **changes: object) -> Policy:
        trusted = ssl.create_default_context()
        self.authority.configure_trust(trusted)
        usual = {
            "contact": "https://checker.example/about",
            "ports": frozenset({80, 443, self.port, self.tls_port}),
            "allowed_networks": ALLOWED_NETWORKS,
            "resolve": self.resolve,
            "tls_context": trusted,
            "pause_seconds": 0.0,
            "max_hosts_per_ip": 1000,
            "slow_seconds": 60.0,
        }
        return Policy(**(usual | changes))

    @contextmanager
    def raw_server(self, output: bytes) -> Iterator[str]:
        """A server at an IP address of its own that sends ``output`` at the port of https, and nothing else."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            writer.write(output)
            await reader.read()
            writer.close()

        opening = asyncio.start_server(serve, "127.9.0.2", self.tls_port)
        server = asyncio.run_coroutine_threadsafe(opening, self._loop).result(20)
        yield "127.9.0.2"
        self._loop.call_soon_threadsafe(server.close)

    def resolve(self, host: str) -> list[str]:
        if host.startswith("nowhere"):
            raise OSError(-2, "Name or service not known")
        return self.names.get(host, [PUBLIC])

    def paths(self, host: str) -> list[str]:
        """The requests to a host, method and path, without robots.txt and baseline probes."""
        return [
            f"{r.method} {r.path}"
            for r in self.requests
            if r.host == host and r.path != "/robots.txt" and not (len(r.path) == 26 and r.path[17] == "/")
        ]

    # the servers

    def _certificate(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name in self._contexts:
            connection.context = self._contexts[name]

    async def _forbid(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.forbidden_connections.append(str(writer.get_extra_info("sockname")))
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = ""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, path, _ = head[0].split(" ")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
                name = headers["host"].rpartition(":")[0] or headers["host"]
                if not host:
                    host = name
                    self.opened[host] += 1
                    self.open_now[host] += 1
                    self.max_open[host] = max(self.max_open[host], self.open_now[host])
                request = Request(method, path, name, headers, writer.get_extra_info("sockname")[0])
                self.requests.append(request)
                routes = self.routes.get(name, {})
                answer = routes.get(path.partition("?")[0]) or routes.get("*" if path != "/robots.txt" else "")
                answer = answer or Reply("<title>404 Not Found</title>", 404)
                if not isinstance(answer, Reply):
                    if asyncio.iscoroutinefunction(answer):
                        await answer(request, writer)
                        return
                    answer = answer(request)
                writer.write(answer.raw(request))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            self.open_now[host] -= 1
            writer.close()
