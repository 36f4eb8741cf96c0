"""Every state and code has its describe_code, and no sentence is left over."""

import re
from pathlib import Path

from prongsai.links import (
    STATE_EN,
    STATE_TH,
    STATES,
    describe_code,
    describe_reason,
    describe_remedy,
    describe_state,
    identity,
    reasons,
    wording,
)
from prongsai.links.vocabulary import TOPICS

SOURCES = Path(wording.__file__).parent


def test_every_state_has_a_name():
    assert set(STATE_TH) == set(STATE_EN) == {*STATES, "pending"}


def test_codes_and_sentences_match():
    sources = {p.name: p.read_text() for p in SOURCES.glob("*.py") if p.name not in ("wording.py", "reasons.py")}
    code = "\n".join(sources.values())
    named = "\n".join(text for name, text in sources.items() if name not in ("traits.py", "identity.py", "wacz.py"))
    used = set(re.findall(r'"([a-z][a-z_0-9]+)"', code))
    used |= {f"document_{e}" for e in ("locked", "broken", "too_big", "too_long")}
    used |= {f"redirect_{e}" for e in ("scheme", "host", "control", "credentials", "port_number")}
    used |= {f"status_{n}" for n in (401, 403, 404, 410, 429, 500, 503)}
    assert set(wording._SENTENCES) <= used
    produced = set(re.findall(r'(?:FetchError|_InvalidUrlError|_observe)\((?:job, "\w+", )?"([a-z_0-9]+)"', code))
    produced |= set(re.findall(r'append\("([a-z_0-9]+)"\)', code))
    produced |= set(re.findall(r'"(?:sign_in|blocked|dead|soft_404|outside|moved|slow)", "([a-z_0-9]+)"', named))
    produced |= set(re.findall(r'"(?:review|mismatch|hijacked)", "([a-z_0-9]+)"', code))
    produced |= set(re.findall(r'\n        "([a-z_0-9]+)": ', named))  # notes and warnings
    assert len(produced) > 30
    assert produced - set(STATES) <= set(wording._SENTENCES)


def test_every_class_of_page_has_words():
    for kind in set(identity.KINDS) - {"content"}:
        assert describe_code(f"perhaps_{kind}").startswith("อาจเป็นเพราะ")
    for state, code in identity._OUTCOMES.values():
        assert state in STATES
        assert describe_code(code)


def test_every_feature_of_the_models_has_words():
    """Whatever weighs in a judgement can be said to the agency that it concerns."""
    for model in identity.models().values():
        for name in model.terms:
            assert re.search("[ก-๙]", describe_reason(name)), name
            assert describe_reason(name, "en").isascii(), name
    assert describe_reason("nothing.known") == ""
    assert set(reasons.TOPICS) == set(TOPICS)


def test_what_to_do_is_said_of_every_code_of_a_page():
    assert set(reasons.REMEDIES) <= set(wording._SENTENCES)
    for code in ("hijacked", "other_year", "thin"):
        assert re.search("[ก-๙]", describe_remedy(code))
        assert describe_remedy(code, "en").isascii()


def test_whatever_keeps_a_page_from_being_read_has_a_remedy_of_its_own():
    """Only what a person must look at anyway is left to a look."""
    codes = [*wording._SENTENCES, "status_418", "status_502"]
    start = codes.index("dns")  # before it stands what is wrong with an address as it was typed
    to_look = {"thin", "whose", "about_what", "internal", "no_text", "lying_type", "wrong_charset", "cut", "not_read"}
    to_look |= {"rendered", "insecure", "scan_read", "scan_other"}
    left = {code for code in codes[start:] if describe_remedy(code) == reasons._REMEDY[0]}
    assert left == to_look


def test_states_in_words():
    assert describe_state("dead") == "เปิดไม่ได้"
    assert describe_state("dead", "en") == "Does not open"
    assert describe_state("unknown") == "unknown"


def test_sentences():
    assert describe_code("status_404").endswith("(404)")
    assert describe_code("status_418") == "เว็บไซต์ตอบว่าผิดพลาด (รหัส 418)"
    assert describe_code("status_418", "en") == "The site answered with error 418"
    for thai, english in wording._SENTENCES.values():
        assert re.search("[ก-๙]", thai)
        assert english.isascii()
