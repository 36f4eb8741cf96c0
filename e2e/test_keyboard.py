"""Everything that a mouse reaches, a keyboard reaches: seen where it is, covered by nothing, and left again."""

import json

import pytest

from e2e.conftest import YEAR
from e2e.test_journeys import PUBLIC

MOST_PRESSES = 1_500
PAGES = {
    None: (
        *PUBLIC,
        f"/agency/Z0001/{YEAR - 1}/",
        "/en/agency/Z0001/",
        "/agency/Z0001/pages/",
        "/agency/Z0001/channels/",
        "/log/verify/",
        "/c/Z0001/question/",
        "/c/follow/",
    ),
    "officer": ("/desk/", "/desk/agency/Z0001/", "/desk/agency/Z0001/readiness/", "/me/notices/"),
    "office": ("/desk/", "/desk/agencies/", "/desk/people/", "/desk/steering/2568/", "/desk/results/1/"),
    "assessor": ("/desk/", "/me/"),
}
# every place that may be reached, as it looks while it is not
BEFORE = """() => {
    for (const part of document.querySelectorAll("details")) part.open = true;
    const marks = (style) => [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow,
        style.backgroundColor, style.borderColor, style.textDecoration, style.stroke, style.strokeWidth].join("|");
    const isFocusable = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled
        && one.tabIndex >= 0 && !one.closest("[inert]");
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex], iframe")]
        .filter(isFocusable);
    const byName = new Set();
    self.keyboard = { marks, left: new Map(), problems: [], last: null };
    for (const one of all) {
        if (one.type === "radio") {  // one of a group is reached, the others by arrows
            if (byName.has(one.name)) continue;
            byName.add(one.name);
        }
        self.keyboard.left.set(one, marks(getComputedStyle(one)));
    }
    self.scrollTo(0, 0);
    return self.keyboard.left.size;
}"""
# what a press has reached; false where that is the page itself again
REACHED = """() => {
    const one = document.activeElement;
    const { left, marks, problems } = self.keyboard;
    if (!one || one === document.body || one === self.keyboard.last) return false;
    self.keyboard.last = one;
    const text = one.outerHTML.slice(0, 160);
    const radio = one.type === "radio" && [...left.keys()].find((other) => other.name === one.name);
    const before = left.get(radio || one);
    left.delete(radio || one);
    if (before === marks(getComputedStyle(one)) && getComputedStyle(one).outlineStyle === "none") {
        problems.push(`nothing shows where one is: ${text}`);
    }
    const box = one.getClientRects()[0];
    if (!box || one.ownerSVGElement) return true;
    const middle = (from, length, most) => (Math.max(from, 0) + Math.min(from + length, most)) / 2;
    const [x, y] = [middle(box.x, box.width, innerWidth), middle(box.y, box.height, innerHeight)];
    const above = document.elementFromPoint(x, y);
    if (!above) problems.push(`not in the window: ${text}`);
    else if (!one.contains(above) && !above.contains(one)) {
        problems.push(`covered by ${above.outerHTML.slice(0, 60)}: ${text}`);
    }
    return true;
}"""
RESULT = (
    "() => [...self.keyboard.problems, ...[...self.keyboard.left.keys()].map((one) => 'never reached: ' + "
    "one.outerHTML.slice(0, 160))]"
)


def go_through(page):
    """Press Tab from the beginning of a page to its end; what is wrong with what was reached or was not."""
    page.evaluate("document.activeElement.blur()")
    assert page.evaluate(BEFORE) > 0
    for _ in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        if not page.evaluate(REACHED):
            break
    else:
        return [f"no end after {MOST_PRESSES} presses"]
    return page.evaluate(RESULT)


@pytest.mark.parametrize("user", PAGES)
def test_the_keyboard_reaches_everything(visit, user):
    page = visit(user=user)
    found = {}
    for address in PAGES[user]:
        assert (page.goto(address).status == 404) == (address == "/no-such-page/"), address
        if problems := go_through(page):
            found[address] = problems
    assert not found, json.dumps(found, ensure_ascii=False, indent=1)


def test_what_a_keyboard_would_miss_is_found(visit):
    page = visit()
    page.goto("/design/")
    assert go_through(page) == []
    page.evaluate(
        """() => {
            const [unseen, covered, passed] = document.querySelectorAll("main a[href]");
            for (const property of ["outline", "background", "box-shadow", "border", "text-decoration"]) {
                unseen.style.setProperty(property, "none", "important");
            }
            const cover = document.body.appendChild(document.createElement("div"));
            Object.assign(cover.style, { position: "fixed", inset: "0", background: "white", display: "none" });
            covered.addEventListener("focus", () => { cover.style.display = "block"; });
            covered.addEventListener("blur", () => { cover.style.display = "none"; });
            passed.addEventListener("focus", (event) => { event.stopImmediatePropagation(); passed.blur(); });
        }"""
    )
    problems = go_through(page)
    assert [p.split(":")[0].partition(" <")[0] for p in problems[:2]] == ["nothing shows where one is", "covered by"]
    assert any(problem.startswith("never reached") for problem in problems)
