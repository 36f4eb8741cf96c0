"""How surely a page is recognised: the weights of evidence are fitted, and what they are worth is shown.

    python -m bench.evidence           both sets of shapes, the confusion matrix, the cost of a page; docs/evidence.md
    python -m bench.evidence --elements  the suggested passages alone, printed
    python -m bench.evidence --fit     fits src/prongsai/links/weights.json on the development set alone

The development set (``tests/evidence/development.py``) is what the weights were fitted on; the held-out set
(``tests/evidence/held_out.py``) was written in other words and other builds before they were tuned, and is only read.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.evidence.run import Outcome, check_shapes, confusion, count

from prongsai.links import STATES

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "evidence.md"
VERDICTS = ("right", "asked", "wrong", "gravest")
WEIGHTS = ROOT / "src" / "prongsai" / "links" / "weights.json"
FITTED_SEEDS = range(100, 109)
SHOWN_SEEDS = range(6)
PAGES_A_KIND = 40  # of eleven kinds, in each set
SCANS = 6
_STRENGTH = {"page": 1.5, "owner": 0.8, "subject": 0.8}  # inverse of the pull of every weight towards nought
_FEWEST = 3  # samples that have a feature, for it to get a weight
_DECIMALS = 3


def fit(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The three models, from the features that the checks of the development set measured."""
    page = [(dict(o.observation.features), o.shape.kind) for o in outcomes if _is_page(o)]
    page += [(_unasked(features), kind) for features, kind in page[::3]]
    content = [o for o in outcomes if _is_page(o) and o.shape.kind == "content"]
    owner = [(dict(o.observation.features), _word(o.shape.owner)) for o in content if o.shape.owner is not None]
    subject = [(dict(o.observation.features), _word(o.shape.subject)) for o in content if o.shape.subject is not None]
    return {
        "page": _fit_one(
            page, _STRENGTH["page"], without=("subject.loses", "subject.beats_rival", "year.", "agency.", "expected")
        ),
        "owner": _fit_one(owner, _STRENGTH["owner"], only=("agency.", "host.", "site", "before", "language.")),
        "subject": _fit_one(subject, _STRENGTH["subject"], only=("subject.", "year.", "before", "base.subject")),
    }


def _unasked(features: dict[str, float]) -> dict[str, float]:
    """The features of a check that knows nothing of what the page should be."""
    asked = ("subject.", "agency.", "year.", "before", "site", "expected", "base.subject", "base.elements")
    return {name: value for name, value in features.items() if not name.startswith(asked)}


def _is_page(outcome: Outcome) -> bool:
    return outcome.shape.kind != "network" and bool(outcome.observation.features)


def _word(value: bool | None) -> str:
    return "yes" if value else "no"


