"""The compiled form: the same rules, and never another's, an old one's or a damaged one's."""

import os
import shutil
import tempfile
import threading
from dataclasses import fields
from pathlib import Path

import pytest

from prongsai import framework as rules
from prongsai.framework import Framework, compiled, loader
from prongsai.framework.schema import Record

HERE = Path(__file__).parent


@pytest.fixture
def year(tmp_path, monkeypatch) -> Path:
    """A copy of the small year, with a cache of its own."""
    shutil.copytree(HERE / "years", tmp_path / "years")
    monkeypatch.setenv("PRONGSAI_FRAMEWORKS", str(tmp_path / "years"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "years" / "ita" / "2568"


def load() -> Framework:
    """The small year, past the memory of this process."""
    return loader.load.__wrapped__("ita", 2568)


def forms() -> list[Path]:
    return sorted(compiled.cache_folder().glob("*"))


def every_record(value: object) -> list[Record]:
    if isinstance(value, Record):
        return [value, *(record for part in vars(value).values() for record in every_record(part))]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    return [record for part in parts for record in every_record(part)]


@pytest.mark.parametrize(("assessment", "year"), rules.available())
def test_compiled_rules_are_the_rules(assessment, year, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = rules.root() / assessment / str(year)
    parsed, _ = loader._parse(folder)
    compiled.write(folder, Framework(parsed))
    restored = compiled.read(folder)
    assert restored.rules == parsed
    assert repr(restored.rules) == repr(parsed)  # tuples are tuples, dates are dates
    assert restored.digest == Framework(parsed).digest
    assert restored.digest == Framework(restored.rules).digest
    assert all(vars(r).keys() == {f.name for f in fields(r)} for r in every_record(restored.rules))


def test_rules_are_parsed_once(year, monkeypatch):
    first = load()
    assert [path.suffix for path in forms()] == [".json"]
    monkeypatch.setattr(loader, "_parse", None)
    assert load().rules == first.rules


@pytest.mark.parametrize("file", ["framework.yaml", "items.yaml", "cases/published.yaml", "../2567/framework.yaml"])
def test_a_change_of_any_file_is_seen(year, file):
    load()
    path = year / file
    path.write_text(path.read_text(encoding="utf-8") + "unknown: 1\n", encoding="utf-8")
    if "2567" in file:
        path.write_text("survey_items: []\n", encoding="utf-8")
    with pytest.raises(rules.FrameworkError):
        load()


def test_a_new_file_and_a_year_before_that_comes_later_are_seen(year):
    shutil.move(year.parent / "2567", year.parent / "later")
    load()
    (year.parent / "later" / "framework.yaml").write_text("survey_items: []\n", encoding="utf-8")
    shutil.move(year.parent / "later", year.parent / "2567")
    with pytest.raises(rules.FrameworkError, match="unknown-previous-item"):
        load()
    shutil.rmtree(year.parent / "2567")
    load()
    (year / "more.yaml").write_text("unknown: 1\n", encoding="utf-8")
    with pytest.raises(rules.FrameworkError, match="unknown-field"):
        load()


def test_wrong_rules_leave_nothing_behind(year):
    (year / "more.yaml").write_text("unknown: 1\n", encoding="utf-8")
    with pytest.raises(rules.FrameworkError):
        load()
    assert not compiled.cache_folder().exists()


def test_other_code_reads_no_form_of_this_one(year, monkeypatch):
    load()
    monkeypatch.setattr(compiled, "_code_digest", lambda: "another version")
    assert compiled.read(year) is None
    load()
    assert len(forms()) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data.replace(b"BOOK", b"BOKO"),
        lambda data: data[:64],
        lambda data: b"\xff" + data[1:],
        lambda data: b"{}",
    ],
)
def test_a_damaged_form_is_written_anew(year, damage):
    good = load().rules
    (form,) = forms()
    data = form.read_bytes()
    form.write_bytes(damage(data))
    assert compiled.read(year) is None
    assert load().rules == good
    assert form.read_bytes() == data


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_form_that_others_can_write_is_not_read(year, mode):
    load()
    (form,) = forms()
    form.chmod(mode)
    assert compiled.read(year) is None


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_can_write_holds_no_rules(year, mode):
    load()
    compiled.cache_folder().chmod(mode)
    assert compiled.read(year) is None
    (form,) = forms()
    form.unlink()
    load()
    assert forms() == []


def test_what_another_user_owns_is_not_read(year, monkeypatch):
    load()
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    assert compiled.read(year) is None


def test_a_link_to_a_form_is_not_followed(year, tmp_path):
    load()
    (form,) = forms()
    shutil.move(form, tmp_path / "elsewhere.json")
    form.symlink_to(tmp_path / "elsewhere.json")
    assert compiled.read(year) is None


def test_the_cache_is_its_owners_alone(year):
    load()
    assert compiled.cache_folder().stat().st_mode & 0o777 == 0o700
    (form,) = forms()
    assert form.stat().st_mode & 0o777 == 0o600


def test_a_form_holds_the_digest_and_texts_as_they_are(year):
    parsed, _ = loader._parse(year)
    compiled.write(year, Framework(parsed, digest="known"))
    assert compiled.read(year).digest == "known"
    (form,) = forms()
    assert "ปีตัวอย่าง".encode() in form.read_bytes()


def test_a_draft_is_written_beside_its_form(year, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")  # another file system could not rename it
    load()
    assert len(forms()) == 1


def test_without_a_cache_rules_are_parsed(year, monkeypatch, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder would be", encoding="utf-8")
    assert load().fiscal_year == 2568
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    assert load().fiscal_year == 2568


def test_the_cache_is_in_the_home_by_default(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/someone"))
    assert compiled.cache_folder() == Path("/home/someone/.cache/prongsai/frameworks")


def test_a_write_that_fails_leaves_no_draft(year, monkeypatch):
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    load()
    assert forms() == []


def test_writers_at_the_same_time_leave_one_whole_form(year):
    framework = load()
    restored = []

    def write_and_read() -> None:
        for _ in range(20):
            compiled.write(year, framework)
            restored.append(compiled.read(year))

    threads = [threading.Thread(target=write_and_read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(restored) == 80
    assert all(form is not None and form.rules == framework.rules for form in restored)
    assert len(forms()) == 1


def test_old_forms_of_a_year_are_removed(year, monkeypatch):
    load()
    folder = compiled.cache_folder()
    for number in (3, 0, 7, 5, 1, 6, 2, 4):  # forms of other versions, the first the newest
        path = folder / f"ita-2568-{number}.json"
        path.touch()
        os.utime(path, (7 - number, 7 - number))
    (folder / "ita-2567-other.json").touch()
    monkeypatch.setattr(compiled, "_code_digest", lambda: "another version")
    load()
    names = [path.name for path in forms()]
    assert [name for name in names if len(name) < 20] == [
        "ita-2567-other.json",
        "ita-2568-0.json",
        "ita-2568-1.json",
        "ita-2568-2.json",
        "ita-2568-3.json",
    ]
    assert len(names) == 1 + compiled.MAX_FORMS_OF_A_YEAR + 1
    assert compiled.read(year) is not None
