"""The sandbox: a child that has been taken over can do nothing, costs what its limits say, leaves nothing behind."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from prongsai.lib import sandbox
from prongsai.lib.sandbox import Limits, SandboxError, client, fork, limits
from tests.hostile import jobs

ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="what holds elsewhere is in lib/sandbox/limits.py")
SHORT = Limits(seconds=1, max_seconds=1, wall=20, answer=4_000)


@pytest.fixture(autouse=True, scope="module")
def _jobs_of_tests():
    """A server that finds this folder's jobs too."""
    with pytest.MonkeyPatch.context() as patch:
        found = client.search_path()
        patch.setattr(client, "search_path", lambda: [*found, str(ROOT)])
        client.stop_server()
        yield
    client.stop_server()


@pytest.fixture(params=["server", "fork"])
def run(request):
    """A call in a child of the server, and in one forked from here."""

    def call(job, *arguments, limits=Limits(wall=20), file=None):  # noqa: B008
        name = f"tests.hostile.jobs:{job}"
        with file.open("rb") if file else contextlib.nullcontext() as opened:
            descriptor = opened.fileno() if opened else None
            if request.param == "server":
                return client.call_in_server(name, arguments, limits, descriptor, ())
            return fork.call_in_fork(name, arguments, limits, descriptor)

    return call


def reason(run, *arguments, **options) -> tuple[str, str]:
    with pytest.raises(SandboxError) as caught:
        run(*arguments, **options)
    return caught.value.reason, caught.value.detail


def test_an_answer_is_data_or_bytes(run, tmp_path):
    assert run("remember", "one") == ["one"]
    assert run("give", 3_000_000) == b"y" * 3_000_000
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    assert run("count", file=path) == 5


@pytest.mark.parametrize(
    ("job", "arguments", "why"),
    [("burn", (), "time"), ("eat", (), "memory"), ("flood", (5_000,), "size"), ("abort", (), "crash")],
)
def test_a_child_that_takes_too_much_is_stopped(run, job, arguments, why):
    assert reason(run, job, *arguments, limits=SHORT) == (why, "")


def test_a_child_that_only_waits_is_stopped_too(run):
    assert reason(run, "sleep", 600, limits=Limits(wall=0.3)) == ("time", "")


def test_time_is_given_piece_by_piece_and_not_without_end(run):
    assert run("go_on", 4, 0.5, limits=Limits(seconds=1, max_seconds=60)) == 4
    assert reason(run, "go_on", 100, 0.5, limits=Limits(seconds=1, max_seconds=2)) == ("time", "")


def run_job(job, *arguments, **options):
    return sandbox.run(f"tests.hostile.jobs:{job}", *arguments, **options)


def test_calls_share_an_allowance_and_get_what_is_left_of_it():
    with sandbox.share(1) as allowance:
        assert run_job("base_seconds") == 1
        with pytest.raises(SandboxError, match="time"):
            run_job("burn", limits=Limits(seconds=9, max_seconds=9))  # more than is left
        assert allowance.is_used_up
        with pytest.raises(SandboxError, match="time"):
            run_job("process")
        sandbox.earn(3)  # what had been read was worth it
        assert run_job("process")
        assert run_job("base_seconds", limits=Limits(seconds=2)) == 2  # no more than the call's own
    assert run_job("base_seconds") == Limits().seconds
    sandbox.earn(3)  # nobody shares anything here


def test_what_is_earned_apart_is_not_left_to_others():
    with sandbox.share(5) as allowance:
        with allowance.keep_apart():
            sandbox.earn(100)
        assert allowance.left == 5
        with contextlib.suppress(ValueError), allowance.keep_apart():
            allowance.spend(2)
            raise ValueError
        assert allowance.left == 3


def test_a_call_in_a_fork_takes_from_the_allowance_too():
    with sandbox.share(5) as allowance:
        assert fork.call_in_fork("tests.hostile.jobs:go_on", (1, 0.2), Limits(), None) == 1
        assert allowance.left < 5 - 0.1


def test_time_is_not_taken_from_a_process_that_is_no_child():
    import resource

    before = resource.getrlimit(resource.RLIMIT_CPU)
    sandbox.allow_until(1)
    assert resource.getrlimit(resource.RLIMIT_CPU) == before


def test_an_exception_is_known_by_its_type_alone(run):
    assert reason(run, "raise_error", "ParserError") == ("fault", "ParserError")
    assert reason(run, "raise_error", "x" * 500) == ("fault", "x" * 60)
    assert reason(run, "raise_error", "<script>") == ("fault", "")


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "J[",
        "Jnonsense",
        "X1",
        "J" + "[" * 100_000,
        "E\x00",
        "JNaN",
        "J[Infinity]",
        r'J"\ud800"',
        r'J{"\\\udfff": 1}',
        r'J"\u0000"',
        "J[" + "[]," * 5_000_000 + "[]]",
    ],
)
def test_an_answer_that_no_child_gives_is_none(run, answer):
    with pytest.raises(SandboxError):
        run("forge", answer)


