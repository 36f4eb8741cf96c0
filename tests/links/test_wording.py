"""Every state and code has its describe_code, and no sentence is left over."""

import re
from pathlib import Path

from prongsai.links import STATE_EN, STATE_TH, STATES, describe_code, describe_state, wording

SOURCES = Path(wording.__file__).parent


def test_every_state_has_a_name():
    assert set(STATE_TH) == set(STATE_EN) == {*STATES, "pending"}


def test_codes_and_sentences_match():
    code = "\n".join(p.read_text() for p in SOURCES.glob("*.py") if p.name != "wording.py")
    used = set(re.findall(r'"([a-z][a-z_0-9]+)"', code))
    used |= {f"document_{e}" for e in ("locked", "broken", "too_big", "too_long")}
    used |= {f"redirect_{e}" for e in ("scheme", "host", "control", "credentials", "port_number")}
    used |= {f"status_{n}" for n in (401, 403, 404, 410, 429, 500, 503)}
    assert set(wording._SENTENCES) <= used
    produced = set(re.findall(r'(?:FetchError|_InvalidUrlError|_observe)\((?:job, "\w+", )?"([a-z_0-9]+)"', code))
    produced |= set(re.findall(r'append\("([a-z_0-9]+)"\)', code))
    produced |= set(re.findall(r'"(?:sign_in|blocked|dead|soft_404|outside|moved|slow)", "([a-z_0-9]+)"', code))
    produced |= set(re.findall(r'\n        "([a-z_0-9]+)": ', code))  # notes and warnings
    assert len(produced) > 30
    assert produced - set(STATES) <= set(wording._SENTENCES)


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
