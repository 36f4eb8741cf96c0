"""Addresses as people type and paste them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """A usable address.

    ``url`` is the one spelling to store and ask: scheme, lower-case punycode host, no default port, path and query
    percent-encoded; ``display`` is the same for people, with Thai letters. ``warnings`` are codes (see ``sentence``):
    not_https, outside, ip_address, unknown_suffix, port.
    """

    url: str
    display: str
    host: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problems:
    """Why ``text`` is not an address: codes, all of them (see ``sentence``). Falsy, so ``if parse_address(t):`` reads well."""

    text: str
    codes: tuple[str, ...]

    def __bool__(self) -> bool:
        return False


def parse_address(text: str, own_hosts: Iterable[str] = ()) -> Address | Problems:
    """One typed address in its one spelling, or all that is wrong with it. Touches no network.

    With ``own_hosts``, an address elsewhere has the warning ``outside``.
    """
    raise NotImplementedError


def split_addresses(text: str, own_hosts: Iterable[str] = ()) -> list[Address | Problems]:
    """The addresses in a pasted text, in order, each once; what looks like one but is not stands as Problems."""
    raise NotImplementedError


def same_site(url: str, own_hosts: Iterable[str]) -> bool:
    """Whether ``url`` is on one of the hosts, beneath one, or under the same registrable domain (``www.`` ignored)."""
    raise NotImplementedError
