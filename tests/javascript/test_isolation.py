"""One script that hangs, dies or is killed is its own trouble: others do not notice, nothing is lost, nothing is left."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from statistics import quantiles

import pytest

from tests.adapters.folders import write_adapter
from tests.databases import new_postgresql
from tests.faults.observing import rows
from tests.hosts import Host, children_of, gateway, is_gone
from tests.javascript.scripts import scripts_of, write_script
from tests.programs import wait_for

LOOPER = """
var loops = WL.Server.configuration["test.loops"] === "yes";
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({keyword: "loop"}, function loop(event) { while (loops) {} })]);
"""
OTHER = """
WL.Server.createEventSource({name: "news"});
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({keyword: "script"}, function answer(event) {
  var device = WL.Server.subscribeSMS("other.news", event.from, "web");
  WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification("here"));
})]);
"""
PYTHON = """
def answer(event):
    device = WL.Server.subscribeSMS("plain.news", event["from"], "web")
    WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification("here"))
WL.Server.createEventSource({"name": "news"})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": "python"}, answer)])
"""
SETTINGS = """
test.loops={loops}
smshost.javascript.limitSeconds={limit}
smshost.handling.attempts=1
smshost.quarantine.texts={texts}
"""


def write_adapters(directory: Path) -> Path:
    folder = directory / "adapters"
    write_script(folder, "looper", LOOPER)
    write_script(folder, "other", OTHER)
    write_adapter(folder, "plain", PYTHON)
    return folder


def host_of(directory: Path, loops: str = "yes", limit: float = 10, texts: int = 2, database: str = "") -> Host:
    settings = SETTINGS.format(loops=loops, limit=limit, texts=texts)
    return Host(directory, gateway("web", 9), properties=settings, adapters=directory / "adapters", database=database)


def texts_of(directory: Path, keyword: str) -> dict[str, list[tuple[str, int]]]:
    """State and end (milliseconds) of the texts with this keyword, by phone, in order."""
    with closing(sqlite3.connect(directory / "smshost.db")) as connection:
        query = "SELECT sender, state, finished_at FROM inbox WHERE keyword = ? ORDER BY id"
        found: dict[str, list[tuple[str, int]]] = {}
        for sender, state, finished_at in connection.execute(query, (keyword,)):
            found.setdefault(sender, []).append((state, finished_at or 0))
    return found


@contextmanager
def posting_loops(host: Host, phones: int) -> Iterator[list[str]]:
    """Texts for the adapter that loops keep coming from so many phones."""
    posted: list[str] = []
    ended = threading.Event()

    def post() -> None:
        for number in count():
            if ended.wait(0.05):
                return
            phone = f"+1556{number % phones:04}"
            assert host.post(**{"from": phone, "text": "loop"}).status_code == 200
            posted.append(phone)

    thread = threading.Thread(target=post)
    thread.start()
    try:
        yield posted
    finally:
        ended.set()
        thread.join()


@pytest.mark.alone
def test_others_do_not_notice_a_script_that_loops(tmp_path: Path) -> None:
    write_adapters(tmp_path)
    begun: dict[tuple[str, str], float] = {}
    with host_of(tmp_path) as host, posting_loops(host, 50) as loops:
        host.program.wait_for(lambda: " adapters: " in host.program.log, "the adapters to load", deadline=30)
        host.program.wait_for(lambda: len(loops) > 20, "texts that loop")
        for number in range(250):
            keyword, phone = ("script", "python")[number % 2], f"+1555{number:04}"
            begun[keyword, phone] = time.time()
            assert host.post(**{"from": phone, "text": keyword}).status_code == 200
            threading.Event().wait(0.05)
        wait_for(lambda: is_handled(tmp_path, begun), "the others to be handled")
        host.program.wait_for(
            lambda: "looper is in QUARANTINE" in host.program.log, "the adapter to come into quarantine", deadline=40
        )
    for keyword in ("script", "python"):
        ends = texts_of(tmp_path, keyword)
        took = [ends[phone][0][1] / 1000 - when for (word, phone), when in begun.items() if word == keyword]
        cuts = quantiles(took, n=100)
        assert (cuts[49] < 0.3, cuts[98] < 1.0) == (True, True), f"{keyword}: {cuts[49]:.3f} s, {cuts[98]:.3f} s"
    looped = texts_of(tmp_path, "loop")
    assert sum(map(len, looped.values())) == len(loops)
    assert {state for texts in looped.values() for state, _ in texts} <= {"FAILED", "WAITING", "RECEIVED"}
    failed = sum(state == "FAILED" for texts in looped.values() for state, _ in texts)
    assert 2 <= failed <= 4  # the threads that were at it when the quarantine began
    with host_of(tmp_path, loops="no") as host:
        host.post(**{"from": "+15570001", "text": "loop"})
        assert host.run("resume", "looper").status == 0
        wait_for(lambda: are_all_done(tmp_path), "what waited to be handled", deadline=30)
    counts = [state for texts in texts_of(tmp_path, "loop").values() for state, _ in texts]
    assert (counts.count("FAILED"), counts.count("HANDLED")) == (failed, len(loops) + 1 - failed)


def is_handled(directory: Path, wanted: dict[tuple[str, str], float]) -> bool:
    ends = {keyword: texts_of(directory, keyword) for keyword in ("script", "python")}
    return all(ends[keyword].get(phone, [("", 0)])[0][0] == "HANDLED" for keyword, phone in wanted)


def are_all_done(directory: Path) -> bool:
    return all(state in {"HANDLED", "FAILED"} for texts in texts_of(directory, "loop").values() for state, _ in texts)


def test_a_child_that_is_killed_at_work_is_begun_anew_and_the_text_is_tried_again(tmp_path: Path) -> None:
    write_script(
        tmp_path / "adapters", "looper", LOOPER.replace("while (loops)", "while (loops && event.text !== 'loop 2')")
    )
    settings = SETTINGS.format(loops="yes", limit=20, texts=9).replace("attempts=1", "attempts=2")
    settings += "smshost.handling.firstWaitSeconds=0.01\n"
    with Host(tmp_path, gateway("web", 9), properties=settings, adapters=tmp_path / "adapters") as host:
        host.post(**{"from": "+15550001", "text": "loop"})
        for attempt in (1, 2):
            child = busy_child(host)
            os.kill(child, signal.SIGKILL)
            ran = f"SELECT id FROM handling WHERE attempt = {attempt}"
            wait_for(lambda ran=ran: rows(host, ran), f"the end of attempt {attempt}")
        host.post(**{"from": "+15550001", "text": "loop 2"})
        wait_for(lambda: rows(host, "SELECT state FROM inbox WHERE id = 2") == ["HANDLED"], "the next text")
        told = host.run("story", "in-1").output
    assert [told.count(f"looper.loop ran (attempt {attempt})") for attempt in (1, 2)] == [1, 1]
    assert (
        "Ended: loop (looper-impl.js:3): the script's process ended by signal 9, and the script begins anew" in told
    ), told
    assert "the same again" in told
    assert "in-1 is FAILED" in told


def two(pids: set[int]) -> set[int]:
    return pids if len(pids) == 2 else set()


def busy_child(host: Host) -> int:
    """A script's process that uses its processor though all scripts have loaded."""
    host.program.wait_for(lambda: " adapters: " in host.program.log, "the adapters to load", deadline=30)
    before: dict[int, int] = {}

    def found() -> int:
        for pid in scripts_of(host.program.running.pid):
            if ticks(pid) - before.setdefault(pid, ticks(pid)) > 5:
                return pid
        return 0

    return wait_for(found, "a busy child", deadline=30)


