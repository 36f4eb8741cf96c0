"""Serves shapes on loopback, checks them as the product does, and says what came of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import trustme

from prongsai.links import Observation, Target, check_targets
from prongsai.links.model import GOOD
from tests.evidence.themes import site_page
from tests.evidence.world import Shape, World
from tests.links.fake_web import FakeWeb

MISSING_STATES = frozenset(("soft_404", "dead", "hijacked", "sign_in", "blocked"))


@dataclass(frozen=True)
class Outcome:
    """One check of one shape, and whether it was right."""

    shape: Shape
    seed: int
    observation: Observation

    @property
    def verdict(self) -> str:
        """right; asked (a person, where the state was certain); wrong; gravest."""
        state = self.observation.state
        if state in self.shape.states:
            return "right"
        if state == "review":
            return "asked"
        is_page = self.shape.kind == "content" and self.shape.states >= GOOD
        if (is_page and state in MISSING_STATES) or (self.shape.kind == "hijacked" and state in GOOD):
            return "gravest"
        return "wrong"


def check_shapes(shapes: Sequence[Shape], seeds: Iterable[int], *, earlier: bool = True) -> list[Outcome]:
    """Each shape once for each seed, on a host of its own. ``earlier``: every other one with what its site looked like
    before."""
    web = FakeWeb()
    try:
        targets, known = [], {}
        for shape in shapes:
            for seed in seeds:
                key = f"{shape.name}#{seed}"
                targets.append(_serve(web, shape, key))
                known[key] = shape, seed
        if earlier:
            targets = _with_earlier(web, targets, known)
        policy = web.policy(forwards={"accounts.google.com": web.port})
        return [Outcome(*known[str(o.key)], o) for o in check_targets(targets, policy)]
    finally:
        web.close()


def _serve(web: FakeWeb, shape: Shape, key: str) -> Target:
    world = World(key)
    site = shape.build(world)
    own = world.host
    if site.routes:
        web.routes[own] = dict(site.routes)
    for host, routes in site.others.items():
        suffix = f"/{len(web.routes[host])}" if host in web.routes else ""
        for path, route in routes.items():
            web.routes[host][path + suffix if site.host == host else path] = route
        if site.host == host:
            return Target(key, web.url(host, site.path + suffix), (own,), expected=world.expected())
    if site.certificate:
        _certify(web, own, site.certificate)
    url = web.url(own, site.path, tls=bool(site.certificate))
    return Target(key, url, (own,), expected=world.expected())


def _certify(web: FakeWeb, host: str, fault: str) -> None:
    """The certificate of a host, with what is wrong with it."""
    now = datetime.now(UTC)
    match fault:
        case "expired":
            web.certificate(host, not_before=now - timedelta(days=90), not_after=now - timedelta(days=1))
        case "other name":
            web.certificate(host, of="www.somebody-else.go.th")
        case "stranger":
            web.certificate(host, authority=trustme.CA())
        case _:
            web.certificate(host)


def _with_earlier(web: FakeWeb, targets: list[Target], known: dict[str, tuple[Shape, int]]) -> list[Target]:
    """The targets, of which two of three know another page of their site, and one of three how they looked before."""
    pages = []
    for target in targets:
        world = World(str(target.key))
        host = world.host
        path = "/before/page"
        web.routes[f"before.{host}"][path] = site_page(
            world, world.heading(), f"<h2>{world.heading()}</h2>{world.content()}"
        )
        pages.append(Target(target.key, web.url(f"before.{host}", path), (host,)))
    sketches = {o.key: o.sketches for o in check_targets(pages, web.policy())}
    changed = []
    for target in targets:
        choice = known[str(target.key)][1] % 3
        before = sketches[target.key]
        expected = replace(target.expected, site=(before,) if choice else (), earlier=before if choice == 1 else None)
        changed.append(replace(target, expected=expected))
    return changed


def count(outcomes: Iterable[Outcome]) -> Counter[str]:
    return Counter(o.verdict for o in outcomes)


def confusion(outcomes: Iterable[Outcome]) -> dict[str, Counter[str]]:
    """By true class: the states that were found."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for o in outcomes:
        kind = o.shape.kind
        if kind == "content" and not o.shape.states >= GOOD:
            kind = "other year, agency or item"
        table[kind][o.observation.state] += 1
    return dict(table)
