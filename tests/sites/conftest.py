"""An agency whose channels are open, and a second officer."""

import pytest
from django.core.cache import caches

LETTERS = "23456789abcdefghjkmnpqrstvwxyz"


@pytest.fixture(autouse=True)
def _no_memory_of_addresses():
    """Each test posts from the same address."""
    caches["process"].clear()


@pytest.fixture
def agency(running_round, agencies, people):
    """The agency that officer and executive act for, with both channels open."""
    from prongsai.sites.actions import set_channels
    from prongsai.sites.models import ChannelSettings

    settings = ChannelSettings(agency=agencies[0], questions_open=True, complaints_open=True)
    set_channels(settings=settings, by=people["officer"])
    return agencies[0]


@pytest.fixture
def second_officer(agency, people):
    import datetime

    from prongsai.people.models import User
    from prongsai.registry.actions import appoint

    user = User.objects.create(email="second@example.test", name="เจ้าหน้าที่คนที่สอง", role="officer")
    appoint(user=user, agency=agency, on=datetime.date(2020, 1, 1), by=people["office"])
    return user


@pytest.fixture
def complaint(agency):
    return send(agency, secret=LETTERS[:24])


def send(agency, *, secret=None, **values):
    """A complaint, as its sender's page stores it."""
    from prongsai.sites import sealing
    from prongsai.sites.actions import NewComplaint, submit_complaint

    new = {"kind": "corruption", "about": "other", "text": "เรื่องลับมาก", **values}
    return submit_complaint(agency=agency, new=NewComplaint(secret=secret or sealing.draw_secret(), **new))


def write_item_page(agency, *, by, item="O1", texts=None, public=True, base=0):
    """A page of an item of the agency's newest round; without ``texts``, something of every element."""
    from prongsai.sites import item_pages, queries

    (newest, *_) = queries.find_rounds(agency)
    shown = item_pages.load_page(agency, newest, item_pages.find_item(newest, item))
    texts = {e.index: f"ข้อมูลที่ {e.index}" for e in shown.elements} if texts is None else texts
    item_pages.save_page(shown=shown, texts=texts, base=base, public=public, by=by)
    return item_pages.load_page(agency, newest, shown.item)


def attach_parts(shown, folder, *, by):
    """A file and a table beside the first element of a page, and a table that waits; gives the ids of both."""
    from prongsai.sites import page_parts

    pdf = folder / "plan.pdf"
    pdf.write_bytes(write_pdf())
    table = folder / "table.csv"
    table.write_text("รายการ,จำนวน\nซ่อมถนน,๑๒๐\n", encoding="utf-8")
    more = {"shown": shown, "element": shown.elements[0].title, "title": "", "by": by}
    page_parts.attach_file(**more, path=pdf, name=pdf.name)
    page_parts.confirm_draft(shown=shown, draft=page_parts.read_draft(**more, path=table, name=table.name), by=by)
    page_parts.read_draft(**more, path=table, name=table.name)
    first, second = shown.page.versions.first().parts.all()
    return {"part_id": first.pk, "table_id": second.pk}


def write_pdf(**root):
    """A PDF of one page, with more in its root."""
    import io

    import pikepdf

    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    for name, value in root.items():
        document.Root[f"/{name}"] = value
    document.save(out)
    return out.getvalue()