def ticks(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def test_no_child_outlives_serve(tmp_path: Path) -> None:
    write_adapters(tmp_path)
    with host_of(tmp_path) as host:
        scripts = wait_for(lambda: two(scripts_of(host.program.running.pid)), "the scripts' processes", deadline=30)
    assert all(is_gone(str(pid)) for pid in scripts)


def test_no_child_outlives_a_serve_that_is_killed_while_a_script_loops(tmp_path: Path) -> None:
    write_adapters(tmp_path)
    host = host_of(tmp_path, limit=5)
    host.start()
    host.post(**{"from": "+15550001", "text": "loop"})
    looping = busy_child(host)
    scripts = scripts_of(host.program.running.pid)
    assert looping in scripts
    host.program.running.kill()
    host.program.finish()
    wait_for(lambda: all(is_gone(str(pid)) for pid in scripts), "the scripts' processes to be gone", deadline=20)


def test_no_child_outlives_a_worker_that_is_killed_while_a_script_loops(tmp_path: Path) -> None:
    write_adapters(tmp_path)
    with new_postgresql("js_isolation") as database:
        host = host_of(tmp_path, limit=600, database=database)
        assert host.run("db", "upgrade").status == 0
        with host:
            host.post(**{"from": "+15550001", "text": "loop"})
            looping = busy_child(host)
            worker = next(pid for pid in map(int, children_of(host.program.running.pid)) if looping in scripts_of(pid))
            scripts = scripts_of(worker)
            os.kill(worker, signal.SIGKILL)
            wait_for(lambda: all(is_gone(str(pid)) for pid in scripts), "its scripts' processes to be gone")


def test_serve_ends_by_itself_though_a_script_loops(tmp_path: Path) -> None:
    write_adapters(tmp_path)
    with host_of(tmp_path, limit=3) as host:
        host.post(**{"from": "+15550001", "text": "loop"})
        busy_child(host)
        scripts = scripts_of(host.program.running.pid)
    assert host.program.process is not None
    assert host.program.process.returncode == 0
    assert all(is_gone(str(pid)) for pid in scripts)


@pytest.mark.parametrize(
    "command", [("check",), ("status",), ("call", "other.hello", "[]"), ("call", "other.loop", "[]")]
)
def test_commands_leave_no_process(tmp_path: Path, command: tuple[str, ...]) -> None:
    code = "function hello() { return {a: 1}; }\nfunction loop() { while (true) {} }\n"
    write_script(tmp_path / "adapters", "other", code, "hello", "loop")
    host = host_of(tmp_path, limit=1)
    assert host.run("db", "upgrade").status == 0
    marked = host.environment["SMSHOST_TEST_MARK"] = f"/{os.getpid()}-{time.monotonic_ns()}"
    finished = host.run(*command)
    assert finished.status == (1 if "other.loop" in command else 0), finished.output
    assert marked not in "".join(environments())


def environments() -> Iterator[str]:
    for each in Path("/proc").glob("[0-9]*/environ"):
        try:
            yield each.read_text(errors="replace")
        except OSError:
            continue
