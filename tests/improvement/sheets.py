"""Registers for tests."""

import random
from html.parser import HTMLParser

from prongsai.improvement.registers import actions, queries
from prongsai.improvement.registers.kinds import load
from prongsai.lib import digest, fiscal
from tests.conftest import sample_year

YEAR = sample_year()


def values_of(kind, number=1, *, stages=("plan", "half", "year"), rng=None, **more):
    """Stored values of a record: something in every column of some stages."""
    rng = rng or random.Random(number)
    stored = {}
    for column in kind.columns:
        if column.stage not in stages or column.type == "level":
            continue
        match column.type:
            case "choice":
                stored[column.key] = rng.choice(list(column.labels))
            case "month":
                stored[column.key] = str(rng.randint(7, 12) if column.key == "ends" else rng.randint(1, 6))
            case "money":
                stored[column.key] = rng.choice(["20000.00", "1500.50", "0.00"])
            case "number":
                stored[column.key] = str(rng.randint(1, 300))
            case "link":
                stored[column.key] = "https://www.example.go.th/news/no-gift.html"
            case _:
                stored[column.key] = f"{column.label} {number}"
    return stored | more


def fields_of(kind, fiscal_year, *, stages=("plan", "half", "year")):
    """Stored values of the fields of a sheet; nothing is confirmed to be missing."""
    stored = {}
    for field in kind.fields:
        if field.stage in stages and field.type != "confirmation":
            day = fiscal.first_day(fiscal_year).isoformat()
            stored[field.key] = day if field.type == "day" else f"{field.label} ข้อหนึ่ง\n{field.label} ข้อสอง"
    return stored


def sheet(agency, people, *, kind="action_plan", year=YEAR, records=2, stages=("plan", "half", "year"), values=()):
    """A sheet that is filled in and not submitted."""
    definition = load()[kind]
    made = actions.start_sheet(
        agency=agency,
        fiscal_year=year,
        kind=definition,
        defaults=fields_of(definition, year, stages=stages),
        by=people["officer"],
    )
    rows = list(values) or [values_of(definition, n, stages=stages) for n in range(1, records + 1)]
    actions.import_records(sheet=made, rows=rows, token=f"{agency.code}{kind}{year}", by=people["officer"])
    return queries.find_sheet(agency, year, kind)


def approve(made, people):
    actions.submit_sheet(sheet=made, by=people["officer"])
    actions.approve_sheet(
        sheet=made,
        by=people["executive"],
        position="นายกองค์การบริหารส่วนตำบล",
        expected_digest=digest.of_json(queries.content_of(made)),
    )
    made.refresh_from_db()
    return made


def approved_sheet(agency, people, *, public=False, **more):
    made = approve(sheet(agency, people, **more), people)
    if public:
        actions.set_public(sheet=made, public=True, by=people["executive"])
        made.refresh_from_db()
    return made


class _Forms(HTMLParser):
    def __init__(self):
        super().__init__()
        self.sent, self.area, self.select = {}, None, None

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "input" and a.get("name") and a.get("type") not in ("submit", "file"):
            if a.get("type") != "checkbox" or "checked" in a:
                self.sent[a["name"]] = a.get("value", "")
        elif tag == "textarea":
            self.area = a["name"]
            self.sent[self.area] = ""
        elif tag == "select":
            self.select = a["name"]
        elif tag == "option" and self.select and ("selected" in a or self.select not in self.sent):
            self.sent[self.select] = a["value"]

    def handle_endtag(self, tag):
        self.area = None if tag == "textarea" else self.area
        self.select = None if tag == "select" else self.select

    def handle_data(self, data):
        if self.area:
            self.sent[self.area] += data


def fields(response):
    """What a browser would send of the forms of a page, unchanged."""
    forms = _Forms()
    forms.feed(response.content.decode())
    return forms.sent