def _fit_one(
    samples: list[tuple[dict[str, float], str]],
    strength: float,
    *,
    only: tuple[str, ...] = (),
    without: tuple[str, ...] = ("-",),
) -> dict[str, object]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    seen = Counter(name for features, _ in samples for name, value in features.items() if value)
    names = sorted(
        n for n, c in seen.items() if c >= _FEWEST and (not only or n.startswith(only)) and not n.startswith(without)
    )
    matrix = np.array([[features.get(n, 0.0) for n in names] for features, _ in samples])
    labels = [label for _, label in samples]
    model = LogisticRegression(C=strength, max_iter=3000, class_weight="balanced").fit(matrix, labels)
    outcomes = list(model.classes_)
    rows, bias = model.coef_, model.intercept_
    if len(outcomes) == 2:  # a single row: of the second outcome against the first
        rows, bias = np.vstack([-rows[0] / 2, rows[0] / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    weights = {n: [round(float(v), _DECIMALS) for v in rows[:, k]] for k, n in enumerate(names)}
    return {"outcomes": outcomes, "bias": [round(float(v), _DECIMALS) for v in bias], "weights": weights}


def write_weights(models: dict[str, object]) -> None:
    """One feature a line, so that a difference can be read."""
    parts = []
    for name, model in models.items():
        assert isinstance(model, dict)
        lines = ",\n".join(f"   {json.dumps(n)}: {json.dumps(w)}" for n, w in model["weights"].items())
        head = f'  "outcomes": {json.dumps(model["outcomes"])},\n  "bias": {json.dumps(model["bias"])},'
        parts.append(f' {json.dumps(name)}: {{\n{head}\n  "weights": {{\n{lines}\n  }}\n }}')
    WEIGHTS.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


# --- what it is worth ------------------------------------------------------------------------------------------------


def describe(name: str, outcomes: Sequence[Outcome]) -> str:
    """The figures of one set, its confusion matrix, and every shape that was not right each time."""
    counts, whole = count(outcomes), len(outcomes)
    shares = ", ".join(f"{word} {counts[word]} ({100 * counts[word] / whole:.1f} %)" for word in VERDICTS)
    table = confusion(outcomes)
    states = [state for state in STATES if any(row[state] for row in table.values())]
    lines = [f"## {name}", "", f"{len({o.shape.name for o in outcomes})} shapes, {whole} pages: {shares}.", ""]
    lines += [f"| what it truly is | {' | '.join(states)} |", f"|---|{'---:|' * len(states)}"]
    for kind in sorted(table):
        lines.append(f"| {kind} | {' | '.join(str(table[kind][state] or '') for state in states)} |")
    lines += ["", "Not right every time (times out of " + str(len({o.seed for o in outcomes})) + "):", ""]
    for shape in sorted({o.shape.name for o in outcomes if o.verdict != "right"}):
        found = Counter((o.verdict, o.observation.error) for o in outcomes if o.shape.name == shape)
        del found["right", ""]
        said = ", ".join(
            f"{verdict} {times}× `{error}`" for (verdict, error), times in found.items() if verdict != "right"
        )
        lines.append(f"- {shape}: {said}")
    return "\n".join(lines)


def describe_answers(outcomes: Sequence[Outcome]) -> str:
    """The second and third question on pages with content: how often the answer is right, unsure or wrong."""
    lines = ["| question | right | unsure | wrong |", "|---|---:|---:|---:|"]
    for name, words in (("owner", "is it the agency's"), ("subject", "is it about the item and year")):
        counts: Counter[str] = Counter()
        for o in outcomes:
            truth, identity = getattr(o.shape, name), o.observation.identity
            if truth is not None and identity is not None and o.shape.kind == "content":
                verdict = getattr(identity, name).verdict
                counts["unsure" if verdict == "unsure" else "right" if (verdict == "yes") == truth else "wrong"] += 1
        lines.append(f"| {words} | {counts['right']} | {counts['unsure']} | {counts['wrong']} |")
    return "\n".join(lines)


def measure_cost(pages: int = 300) -> tuple[float, float, float]:
    """Milliseconds of processor time for a page: its parse alone, parse with traits, and the judgement."""
    from tests.evidence.themes import site_page
    from tests.evidence.world import World

    from prongsai.links.addresses import parse_url
    from prongsai.links.classify import Evidence, RedirectChain, classify
    from prongsai.links.content import _restore, answer_body
    from prongsai.links.fetch import Response
    from prongsai.links.identity import prepare

    worlds = [World(f"cost {n}") for n in range(pages)]
    bodies = [
        bytes(site_page(w, w.heading(), f"<h2>{w.heading()}</h2>{w.content()}{w.paragraphs(8)}").body, "utf-8")
        for w in worlds
    ]
    expected = [w.expected() for w in worlds]
    for each in expected:
        prepare(each)
    began = time.process_time()
    for body in bodies:
        answer_body(body, "text/html", "text/html", 1)
    plain = time.process_time() - began
    began = time.process_time()
    fields = [
        answer_body(b, "text/html", "text/html", 1, w.host, prepare(e))
        for b, w, e in zip(bodies, worlds, expected, strict=True)
    ]
    measured = time.process_time() - began
    responses = [Response(200, [], "", [], body=b, body_read=True) for b in bodies]
    parsed = [_restore(f, []) for f in fields]
    began = time.process_time()
    for world, response, page, each in zip(worlds, responses, parsed, expected, strict=True):
        chain = RedirectChain([parse_url(f"https://{world.host}/ita/page")], [])
        classify(Evidence(response, page, chain, owner_hosts=(world.host,), expected=each))
    judged = time.process_time() - began
    size = sum(map(len, bodies)) / pages / 1000
    print(f"{pages} pages of {size:.0f} kB")
    return tuple(1000 * seconds / pages for seconds in (plain, measured, judged))  # type: ignore[return-value]


def report() -> str:
    """docs/evidence.md."""
    from tests.evidence import development, held_out

    plain, measured, judged = measure_cost()
    sets = [check_shapes(module.SHAPES, SHOWN_SEEDS) for module in (development, held_out)]
    return (
        "\n\n".join(
            [
                HEAD,
                describe("Development set", sets[0]),
                describe_answers(sets[0]),
                describe("Held-out set", sets[1]),
                describe_answers(sets[1]),
                describe_elements(),
                BESIDE,
                "## What it costs",
                f"A page of the test web takes {plain:.2f} ms of processor time to parse as before, "
                f"{measured:.2f} ms with its "
                f"traits measured, and {judged:.2f} ms to be judged: identity costs "
                f"{measured - plain + judged:.2f} ms a page. "
                "The sandbox, the network and the baseline are as they were.",
            ]
        )
        + "\n"
    )


def describe_elements() -> str:
    """Which elements of an item are present, and where: both sets, and a few scans."""
    from tests.evidence.measure_elements import describe

    parts = [ELEMENTS]
    for name, title in (("development", "Development words"), ("held_out", "Held-out words")):
        table, scans = describe(name, PAGES_A_KIND), describe(name, SCANS, ("scan",)).splitlines()[2]
        parts.append(f"### {title}\n\n{table}{scans}")
    return "\n\n".join(parts)


ELEMENTS = """## Which elements are present, and where

Beside each element of an item the assessor sees the passage that speaks for it, or none: a suggestion, never a mark.
Measured on made-up pages of items of 2566 and 2569 (`tests/evidence/element_pages.py`) on which it is known what is
there and in which passage. Beside it stands what is no evidence: menus that name an element, heads with nothing or
"coming soon" below, other years, columns of dashes, sentences that promise it. *Precision*: of the elements a passage
is shown for, how many are there. *Recall*: of those that are there, for how many one is shown. *True passage*: of the
right ones, how many point to where the element is. A scan is read by OCR and points to a region of the picture; scans
are not in "all".

The held-out words were written before the mechanism was read or changed, by the author who then wrote the list of
words (`disclosure/element_terms.toml`). Words recognised as theirs were taken out of the list again, and what was
changed after they were first read (94.0 % and 88.4 %) was found on the development set. One author cannot forget what
he wrote: real pages will do worse. The mechanism before this one, the most similar passage of the text, had on such
pages 72 % precision and 38 % recall in development words, 72 % and 13 % in held-out words. A page of 200 lines takes
0.05 s of processor time, a document of 6,000 lines, which is the most that is searched, one second."""


HEAD = """# Is this still the agency's page about this item?

Made by `make bench-evidence`; how it works and why is in decision 0048. Every page is invented, served on loopback and
checked as the product does it. *Right*: a state that is true of the shape. *Asked*: the state is "review", a person
should look, where a certain state would have been right; it is held against nobody. *Wrong*: any other state.
*Gravest*: a good page called missing, or a hijacked page called good.

The weights were fitted on the development set, on other pages of the same shapes than those counted here. The held-out
set was written in other words and other builds before anything was tuned, by the same author, who also wrote the list
of terms. One mistake of its own was corrected later: two shapes had changed what was
expected together with the page. Pages in words that no list has are asked about, as they should be.

Pages that scripts make (*shell*) are asked about here: the figures are those of an installation without a browser.
Where one shows them (`PRONGSAI_RENDERING`, decision 0054), what it shows is recognised as any page is;
`make bench-browser` says how fast.

Scans have no text here. Where OCR is installed (`prongsai[scans]`, decision 0057) what it reads of them is weighed as
any text is, but makes no state worse than *review*; how well passages are found in them stands below."""


BESIDE = """## Certificates, outages, snapshots

Not measured on the sets above, which are about pages; shown one by one in `tests/links/test_certificates.py`,
`tests/links/test_outages.py` and `tests/disclosure/test_snapshots.py`. What is told apart: expired, of another name,
self-signed, of an unknown issuer, without its intermediate certificate, TLS before 1.2. What is excused: a server or
a network that three owners or more share, for three days at most, and our own network. What a snapshot proves: these
bytes, packed by this installation, before that signed state of the public log; not that the site sent them (decision
0055)."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--elements", action="store_true")
    chosen = parser.parse_args()
    if chosen.elements:
        print(describe_elements())
        return
    from tests.evidence.development import SHAPES

    if chosen.fit:
        write_weights(fit(check_shapes(SHAPES, FITTED_SEEDS)))
        return
    text = report()
    REPORT.write_text(text, encoding="utf-8")
    print(text)
    print(f"written: {REPORT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
