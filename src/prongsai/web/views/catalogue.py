"""The downloads as catalogues of other offices read them: a dataset in DCAT-AP 3 (JSON-LD), and a package of CKAN, on
which the national catalogue of open data runs. Both say what ``datapackage.json`` says, in their own words."""

import datetime
from typing import Any

from django.conf import settings
from django.db.models import Max, Min
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from prongsai.framework import NATIONAL
from prongsai.lib import fiscal
from prongsai.people.access import public_page
from prongsai.people.requests import SiteRequest
from prongsai.results import queries as results
from prongsai.results.models import Publication
from prongsai.web.rendered_pages import rendered_once
from prongsai.web.views.open_data import list_resources

_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_EUROPA = "http://publications.europa.eu/resource/authority/"
_TITLE = {
    "th": "ผลการประเมินคุณธรรมและความโปร่งใสที่เผยแพร่",
    "en": "Published results of the Integrity and Transparency Assessment (ITA)",
}
_NOTES = {
    "th": "คะแนนรวม ระดับ และคะแนนตัวชี้วัดของหน่วยงานภาครัฐรายปีงบประมาณ พร้อมรหัสหลักเกณฑ์และชุดผลสำหรับตรวจสอบและคำนวณซ้ำ",
    "en": "Totals, levels and indicator scores of public agencies by fiscal year, with the digests of the rules and of "
    "the results for checking and computing them again.",
}
_KEYWORDS = {"th": ("คุณธรรม", "ความโปร่งใส", "หน่วยงานภาครัฐ"), "en": ("integrity", "transparency", "public agencies")}
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@public_page
@require_safe
@rendered_once()
def dcat(request: SiteRequest) -> HttpResponse:
    """A catalogue with one dataset, its files of each year, and the API beside them."""
    described = JsonResponse(_describe_catalogue(request), json_dumps_params={"ensure_ascii": False, "indent": 1})
    described["Content-Type"] = "application/ld+json; charset=utf-8"
    return described


@public_page
@require_safe
@rendered_once()
def ckan(request: SiteRequest) -> HttpResponse:
    """What ``package_create`` of CKAN takes, but for the organization, which each catalogue names for itself."""
    return JsonResponse(_describe_package(request), json_dumps_params={"ensure_ascii": False, "indent": 1})


def _describe_catalogue(request: SiteRequest) -> dict[str, Any]:
    page, api = (request.build_absolute_uri(reverse(name)) for name in ("downloads", "api-1:openapi-json"))
    own = {"dct:publisher": _describe_publisher(request), "dct:license": _refer_to_licence()}
    about = {"dct:title": _in_both(_TITLE), "dct:description": _in_both(_NOTES)} | own
    service = about | {
        "@id": f"{page}#api",
        "@type": "dcat:DataService",
        "dcat:endpointURL": _refer(request.build_absolute_uri(reverse("home")) + "api/"),
        "dcat:endpointDescription": _refer(api),
        "dcat:servesDataset": _refer(f"{page}#dataset"),
    }
    return about | {
        "@context": _CONTEXT,
        "@id": f"{page}#catalogue",
        "@type": "dcat:Catalog",
        "dct:language": [
            _refer(f"{_EUROPA}language/{language}", "dct:LinguisticSystem") for language in ("THA", "ENG")
        ],
        "dcat:dataset": about | _describe_dataset(request, page),
        "dcat:service": service,
    }


def _describe_dataset(request: SiteRequest, page: str) -> dict[str, Any]:
    years = results.years(request.assessment)
    return {
        "@id": f"{page}#dataset",
        "@type": "dcat:Dataset",
        "dcat:keyword": [word for language in _KEYWORDS for word in _in_language(language, _KEYWORDS[language])],
        "dcat:theme": _refer(f"{_EUROPA}data-theme/GOVE", "skos:Concept")
        | {"skos:prefLabel": _in_language("en", ("Government and public sector",))},
        "dct:spatial": _refer(f"{_EUROPA}country/THA", "dct:Location"),
        "dct:accrualPeriodicity": _refer(f"{_EUROPA}frequency/ANNUAL", "dct:Frequency"),
        "dct:temporal": [_describe_year(year) for year in years],
        "dcat:landingPage": _refer(page, "foaf:Document"),
        "dcat:distribution": [_describe_distribution(resource) for resource in list_resources(request)],
    } | {f"dct:{name}": _typed("dateTime", at.isoformat()) for name, at in _find_dates(request.assessment).items()}


