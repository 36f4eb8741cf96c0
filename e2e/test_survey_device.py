"""A form on a device that others use: whoever comes next finds nothing of what the person before chose."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.conftest import FORMS_YEAR, accessible
from e2e.rounds import choose

FONT = Path(__file__).parents[1] / "src/prongsai/web/static/web/fonts/sarabun-thai.woff2"
RADIOS = "input[type=radio]"
BYTES = 60_000  # of the whole form over the wire, its font included
SCREEN = 740  # CSS pixels that a small phone shows of a page at once


def chosen(page):
    return page.locator(f"{RADIOS}:checked").count()


def stored(page):
    """How many drafts of forms are on the device."""
    return page.evaluate(
        "[sessionStorage, localStorage].flatMap(Object.keys).filter(k => k.startsWith('form:')).length"
    )


def choose_all(page):
    """As ``choose``, also without scripts in the page."""
    names = page.locator(RADIOS).evaluate_all("all => [...new Set(all.map(i => i.name))]")
    for name in names:
        page.locator(f'input[name="{name}"]').last.check()


def send(page):
    page.get_by_role("button", name="ส่งคำตอบ").click()
    page.get_by_role("heading", name="ขอบคุณ ได้รับคำตอบแล้ว").wait_for()


@pytest.mark.parametrize("javascript", [True, False])
def test_after_sending_nobody_gets_back_to_the_answers(visit, forms, javascript):
    page = visit(width=360, javascript=javascript)
    page.goto("/")
    page.goto(forms["link"])
    choose_all(page)
    send(page)
    page.go_back()
    assert chosen(page) == 0
    if javascript:  # the form is no place in the history of the tab
        assert page.url.rstrip("/") == visit_address(page)
        page.go_forward()
        page.locator(RADIOS).first.wait_for()
        assert chosen(page) == 0
        assert stored(page) == 0
        page.goto(forms["link"])
        choose_all(page)
        send(page)
    page.goto(forms["link"])
    assert chosen(page) == 0


def visit_address(page):
    return re.match(r"https?://[^/]+", page.url)[0]


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("leave", ["reload", "back", "new tab"])
def test_what_was_not_sent_is_gone_for_the_next_person(visit, forms, javascript, leave):
    page = visit(width=360, javascript=javascript)
    page.goto(forms["link"])
    choose_all(page)
    assert chosen(page) > 5
    if leave == "reload":
        page.reload()
    elif leave == "back":
        page.goto("/methodology/")
        page.go_back()
    else:
        page = page.context.new_page()
        page.goto(forms["link"])
    page.locator(RADIOS).first.wait_for()
    assert chosen(page) == 0
    assert stored(page) == 0 if javascript else True


def test_a_page_put_aside_by_the_browser_is_empty_already(visit, forms):
    """The browser may keep a page as it was and show it again at once; events alone say so."""
    page = visit(width=360)
    page.goto(forms["link"])
    choose(page)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert chosen(page) == 0
    choose(page)
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert chosen(page) == 0


def test_a_draft_is_stored_when_it_is_asked_for_until_it_is_sent(visit, forms):
    page = visit(width=360)
    page.goto(forms["link"])
    choose(page)
    assert stored(page) == 0
    keep = page.get_by_label(re.compile("ขอพักคำตอบไว้ในเครื่องนี้"))
    expect(keep).not_to_be_checked()
    keep.check()
    number = chosen(page)
    page.reload()
    assert chosen(page) == number
    expect(keep).to_be_checked()
    page.get_by_role("link", name="English").click()  # the choices come along
    page.get_by_role("button", name="Send").wait_for()
    assert chosen(page) == number
    keep_in_english = page.get_by_label(re.compile("Keep my answers on this device"))
    keep_in_english.uncheck()
    assert stored(page) == 0
    keep_in_english.check()
    assert stored(page) == 1
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert stored(page) == 0


@pytest.mark.parametrize("keep", [True, False])
def test_a_form_left_alone_is_emptied(visit, forms, keep):
    page = visit(width=360)
    page.clock.install()
    page.goto(forms["link"])
    choose(page)
    if keep:
        page.get_by_label(re.compile("ขอพักคำตอบไว้")).check()
    page.clock.fast_forward("19:00")
    page.clock.run_for(6_000)
    assert chosen(page) > 5
    page.clock.fast_forward("01:00")
    page.clock.run_for(6_000)
    assert chosen(page) == 0
    assert stored(page) == 0
    expect(page.get_by_text("คำตอบที่ยังไม่ได้ส่งจึงถูกล้างแล้ว")).to_be_visible()


def test_a_draft_that_is_over_is_not_shown(visit, forms):
    """The tab was closed and is restored an hour later, by somebody else."""
    page = visit(width=360)
    page.goto(forms["link"])
    choose(page)
    page.get_by_label(re.compile("ขอพักคำตอบไว้")).check()
    page.evaluate(
        "for (const [k, v] of Object.entries(sessionStorage))"
        " sessionStorage[k] = JSON.stringify({...JSON.parse(v), until: Date.now() - 1})"
    )
    page.reload()
    assert chosen(page) == 0
    assert stored(page) == 0


@pytest.mark.parametrize("javascript", [True, False])
def test_somebody_else_used_this_device(visit, forms, javascript):
    """Starting empty also where the server gave the choices back with a form that was refused."""
    page = visit(width=360, javascript=javascript)
    page.goto(forms["cards"])
    page.get_by_label("รหัสบนบัตร").fill("WRONG-CODE")
    choose_all(page)
    page.get_by_role("button", name="ส่งคำตอบ").click()
    page.get_by_text("รหัสนี้ใช้ไม่ได้").wait_for()
    assert chosen(page) > 10
    page.get_by_role("link", name=re.compile("มีคนอื่นใช้เครื่องนี้ก่อน")).click()
    page.get_by_text("รหัสนี้ใช้ไม่ได้").wait_for(state="detached")
    assert chosen(page) == 0
    expect(page.get_by_label("รหัสบนบัตร")).to_have_value("")


def test_without_a_connection_the_answers_stay_and_count_once(browser, site, forms):
    page = browser.new_page(base_url=site, locale="th-TH")  # whose console may tell of the lost connection
    page.goto(forms["link"])
    choose(page)
    number, receipt = chosen(page), page.locator("[name=receipt]").input_value()
    page.route("**/s/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="ส่งคำตอบ").click()
    page.get_by_text("ส่งไม่ได้ในขณะนี้").wait_for()
    assert chosen(page) == number
    expect(page.locator("[name=receipt]")).to_have_value(receipt)
    page.unroute("**/s/**")
    send(page)
    expect(page.locator(".receipt")).to_have_text(re.compile("^" + "-?".join(receipt) + "$"), use_inner_text=True)
    page.close()


def test_progress_is_shown_with_and_without_scripts(visit, forms):
    plain = visit(width=360, javascript=False)
    plain.goto(forms["link"])
    heads = plain.locator("h2.section").all_inner_texts()
    assert heads[0].startswith("ส่วนที่ 1 จาก 3")
    assert "ข้อ 7–9 จาก 9" in heads[-1]
    expect(plain.locator("progress")).not_to_be_visible()
    page = visit(width=360)
    page.goto(forms["link"])
    page.locator("fieldset").nth(0).locator("input").first.check()
    page.locator("fieldset").nth(4).locator("input").first.check()
    assert page.locator("progress").evaluate("bar => [bar.value, bar.max]") == [2, 9]
    expect(page.get_by_text(re.compile("ตอบแล้ว\\s*2\\s*จาก\\s*9"))).to_be_visible()


@pytest.mark.parametrize("has_thai_font", [True, False])
def test_the_form_is_small_and_brings_its_letters_where_there_are_none(visit, forms, has_thai_font):
    page = visit(width=360)
    letters = 'url("/of-the-device.woff2"),' if has_thai_font else ""

    def with_fonts_of_the_device(route):
        """Whatever this machine has installed: one font, or none."""
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub(r"(local\([^)]*\),\s*)+", letters, answer.text()))

    page.route("**/survey*.css", with_fonts_of_the_device)
    page.route("**/of-the-device.woff2", lambda route: route.fulfill(path=FONT))
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes, fonts = [], []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.on(
        "Network.requestWillBeSent",
        lambda event: fonts.append(event["request"]["url"]) if event["type"] == "Font" else None,
    )
    page.goto(forms["cards"], wait_until="networkidle")
    page.evaluate("document.fonts.ready")
    assert len([url for url in fonts if "of-the-device" not in url]) == (0 if has_thai_font else 1)
    assert 5_000 < sum(sizes) < BYTES


@pytest.mark.parametrize("form", ["link", "cards"])
def test_what_people_ask_is_answered_on_one_screen(visit, forms, form):
    page = visit(width=360)
    page.goto(forms[form])
    with page.expect_popup() as opened:
        page.get_by_role("link", name=re.compile("หัวหน้าเห็นคำตอบได้ไหม")).click()
    about = opened.value
    about.get_by_text("ระบบเก็บอะไร").wait_for()
    accessible(about)
    assert about.evaluate("document.querySelector('main').getBoundingClientRect().bottom + scrollY") <= SCREEN
    expect(about.get_by_text("ไม่ถึง 10 ชุด")).to_have_count(1)
    expect(about.get_by_text("บนบัตรมีอะไร")).to_have_count(int(form == "cards"))
    for width, dark in ((1280, False), (360, True)):
        again = visit(width=width, dark=dark)
        again.goto(forms[form])
        accessible(again)
        again.goto(f"{forms[form]}about/")
        accessible(again)
    officer = visit(user="officer")
    officer.goto(f"/desk/agency/Z0001/survey/{FORMS_YEAR}/")
    officer.locator(f'a[href="{forms[form]}about/"]').click()
    officer.get_by_text("หัวหน้าเห็นคำตอบของฉันไหม").wait_for()


# --- what leaves the device


def post_of(page):
    """What the browser posts when the form is sent."""
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="ส่งคำตอบ").click()
    return sent.value.post_data


def test_no_choice_leaves_the_device_unsealed(visit, forms):
    page = visit(width=360)
    page.goto(forms["link"])
    page.get_by_text("เข้ารหัสในเครื่องนี้ก่อนส่ง").wait_for()
    choose_all(page)
    names = page.locator(RADIOS).evaluate_all("all => [...new Set(all.map(i => i.name))]")
    posted = post_of(page)
    assert len(names) > 8
    assert "sealed=" in posted
    assert re.search(r"(^|&)work=\d+-[0-9a-f]{32}%3A\d+(\.\d+){7}(&|$)", posted)  # an open link asks for it
    assert not [name for name in names if re.search(rf"(^|&){re.escape(name)}=", posted)]
    page.get_by_role("heading", name="ขอบคุณ ได้รับคำตอบแล้ว").wait_for()


def test_without_scripts_the_form_says_that_the_server_seals(visit, forms):
    page = visit(width=360, javascript=False)
    page.goto(forms["link"])
    expect(page.get_by_text("เข้ารหัสทันทีที่ถึงเครื่องแม่ข่าย")).to_be_visible()
    expect(page.get_by_text("เข้ารหัสในเครื่องนี้ก่อนส่ง")).not_to_be_visible()


def test_what_is_missing_is_found_on_the_device(visit, forms):
    """The server can't see it any more: nothing is sent, and what was chosen stays."""
    page = visit(width=360)
    page.goto(forms["link"])
    page.get_by_text("เข้ารหัสในเครื่องนี้ก่อนส่ง").wait_for()
    choose_all(page)
    page.locator("fieldset").nth(2).locator(RADIOS).evaluate_all("all => all.forEach(i => { i.checked = false })")
    before, posts = chosen(page), []
    page.on("request", lambda request: posts.append(request.method))
    page.get_by_role("button", name="ส่งคำตอบ").click()
    page.locator("[data-missing] a").wait_for()
    expect(page.locator("[data-missing] a")).to_have_count(1)
    expect(page.locator("fieldset").nth(2).get_by_text("ยังไม่ได้ตอบข้อนี้")).to_be_visible()
    accessible(page)
    assert posts == []
    assert chosen(page) == before
    page.locator("fieldset").nth(2).locator(RADIOS).first.check()
    send(page)


def test_a_refused_sealed_form_keeps_its_choices(visit, forms):
    """The server has no choice to give back: the device puts them in again."""
    page = visit(width=360)
    page.goto(forms["cards"])
    page.get_by_text("เข้ารหัสในเครื่องนี้ก่อนส่ง").wait_for()
    page.locator("#code").fill("WRONG-CODE")
    choose_all(page)
    before = chosen(page)
    assert "sealed=" in post_of(page)
    page.locator("main > .problem:visible").wait_for()
    assert chosen(page) == before > 8
