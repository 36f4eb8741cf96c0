"""Every state and code has its sentence, and no sentence is left over."""

import re
from pathlib import Path

from prongsai.links import STATE_EN, STATE_TH, STATES, sentence, wording

SOURCES = Path(wording.__file__).parent


def test_every_state_has_words():
    assert set(STATE_TH) == set(STATE_EN) == {*STATES, "pending"}


def test_every_code_in_the_sources_has_a_sentence_and_every_sentence_a_code():
    code = "\n".join(p.read_text() for p in SOURCES.glob("*.py") if p.name != "wording.py")
    used = set(re.findall(r'"([a-z][a-z_0-9]+)"', code))
    used |= {f"document_{e}" for e in ("locked", "broken", "too_big", "too_long")}
    used |= {f"redirect_{e}" for e in ("scheme", "host", "control", "credentials", "port_number")}
    used |= {f"status_{n}" for n in (401, 403, 404, 410, 429, 500, 503)}
    assert set(wording._SENTENCES) <= used
    given = set(re.findall(r'(?:Failure|_Wrong|_end)\((?:job, "\w+", )?"([a-z_0-9]+)"', code))
    given |= set(re.findall(r'append\("([a-z_0-9]+)"\)', code))
    given |= set(re.findall(r'return "(?:sign_in|blocked|dead|soft_404|outside|moved)", "([a-z_0-9]+)"', code))
    assert len(given) > 30
    assert given <= set(wording._SENTENCES)


def test_sentences():
    assert sentence("status_404").endswith("(404)")
    assert sentence("status_418") == "เว็บไซต์ตอบว่าผิดพลาด (รหัส 418)"
    assert sentence("status_418", "en") == "The site answered with error 418"
    for thai, english in wording._SENTENCES.values():
        assert re.search("[ก-๙]", thai)
        assert english.isascii()
