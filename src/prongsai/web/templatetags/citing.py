"""How an agency's year is cited and shared, and what it is for machines that read pages (schema.org)."""

import datetime
import json
import re
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from prongsai.results.queries import ResultAnalysis
from prongsai.web.templatetags.prongsai import name_of, page_address, place_name, t

register = template.Library()
_ERA = 543  # years between the Buddhist era and the Common one
_LINE = "https://social-plugins.line.me/lineit/share"
_LICENSE = "https://creativecommons.org/licenses/by/4.0/"
_BIBTEX = re.compile(r"[&%$#_{}]")
_LEAST_DESCRIPTION, _MOST_DESCRIPTION = 50, 5000  # letters that search engines of data ask for


@register.simple_tag(takes_context=True)
def cite(context: Context, assessed: ResultAnalysis) -> dict[str, str]:
    """An agency's year as APA (7th edition) and BibTeX have it and as a frame elsewhere, in the page's language."""
    result_set, address = assessed.result.result_set, _address(context, assessed)
    title, made = _title(assessed), result_set.created_at.year
    digest = result_set.digest[:12]
    code = re.sub("[^A-Za-z0-9]", "", assessed.agency.code)
    fields = {
        "author": f"{{{_escape(_author())}}}",
        "title": _escape(title),
        "year": str(made),
        "url": address,
        "note": f"{t('ชุดผล', 'Result set')} {digest}",
    }
    lines = [f"@misc{{prongsai{code}{assessed.current.fiscal_year},", *(f"  {k} = {{{v}}}," for k, v in fields.items())]
    return {
        "apa": f"{_author()}. ({made}). {title} ({t('ชุดผล', 'result set')} {digest}) [Data set]. {address}",
        "bibtex": "\n".join([*lines, "}"]),
        "frame": _frame(context, assessed),
    }


def _frame(context: Context, assessed: ResultAnalysis) -> str:
    """What another website writes to have the result in a frame."""
    agency, year = assessed.agency, assessed.current.fiscal_year
    address = page_address(context, reverse("embedded_result", args=[agency.code, year]))
    title = f"{name_of(agency)} {year}"
    return format_html('<iframe src="{}" title="{}" width="100%" height="700"></iframe>', address, title)


@register.simple_tag(takes_context=True)
def line_address(context: Context, assessed: ResultAnalysis) -> str:
    """Where LINE lets a reader share an agency's year."""
    return f"{_LINE}?{urlencode({'url': _address(context, assessed)})}"


@register.simple_tag(takes_context=True)
def linked_data(context: Context, assessed: ResultAnalysis) -> SafeString:
    """An agency and its result as schema.org has them; nothing of a fictional one, which is not for search engines."""
    if assessed.agency.fictional:
        return SafeString("")
    text = json.dumps({"@context": "https://schema.org", "@graph": _graph(context, assessed)}, ensure_ascii=False)
    for letter in "<>&":  # so that no name ends the script
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return SafeString(f'<script type="application/ld+json">{text}</script>')


def _graph(context: Context, assessed: ResultAnalysis) -> list[dict[str, Any]]:
    agency, address, year = assessed.agency, _address(context, assessed), assessed.current.fiscal_year
    described = " ".join(t(s.th, s.en) for s in context.get("story") or ())[:_MOST_DESCRIPTION]
    organization: dict[str, Any] = {
        "@type": "GovernmentOrganization",
        "@id": f"{address}#agency",
        "name": name_of(agency),
        "alternateName": agency.name_th,
        "identifier": agency.code,
        "url": agency.website or address,
    }
    if agency.province:
        organization["areaServed"] = {"@type": "AdministrativeArea", "name": place_name(agency.province)}
    first = datetime.date(year - _ERA - 1, 10, 1)
    receipt = page_address(context, reverse("receipt", args=[agency.code, year]))
    dataset: dict[str, Any] = {
        "@type": "Dataset",
        "@id": f"{address}#result",
        "name": _title(assessed),
        "description": described if len(described) >= _LEAST_DESCRIPTION else f"{_title(assessed)}. {described}",
        "url": address,
        "identifier": assessed.result.result_set.digest,
        "license": _LICENSE,
        "isAccessibleForFree": True,
        "inLanguage": t("th", "en"),
        "creator": {"@type": "Organization", "name": _author()},
        "about": {"@id": f"{address}#agency"},
        "temporalCoverage": f"{first}/{datetime.date(year - _ERA, 9, 30)}",
        "variableMeasured": [
            {"@type": "PropertyValue", "name": t(bar.label.th, bar.label.en), "value": str(bar.score)}
            for bar in assessed.bars
        ],
        "distribution": [{"@type": "DataDownload", "encodingFormat": "application/json", "contentUrl": receipt}],
    }
    return [organization, dataset]


def _address(context: Context, assessed: ResultAnalysis) -> str:
    return page_address(context, reverse("agency_year", args=[assessed.agency.code, assessed.current.fiscal_year]))


def _title(assessed: ResultAnalysis) -> str:
    year, name = assessed.current.fiscal_year, name_of(assessed.agency)
    return t(
        f"ผลการประเมินคุณธรรมและความโปร่งใส ปีงบประมาณ พ.ศ. {year}: {name}",
        f"Integrity and Transparency Assessment, fiscal year {year - _ERA} (B.E. {year}): {name}",
    )


def _author() -> str:
    return settings.NATIONAL_AGENCY or t("โปร่งใส", "Prongsai")


def _escape(text: str) -> str:
    """A text for BibTeX."""
    return _BIBTEX.sub(lambda m: "\\" + m[0], text.replace("\\", ""))
