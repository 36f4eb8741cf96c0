"""Whatever is wrong in a file that an editor corrects is said in Thai."""

import json
import re

import pytest
import yaml

from prongsai.analysis import phrases
from prongsai.improvement.registers import kinds
from prongsai.lib import checked_yaml
from tests.framework.test_workbook import broken, every_place

FILES = ((phrases.FILE, phrases.Phrases), (kinds.FOLDER / "risk.yaml", kinds.RegisterKind))
WRONG = ("zzz", 7, 7.5, True, [], {}, None, "ก" * 5000)


@pytest.mark.parametrize(("file", "model"), FILES, ids=["phrases", "register"])
def test_no_mistake_is_told_in_english(file, model):
    """A field of each name replaced by what it may not be, or left out."""
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    adapter = checked_yaml.TypeAdapter(model)
    told = set()
    for place in {place[-1]: place for place in every_place(data)}.values():
        for value in WRONG:
            try:
                adapter.validate_json(json.dumps(broken(data, place, value)))
            except checked_yaml.ValidationError as error:
                told |= {(m["type"], checked_yaml.describe(m)) for m in error.errors(include_url=False)}
    assert len({kind for kind, _ in told}) >= 5
    for kind, text in told:
        assert re.search("[\u0e01-\u0e4e]", text), (kind, text)
        assert not re.search(r"(?<!['{\w])[A-Z]?[a-z]{4,} [a-z]{2,}", text), (kind, text)
    assert not [kind for kind, text in told if text == "ค่านี้ไม่ตรงรูปแบบของช่อง"]
