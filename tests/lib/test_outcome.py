"""What a child of the sandbox says and how it ended: the same words in the child and outside, and no trust in them."""

import json
import os
import signal
from types import SimpleNamespace

import pytest

from prongsai.lib import sandbox
from prongsai.lib.sandbox import SandboxError, client, fork
from prongsai.lib.sandbox.outcome import MAX_NAME, decode, describe_end, encode, encode_failure

WELL = {"signal": 0, "code": 0, "seconds": 0.1, "overdue": False}


@pytest.mark.parametrize("value", [None, 0, "ผล", [1, {"a": [True]}], b"", b"J{}"])
def test_what_is_said_is_what_is_heard(value):
    assert decode(encode(value, 1000), WELL, 5) == value


def test_an_answer_has_its_size():
    assert encode("a" * 7, 10) == b'J"aaaaaaa"'
    assert encode("a" * 8, 10) == b"S"
    assert encode(b"a" * 9, 10) == b"Baaaaaaaaa"
    assert encode(b"a" * 10, 10) == b"S"
    assert why(encode(b"a" * 10, 10), WELL)[0] == "size"


def test_a_failure_is_known_by_its_type_and_says_nothing_else():
    """What a parser says may quote the file, and a file may choose the name of a type."""
    assert why(encode_failure(MemoryError("8 GB")), WELL) == ("memory", "")
    assert why(encode_failure(KeyError("secret")), WELL) == ("fault", "KeyError")
    assert why(encode_failure(type("ผิด", (Exception,), {})()), WELL) == ("fault", "")
    named = encode_failure(type("A" * 500, (Exception,), {})())
    assert why(named, WELL) == ("fault", "A" * MAX_NAME)
    assert why(b"E<b>", WELL) == ("fault", "")


def why(answer, ended, most=5):
    with pytest.raises(SandboxError) as caught:
        decode(answer, ended, most)
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        ({"overdue": True, "signal": signal.SIGKILL}, "time"),
        ({"signal": signal.SIGXCPU}, "time"),
        ({"signal": signal.SIGKILL, "seconds": 5.0}, "time"),
        ({"signal": signal.SIGKILL, "seconds": 0.5}, "crash"),
        ({"signal": signal.SIGSEGV, "seconds": 5.0}, "crash"),
        ({"code": 1}, "crash"),
    ],
)
def test_a_child_that_did_not_end_well_has_said_nothing(ended, reason):
    assert why(encode("all is well", 100), WELL | ended)[0] == reason


@pytest.mark.parametrize("answer", [b"", b"X", b"J", b"J{", b"J" + b"[" * 100_000, b"J\xff"])
def test_words_that_no_child_says_are_a_crash(answer):
    assert why(answer, WELL)[0] == "crash"


def test_the_system_says_how_a_child_ended():
    usage = SimpleNamespace(ru_utime=1.5, ru_stime=0.25)
    assert describe_end(3 << 8, usage, overdue=False) == {"signal": 0, "code": 3, "seconds": 1.75, "overdue": False}
    killed = describe_end(int(signal.SIGKILL), usage, overdue=True)
    assert killed == {"signal": 9, "code": 0, "seconds": 1.75, "overdue": True}
    assert json.loads(json.dumps(killed)) == killed


@pytest.mark.parametrize(("says_so", "threads", "way"), [(False, 1, "server"), (True, 1, "fork"), (True, 2, "server")])
def test_only_a_process_of_one_thread_that_says_so_forks_itself(monkeypatch, tmp_path, says_so, threads, way):
    """A fork amid threads can lock for ever, and a server's memory holds secrets."""
    calls = []
    for module, name in ((client, "call_in_server"), (fork, "call_in_fork")):
        monkeypatch.setattr(module, name, lambda *call, name=name: calls.append((name, call)))
    monkeypatch.setattr(sandbox, "_forks_here", False)
    monkeypatch.setattr(sandbox.threading, "active_count", lambda: threads)
    if says_so:
        sandbox.fork_here()
    path = tmp_path / "x"
    path.write_bytes(b"1")
    sandbox.run("module:job", 1, "b", file=path)
    ((name, call),) = calls
    assert name == f"call_in_{way}"
    assert call[:2] == ("module:job", (1, "b"))
    assert isinstance(call[3], int)
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(call[3])  # the file is closed again
