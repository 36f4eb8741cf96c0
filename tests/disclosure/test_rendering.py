"""Pages that scripts make: nothing is decided by the empty shell while a browser will show them, and what it shows is
stored, judged and seen like any page."""

import datetime
from concurrent.futures import Future

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai import links
from prongsai.disclosure import link_checks, rendered_files, rendering_work, snapshots
from prongsai.disclosure.models import Change, Link, LinkCheck, Mark
from prongsai.disclosure.worker import render_pages
from prongsai.jobs.kinds import Queue, all_timetables
from prongsai.machines import files
from tests.conftest import sample_year
from tests.disclosure.filed import SITE, advance_time, check_due_links, fake_checks, file_first, item_url, observe

SHELL = b"<title>app</title><div id=app></div><script src=/app.js></script>"
SHOWN = "<title>แผน</title><h1>แผนปฏิบัติการ</h1><p>โครงการของหน่วยงาน ปีงบประมาณ 2568</p><script></script>".encode()
PICTURE = b"RIFF....WEBPVP8 "


def see_shell(target, **more):
    more = {"state": "review", "error": "needs_script", "notes": ("needs_script",), "body": SHELL} | more
    seen = observe(target, **more)
    return links.Observation(
        **{name: getattr(seen, name) for name in seen.__dataclass_fields__} | {"body": SHELL, "status": 200}
    )


class FakeBrowser:
    """Shows every page as ``show(target)`` says."""

    def __init__(self, show):
        self.show, self.shown = show, []

    def __call__(self, _policy):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def submit(self, target, observation):
        assert links.is_shell(observation)
        self.shown.append(target.url)
        done = Future()
        done.set_result(self.show(target))
        return done


def show_good(target):
    return links.Rendered(observe(target, body=SHELL, notes=("rendered",)), SHOWN, PICTURE)


@pytest.fixture
def browser(monkeypatch, settings):
    settings.RENDERING = True
    fake = FakeBrowser(show_good)
    monkeypatch.setattr(rendering_work.rendering, "Renderer", fake)
    monkeypatch.setattr(rendering_work.rendering, "find_obstacle", lambda: "")
    return fake


@pytest.fixture
def link(people, filing):
    file_first(filing, people["officer"], SITE)
    return Link.objects.get()


def render():
    with fake_checks(see_shell):
        return rendering_work.render_waiting()


def test_an_empty_shell_waits_for_the_browser_and_the_check_is_what_that_shows(link, browser):
    assert check_due_links(see_shell) == 0
    assert not LinkCheck.objects.exists()
    link.refresh_from_db()
    assert (link.state, link.next_reason) == ("", "filing")
    assert link.render_since is not None
    assert link_checks.count_due_links() == 0  # it waits
    assert rendering_work.count_waiting() == 1
    assert render() == 1
    assert browser.shown == [link.url]
    check = LinkCheck.objects.get()
    assert (check.state, check.reason, check.details["notes"]) == ("ok", "filing", ["rendered"])
    assert rendered_files.read_picture(check.picture) == PICTURE
    assert "โครงการของหน่วยงาน" in rendered_files.read_text(check.rendered)
    assert snapshots.open_snapshot(check.snapshot).body == SHELL  # what the server sent, beside it
    link.refresh_from_db()
    assert (link.state, link.render_since) == ("ok", None)
    assert rendering_work.count_waiting() == 0


def test_pages_are_rendered_only_where_it_is_wanted(link, browser, settings):
    settings.RENDERING = False
    assert check_due_links(see_shell) == 1
    link.refresh_from_db()
    assert (link.state, link.render_since) == ("review", None)
    timetable = next(t for t in all_timetables() if t.kind is render_pages)
    assert timetable.kind.queue == Queue.RENDERING
    Link.objects.update(render_since=link.since)
    assert not timetable.when()
    settings.RENDERING = True
    assert timetable.when()


def test_without_a_browser_the_page_stays_one_at_which_a_person_should_look(link, browser, monkeypatch, caplog):
    check_due_links(see_shell)
    monkeypatch.setattr(rendering_work.rendering, "find_obstacle", lambda: "chromium")
    assert render() == 1
    assert "chromium-headless-shell" in caplog.text
    assert not browser.shown
    link.refresh_from_db()
    assert (link.state, link.render_since) == ("review", None)


