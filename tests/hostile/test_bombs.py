"""Each hostile file is answered within its limits, in a sentence, and by a child that is gone afterwards."""

import pytest

from prongsai.lib.sandbox import client
from tests.hostile.corpus import BOMBS, stored
from tests.hostile.readers import READERS

MAX_SECONDS = 15  # of processor time, of one child, on a slow machine; ``make bombs`` measures the 5 that are promised
FILES = BOMBS | stored()


@pytest.fixture
def children(monkeypatch):
    """How each child of a test ended."""
    ended = []
    decode = client.decode

    def watch(answer, report, max_seconds):
        ended.append(report)
        return decode(answer, report, max_seconds)

    monkeypatch.setattr(client, "decode", watch)
    return ended


def test_there_are_forty_of_them_for_every_reader():
    assert len(FILES) >= 40
    assert {reader for reader, _ in FILES} == set(READERS)


@pytest.mark.parametrize(("reader", "name"), FILES, ids=lambda value: value)
def test_a_bomb_is_answered(reader, name, tmp_path, children):
    path = tmp_path / name
    path.write_bytes(FILES[reader, name]())
    sentences = READERS[reader](path)
    for sentence in sentences:
        assert any("\u0e00" <= letter <= "\u0e7f" for letter in sentence)
        assert "Traceback" not in sentence
    assert children, "it was read here and not in the sandbox"
    assert max(report["seconds"] for report in children) < MAX_SECONDS
