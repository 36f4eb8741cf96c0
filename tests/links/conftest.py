"""One fake web for all tests; after every test, no private address was contacted."""

from ipaddress import ip_address

import pytest

from prongsai.links import Target, check_target, guard

from .fake_web import ALLOWED_NETWORKS, FakeWeb


@pytest.fixture(scope="session")
def _web():
    web = FakeWeb()
    yield web
    web.close()


@pytest.fixture
def web(_web, monkeypatch):
    _web.routes.clear()
    _web.names.clear()
    _web.requests.clear()
    _web.max_open.clear()
    opened = []
    open_socket = guard.asyncio.open_connection

    async def open_connection(address, *args, **kwargs):
        opened.append(address)
        return await open_socket(address, *args, **kwargs)

    monkeypatch.setattr(guard.asyncio, "open_connection", open_connection)
    yield _web
    assert not _web.forbidden_connections
    assert all(ip_address(address) in ALLOWED_NETWORKS[0] for address in opened)


@pytest.fixture
def check(web):
    """One check at an address of the web."""

    def check(url, *, owner_hosts=(), keep_body=False, **policy):
        return check_target(Target("key", url, owner_hosts, keep_body), web.policy(**policy))

    return check
