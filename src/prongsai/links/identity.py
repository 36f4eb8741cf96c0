"""Is this still the agency's page about this subject? Three answers, each with a confidence and its reasons.

    features = gather(parsed.traits, ...)      # numbers that were measured, see ``traits``
    identity = judge(features)
    identity.answers, identity.owner, identity.subject     # does it answer, is it the agency's, is it about this

The class of a page and the two other answers are logistic models over the measured numbers. Their weights are data
(``weights.json``, fitted by ``make fit-evidence`` on generated pages), so that every judgement is a sum that can be
shown: the reasons of an answer are its largest terms. No phrase decides anything by itself.

``decide`` makes a state of it. The two gravest errors are held apart by unequal thresholds: a little evidence of a
hijacked page is enough to ask a person, and only much evidence calls a page missing. Pure.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from prongsai.links.model import Answer, Expected, Identity, MentionedYear, State
from prongsai.links.traits import cover, likeness, shingles_of, squeeze

KINDS = (
    *("content", "home", "not_found", "hijacked", "suspended", "parked", "fault", "maintenance", "listing"),
    *("default", "no_access", "sign_in", "challenge", "moved", "shell"),
)
# the state and the code of each class that is not the page itself
_OUTCOMES: dict[str, tuple[State, str]] = {
    "home": ("soft_404", "to_home"),
    "not_found": ("soft_404", "not_found_words"),
    "hijacked": ("hijacked", "hijacked"),
    "suspended": ("soft_404", "suspended"),
    "parked": ("soft_404", "parked"),
    "fault": ("soft_404", "fault"),
    "maintenance": ("soft_404", "maintenance"),
    "listing": ("soft_404", "listing"),
    "default": ("soft_404", "default_page"),
    "no_access": ("sign_in", "no_access"),
    "sign_in": ("sign_in", "sign_in"),
    "challenge": ("blocked", "captcha"),
    "moved": ("moved", "moved_words"),
    "shell": ("review", "needs_script"),
}
_MISSING = tuple(kind for kind, (state, _) in _OUTCOMES.items() if state == "soft_404")
_NOT_THE_OWNERS = frozenset({"hijacked", "parked"})
CERTAIN = 0.88  # of a class that is held against an address
SUSPECTED = 0.10  # of a hijacked page, from which a person is asked
USABLE = 0.50  # of a page with content, below which a person is asked
DENIED = 0.08  # of the page being the agency's, or about the subject, below which it is said that it is not
DOUBTED = 0.30  # ... below which a person is asked
CONFIRMED = 0.75  # from which an answer is yes
_MAX_REASONS = 4
_LEAST_TERM = 0.25  # of a sum that is worth naming as a reason


class Weights(NamedTuple):
    """One fitted model: a bias for each outcome, and for each feature a weight for each outcome."""

    outcomes: tuple[str, ...]
    bias: tuple[float, ...]
    terms: Mapping[str, tuple[float, ...]]


@cache
def models() -> dict[str, Weights]:
    """The fitted models: ``page`` (over KINDS), ``owner`` and ``subject`` (no, yes)."""
    data = json.loads((Path(__file__).parent / "weights.json").read_text(encoding="utf-8"))
    return {
        name: Weights(
            tuple(model["outcomes"]), tuple(model["bias"]), {k: tuple(v) for k, v in model["weights"].items()}
        )
        for name, model in data.items()
    }


def weigh(model: Weights, features: Mapping[str, float]) -> dict[str, float]:
    """The probability of each outcome."""
    sums = list(model.bias)
    for name, value in features.items():
        if value and (weights := model.terms.get(name)):
            for k, weight in enumerate(weights):
                sums[k] += weight * value
    top = max(sums)
    powers = [math.exp(total - top) for total in sums]
    whole = sum(powers)
    return {outcome: power / whole for outcome, power in zip(model.outcomes, powers, strict=True)}


def explain(model: Weights, features: Mapping[str, float], outcome: str) -> tuple[str, ...]:
    """The features that speak most for an outcome, the strongest first."""
    at, count = model.outcomes.index(outcome), len(model.outcomes)
    terms = {}
    for name, value in features.items():
        if value and (weights := model.terms.get(name)):
            others = (sum(weights) - weights[at]) / (count - 1)
            terms[name] = value * (weights[at] - others)
    ordered = sorted(terms, key=lambda name: -terms[name])
    return tuple(name for name in ordered[:_MAX_REASONS] if terms[name] >= _LEAST_TERM)


# --- what is known beside the page -----------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _prepare(labels: tuple[str, ...], elements: tuple[str, ...], rivals: tuple[str, ...]) -> dict[str, Any]:
    return {
        "labels": [shingles_of(label, rivals) for label in labels],
        "elements": [shingles_of(element) for element in elements],
        "rivals": [shingles_of(rival, labels + tuple(r for r in rivals if r != rival)) for rival in rivals],
    }


def prepare(expected: Expected) -> dict[str, Any]:
    """What ``traits.measure_subject`` compares a page with: phrases in pieces, names without spaces."""
    names = [squeeze(name) for name in expected.names]
    return {**_prepare(expected.labels, expected.elements, expected.rivals), "names": [n for n in names if len(n) > 3]}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of an address beside its page. ``baseline``: the lines of the page that its host serves for an
    address that cannot exist, and that page's title and sketches; None where the host refuses such an address."""

    status: int = 200
    host: Literal["own", "platform", "other", "unknown"] = "unknown"
    sent_home: bool = False
    is_home: bool = False
    sent_to_sign_in: bool = False
    baseline_lines: frozenset[str] | None = None
    baseline_title: str = ""
    baseline_sketches: Mapping[str, Sequence[int]] | None = None


