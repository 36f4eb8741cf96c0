"""Typed client of the public API of Prongsai: one method for each operation, named by its ``operationId``.

``tests/web/test_api_client.py`` compares each method, parameter, field and default with the description that the site
itself gives at ``/api/openapi.json``.
"""

from collections.abc import Iterator
from decimal import Decimal
from types import TracebackType
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, BeforeValidator, TypeAdapter, WithJsonSchema

__all__ = [
    "Agency",
    "AgencyPage",
    "AgencyType",
    "ApiError",
    "Change",
    "Client",
    "Collection",
    "Correction",
    "Fall",
    "Indicator",
    "Ranked",
    "RankedPage",
    "Result",
    "ResultPage",
    "Score",
    "WeakItem",
    "Year",
]

Score = Annotated[Decimal, WithJsonSchema({"type": "string"})]  # with the digits that were published
ScoreOrNone = Annotated[Decimal | None, BeforeValidator(lambda text: text or None), WithJsonSchema({"type": "string"})]
AgencyType = Literal[
    "department",
    "state_enterprise",
    "public_organization",
    "independent",
    "university",
    "state_agency",
    "province",
    "district",
    "special_local",
    "bangkok_district",
    "pao",
    "city",
    "town",
    "subdistrict_municipality",
    "sao",
    "hospital",
    "school",
]
_Answer = TypeVar("_Answer")


class ApiError(Exception):
    """What the site refused: ``status`` of HTTP, ``title``, and ``detail``, which may be empty."""

    def __init__(self, status: int, title: str, detail: str = "") -> None:
        super().__init__(f"{status} {title}" + (f": {detail}" if detail else ""))
        self.status, self.title, self.detail = status, title, detail


class Agency(BaseModel):
    code: str
    name_th: str
    name_en: str
    kind: str
    province: str
    region: str
    website: str
    closed: bool
    fictional: bool


class AgencyPage(BaseModel):
    items: list[Agency]
    next: str | None


class Change(BaseModel):
    """Of a correction: a score (``node``) or the level, before and after."""

    node: str
    before: str
    after: str


class Correction(BaseModel):
    corrected_at: str
    reason: str
    changes: list[Change]
    earlier: str | None


class Collection(BaseModel):
    """What to know of how the answers of a survey came in."""

    open_link: bool
    above_population: bool


class Result(BaseModel):
    """What was published of one agency and year; ``scores`` by node of the year's rules."""

    agency: str
    fictional: bool
    fiscal_year: int
    overall: Score | None
    level: str
    passed: bool | None
    origin: str
    scores: dict[str, Score]
    approximate: list[str]
    rules: str
    receipt: str
    collection: dict[str, Collection] = {}
    corrections: list[Correction] = []


class ResultPage(BaseModel):
    items: list[Result]
    next: str | None


class Year(BaseModel):
    """A fiscal year with published results, in the Buddhist era."""

    fiscal_year: int
    agencies: int
    mean: ScoreOrNone
    median: ScoreOrNone
    passed: int
    levels: dict[str, int]
    fictional: int
    framework: str
    state: str
    digest: str


class Indicator(BaseModel):
    node: str
    kind: str
    name_th: str
    name_en: str
    standing: str


class Fall(BaseModel):
    node: str
    change: Score
    caution: str


class WeakItem(BaseModel):
    node: str
    score: Score
    approximate: bool
    reason: str


class Ranked(BaseModel):
    """A row of a ranking; equals share a ``rank``."""

    rank: int | None
    agency: str
    name_th: str
    kind: str
    province: str
    region: str
    fictional: bool
    overall: Score | None
    level: str
    change: Score | None
    before: Score | None
    level_change: int | None
    caution: str
    scores: dict[str, Score]
    approximate: list[str]
    falls: list[Fall]
    weak: list[WeakItem]


class RankedPage(BaseModel):
    count: int
    items: list[Ranked]
    next: int | None


