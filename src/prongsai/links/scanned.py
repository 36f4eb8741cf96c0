"""What the text says that OCR reads from a scan. It may be misread, and nobody is held to it."""

from dataclasses import replace

from prongsai.links import content
from prongsai.links.addresses import parse_url
from prongsai.links.classify import Evidence, RedirectChain
from prongsai.links.fetch import Response
from prongsai.links.identity import decide, prepare
from prongsai.links.model import Answer, Identity, Observation, Target


def judge_scan(observation: Observation, target: Target, text: str) -> Observation:
    """An observation of a scan with the text that was read from its pictures: whose it is, about what, and of which
    years. It stays a file without text. Its text alone makes no state bad: what names something else is at most for a
    person to look at, and no answer is "no"."""
    hops = [hop.url for hop in observation.hops] or [observation.url]
    addresses = [parse_url(url) for url in hops]
    expected = target.expected
    page = content.parse_scan(text, prepare(expected) if expected else None)
    chain = RedirectChain(addresses, [False] * (len(addresses) - 1))
    evidence = Evidence(
        Response(observation.status or 200, [], "", [], b"", body_read=True),
        page,
        chain,
        owner_hosts=target.owner_hosts,
        expected=expected,
    )
    notes = tuple(dict.fromkeys((*observation.notes, "scan_read")))
    if evidence.identity is None:
        return replace(observation, notes=notes)
    finding = decide(evidence.identity, evidence.features)
    state, error = observation.state, observation.error
    if state == "ok" and finding and finding[0] in _SOMETHING_ELSE:
        state, error = "review", "scan_other"
    return replace(
        observation,
        state=state,
        error=error,
        notes=notes,
        language=page.language,
        years=page.years,
        identity=_without_denials(evidence.identity),
        features=evidence.features,
    )


_SOMETHING_ELSE = ("mismatch", "hijacked")


def _without_denials(identity: Identity) -> Identity:
    return replace(identity, owner=_doubted(identity.owner), subject=_doubted(identity.subject))


def _doubted(answer: Answer) -> Answer:
    return replace(answer, verdict="unsure") if answer.verdict == "no" else answer
