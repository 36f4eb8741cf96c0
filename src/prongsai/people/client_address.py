"""The network address of a request: for rate limits in memory, never stored."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def get_client_address(request: HttpRequest) -> str:
    """The address as reported by trusted proxies; empty when it is unknown."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return ""