def test_text_that_no_database_takes_is_made_storable(run):
    half, nul = "ก\ud800ข", "\0\0\\u0000\\ud800\\\0"
    assert run("remember", half) == ["ก?ข"]
    assert run("remember", nul)[-1] == "??\\u0000\\ud800\\?"


def test_a_number_that_is_none_is_no_answer(run):
    assert reason(run, "nan") == ("fault", "ValueError")


def test_a_child_that_leaves_early_has_not_answered(run):
    assert reason(run, "leave", 0) == ("crash", "")
    assert reason(run, "leave", 3) == ("crash", "")


@LINUX
@pytest.mark.parametrize("job", ["write", "make_folder"])
def test_nothing_can_be_written(run, tmp_path, job):
    assert reason(run, job, str(tmp_path / "new")) == ("fault", "PermissionError")
    assert list(tmp_path.iterdir()) == []


@LINUX
def test_nothing_can_be_removed_or_read_but_the_file_itself(run, tmp_path):
    secret = tmp_path / "key"
    secret.write_text("of the site", encoding="utf-8")
    assert reason(run, "read", str(secret)) == ("fault", "PermissionError")
    assert reason(run, "remove", str(secret)) == ("fault", "PermissionError")
    assert reason(run, "read_again", str(secret), file=secret) == ("fault", "PermissionError")
    assert run("count", file=secret) == 11
    assert "import" in run("read", os.__file__)  # what Python imports from


@LINUX
@pytest.mark.parametrize("job", ["connect", "start", "fork", "kill_parent"])
def test_no_network_no_process_no_signal(run, job):
    assert reason(run, job) == ("fault", "PermissionError")


@LINUX
@pytest.mark.parametrize("held_by", ["system calls", "files"])
def test_no_signal_leaves_by_way_of_an_open_file(monkeypatch, held_by):
    """The kernel sends a signal of one's choice to whoever is named the owner of a socket: to the web server, say."""
    if held_by == "system calls":
        monkeypatch.setattr(limits.Protection, "restrict_files", lambda *_: None)
    elif limits.Protection().landlock_version < limits._SIGNAL_VERSION:
        pytest.skip("Landlock of this kernel does not know signals")
    else:
        monkeypatch.setattr(limits, "_build_filter", lambda: None)
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        with pytest.raises(SandboxError):
            fork.call_in_fork("tests.hostile.jobs:own_sockets", (victim.pid,), Limits(wall=20, answer=1000), None)
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()


@LINUX
@pytest.mark.parametrize(("job", "error"), [("resolve", "gaierror"), ("thread", "RuntimeError")])
def test_no_name_is_looked_up_and_no_thread_starts(run, job, error):
    assert reason(run, job) == ("fault", error)


@LINUX
def test_files_alone_keep_a_child_in_where_there_is_no_filter_of_system_calls(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "_build_filter", lambda: None)
    secret = tmp_path / "key"
    secret.write_text("of the site", encoding="utf-8")
    for job in ("read", "remove", "write"):
        with pytest.raises(SandboxError, match=r"PermissionError|OSError"):
            fork.call_in_fork(f"tests.hostile.jobs:{job}", (str(secret),), Limits(wall=20), None)
    assert secret.read_text() == "of the site"
    with pytest.raises(SandboxError, match="PermissionError"):
        fork.call_in_fork("tests.hostile.jobs:connect", (), Limits(wall=20), None)


def test_no_secret_is_in_reach_of_a_child_of_the_server(monkeypatch):
    client.stop_server()
    monkeypatch.setenv("SECRET_KEY", "of the site")
    seen = sandbox.run("tests.hostile.jobs:surroundings")
    assert set(seen["environment"]) <= {"LC_CTYPE", *limits.ONE_THREAD}
    assert seen["folder"] == "/"
    assert len(seen["files"]) == 4  # three that lead nowhere, and the way to answer
    assert not {"django", "prongsai.settings", "psycopg", "sqlite3"} & set(seen["modules"])


def test_a_library_that_counts_on_threads_works_in_a_child_of_a_server_that_has_it():
    client.stop_server()
    assert sandbox.run("tests.hostile.jobs:multiply", preload=("numpy",), limits=Limits(memory=2_000_000_000)) == 500.0


def test_no_child_sees_two_inputs(run):
    assert [run("remember", word) for word in ("one", "two")] == [["one"], ["two"]]
    assert run("process") != run("process")


# --- the server


def call(job, *arguments, limits=Limits(wall=20)):  # noqa: B008
    return sandbox.run(f"tests.hostile.jobs:{job}", *arguments, limits=limits)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def wait_for(condition) -> bool:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_one_server_serves_all_calls_and_is_started_again_when_it_has_died():
    first = call("server")
    assert call("server") == first
    os.kill(first, signal.SIGKILL)
    second = call("server")
    assert second != first
    assert call("server") == second


