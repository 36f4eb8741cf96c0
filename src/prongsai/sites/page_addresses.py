"""The addresses by which everybody opens an agency's pages."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from prongsai.sites.item_pages import ShownPage


def site_of(request: HttpRequest) -> str:
    """The address of this site without a path, by its own name or, where it has none, that by which somebody came."""
    return settings.SITE or f"{request.scheme}://{request.get_host()}"


def public_site(request: HttpRequest) -> str:
    """The address of this site as everybody opens it, without a path: what is filed by it outlasts the name by which an
    officer came."""
    return settings.PAGES_SITE or site_of(request)


def address_of(request: HttpRequest, shown: ShownPage) -> str:
    """The public address of a page, as visitors of this site have it."""
    return public_site(request) + reverse("item_page", args=[shown.agency.code, shown.round.fiscal_year, shown.item.id])
