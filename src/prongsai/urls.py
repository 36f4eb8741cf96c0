"""Every address of the site. Each view names the permission it requires or is marked public; a test checks both."""

from django.urls import include, path
from django.views.i18n import set_language

from prongsai.people.access import public_page
from prongsai.web.api import api, report_unknown_route
from prongsai.web.views import errors

urlpatterns = [
    path("s/", include("prongsai.survey.form_urls")),
    path("c/", include("prongsai.sites.sender_urls")),
    path("", include("prongsai.web.urls")),
    path("", include("prongsai.people.urls")),
    path("", include("prongsai.survey.urls")),
    path("", include("prongsai.disclosure.urls")),
    path("", include("prongsai.improvement.urls")),
    path("", include("prongsai.documents.urls")),
    path("", include("prongsai.sites.urls")),
    path("desk/", include("prongsai.registry.urls")),
    path("desk/", include("prongsai.results.urls")),
    path("log/", include("prongsai.publiclog.urls")),
    path("account/email/", public_page(errors.not_found)),  # addresses are the office's to change
    path("account/", include("allauth.urls")),
    path("language/", public_page(set_language), name="set_language"),
    path("api/", api.urls),
    path("api/<path:rest>", public_page(report_unknown_route)),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
