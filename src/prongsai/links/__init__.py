"""Looking at addresses on the web: guarded, fair and polite.

    policy = Policy(contact="https://example.org/about-our-checker")
    for seen in check([Target(key=1, url="https://www.example.go.th/ita", own_hosts=("example.go.th",))], policy):
        store(seen)                                  # what was not yielded was not done: stop and resume at any time
    verdict(observations_of_one_address, policy)     # "pending" until there were enough looks to say anything bad

Promises: nothing but http and https on ports 80 and 443 of public addresses is ever asked, at every redirect anew, and
the connection goes to the very address that was checked; one connection a host and a pause after each request;
robots.txt and Retry-After are honoured; no body larger and no answer longer than the policy says; no page is executed
and documents are opened in a process that can be thrown away; memory does not grow with the number of targets.

Addresses that people type: ``parse_address``, ``split_addresses``, ``same_site``. Text of a body: ``text_of``. A look
as a file: ``warc`` and ``from_warc`` (an observation made with ``keep_body``). Sentences: ``STATE_TH``, ``sentence``.
"""

from prongsai.links.addresses import Address, Problems, parse_address, same_site, split_addresses
from prongsai.links.archive import Snapshot, from_warc, warc
from prongsai.links.content import text_of
from prongsai.links.model import GOOD, STATES, Hop, Observation, Policy, Progress, State, Target, Year
from prongsai.links.run import check, check_async, check_one
from prongsai.links.verdicts import next_try, verdict
from prongsai.links.wording import STATE_EN, STATE_TH, sentence

__all__ = [
    "GOOD",
    "STATES",
    "STATE_EN",
    "STATE_TH",
    "Address",
    "Hop",
    "Observation",
    "Policy",
    "Problems",
    "Progress",
    "Snapshot",
    "State",
    "Target",
    "Year",
    "check",
    "check_async",
    "check_one",
    "from_warc",
    "next_try",
    "parse_address",
    "same_site",
    "sentence",
    "split_addresses",
    "text_of",
    "verdict",
    "warc",
]
