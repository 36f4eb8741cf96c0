"""The mark of the site where browsers and phones ask for it: on tabs, beside bookmarks, on a home screen."""

import io
from functools import lru_cache
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from prongsai.lib import typeset
from prongsai.people.access import public_page
from prongsai.people.requests import SiteRequest
from prongsai.web.assets import WEB
from prongsai.web.rendered_pages import rendered_once
from prongsai.web.templatetags.prongsai import english, t

if TYPE_CHECKING:
    from PIL.Image import Image

_TOUCH, _OF_SCREEN = 180, (192, 512)  # pixels: of a home screen that knows no manifest, and of one that does
_OF_TABS = (16, 32, 48)
_ROUNDED = ' rx="7"'
_LARGEST, _CENTIMETRES = 512, 512 / 96 * 2.54


@public_page
@require_safe
@rendered_once()
def favicon(request: SiteRequest) -> HttpResponse:
    """For browsers that take no SVG, and programs that ask for this address without having been told of any."""
    out = io.BytesIO()
    _draw().save(out, "ICO", sizes=[(side, side) for side in _OF_TABS])
    return HttpResponse(out.getvalue(), content_type="image/x-icon")


@public_page
@require_safe
@rendered_once()
def app_icon(request: SiteRequest, side: int) -> HttpResponse:
    """The mark as a PNG of one of the sizes that phones ask for."""
    if side not in (_TOUCH, *_OF_SCREEN):
        raise Http404
    out = io.BytesIO()
    _draw().resize((side, side)).save(out, "PNG", optimize=True)
    return HttpResponse(out.getvalue(), content_type="image/png")


@public_page
@require_safe
@rendered_once()
def manifest(request: SiteRequest) -> HttpResponse:
    """How the site is called and drawn on a home screen."""
    name = t("โปร่งใส", "Prongsai")
    content = {
        "name": t("โปร่งใส: ผลการประเมินคุณธรรมและความโปร่งใส", "Prongsai: integrity and transparency of public agencies"),
        "short_name": name,
        "lang": "en" if english() else "th",
        "start_url": reverse("home"),
        "display": "minimal-ui",
        "icons": [
            {"src": reverse("app_icon", args=[side]), "sizes": f"{side}x{side}", "type": "image/png"}
            for side in _OF_SCREEN
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@lru_cache(maxsize=1)
def _draw() -> "Image":
    """The mark as large as anybody asks for it, up to its corners: devices cut them as they like."""
    from PIL import Image

    svg = (WEB / "static" / "web" / "icon.svg").read_text("utf-8").replace(_ROUNDED, "")
    picture = Image.open(io.BytesIO(typeset.picture(svg, _CENTIMETRES, 96)))
    return picture.convert("RGB").resize((_LARGEST, _LARGEST))
