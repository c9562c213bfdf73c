"""A handler that runs beyond its time limit is told while it runs, counted, and shown."""

import threading
from pathlib import Path

from host import overruns
from tests.adapters.folders import host_at_rest, write_adapter
from tests.faults.observing import rows
from tests.hosts import Host, gateway
from tests.programs import wait_for

CODE = """
from pathlib import Path
from time import monotonic
import threading
def slow(event):
    end, never = monotonic() + 30, threading.Event()
    while not Path({done!r}).exists() and monotonic() < end:
        never.wait(0.01)
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({{"keyword": "slow"}}, slow)])
"""


def test_a_handler_that_runs_long_is_told_once_while_it_runs_and_counted(tmp_path: Path) -> None:
    done = tmp_path / "done"
    write_adapter(tmp_path / "adapters", "a", CODE.format(done=str(done)))
    limit = "smshost.handling.limitSeconds=0.2"
    with Host(tmp_path, gateway("web", 9), properties=limit, adapters=tmp_path / "adapters") as host:
        host.post(**{"from": "+15550001", "text": "slow"})
        host.program.wait_for(lambda: "in-1: a.slow has been running for" in host.program.log, "it to be told")
        told = "adapter a: 1 run(s) of its handlers took too long, the last at "
        wait_for(lambda: rows(host, "SELECT overruns FROM adapter_health") == [1], "it to be counted")
        assert told in host.run("status").output
        assert "in-1 is RECEIVED" in host.run("story", "in-1").output
        done.touch()
        wait_for(lambda: rows(host, "SELECT state FROM inbox") == ["HANDLED"], "it to be handled")
        assert "a.slow HANDLED after " in host.run("story", "in-1").output
        said = [line.partition(" ERROR ")[2] for line in host.program.log.splitlines() if " ERROR " in line]
    assert [line.partition(" for ")[0] for line in said] == ["host.overruns: in-1: a.slow has been running"]
    assert said[0].endswith(" s, longer than smshost.handling.limitSeconds (0.2)")
    assert "in-1: a.slow has ended after " in host.program.log


def test_those_who_have_to_know_hear_of_its_beginning_and_its_end(tmp_path: Path) -> None:
    heard: list[str] = []
    began, end = threading.Event(), threading.Event()

    def run() -> None:
        with overruns.watched(runtime, 1, "a.slow"):
            began.set()
            end.wait(10)

    with host_at_rest(tmp_path, "smshost.handling.limitSeconds=0.05") as runtime:
        runtime.watch.held_up = lambda: heard.append("held up")
        runtime.watch.goes_on = lambda: heard.append("goes on")
        thread = threading.Thread(target=run)
        thread.start()
        began.wait(10)
        wait_for(lambda: overruns.watch(runtime) or heard, "the watch to find it")
        for _ in range(3):
            overruns.watch(runtime)
        assert heard == ["held up"]
        end.set()
        thread.join(10)
        assert heard == ["held up", "goes on"]
        assert runtime.watch.running == {}
        runtime.store.stop()
        with runtime.store.read() as connection:
            (row,) = overruns.health.read(connection)
        assert (row.adapter, row.overruns) == ("a", 1)


def test_one_that_ends_between_two_looks_is_counted_too(tmp_path: Path) -> None:
    with host_at_rest(tmp_path, "smshost.handling.limitSeconds=0.02") as runtime:
        with overruns.watched(runtime, 1, "a.slow"):
            threading.Event().wait(0.05)
        runtime.store.stop()
        with runtime.store.read() as connection:
            (row,) = overruns.health.read(connection)
        assert (row.adapter, row.overruns) == ("a", 1)