@LINUX
def test_a_server_that_dies_under_a_call_takes_the_child_with_it_and_the_call_is_made_again():
    server = call("server")
    ended = []
    thread = threading.Thread(target=lambda: ended.append(reason(call, "sleep", 600, limits=Limits(wall=2))))
    thread.start()
    children = Path(f"/proc/{server}/task/{server}/children")
    assert wait_for(lambda: children.read_text().split())
    (child,) = map(int, children.read_text().split())
    os.kill(server, signal.SIGKILL)
    assert wait_for(lambda: not is_running(child))
    thread.join(30)
    assert ended == [("time", "")]  # of the second child, by its own time
    assert call("server") != server


@LINUX
def test_a_server_that_does_not_move_is_replaced(monkeypatch):
    server = call("server")
    monkeypatch.setattr(client, "_GRACE", 0.2)
    os.kill(server, signal.SIGSTOP)
    with contextlib.suppress(SandboxError):
        call("server", limits=Limits(wall=0.3))
    assert not is_running(server)
    assert call("server") != server


def test_other_calls_go_on_while_one_burns():
    done = threading.Event()

    def burn():
        with contextlib.suppress(SandboxError):
            call("burn", limits=Limits(seconds=3, max_seconds=3, wall=60))
        done.set()

    thread = threading.Thread(target=burn)
    thread.start()
    for number in range(5):
        assert call("remember", str(number)) == [str(number)]
    assert not done.is_set()  # five answers while it still burnt
    thread.join()


def test_calls_beyond_the_places_wait_and_then_say_so(monkeypatch):
    monkeypatch.setattr(client, "_places", threading.BoundedSemaphore(1))
    started = threading.Event()

    def hold():
        started.set()
        with contextlib.suppress(SandboxError):
            call("sleep", 600, limits=Limits(wall=3))

    thread = threading.Thread(target=hold)
    thread.start()
    started.wait()
    wait_for(lambda: client._places._value == 0)
    assert reason(call, "process", limits=Limits(wall=0.1)) == ("busy", "")
    thread.join()
    assert call("process")


def test_many_threads_at_once_each_have_their_own_answer():
    answers = {}
    threads = [threading.Thread(target=lambda n=n: answers.update({n: call("remember", str(n))})) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: [str(n)] for n in range(24)}


PARENT = """
import os, sys, threading, time
sys.path.insert(0, {root!r})
from prongsai.lib import sandbox
from prongsai.lib.sandbox import client
found = client.search_path()
client.search_path = lambda: [*found, {root!r}]
server = sandbox.run("tests.hostile.jobs:server")
{then}
"""


@LINUX
@pytest.mark.parametrize("how", ["KILL", "TERM", "end"])
def test_nothing_is_left_when_the_process_that_called_ends(how):
    then = (
        "threading.Thread(target=lambda: sandbox.run('tests.hostile.jobs:sleep', 600, "
        "limits=sandbox.Limits(wall=600)), daemon=True).start()\n"
        "children = f'/proc/{server}/task/{server}/children'\n"
        "while not open(children).read().split(): time.sleep(0.02)\n"
        "print(server, open(children).read().split()[0], flush=True)\n"
        "sys.stdin.readline()"  # it ends when it is told to
    )
    command = [sys.executable, "-c", PARENT.format(root=str(ROOT), then=then)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        server, child = map(int, parent.stdout.readline().split())
        assert is_running(server)
        assert is_running(child)
        if how == "end":
            parent.stdin.write("\n")
            parent.stdin.flush()
        else:
            parent.send_signal(getattr(signal, f"SIG{how}"))
        parent.wait(30)
    assert wait_for(lambda: not is_running(server))
    assert wait_for(lambda: not is_running(child))


@LINUX
def test_a_process_that_was_forked_after_the_first_call_has_a_server_of_its_own():
    then = (
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    other = sandbox.run('tests.hostile.jobs:server')\n"
        "    os._exit(0 if other != server else 1)\n"
        "assert os.waitpid(pid, 0)[1] == 0\n"
        "assert sandbox.run('tests.hostile.jobs:server') == server\n"
        "print('ok')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", PARENT.format(root=str(ROOT), then=then)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "ok\n", done.stderr


def test_a_job_that_cannot_be_imported_is_no_answer_and_the_server_goes_on():
    server = call("server")
    with pytest.raises(SandboxError):
        sandbox.run("tests.hostile.nothing:at_all")
    assert call("server") == server


def test_what_holds_here_is_said():
    assert sandbox.describe_protection().keys() == {"limits", "system_calls", "files", "network"}
    if sys.platform == "linux" and os.environ.get("CI"):
        assert all(sandbox.describe_protection().values())


def test_the_jobs_would_succeed_without_the_sandbox(tmp_path):
    """They are attackers: the same functions do harm when they are called here."""
    jobs.write(str(tmp_path / "x"))
    assert jobs.read(str(tmp_path / "x")) == "owned"
    jobs.start()
    jobs.thread()