def _describe_year(year: int) -> dict[str, Any]:
    return {
        "@type": "dct:PeriodOfTime",
        "dcat:startDate": _typed("date", fiscal.first_day(year).isoformat()),
        "dcat:endDate": _typed("date", fiscal.last_day(year).isoformat()),
    }


def _describe_distribution(resource: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "dcat:Distribution",
        "dct:title": resource["name"],
        "dcat:accessURL": _refer(resource["path"]),
        "dcat:downloadURL": _refer(resource["path"]),
        "dcat:mediaType": _refer(
            f"http://www.iana.org/assignments/media-types/{resource['mediatype']}", "dct:MediaType"
        ),
        "dct:license": _refer_to_licence(),
    }


def _describe_publisher(request: SiteRequest) -> dict[str, Any]:
    name = settings.NATIONAL_AGENCY or request.get_host()
    home = request.build_absolute_uri(reverse("home"))
    return {
        "@id": f"{home}#publisher",
        "@type": "foaf:Agent",
        "foaf:name": name,
        "foaf:homepage": _refer(home, "foaf:Document"),
    }


def _describe_package(request: SiteRequest) -> dict[str, Any]:
    """Fields of CKAN itself; those that catalogues add are among its ``extras``."""
    dates = {f"{name}_date": at.date().isoformat() for name, at in _find_dates(request.assessment).items()}
    years = sorted(results.years(request.assessment))
    extras = {"update_frequency_unit": "ปี", "update_frequency_interval": "1", "geo_coverage": "ประเทศ"} | dates
    if years:
        extras["fiscal_years"] = f"{years[0]}-{years[-1]}"
    return {
        "name": "prongsai-results" if request.assessment == NATIONAL else f"prongsai-results-{request.assessment}",
        "title": _TITLE["th"],
        "notes": f"{_NOTES['th']}\n\n{_NOTES['en']}",
        "url": request.build_absolute_uri(reverse("downloads")),
        "author": settings.NATIONAL_AGENCY or request.get_host(),
        "license_id": "cc-by",
        "tags": [{"name": word} for word in _KEYWORDS["en"]],  # CKAN takes no vowels above and below letters in tags
        "extras": [{"key": key, "value": value} for key, value in extras.items()],
        "resources": [
            {
                "name": resource["name"],
                "url": resource["path"],
                "format": resource["format"].upper(),
                "mimetype": resource["mediatype"],
            }
            for resource in list_resources(request)
        ],
    }


def _find_dates(assessment: str) -> dict[str, datetime.datetime]:
    """When the first and the last results were published that are public."""
    made = Publication.objects.filter(result_set__assessment=assessment, withdrawn_at=None)
    found = made.aggregate(issued=Min("published_at"), modified=Max("published_at"))
    return {name: at for name, at in found.items() if at is not None}


def _refer(address: str, kind: str = "") -> dict[str, Any]:
    """What stands at an address, and what kind of thing it is, for whoever does not know the lists of Europe."""
    return {"@id": address} | ({"@type": kind} if kind else {})


def _refer_to_licence() -> dict[str, Any]:
    return _refer(_LICENCE, "dct:LicenseDocument")


def _typed(kind: str, value: str) -> dict[str, str]:
    return {"@value": value, "@type": f"xsd:{kind}"}


def _in_language(language: str, texts: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for text in texts]


def _in_both(texts: dict[str, str]) -> list[dict[str, str]]:
    return [one for language, text in texts.items() for one in _in_language(language, (text,))]