class Client:
    """The API of the site at ``address``; one connection for all requests, closed by ``with`` or ``close``.

    ``transport`` is one of httpx: for tests, proxies, repeated attempts.
    Every method raises ``ApiError`` for what the site refuses, and ``httpx.TransportError`` if it does not answer.
    """

    def __init__(self, address: str, *, timeout: float = 30, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(
            base_url=f"{address.rstrip('/')}/api/", timeout=timeout, transport=transport, follow_redirects=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def list_agencies(
        self,
        *,
        q: str = "",
        kind: AgencyType | Literal[""] = "",
        province: str = "",
        fictional: bool | None = None,
        after: str = "",
        limit: int = 100,
    ) -> AgencyPage:
        """A page of agencies, by code, after that of ``after``."""
        return self._get(
            AgencyPage, "agencies", q=q, kind=kind, province=province, fictional=fictional, after=after, limit=limit
        )

    def iterate_agencies(
        self,
        *,
        q: str = "",
        kind: AgencyType | Literal[""] = "",
        province: str = "",
        fictional: bool | None = None,
    ) -> Iterator[Agency]:
        """All of ``list_agencies``."""
        after: str | None = ""
        while after is not None:
            page = self.list_agencies(
                q=q, kind=kind, province=province, fictional=fictional, after=after, limit=_LARGEST_PAGE
            )
            yield from page.items
            after = page.next

    def get_agency(self, code: str) -> Agency:
        return self._get(Agency, "agencies", code)

    def list_agency_results(self, code: str) -> list[Result]:
        """What was published of an agency."""
        return self._get(list[Result], "agencies", code, "results")

    def list_rounds(self) -> list[Year]:
        """Fiscal years with published results."""
        return self._get(list[Year], "rounds")

    def list_indicators(self, fiscal_year: int) -> list[Indicator]:
        """Every node of a year's rules."""
        return self._get(list[Indicator], "rounds", fiscal_year, "indicators")

    def list_results(
        self, fiscal_year: int, *, after: str = "", limit: int = 100, min_overall: float = 0, fictional: bool = False
    ) -> ResultPage:
        """A page of a year's results, by agency code, after that of ``after``."""
        return self._get(
            ResultPage,
            "rounds",
            fiscal_year,
            "results",
            after=after,
            limit=limit,
            min_overall=min_overall,
            fictional=fictional,
        )

    def iterate_results(self, fiscal_year: int, *, min_overall: float = 0, fictional: bool = False) -> Iterator[Result]:
        """All of ``list_results``."""
        after: str | None = ""
        while after is not None:
            page = self.list_results(
                fiscal_year, after=after, limit=_LARGEST_PAGE, min_overall=min_overall, fictional=fictional
            )
            yield from page.items
            after = page.next

    def list_ranking(
        self,
        fiscal_year: int,
        *,
        kind: AgencyType | Literal[""] = "",
        province: str = "",
        district: str = "",
        region: str = "",
        level: str = "",
        q: str = "",
        sort: str = "overall",
        order: Literal["best", "worst"] = "best",
        fictional: bool = False,
        page: int = 1,
        size: int = 100,
    ) -> RankedPage:
        """A page of a year's results, ranked by ``sort``."""
        return self._get(
            RankedPage,
            "rounds",
            fiscal_year,
            "ranking",
            kind=kind,
            province=province,
            district=district,
            region=region,
            level=level,
            q=q,
            sort=sort,
            order=order,
            fictional=fictional,
            page=page,
            size=size,
        )

    def iterate_ranking(
        self,
        fiscal_year: int,
        *,
        kind: AgencyType | Literal[""] = "",
        province: str = "",
        district: str = "",
        region: str = "",
        level: str = "",
        q: str = "",
        sort: str = "overall",
        order: Literal["best", "worst"] = "best",
        fictional: bool = False,
    ) -> Iterator[Ranked]:
        """All of ``list_ranking``."""
        number: int | None = 1
        while number is not None:
            page = self.list_ranking(
                fiscal_year,
                kind=kind,
                province=province,
                district=district,
                region=region,
                level=level,
                q=q,
                sort=sort,
                order=order,
                fictional=fictional,
                page=number,
                size=_LARGEST_PAGE,
            )
            yield from page.items
            number = page.next

    def _get(self, answer: type[_Answer], *path: str | int, **query: Any) -> _Answer:
        asked = {name: value for name, value in query.items() if value not in (None, "")}
        response = self._http.get("/".join(_quote(part) for part in path), params=asked)
        if response.status_code != httpx.codes.OK:
            raise _read_problem(response)
        return TypeAdapter(answer).validate_json(response.content)


_LARGEST_PAGE = 500


def _quote(part: str | int) -> str:
    return quote(str(part), safe="")


def _read_problem(response: httpx.Response) -> ApiError:
    """The refusal in the form of RFC 9457; of anything else its status."""
    if response.headers.get("Content-Type", "").startswith("application/problem+json"):
        problem = response.json()
        return ApiError(response.status_code, problem["title"], problem.get("detail", ""))
    return ApiError(response.status_code, response.reason_phrase)