def test_a_page_that_nobody_renders_within_a_day_stays_what_it_was_seen_as(link, browser):
    check_due_links(see_shell)
    for hours, stored in ((23, 0), (2, 1)):
        Link.objects.update(render_since=Link.objects.get().render_since - datetime.timedelta(hours=hours))
        advance_time(hours)
        assert check_due_links(see_shell) == stored
    link.refresh_from_db()
    assert link.state == "review"
    assert rendering_work.count_waiting() == 1  # whoever can, still may
    assert render() == 1
    link.refresh_from_db()
    assert (link.state, link.render_since) == ("ok", None)


def test_a_page_that_needs_no_browser_any_more_waits_for_none(link, browser):
    check_due_links(see_shell)
    advance_time(1)
    assert check_due_links() == 1
    link.refresh_from_db()
    assert (link.state, link.render_since) == ("ok", None)
    check_due_links(see_shell)
    with fake_checks():
        rendering_work.render_waiting()
    assert not browser.shown


def test_a_rendered_page_is_bad_only_after_several_looks_on_several_days(link, browser):
    browser.show = lambda target: links.Rendered(observe(target, "soft_404", error="not_found_words"))
    for number in range(1, 4):
        check_due_links(see_shell)
        render()
        link.refresh_from_db()
        assert LinkCheck.objects.count() == number
        assert link.state == ("soft_404" if number == 3 else "pending")
        advance_time(24)
    browser.show = show_good
    check_due_links(see_shell)
    link.refresh_from_db()
    assert link.state == "soft_404"  # the shell says nothing
    render()
    link.refresh_from_db()
    assert link.state == "ok"


def test_a_page_of_gambling_is_said_at_the_first_look(link, browser, people):
    browser.show = lambda target: links.Rendered(observe(target, "hijacked", error="hijacked"), SHOWN, PICTURE)
    check_due_links(see_shell)
    render()
    link.refresh_from_db()
    assert link.alarm_since is not None
    assert link.state == "pending"


def test_pages_are_stored_when_snapshots_are_and_a_changed_one_is_another(link, browser):
    for days in range(3):
        check_due_links(see_shell)
        if days == 2:
            browser.show = lambda target: links.Rendered(
                observe(target, text_digest="b" * 64, body=SHELL), SHOWN + b"x", PICTURE + b"x"
            )
        render()
        advance_time(24)
    stored = [(bool(c.snapshot), bool(c.rendered), bool(c.picture)) for c in LinkCheck.objects.all()]
    assert stored == [(True,) * 3, (False,) * 3, (True,) * 3]
    assert len(set(LinkCheck.objects.values_list("picture", flat=True))) == 3
    assert len(list(files.list_names("rendered"))) == 4
    assert Change.objects.filter(kind="content").count() == 1


def test_one_that_fails_to_be_stored_is_due_again_and_the_others_are(people, filing, browser, monkeypatch):
    file_first(filing, people["officer"], SITE, items=3)
    check_due_links(see_shell)
    assert rendering_work.count_waiting() == 3
    store = files.store_bytes
    first = []

    def fails_once(name, data):
        if name.endswith("webp") and not first:
            first.append(name)
            raise ValueError("no such storage")
        store(name, data)

    monkeypatch.setattr(files, "store_bytes", fails_once)
    assert render() == 2
    assert render() == 1


def test_pictures_are_shown_to_those_who_may_see_evidence(link, browser, client, people, filing):
    check_due_links(see_shell)
    client.force_login(people["officer"])
    page = item_url(link.entry.item)
    assert "กำลังรอเบราว์เซอร์" in client.get(page).content.decode()
    render()
    check = LinkCheck.objects.get()
    url = reverse("page_picture", args=["A1", check.picture])
    shown = client.get(page).content.decode()
    assert f'src="{url}"' in shown
    assert 'alt="ภาพของหน้าเว็บ “โครงสร้าง” ตามที่' in shown
    picture = client.get(url)
    assert (picture.content, picture["Content-Type"]) == (PICTURE, "image/webp")
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in picture["Content-Security-Policy"]
    assert client.get(reverse("page_picture", args=["A1", "0" * 64])).status_code == 404
    client.force_login(people["office"])
    assert client.get(reverse("page_picture", args=["B2", check.picture])).status_code == 404
    files.store_bytes(rendered_files._name(check.picture, "webp"), b"something else")
    assert client.get(url).status_code == 404