def gather(
    traits: Mapping[str, float],
    sketches: Mapping[str, Sequence[int]],
    lines: Sequence[str],
    title: str,
    years: Sequence[MentionedYear],
    around: Surroundings,
    expected: Expected | None,
) -> dict[str, float]:
    """All features of one check: what was measured of the page, what is known around it, and what was seen before."""
    features = dict(traits)
    features[f"host.{around.host}"] = 1.0
    features["status.refused"] = float(around.status in (403, 503))
    features["url.sent_home"] = float(around.sent_home)
    features["url.home"] = float(around.is_home)
    features["url.sent_to_sign_in"] = float(around.sent_to_sign_in)
    features |= _compare_baseline(lines, title, sketches, around, expected)
    if expected:
        features["expected"] = 1.0
        features |= _compare_years(years, expected.years)
        features |= _compare_earlier(sketches, expected)
        features["subject.strong"] = features.get("subject.prominent", 0.0) * features.get("subject.elements", 0.0)
        features["subject.beats_rival"] = max(
            features.get("subject.prominent", 0.0) - features.get("subject.rival", 0.0), 0.0
        )
        features["subject.loses"] = max(
            features.get("subject.rival", 0.0) - features.get("subject.prominent", 0.0), 0.0
        ) * float(features.get("subject.rival", 0.0) > 0.6)
    return features


def _compare_baseline(
    lines: Sequence[str],
    title: str,
    sketches: Mapping[str, Sequence[int]],
    around: Surroundings,
    expected: Expected | None,
) -> dict[str, float]:
    """How much of the page its host shows for any address at all, and whether the rest is about the subject."""
    baseline = around.baseline_lines
    if baseline is None or around.is_home:
        return {}
    new = [line for line in lines if line not in baseline]
    letters = sum(map(len, new))
    features = {
        "base": 1.0,
        "base.lines": 1 - len(new) / len(lines) if lines else 1.0,
        "base.title": float(bool(title) and title == around.baseline_title),
        "base.nothing_new": 1 / (1 + (letters / 120) ** 2),
    }
    features["base.much_new"] = 1 - features["base.nothing_new"]
    features["base.same"] = features["base.lines"] * features["base.nothing_new"]
    features["base.same_title"] = features["base.title"] * features["base.lines"]
    if around.baseline_sketches:
        structure = likeness(sketches.get("structure", ()), around.baseline_sketches.get("structure", ()))
        features["base.same_built"] = structure * features["base.title"]
    if expected and new:
        rest = squeeze(" ".join(new)[:20_000])
        phrases = prepare(expected)
        features["base.subject"] = max((cover(label, rest) for label in phrases["labels"]), default=0.0)
        elements = [cover(element, rest) for element in phrases["elements"]]
        features["base.elements"] = sum(elements) / len(elements) if elements else 0.0
    return features


def _compare_years(years: Sequence[MentionedYear], wanted: Sequence[int]) -> dict[str, float]:
    if not wanted or not years:
        return {"year.none": 1.0} if wanted else {}
    prominent = {y.year for y in years if y.place != "text"}
    fiscal = {y.year for y in years if y.kind == "fiscal"}
    everywhere = {y.year for y in years}
    matches = set(wanted)
    return {
        "year.prominent": float(bool(prominent & matches)),
        "year.text": float(bool(everywhere & matches)),
        "year.other_prominent": float(bool(prominent) and not prominent & matches),
        "year.other_fiscal": float(bool(fiscal) and not fiscal & matches and not prominent & matches),
        "year.other_only": float(not everywhere & matches),
    }


