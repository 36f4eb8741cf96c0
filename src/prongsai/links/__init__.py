"""Checks of web addresses: guarded, fair and polite.

    policy = Policy(contact="https://example.org/about-our-checker")
    targets = [Target(key=1, url="https://www.example.go.th/ita", owner_hosts=("example.go.th",))]
    for observation in check_targets(targets, policy):
        store(observation)                  # a target that was not yielded was not checked: stop and resume at any time
    decide_state(observations_of_one_address, policy)    # "pending" until enough checks establish a bad state

Promises: only http and https on ports 80 and 443 of public addresses are requested, at every redirect anew, and the
connection goes to the very IP address that was checked; one connection a host and a pause after each request;
robots.txt and Retry-After are obeyed; no body is larger and no response takes longer than the policy allows; no page is
executed and documents are opened in a disposable process; memory does not grow with the number of targets.

Pages that scripts make (``is_shell``) are shown by a browser only on request: :mod:`prongsai.links.rendering`.

Addresses that people type: ``parse_address``, ``find_addresses``, ``find_words``, ``is_same_site``. Text of a body:
``extract_text``, or ``extract_lines`` with what each line is. One document, or page, for a person who waits:
``fetch_document``, ``observe_page``. A check as a signed file: ``write_wacz`` and ``read_wacz`` (of an observation
with its body); ``write_warc`` and ``read_warc`` for what is in it. Sentences: ``describe_state``, ``describe_code``.
"""

from prongsai.links.addresses import Address, InvalidAddress, find_addresses, find_words, is_same_site, parse_address
from prongsai.links.archive import Snapshot, read_warc, write_warc
from prongsai.links.comparison import Row
from prongsai.links.content import extract_lines, extract_text
from prongsai.links.documents import Document, DocumentError, fetch_document, observe_page
from prongsai.links.model import (
    GOOD,
    HARMLESS,
    STATES,
    Answer,
    Expected,
    Hop,
    Identity,
    MentionedYear,
    Observation,
    Policy,
    Progress,
    Sketches,
    State,
    Target,
)
from prongsai.links.outages import FAILURES as OUTAGE_CODES
from prongsai.links.outages import OUTAGES, Attempt, find_outages, network_of
from prongsai.links.reasons import describe_reason, describe_remedy
from prongsai.links.rendering import Rendered, is_shell
from prongsai.links.scanned import judge_scan
from prongsai.links.scheduler import check_target, check_targets, check_targets_async
from prongsai.links.verdicts import decide_state, plan_retry
from prongsai.links.wacz import Examination, Package, add_log, examine_wacz, read_wacz, write_wacz
from prongsai.links.wording import STATE_EN, STATE_TH, describe_code, describe_state

__all__ = [
    "GOOD",
    "HARMLESS",
    "OUTAGES",
    "OUTAGE_CODES",
    "STATES",
    "STATE_EN",
    "STATE_TH",
    "Address",
    "Answer",
    "Attempt",
    "Document",
    "DocumentError",
    "Examination",
    "Expected",
    "Hop",
    "Identity",
    "InvalidAddress",
    "MentionedYear",
    "Observation",
    "Package",
    "Policy",
    "Progress",
    "Rendered",
    "Row",
    "Sketches",
    "Snapshot",
    "State",
    "Target",
    "add_log",
    "check_target",
    "check_targets",
    "check_targets_async",
    "decide_state",
    "describe_code",
    "describe_reason",
    "describe_remedy",
    "describe_state",
    "examine_wacz",
    "extract_lines",
    "extract_text",
    "fetch_document",
    "find_addresses",
    "find_outages",
    "find_words",
    "is_same_site",
    "is_shell",
    "judge_scan",
    "network_of",
    "observe_page",
    "parse_address",
    "plan_retry",
    "read_wacz",
    "read_warc",
    "write_wacz",
    "write_warc",
]
