"""Colours of both themes, of paper and of the survey form: far enough apart for people who see fewer of them, and read
with ease. What colours tell is told by a shape, a place or words as well."""

import itertools
import re
from decimal import Decimal

import pytest
from coloraide import Color

from prongsai.lib import charts
from prongsai.web.static_files import STYLES

# CIEDE2000; 1 is what a trained eye just sees with both side by side, and 10 is another colour at a glance
APART = 10
READABLE, SEEN = 4.5, 3  # WCAG 2.2: contrast of text; of what is not text (1.4.3, 1.4.11)
SIGHTS = (None, "protan", "deutan", "tritan")  # protanopia, deuteranopia, tritanopia: none of one kind of cone
SURVEY = STYLES.parents[1] / "survey/static/survey/survey.css"
TEXTS = ("text", "muted", "accent", "good", "weak", "bad")
GROUNDS = ("page", "surface", "raised", "faint")


def read_colours(css):
    return dict(re.findall(r"--([\w-]{1,20}): (#[0-9a-f]{3,6});", css))


def read_themes(path):
    light, _, dark = path.read_text(encoding="utf-8").partition("@media (prefers-color-scheme: dark)")
    return {"light": read_colours(light), "dark": read_colours(light) | read_colours(dark)}


THEMES = read_themes(STYLES / "tokens.css")
PRINT = THEMES["light"] | read_colours((STYLES / "print.css").read_text(encoding="utf-8"))
MAPS = read_colours((STYLES / "results.css").read_text(encoding="utf-8"))
LOOKS = {**THEMES, "print": PRINT}


def see(colour, sight):
    return Color(colour).filter(sight).convert("srgb").clip() if sight else Color(colour)


def distance(one, other):
    """The least difference of two colours that anybody sees."""
    return min(see(one, s).delta_e(see(other, s), method="2000") for s in SIGHTS)


def contrast(one, other):
    return Color(one).contrast(Color(other))


def test_sight_is_simulated():
    """Red and green of one lightness, which the test is there to find."""
    assert distance("#b03030", "#5a7a28") < APART < Color("#b03030").delta_e("#5a7a28", method="2000")


@pytest.mark.parametrize("look", LOOKS)
def test_states_differ_for_everybody(look):
    colours = LOOKS[look]
    for one, other in itertools.combinations(("good", "weak", "bad", "faint"), 2):
        assert distance(colours[one], colours[other]) >= APART, (one, other)
    assert distance(colours["accent"], colours["faint"]) >= APART


def test_bars_on_paper_differ_for_everybody():
    for one, other in itertools.combinations(("good", "weak", "faint"), 2):
        assert distance(charts.PAPER[one], charts.PAPER[other]) >= APART, (one, other)


@pytest.mark.parametrize("scale", ["m", "c"])
def test_steps_of_the_map_differ_for_everybody_and_in_lightness(scale):
    steps = [MAPS[f"{scale}{k}"] for k in range(1, 6)]
    for one, other in itertools.pairwise(steps):
        assert distance(one, other) >= APART, (one, other)
    light = [Color(step).convert("lab")["lightness"] for step in steps]
    darkest_first = sorted(light)
    assert light == darkest_first[::-1] if scale == "m" else light[2] == max(light)


def test_numbers_on_the_map_are_readable():
    css = (STYLES / "results.css").read_text(encoding="utf-8")
    on_dark = re.search(r"\.province-map :is\(([^)]{1,40})\) text {\s{1,4}fill: #ffffff", css)[1]
    for step in (f"{scale}{k}" for scale in "mc" for k in range(1, 6)):
        ink = "#ffffff" if f".{step}" in on_dark else "#16202b"
        assert contrast(ink, MAPS[step]) >= READABLE, step


@pytest.mark.parametrize("look", LOOKS)
def test_text_is_readable(look):
    colours = LOOKS[look]
    on = [(text, ground) for text in TEXTS for ground in GROUNDS]
    on += [
        (text, f"{wash}-wash") for text in ("text", "muted", "accent") for wash in TEXTS if f"{wash}-wash" in colours
    ]
    on += [(tone, f"{tone}-wash") for tone in ("good", "weak", "bad")]
    on += [("accent-text", "accent"), ("band-text", "band"), ("band-soft", "band")]
    for text, ground in on:
        assert contrast(colours[text], colours[ground]) >= READABLE, (text, ground)
    for line, ground in itertools.product(("edge", "focus"), ("page", "surface")):
        assert contrast(colours[line], colours[ground]) >= SEEN, (line, ground)
    for bar in ("good", "weak", "bad", "accent"):
        assert contrast(colours[bar], colours["surface"]) >= SEEN, bar


@pytest.mark.parametrize("theme", THEMES)
def test_the_survey_form_has_the_colours_of_the_site(theme):
    names = {"p": "page", "s": "surface", "e": "edge", "t": "text", "m": "muted", "a": "accent", "at": "accent-text"}
    names |= {"w": "accent-wash", "b": "bad", "bw": "bad-wash", "f": "focus"}
    form, site = read_themes(SURVEY)[theme], THEMES[theme]
    assert {n: Color(form[n]).to_string(hex=True) for n in names} == {
        n: Color(site[name]).to_string(hex=True) for n, name in names.items()
    }


def test_bars_stand_beside_a_line_where_the_target_begins():
    drawn = charts.distribution([(75, 2), (80, 4), (85, 1), (90, 3)], 85)
    assert 'x1="50.0%"' in drawn
    assert "stroke-dasharray" not in charts.distribution([(90, 3), (95, 1)], 85)
    assert "stroke-dasharray" not in charts.distribution([(70, 3), (75, 1)], 85)
    for score in ("84.99", "85.00"):
        assert 'x1="85%"' in charts.track(Decimal(score), 85)


def test_months_differ_in_height_and_steps_in_shape():
    css = "".join(path.read_text(encoding="utf-8") for path in sorted(STYLES.glob("*.css")))
    heights = {m[1]: m[2] for m in re.finditer(r"\.month-strip (?:\.(\w+)|li) {[^}]{0,80}height: ([\d.]+rem)", css)}
    assert len(set(heights.values())) == len(heights) == 3
    assert re.search(r"\.steps li\.now::before {[^}]{0,80}border: 3px", css)