def _compare_earlier(sketches: Mapping[str, Sequence[int]], expected: Expected) -> dict[str, float]:
    """How like the page is to itself at an earlier good check, and to other pages of the same site."""
    features: dict[str, float] = {}
    if earlier := expected.earlier:
        features["before"] = 1.0
        for part in ("lines", "menu", "structure"):
            features[f"before.{part}"] = likeness(sketches.get(part, ()), earlier.get(part, ()))
        features["before.changed"] = 1.0 - max(features[f"before.{p}"] for p in ("lines", "menu", "structure"))
    if expected.site:
        features["site"] = 1.0
        for part in ("menu", "structure"):
            features[f"site.{part}"] = max(
                likeness(sketches.get(part, ()), other.get(part, ())) for other in expected.site
            )
        features["site.foreign"] = 1.0 - max(features["site.menu"], features["site.structure"])
    return features


# --- judgement -------------------------------------------------------------------------------------------------------


def judge(features: Mapping[str, float], *, is_document: bool = False) -> Identity:
    """The class of a page and the three answers. ``is_document``: a file with text, which is no page of a server."""
    page = models()["page"]
    chances = {"content": 1.0} if is_document else weigh(page, features)
    kind = max(chances, key=lambda k: chances[k])
    usable = chances.get("content", 0.0)
    why = () if is_document else explain(page, features, kind)
    answers = _answer(usable + chances.get("hijacked", 0.0), why)
    if not features.get("expected"):
        return Identity(kind, chances, answers, _answer(0.5, ()), _answer(0.5, ()))
    owner = _answer_about("owner", features, usable)
    if kind in _NOT_THE_OWNERS:
        owner = _answer(1 - chances[kind], why)
    subject = _answer_about("subject", features, usable)
    return Identity(kind, chances, answers, owner, subject)


def _answer_about(name: str, features: Mapping[str, float], usable: float) -> Answer:
    """An answer that holds as far as there is a page: without one nothing is known of it."""
    model = models()[name]
    yes = weigh(model, features)["yes"]
    if usable < USABLE:
        return _answer(0.5 if name == "owner" else min(yes, usable), ())
    return _answer(yes, explain(model, features, "yes" if yes >= 0.5 else "no"))


def _answer(chance: float, reasons: tuple[str, ...]) -> Answer:
    verdict: Literal["yes", "no", "unsure"] = (
        "yes" if chance >= CONFIRMED else "no" if chance <= 1 - CONFIRMED else "unsure"
    )
    return Answer(verdict, round(100 * max(chance, 1 - chance)), chance, reasons)


def decide(identity: Identity, features: Mapping[str, float]) -> tuple[State, str] | None:
    """The state that follows, with the code of its reason; None for a page that is what it should be. Where nothing was
    expected of it, only what is certain counts: there is no question that a person could answer better."""
    chances = identity.chances
    if chances.get("hijacked", 0.0) >= CERTAIN:
        return _OUTCOMES["hijacked"]
    if not features.get("expected"):
        outcome = _decide_other(identity) if identity.kind != "content" else None
        return outcome if outcome and (outcome[0] != "review" or identity.kind == "shell") else None
    if chances.get("hijacked", 0.0) >= SUSPECTED:
        return "review", "hijack_suspected"
    if identity.kind != "content":
        return _decide_other(identity)
    if chances["content"] < USABLE:
        return "review", "thin"
    if identity.owner.chance < DENIED and features.get("agency.other"):
        return "mismatch", "other_agency"
    if identity.subject.chance < DENIED:
        if features.get("year.other_prominent") and features.get("subject.prominent", 0.0) >= _NAMED:
            return "mismatch", "other_year"
        if features.get("subject.loses"):
            return "mismatch", "other_subject"
    if identity.owner.chance < DOUBTED:
        return "review", "whose"
    if identity.subject.chance < DOUBTED:
        return "review", "about_what"
    return None


def _decide_other(identity: Identity) -> tuple[State, str]:
    """A page that is not the page: certain of its class, or certain that it is of one of those without content."""
    kind, chances = identity.kind, identity.chances
    if chances[kind] >= CERTAIN or kind == "shell":
        return _OUTCOMES[kind]
    if kind in _MISSING and sum(chances.get(k, 0.0) for k in _MISSING) >= CERTAIN:
        return "soft_404", _OUTCOMES[kind][1] if chances[kind] >= USABLE else "no_page"
    return "review", f"perhaps_{kind}"


_NAMED = 0.5  # of the subject's name in title and headings, from which the page speaks of the subject
