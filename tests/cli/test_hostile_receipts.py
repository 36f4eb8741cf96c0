"""``prongsai verify`` on files that are no receipts, or are made to hold it up: one sentence, and exit code 2."""

import json

import pytest
from typer.testing import CliRunner

from prongsai.cli.app import app
from prongsai.lib import sandbox

HOSTILE = {
    "deep.json": "[" * 100_000,
    "number.json": "1" * 100_000,
    "list.json": "[]",
    "text.json": "nothing",
    "nul.json": "\0" * 1000,
    "exponent.json": json.dumps(
        {
            "fiscal_year": 2568,
            "digest": "x",
            "framework": {"digest": "x"},
            "figures": [{"node": "overall", "value": "1e999999999", "place": ""}],
            "checks": [],
            "agency": {"name": "x"},
        }
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_receipt_is_one_sentence(name, tmp_path, monkeypatch):
    path = tmp_path / name
    path.write_text(HOSTILE[name], encoding="utf-8")
    jobs = []
    run = sandbox.run
    monkeypatch.setattr(sandbox, "run", lambda job, *a, **k: jobs.append(job) or run(job, *a, **k))
    result = CliRunner().invoke(app, ["verify", str(path)])
    assert result.exit_code in (1, 2)
    assert jobs[0] == "json:load"
    assert "Traceback" not in result.output
    rules = CliRunner().invoke(app, ["verify", "--rules", str(path), str(path)])
    assert rules.exit_code == 2