def test_the_assessor_sees_the_picture_and_passages_of_what_was_shown(link, browser, client, people, filing):
    check_due_links(see_shell)
    render()
    client.force_login(people["assessor"])
    desk = reverse("mark_item", args=["A1", sample_year(), link.entry.item])
    page = client.get(desk)
    assert reverse("page_picture", args=["A1", LinkCheck.objects.get().picture]) in page.content.decode()
    assert page.context["has_text"]
    advance_time(24)
    check_due_links(lambda target: observe(target, text_digest="b" * 64))
    assert page.context["rendered"]
    assert client.get(desk).context["rendered"] is None  # a page was read without a browser since


# --- what is stored is bounded


def show_number(number):
    """A page that its scripts make another one each time."""

    def show(target):
        seen = observe(target, body=SHELL, notes=("rendered",), text_digest=f"{number:064d}")
        return links.Rendered(seen, SHOWN + str(number).encode(), PICTURE + str(number).encode())

    return show


def render_again(browser, number):
    Link.objects.update(next_check_at=Link.objects.get().since)
    browser.show = show_number(number)
    advance_time(24 * 31)
    check_due_links(see_shell)
    assert render() == 1
    return LinkCheck.objects.first()


def test_rendered_pages_that_change_every_month_fill_no_disk(link, browser, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        filed = render_again(browser, 0)
        for n in range(1, snapshots.MAX_MONITORED + 4):
            newest = render_again(browser, n)
    held = LinkCheck.objects.exclude(rendered="")
    assert held.count() == snapshots.MAX_MONITORED + 1
    assert len(list(files.list_names("rendered"))) == 2 * held.count()
    assert {filed.pk, newest.pk} <= set(held.values_list("pk", flat=True))
    assert rendered_files.read_picture(filed.picture) == PICTURE + b"0"


def test_what_an_assessor_saw_of_a_rendered_page_stays(link, filing, people, ids, django_capture_on_commit_callbacks):
    now, months = timezone.now(), range(-3, snapshots.MAX_MONITORED + 6)
    stored = {}
    for n in months:  # the mark is given between -1 and 0
        fields = rendered_files.store(show_number(n)(links.Target(link.pk, link.url)))
        at = now + datetime.timedelta(days=31 * n + 15)
        stored[n] = LinkCheck.objects.create(link=link, at=at, reason="monitor", state="ok", **fields)
    Mark.objects.create(filing=filing, item=ids[0], stage="first", points=0, by=people["assessor"])
    with django_capture_on_commit_callbacks(execute=True):
        assert rendered_files.remove_surplus(link) == len(months) - snapshots.MAX_MONITORED - 2
    held = set(LinkCheck.objects.exclude(rendered="").values_list("pk", flat=True))
    assert {stored[-3].pk, stored[-1].pk, stored[months[-1]].pk} <= held
    assert stored[-2].pk not in held
    assert rendered_files.read_picture(stored[-1].picture) == PICTURE + b"-1"
    lines = rendered_files.read_lines(stored[-1].rendered)
    assert any("โครงการของหน่วยงาน" in text for text, _ in lines)
    with pytest.raises(OSError):
        rendered_files.read_picture(stored[-2].picture)


def test_a_file_that_any_check_names_stays(link):
    fields = rendered_files.store(show_number(1)(links.Target(link.pk, link.url)))
    first = LinkCheck.objects.create(link=link, at=timezone.now(), reason="monitor", state="ok", **fields)
    rendered_files._remove_unused(first.picture, "webp")
    assert rendered_files.read_picture(first.picture) == PICTURE + b"1"
