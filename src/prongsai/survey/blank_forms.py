"""Pages of the public form that are the same for everybody: the form before anything is chosen, and the thanks.

They depend on the rules, the language and the agency alone, so they are rendered once and kept; each request gets a
copy with a receipt number of its own in it. What a respondent sent never comes here: a form that is shown again with
its choices is rendered for that request and thrown away. A page is rendered for a request that nobody made, so that
nothing of whoever came first can be in it.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils import translation

from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.survey import codes, work
from prongsai.survey.mixing import MIN_BATCH
from prongsai.survey.models import Channel
from prongsai.survey.queries import FormFacts
from prongsai.survey.questions import list_questions

MAX_PAGES = 64  # of years, instruments, languages and kinds, without an agency
MAX_AGENCY_PAGES = 256  # of 30 kB each; what does not fit is put together anew from the page above
# where an agency, a receipt and a challenge go: characters that no page has, and that no escaping changes
AGENCY, SLUG, RECEIPT, CHALLENGE = "\ue000", "\ue001", "\ue002", "\ue003"
MINUTES = 20  # after the last choice, until what was not sent is emptied from the screen and the device
_STORED_BLOCK = 0xFFFF  # bytes that a block of a compressed stream holds uncompressed
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


class PageKey(NamedTuple):
    """Everything that a page depends on besides its agency and its receipt number."""

    template: str
    language: str
    prefix: str  # under which the assessment's pages are
    kind: str
    instrument: str
    assessment: str
    fiscal_year: int
    framework_digest: str
    rules_in_force: str | None
    sealing_key: int | None
    public_key: str
    holders: tuple[str, ...]
    threshold: int
    is_reopened: bool
    work_bits: int  # that an answer costs; 0: none


@dataclass(frozen=True)
class DividedPage:
    """A page of an agency around the place of its receipt number, and the beginning compressed."""

    before: bytes
    after: bytes
    compressed: bytes  # the beginning as an unfinished gzip stream that ends at a whole byte
    checksum: int  # of the beginning

    @classmethod
    def of(cls, before: bytes, after: bytes) -> "DividedPage":
        deflate = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
        compressed = _GZIP_HEADER + deflate.compress(before) + deflate.flush(zlib.Z_FULL_FLUSH)
        return cls(before, after, compressed, zlib.crc32(before))

    def fill(self, receipt: str) -> bytes:
        return self.before + receipt.encode() + self.after

    def fill_compressed(self, receipt: str) -> bytes:
        """As ``fill``, as gzip: the beginning as it was compressed once, the rest in a block that is not compressed.

        Nothing that a reader chose is in the page, so its length tells nobody anything."""
        rest = receipt.encode() + self.after
        block = b"\x01" + len(rest).to_bytes(2, "little") + (len(rest) ^ _STORED_BLOCK).to_bytes(2, "little") + rest
        size = (len(self.before) + len(rest)) & 0xFFFFFFFF
        end = zlib.crc32(rest, self.checksum).to_bytes(4, "little") + size.to_bytes(4, "little")
        return self.compressed + block + end


def show_blank_form(request: HttpRequest, facts: FormFacts) -> HttpResponse:
    """The form, empty, with a new receipt number."""
    return _show(request, "survey/form.html", facts, codes.generate_code(codes.RECEIPT_LENGTH))


def show_thanks(request: HttpRequest, facts: FormFacts, receipt: str) -> HttpResponse:
    """The acknowledgement of an answer that is stored."""
    return _show(request, "survey/thanks.html", facts, codes.format_code(receipt))


def _show(request: HttpRequest, template: str, facts: FormFacts, receipt: str) -> HttpResponse:
    language = "en" if (translation.get_language() or "th").startswith("en") else "th"
    key = PageKey(
        template,
        language,
        get_script_prefix(),
        facts.kind,
        facts.instrument,
        facts.assessment,
        facts.fiscal_year,
        facts.framework_digest,
        facts.rules_in_force,
        facts.sealing_key,
        facts.public_key,
        facts.holders,
        facts.threshold,
        facts.is_reopened,
        work.find_bits(facts.kind),
    )
    name = facts.agency_en if language == "en" and facts.agency_en else facts.agency_th
    challenge = work.make_challenge(facts.slug) if key.work_bits else ""
    page = _divide_page(key, facts.slug, name, challenge)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(page.fill_compressed(receipt), headers={"Content-Encoding": "gzip"})
    else:
        response = HttpResponse(page.fill(receipt))
    response.headers["Vary"] = "Accept-Encoding"
    return response


@lru_cache(maxsize=MAX_AGENCY_PAGES)
def _divide_page(key: PageKey, slug: str, agency: str, challenge: str) -> DividedPage:
    before, receipt, after = _render_page(key).partition(RECEIPT)
    assert receipt, key.template
    own = str.maketrans({AGENCY: escape(agency), SLUG: escape(slug), CHALLENGE: challenge})
    return DividedPage.of(before.translate(own).encode(), after.translate(own).encode())


@lru_cache(maxsize=MAX_PAGES)
def _render_page(key: PageKey) -> str:
    """A page with marks where the agency and the receipt number go."""
    assessment_round = Round(
        assessment_id=key.assessment, fiscal_year=key.fiscal_year, framework_digest=key.framework_digest
    )
    channel = Channel(
        round=assessment_round,
        agency=Agency(name_th=AGENCY, name_en=AGENCY),
        instrument=key.instrument,
        kind=key.kind,
        slug=SLUG,
    )
    request = HttpRequest()
    request.assessment = key.assessment  # type: ignore[attr-defined]  # as the middleware sets it
    return render_to_string(
        key.template,
        build_form_context(channel, receipt=RECEIPT, challenge=CHALLENGE, **describe_sealing(key)),
        request,
    )


def describe_sealing(facts: PageKey | FormFacts) -> dict[str, Any]:
    """What the form and the page about it say of the key that answers are sealed to, and whether they are opened."""
    return {
        "sealing_key": facts.sealing_key,
        "public_key": facts.public_key,
        "holders": facts.holders,
        "threshold": facts.threshold,
        "is_reopened": facts.is_reopened,
        "fewest_opened": MIN_BATCH,
    }


def build_form_context(channel: Channel, **values: Any) -> dict[str, Any]:
    """What the questions' template needs; ``values`` override those of an empty form."""
    framework = load_round_framework(channel.round)
    questions = list_questions(framework, channel.instrument)
    return {
        "channel": channel,
        "instrument": framework.instruments[channel.instrument],
        "questions": questions,
        "number_of_questions": len(questions),
        "sections": questions[-1].section.number,
        "last_item": questions[-1].number,
        "choices": {},
        "missing": [],
        "receipt": codes.generate_code(codes.RECEIPT_LENGTH),
        "code": "",
        "work_bits": (bits := work.find_bits(channel.kind)),
        "part_bits": work.find_part_bits(),
        "challenge": work.make_challenge(channel.slug) if bits and "challenge" not in values else "",
        "minutes": MINUTES,
        **values,
    }
