"""The client (``client/``) against the description that the API gives of itself: every operation, parameter, default
and field; and against the site, without a network."""

import contextlib
import html
import inspect
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import get_args, get_origin, get_type_hints

import httpx
import pytest
from pydantic import BaseModel, TypeAdapter

import prongsai_client
from prongsai_client import ApiError, Client

OPERATIONS = {  # these names stay: programs call them
    "/api/agencies": "list_agencies",
    "/api/agencies/{code}": "get_agency",
    "/api/agencies/{code}/results": "list_agency_results",
    "/api/rounds": "list_rounds",
    "/api/rounds/{fiscal_year}/indicators": "list_indicators",
    "/api/rounds/{fiscal_year}/ranking": "list_ranking",
    "/api/rounds/{fiscal_year}/results": "list_results",
}
PAGES = {"iterate_agencies": "list_agencies", "iterate_ranking": "list_ranking", "iterate_results": "list_results"}
OF_A_PAGE = {"after", "limit", "page", "size"}
WORDS_OF_PEOPLE = ("title", "description")  # and bounds, which the site checks
BOUNDS = ("maxLength", "minimum", "maximum")


@pytest.fixture(scope="module")
def description():
    from prongsai.web.api import api

    return api.get_openapi_schema()


def plain(schema, components):
    """A JSON schema without names, texts and bounds; what it refers to stands in it."""
    if isinstance(schema, list):
        return [plain(part, components) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return plain(components[schema["$ref"].rsplit("/", 1)[1]], components)
    properties = {name: plain(part, components) for name, part in schema.get("properties", {}).items()}
    rest = {
        name: plain(part, components)
        for name, part in schema.items()
        if name not in (*WORDS_OF_PEOPLE, *BOUNDS, "properties", "$defs")
    }
    return rest | ({"properties": properties} if properties else {})


def plain_type(annotation):
    schema = TypeAdapter(annotation).json_schema()
    return plain(schema, schema.get("$defs", {}))


def methods():
    return {n: m for n, m in inspect.getmembers(Client, inspect.isfunction) if not n.startswith("_") and n != "close"}


def test_names_of_operations_stay(description):
    assert {path: item["get"]["operationId"] for path, item in description["paths"].items()} == OPERATIONS


def test_each_operation_is_a_method_with_its_parameters_and_answer(description):
    assert set(methods()) == set(OPERATIONS.values()) | set(PAGES)
    components = description["components"]["schemas"]
    for path, item in description["paths"].items():
        operation = item["get"]
        method = getattr(Client, operation["operationId"])
        hints = get_type_hints(method, include_extras=True)
        parameters = list(inspect.signature(method).parameters.values())[1:]
        assert [p.name for p in parameters] == [p["name"] for p in operation["parameters"]], path
        for parameter, described in zip(parameters, operation["parameters"], strict=True):
            schema = dict(described["schema"])
            is_in_path = described["in"] == "path"
            assert (parameter.kind is not parameter.KEYWORD_ONLY) == is_in_path
            assert (parameter.default is parameter.empty) == is_in_path == described["required"]
            if not is_in_path:
                assert parameter.default == schema.pop("default", None), (path, parameter.name)
            assert plain_type(hints[parameter.name]) == plain(schema, components), (path, parameter.name)
        answer = operation["responses"][200]["content"]["application/json"]["schema"]
        assert plain_type(hints["return"]) == plain(answer, components), path


def test_what_reads_all_pages_takes_what_one_page_does():
    for name, of_a_page in PAGES.items():
        every, one = methods()[name], methods()[of_a_page]
        expected = {n: p for n, p in inspect.signature(one).parameters.items() if n not in OF_A_PAGE}
        assert dict(inspect.signature(every).parameters) == expected
        answer = get_type_hints(every)["return"]
        assert get_origin(answer) is Iterator
        assert get_args(answer)[0] is get_args(get_type_hints(get_type_hints(one)["return"])["items"])[0]


def test_all_names_are_offered():
    models = {n for n, m in vars(prongsai_client).items() if inspect.isclass(m) and issubclass(m, BaseModel)}
    assert models - {"BaseModel"} <= set(prongsai_client.__all__)


@pytest.fixture
def prongsai(one_connection):
    from prongsai.wsgi import application

    with Client("http://testserver/", transport=httpx.WSGITransport(application)) as client:
        yield client


def test_published_results_are_read(published, prongsai):
    years = prongsai.list_rounds()
    assert len(years) == len(published)
    for year in years:
        (result,) = prongsai.iterate_results(year.fiscal_year)
        (row,) = prongsai.iterate_ranking(year.fiscal_year, order="worst")
        assert str(result.overall) == str(row.overall) == published_score(published, year.fiscal_year)
        assert isinstance(row.scores.get("IIT", Decimal(0)), Decimal)
        assert result in prongsai.list_agency_results(result.agency)
        assert prongsai.get_agency(result.agency) in list(prongsai.iterate_agencies())
        assert prongsai.list_indicators(year.fiscal_year)


def published_score(published, fiscal_year):
    (row,) = [s.results.get() for s in published if s.fiscal_year == fiscal_year]
    return row.shown["overall"]


def test_the_page_about_the_api_names_every_operation_and_its_samples_work(
    published, client, prongsai, capsys, monkeypatch
):
    newest = max(s.fiscal_year for s in published)
    for language in ("", "/en"):
        page = html.unescape(client.get(f"{language}/data/api/").content.decode())
        for path, operation in OPERATIONS.items():
            assert f"<code>{path}</code>" in page
            assert f"<code>{operation}</code>" in page
        samples = dict(re.findall(r'<pre\s{1,9}class="sample"[^>]{0,99}aria-label="(\w+)"\s{0,9}>([^<]{1,999})', page))
        assert list(samples) == ["curl", "Python", "R", "Excel"]
        monkeypatch.setattr(prongsai_client, "Client", partial(opened, prongsai))
        exec(samples["Python"], {})
        assert published_score(published, newest) in capsys.readouterr().out
        for address in re.findall(r"http://testserver/[^'\"]{1,200}", "".join(samples.values())):
            assert client.get(address.removeprefix("http://testserver")).status_code == 200, address


@contextlib.contextmanager
def opened(prongsai, address):
    assert address == "http://testserver"
    yield prongsai


def test_pages_follow_one_another(agencies, prongsai, monkeypatch):
    monkeypatch.setattr(prongsai_client, "_LARGEST_PAGE", 1)
    codes = [a.code for a in prongsai.iterate_agencies()]
    assert codes == sorted(a.code for a in agencies)


def test_what_is_asked_for_arrives(agencies, prongsai):
    asked = {"kind": agencies[0].kind, "province": agencies[0].province, "fictional": agencies[0].fictional}
    found = prongsai.list_agencies(**asked, limit=500).items
    assert agencies[0].code in {a.code for a in found}
    assert all({k: getattr(a, k) for k in asked} == asked for a in found)


def test_refusals_say_what_is_wrong(agencies, prongsai):
    with pytest.raises(ApiError, match="404 ไม่พบ · Not found: ") as refused:
        prongsai.get_agency("nobody/../x")
    assert (refused.value.status, refused.value.title) == (404, "ไม่พบ · Not found")
    with pytest.raises(ApiError, match=r"422 .*limit"):
        prongsai.list_agencies(limit=0)


def test_an_answer_that_is_not_of_the_api_is_its_status():
    def answer(request):
        return httpx.Response(502, text="<h1>Bad gateway</h1>")

    with (
        Client("http://testserver", transport=httpx.MockTransport(answer)) as client,
        pytest.raises(ApiError, match="502 Bad Gateway"),
    ):
        client.list_rounds()
