"""The descriptions of the data that other offices' catalogues read are valid, and name every file there is."""

import json
import re
from pathlib import Path

import pyshacl
import pytest
import rdflib
from django.urls import reverse

from tests.conftest import sample_year

# within rdflib and pyshacl
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
SHAPES = Path(__file__).parent / "data"
OFFICIAL, OWN = SHAPES / "dcat-ap-SHACL.jsonld", SHAPES / "dcat_ap.ttl"
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
DCT = rdflib.Namespace("http://purl.org/dc/terms/")
FOAF = rdflib.Namespace("http://xmlns.com/foaf/0.1/")


def files_of(client):
    return {resource["path"] for resource in client.get(reverse("datapackage")).json()["resources"]}


def validate(graph, shapes):
    """By the shapes of a file; that whatever has an address is a resource, which one of them asks, needs no saying."""
    addresses = {node for node in graph.objects() if isinstance(node, rdflib.URIRef)}
    for node in addresses:
        graph.add((node, rdflib.RDF.type, rdflib.RDFS.Resource))
    return pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(shapes))


def test_the_catalogue_is_valid_and_names_every_file(client, published):
    answer = client.get(reverse("dcat"))
    assert answer["Content-Type"].startswith("application/ld+json")
    graph = rdflib.Graph().parse(data=answer.content.decode(), format="json-ld")
    for shapes in (OFFICIAL, OWN):
        conforms, _, text = validate(graph, shapes)
        assert conforms, text
    assert {str(address) for address in graph.objects(None, DCAT.downloadURL)} == files_of(client) != set()
    (dataset,) = graph.subjects(rdflib.RDF.type, DCAT.Dataset)
    assert {title.language for title in graph.objects(dataset, DCT.title)} == {"th", "en"}
    starts = {str(day) for day in graph.objects(None, DCAT.startDate)}
    assert f"{sample_year() - 544}-10-01" in starts


@pytest.mark.parametrize("shapes", [OFFICIAL, OWN], ids=["official", "own"])
@pytest.mark.parametrize("missing", [DCT.title, DCT.publisher, DCAT.accessURL, DCAT.endpointURL, FOAF.name])
def test_the_shapes_miss_what_is_mandatory(client, published, missing, shapes):
    graph = rdflib.Graph().parse(data=client.get(reverse("dcat")).content.decode(), format="json-ld")
    graph.remove((None, missing, None))
    assert not validate(graph, shapes)[0]


def test_the_official_shapes_miss_what_a_thing_is(client, published):
    graph = rdflib.Graph().parse(data=client.get(reverse("dcat")).content.decode(), format="json-ld")
    graph.remove((None, rdflib.RDF.type, DCT.LicenseDocument))
    assert not validate(graph, OFFICIAL)[0]


def test_the_package_is_what_ckan_takes(client, published, settings):
    """By the validators of CKAN's ``package_create``: of names, tags, licences and addresses."""
    settings.NATIONAL_AGENCY = "สำนักงานตัวอย่าง"
    package = client.get(reverse("ckan")).json()
    own = {"name", "title", "notes", "url", "author", "license_id", "tags", "extras", "resources"}
    assert package.keys() == own
    assert re.fullmatch(r"[a-z0-9_-]{2,100}", package["name"])
    assert package["author"] == "สำนักงานตัวอย่าง"
    assert package["license_id"] == "cc-by"
    assert all(re.fullmatch(r"[\w\-. ]{2,100}", tag["name"]) for tag in package["tags"])
    assert package["tags"]
    keys = [extra["key"] for extra in package["extras"]]
    assert len(keys) == len(set(keys))
    assert all(isinstance(extra["value"], str) and extra["value"] for extra in package["extras"])
    assert {resource["url"] for resource in package["resources"]} == files_of(client)
    assert all(resource.keys() == {"name", "url", "format", "mimetype"} for resource in package["resources"])


def test_both_are_linked_from_the_page_of_the_data_and_from_the_site_map(client, published):
    page = client.get(reverse("downloads")).content.decode()
    listed = client.get(reverse("sitemap", args=["pages"])).content.decode()
    for name in ("dcat", "ckan"):
        assert f'href="{reverse(name)}"' in page
        assert f"{reverse(name)}</loc>" in listed


def test_without_results_they_are_descriptions_of_nothing(client, db):
    assert json.loads(client.get(reverse("dcat")).content)["dcat:dataset"]["dcat:distribution"] == []
    assert client.get(reverse("ckan")).json()["resources"] == []
