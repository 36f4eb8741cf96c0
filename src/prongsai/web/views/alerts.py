"""Pages on which citizens without an account ask for mail about what is published, confirm it and end it. They set no
cookie, start no session and leave no line in any log."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from prongsai.people.access import public_page
from prongsai.people.actions import DomainError
from prongsai.people.rate_limits import is_limit_exceeded
from prongsai.people.requests import SiteRequest, View, unlogged
from prongsai.registry.models import Agency
from prongsai.registry.provinces import REGION_OF
from prongsai.results import alerts
from prongsai.results.models import Alert
from prongsai.web.templatetags.prongsai import name_of, t

_SENT, _SECONDS = 20, 600  # posts from one network


def _alert_page(view: Callable[..., HttpResponse]) -> View:
    """Mark a view as one that knows nobody: no cookie, no session, no log, nothing stored in the browser. Without a
    cookie there is no token against forged posts, and nothing to forge: whatever is posted a link decides."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and is_limit_exceeded(request, "alerts", _SENT, _SECONDS):
            text = t(
                "มีการส่งจากเครือข่ายนี้ถี่เกินไป รอ 10 นาทีแล้วลองใหม่", "Too much was sent from this network. Wait ten minutes."
            )
            return _say(request, text, status=429)
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return unlogged(public_page(csrf_exempt(never_cache(require_http_methods(["GET", "HEAD", "POST"])(answer)))))


def _say(request: HttpRequest, text: str, *, tone: str = "weak", status: int = 200) -> HttpResponse:
    return render(request, "web/alerts/said.html", {"text": text, "tone": tone}, status=status)


class AlertForm(forms.Form):
    address = forms.EmailField(max_length=200, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    topic = forms.ChoiceField(choices=Alert.Topic.choices, widget=forms.RadioSelect, initial=Alert.Topic.ALL)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["address"].label = t("อีเมลของท่าน", "Your e-mail address")
        self.fields["topic"].label = t("เรื่องที่อยากรู้", "What about")
        names = {"all": "Results and corrections", "results": "Results", "corrections": "Corrections"}
        choices = [(value, t(str(label), names[value])) for value, label in Alert.Topic.choices]
        self.fields["topic"].choices = choices  # type: ignore[attr-defined]


def _find_subject(request: SiteRequest) -> tuple[Agency | None, str]:
    """The agency or the province that the address of the page names."""
    code, province = request.GET.get("agency", "")[:40], request.GET.get("province", "")[:60]
    agency = Agency.objects.filter(assessment=request.assessment, code=code).first() if code else None
    if (code and agency is None) or (province and province not in REGION_OF):
        raise Http404
    return agency, "" if agency else province


def _list_feeds(agency: Agency | None, province: str) -> list[tuple[str, str]]:
    """What a news reader can follow instead, and where: of an agency everything, otherwise by topic."""
    if agency is not None:
        return [(name_of(agency), reverse("agency_feed", args=[agency.code]))]
    names = {
        "": t("ผลใหม่และการแก้ไข", "Results and corrections"),
        "results": t("ผลใหม่", "Results"),
        "corrections": t("การแก้ไขผล", "Corrections"),
    }
    asked = {topic: {"province": province, "topic": topic} for topic in names}
    queries = {topic: urlencode({k: v for k, v in query.items() if v}) for topic, query in asked.items()}
    return [(name, f"{reverse('feed')}{'?' * bool(queries[topic])}{queries[topic]}") for topic, name in names.items()]


@_alert_page
def ask_alert(request: SiteRequest) -> HttpResponse:
    """Ask for mail; the answer is the same for every address."""
    agency, province = _find_subject(request)
    about = {"agency": agency, "province": province, "feeds": _list_feeds(agency, province)}
    if not settings.SITE:
        return render(request, "web/alerts/ask.html", about, status=503 if request.method == "POST" else 200)
    form = AlertForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        language = "en" if (get_language() or "").startswith("en") else "th"
        wish = alerts.Wish(
            form.cleaned_data["address"], language, form.cleaned_data["topic"], agency.pk if agency else None, province
        )
        alerts.request_alert(wish=wish, site=settings.SITE)
        text = t(
            "ส่งลิงก์ยืนยันไปที่อีเมลนั้นแล้ว เปิดอีเมลและกดยืนยันภายในสองวัน ก่อนยืนยันระบบไม่เก็บที่อยู่ไว้",
            "A link was mailed to that address. Confirm within two days; until then the address is not stored.",
        )
        return _say(request, text, tone="good")
    return render(
        request, "web/alerts/ask.html", about | {"form": form}, status=422 if request.method == "POST" else 200
    )


@_alert_page
def confirm_alert(request: SiteRequest, token: str) -> HttpResponse:
    """Confirm by a button: programs that open every link of a mail confirm nothing."""
    try:
        if request.method == "POST":
            alert = alerts.confirm_alert(token=token)
            text = t("ยืนยันแล้ว เมื่อมีการเผยแพร่จะมีอีเมลถึงท่าน:", "Confirmed. You will be mailed about:")
            return _say(request, f"{text} {alerts.describe(alert, alert.reader.language)}", tone="good")
        wish = alerts.read_wish(token)
    except DomainError as error:
        text = t(str(error), "This link is too old or not whole, or there are too many alerts. Ask again.")
        return _say(request, text, status=410)
    return render(request, "web/alerts/confirm.html", {"about": alerts.describe(wish, wish.language)})


@_alert_page
def stop_alerts(request: SiteRequest, stop_token: str) -> HttpResponse:
    """End one alert, or, as the button of a mail program posts it (RFC 8058), all."""
    reader = alerts.find_reader(stop_token)
    if reader is not None and request.method == "POST":
        chosen = request.POST.get("alert", "")
        alerts.stop_alerts(reader=reader, alert_id=int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None)
        reader = alerts.find_reader(stop_token)
    if reader is None:
        text = t("ไม่มีอีเมลแจ้งถึงที่อยู่นี้แล้ว และลบที่อยู่แล้ว", "No more mail goes to this address, and the address is deleted.")
        return _say(request, text, tone="good")
    found = reader.alerts.select_related("agency").order_by("pk")
    context = {"alerts": [(a.pk, alerts.describe(a, reader.language)) for a in found]}
    return render(request, "web/alerts/stop.html", context)
