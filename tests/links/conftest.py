"""One web for all; after every test, nothing private was reached."""

from ipaddress import ip_address

import pytest

from prongsai.links import Target, check_one, guard

from .web import ALLOW, Web


@pytest.fixture(scope="session")
def _web():
    web = Web()
    yield web
    web.close()


@pytest.fixture
def web(_web, monkeypatch):
    _web.routes.clear()
    _web.names.clear()
    _web.asked.clear()
    _web.most_open.clear()
    opened = []
    really = guard.asyncio.open_connection

    async def open_connection(address, *args, **kwargs):
        opened.append(address)
        return await really(address, *args, **kwargs)

    monkeypatch.setattr(guard.asyncio, "open_connection", open_connection)
    yield _web
    assert not _web.trespasses
    assert all(ip_address(address) in ALLOW[0] for address in opened)


@pytest.fixture
def look(web):
    """One look at an address of the web."""

    def look(url, *, own_hosts=(), keep_body=False, **policy):
        return check_one(Target("key", url, own_hosts, keep_body), web.policy(**policy))

    return look
