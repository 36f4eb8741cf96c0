"""Components: their markup, their two languages, and that no value becomes markup."""

from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import translation

from tests.pages import markup


def render(source, **context):
    return " ".join(Template(source).render(Context(context)).split())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{% notice "bad" role="alert" %}<p>x</p>{% endnotice %}', '<div class="note bad" role="alert"><p>x</p></div>'),
        ("{% notice %}<p>x</p>{% endnotice %}", '<div class="note" ><p>x</p></div>'),
        ('{% tile 8317 "หน่วยงาน" %}', '<li class="tile"><b>8317</b><span>หน่วยงาน</span></li>'),
        ('{% status_tag "ปิด" "bad" %}', '<span class="tag bad">ปิด</span>'),
        ('{% status_tag "ปิด" %}', '<span class="tag">ปิด</span>'),
        ('{% level_tag "AA" "big" %}', '<span class="level big plain">AA</span>'),
        ('{% level_tag "" %}', ""),
        (
            "{% breadcrumbs %}<a>x</a>{% endbreadcrumbs %}",
            '<p class="breadcrumb"> <a href="/desk/">โต๊ะทำงาน</a> › <a>x</a> </p>',
        ),
        ("{% score_change -1 %}", '<span class="down">−1</span>'),
        ("{{ 'running'|status_tone }}{{ 'closed'|status_tone }}", "good"),
        ('{% t "ก" "a" %}', "ก"),
        ("{% thai %}ก{% english %}a{% endthai %}", "ก"),
    ],
)
def test_markup(source, expected):
    assert render(source) == expected


def test_a_level_is_coloured_by_the_rules_of_the_assessment(db):
    def tone(level, assessment):
        return render("{% level_tone level %}", level=level, request=SimpleNamespace(assessment=assessment))

    assert tone("AA", "ita") == "best"
    assert tone("F", "ita") == "poor"
    assert tone("AA", "other") == "plain"


@pytest.mark.parametrize(
    "source",
    [
        "{% notice %}{{ value }}{% endnotice %}",
        "{% empty_state value %}x{% endempty_state %}",
        "{% scroll_region value %}x{% endscroll_region %}",
        "{% tile value value %}",
        "{% status_tag value value %}",
        "{% level_tag value value %}",
        "{% message_notice message %}",
    ],
)
def test_no_value_becomes_markup(source):
    from django.contrib.messages import constants
    from django.contrib.messages.storage.base import Message

    value = '<img src=x onerror=alert(1)>" onfocus="alert(1)'
    text = render(source, value=value, message=Message(constants.ERROR, value))
    assert "&lt;img" in text
    assert "<img" not in text
    assert '" onfocus' not in text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{% tile 1 "หน่วยงาน" "agencies" %}', "<span>agencies</span>"),
        ('{% empty_state "ว่าง" "Empty" %}x{% endempty_state %}', "<h2>Empty</h2>"),
        ('{% scroll_region "ตาราง" "Table" %}x{% endscroll_region %}', 'aria-label="Table"'),
        ("{% thai %}ก{% english %}a{% endthai %}", "a"),
    ],
)
def test_english(source, expected):
    with translation.override("en"):
        assert expected in render(source)


@pytest.mark.parametrize("view", ["nation", "rankings", "compare", "downloads"])
def test_the_navigation_marks_the_page_and_no_other(client, db, view):
    page = markup(client.get(reverse(view)))
    assert f'href="{reverse(view)}" aria-current="page"' in page
    assert page.count('aria-current="page"') == 1


def test_every_component_is_in_the_gallery(client, db):
    page = markup(client.get(reverse("gallery")))
    for name in ("note weak", "empty", "tile", "tag good", "level best", "breadcrumb", "scroll", "up", "field"):
        assert f'class="{name}"' in page
