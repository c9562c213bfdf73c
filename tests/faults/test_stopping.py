"""What hangs, an adapter's poll or handler, keeps neither other work from going on nor the process from ending."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from host.app import open_store
from host.engine.working import Engine
from host.errors import StoreUnavailable
from host.options import Options
from host.store import schema
from host.store.locks import locks_for
from tests.faults.observing import count, web_gateway
from tests.hosts import Host
from tests.programs import wait_for
from tests.sink import Sink

POLLS = """
import threading
from host.wl import WL

def hang():
    WL.Logger.info("hanging")
    threading.Event().wait(120)

def handle(event):
    if event["text"] == "hang":
        hang()
    if event["text"] not in seen:
        seen.add(event["text"])
        raise OSError("not yet")

seen = set()
for number in range(12):
    WL.Server.createEventSource({"name": f"source{number}", "poll": {"interval": 1, "onPoll": hang}})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, handle)])
"""
ENDING = """
import logging, sys, threading, time
from pathlib import Path
logging.basicConfig()
import host.app as app
app._STOP_SECONDS, app._CLOSE_SECONDS = 1.0, 1.0
made = app.create_app(app.Options(Path("config"), Path("adapters"), "sqlite:///smshost.db"))
while not any(thread.name.startswith("smshost-poll") for thread in threading.enumerate()):
    time.sleep(0.1)
{then}
"""
FORKING = """
import os
from pathlib import Path
import host.app as app
made = app.create_app(app.Options(Path("config"), Path("adapters"), "sqlite:///smshost.db"))
print(made.test_client().get("/health/ready").status_code, flush=True)
if os.fork() == 0:
    answer = made.test_client().post("/context/receiveSMS", data={"from": "+15550001", "text": "x"})
    print(answer.status_code, answer.text.strip(), flush=True)
    os._exit(0)
os.wait()
"""

STARTING = """
import os, signal, threading, time
from host import workers

def fork():
    while len(forked) < 300 and not ended.is_set():
        child = os.fork()
        if child == 0:
            time.sleep(10)
            os._exit(0)
        forked.append(child)

ended, forked, longest = threading.Event(), [], 0.0
thread = threading.Thread(target=fork)
thread.start()
for _ in range(100):
    began = time.monotonic()
    workers.start(["true"]).wait()
    longest = max(longest, time.monotonic() - began)
ended.set()
thread.join()
for child in forked:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
print("at once" if longest < 8 else f"{longest:.0f} s")
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "adapters" / "polling").mkdir(parents=True)
    (tmp_path / "adapters" / "polling" / "__init__.py").write_text(POLLS)
    return Host(tmp_path, web_gateway(9), adapters=tmp_path / "adapters",
                properties="smshost.handling.firstWaitSeconds=0.1")  # fmt: skip


def ran(host: Host, script: str) -> subprocess.CompletedProcess[str]:
    """A program of ours that ended by itself."""
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=host.directory, capture_output=True, text=True, timeout=60, check=False)


def test_polls_that_hang_stop_no_retry(host: Host) -> None:
    host.start()
    try:
        wait_for(lambda: host.program.log.count("hanging") == 12, "every poll to hang")
        assert host.post(**{"from": "+15550001", "text": "again"}).status_code == 200
        wait_for(lambda: count(host, "inbox", "state = 'HANDLED'"), "the text to be tried again")
    finally:
        host.kill()


def test_a_process_ends_though_polls_hang(host: Host) -> None:
    ended = ran(host, ENDING.format(then=""))
    assert ended.returncode == 0, ended.stderr
    assert "duties: still busy after 1 s; what it does is taken up again later" in ended.stderr
    assert "schedule new futures" not in ended.stderr


def test_a_process_ends_though_a_thread_of_an_adapter_does_not(host: Host) -> None:
    ended = ran(host, ENDING.format(then="threading.Thread(target=time.sleep, args=(60,)).start()"))
    assert ended.returncode == 1, ended.stderr
    assert "the process did not end in 2 s: it is ended" in ended.stderr


def test_lanes_and_polls_share_one_deadline(tmp_path: Path) -> None:
    _, store = open_store(Options(database=f"sqlite:///{tmp_path / 'engine.db'}"))
    schema.upgrade(store.engine)
    engine = Engine(locks_for(store.engine))
    hanging = threading.Event()
    for number in range(20):
        engine.add_duty(f"poll {number}", 0.05, lambda: hanging.wait(60) and None)
    engine.start()
    wait_for(lambda: len(engine._duties._runs._runs) > 19, "the polls to hang")
    start = time.monotonic()
    assert not engine.stop(1)
    assert time.monotonic() - start < 10
    hanging.set()
    assert engine.stop(10)
    store.stop()


def test_an_application_made_before_a_fork_refuses_and_says_why(host: Host) -> None:
    said = ran(host, FORKING).stdout.splitlines()
    assert said == [
        "200",
        "503 this application was made before a fork, which its threads did not survive: serve it without --preload",
    ]


def test_a_folder_of_adapters_that_is_not_there_is_told_before_anything_starts(tmp_path: Path) -> None:
    host = Host(tmp_path, adapters=tmp_path / "nowhere")
    told = host.run("serve")
    said = told.output.splitlines()[-1]
    assert (told.status, said) == (1, f"Error: --adapters {tmp_path / 'nowhere'}: there is no such folder")


def test_the_files_of_a_database_are_its_owners_alone(tmp_path: Path) -> None:
    with Sink() as sink, Host(tmp_path, web_gateway(sink.port)):
        wait_for((tmp_path / "smshost.db.wake").exists, "the worker to listen")
        modes = {path.name.removeprefix("smshost.db")[:6]: path.stat().st_mode for path in tmp_path.glob("smshost.db*")}
    assert modes.keys() == {"", "-wal", "-shm", ".lock", ".turn", ".wake", ".slate"}
    assert {oct(mode)[-3:] for mode in modes.values()} == {"600"}


def test_neither_options_nor_errors_show_what_is_secret(tmp_path: Path) -> None:
    options = Options(database="postgresql+psycopg://sms:secret@127.0.0.1/sms")
    assert (options.database.count("secret"), repr(options).count("secret")) == (1, 0)
    _, store = open_store(Options(database=f"sqlite:///{tmp_path / 'errors.db'}"))
    with pytest.raises(StoreUnavailable) as caught, store.read() as connection:
        connection.execute(text("SELECT :words FROM nowhere"), {"words": "secret"})
    assert "nowhere" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_workers_start_although_processes_are_forked_at_the_same_time(host: Host) -> None:
    assert ran(host, STARTING).stdout.splitlines() == ["at once"]
