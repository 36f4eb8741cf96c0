"""Pages where officers and executives work speak their words: what only an auditor needs is one click away."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "src" / "prongsai"
OF_THE_OFFICE = {  # pages and parts of pages that officers and executives never see
    *("bulk_import.html", "bulk_progress.html", "result_set.html", "result_sets.html", "run.html", "nation.html"),
    *(
        "batch.html",
        "batches.html",
        "seal.html",
        "marking_agency.html",
        "mark_form.html",
        "queue.html",
        "snapshots.html",
    ),
}
PUBLIC = {"export.html", "embed.html", "public_list.html", "form.html", "receipt.html", "thanks.html"}
ROOMS = ("results", "disclosure", "improvement", "survey", "documents")
PAGES = [
    path
    for room in ROOMS
    for path in sorted((TEMPLATES / room / "templates").rglob("*.html"))
    if path.name not in OF_THE_OFFICE | PUBLIC
]
PAGES += [
    TEMPLATES / "web" / "templates" / "web" / name
    for name in ("desk_agency.html", "components/year_path.html", "base.html")
]
PAGES += [TEMPLATES / "web" / "officer_year.py", TEMPLATES / "web" / "page_help.py"]
_HIDDEN = re.compile(r"<details.*?</details>|\{#.*?#\}", re.S)
_WORDS = re.compile(r"อนุมาน|ชุดผล|ใบรับรอง|รหัสกำกับ|SHA-256|JSON|\{\{[^}]*(?:digest|sha256)[^}]*\}\}")
_NOT_SEEN = re.compile(r'<input\s+type="hidden"[^>]*>|\{% url [^%]*%\}')


def words_in(text):
    return _WORDS.findall(_NOT_SEEN.sub("", _HIDDEN.sub("", text)))


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_an_officer_knows_the_words(path):
    assert not words_in(path.read_text(encoding="utf-8"))


def test_what_is_one_click_away_is_no_fault():
    assert words_in("<p>รหัสกำกับ</p>") == ["รหัสกำกับ"]
    assert words_in("<p>{{ plan.digest }}</p>")
    assert not words_in('<details><summary>x</summary>รหัสกำกับ</details><input type="hidden" value="{{ a.digest }}">')
    assert len(PAGES) > 60
