"""A script that is busy, or that waits behind an adapter that hangs, keeps nobody else waiting for long."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from host import dispatching, handling
from host.engine import working
from host.enrolling import enrol
from host.errors import Overdue, ScriptError
from host.procedures import Call, running
from host.runtime import Runtime
from host.store.tables import metadata
from tests.adapters.folders import write_adapter
from tests.javascript.scripts import bring, rows, scripts_at_rest, write_script
from tests.programs import wait_for

SCRIPT = """
function hears(event) {}
function spins() { while (true) {} }
function asked() { return "heard"; }
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, hears, "web")]);
"""
HANGS = """
import threading
began, go_on = threading.Event(), threading.Event()
def hangs(event):
    began.set()
    go_on.wait(30)
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"text": "hang"}, hangs, "web")])
"""


def attempts(runtime: Runtime) -> list[bool]:
    """One attempt at each text; whether it was made."""
    with runtime.store.read() as connection:
        waiting = connection.execute(metadata.tables["inbox"].select().order_by("id")).all()
    return [handling.attempt(runtime, row) is not None for row in waiting]


@contextmanager
def thread(function: object, *arguments: object) -> Iterator[None]:
    running = threading.Thread(target=function, args=arguments)  # type: ignore[arg-type]
    running.start()
    try:
        yield
    finally:
        running.join(30)
        assert not running.is_alive()


@pytest.mark.parametrize("python", ["a", "z"])  # before the script's handlers, or after them
def test_an_adapter_that_hangs_keeps_no_script(tmp_path: Path, python: str) -> None:
    write_script(tmp_path / "adapters", "m", SCRIPT, "asked")
    write_adapter(tmp_path / "adapters", python, HANGS)
    with scripts_at_rest(tmp_path) as runtime:
        adapters = runtime.adapters.by_name
        hangs = adapters[python].handlers[0].function.__globals__  # type: ignore[attr-defined]
        bring(runtime, "hang")
        with thread(attempts, runtime):
            try:
                assert hangs["began"].wait(10)
                script = adapters["m"].script
                assert script is not None
                assert script.reserve(0.01)
                script.leave()
                assert adapters["m"].procedures["asked"][1]() == "heard"
            finally:
                hangs["go_on"].set()


def test_a_script_that_begins_anew_has_no_more_time_than_its_caller(tmp_path: Path) -> None:
    write_script(tmp_path / "adapters", "m", SCRIPT, "spins")
    with scripts_at_rest(tmp_path, "smshost.javascript.limitSeconds=60") as runtime:
        adapter = runtime.adapters.by_name["m"]
        adapter.close()
        began = time.monotonic()
        with running(Call(runtime, "m", deadline=began + 0.5)), pytest.raises(ScriptError, match=r"spins .* ran for"):
            adapter.procedures["spins"][1]()
        assert time.monotonic() - began < 20


def test_a_callback_of_a_web_subscription_has_no_more_time_than_its_caller(tmp_path: Path) -> None:
    code = 'WL.Server.createEventSource({name: "news", onDeviceSubscribe: "spins"});\n' + SCRIPT
    write_script(tmp_path / "adapters", "m", code)
    properties = "smshost.ussd.limitSeconds=0.5\nsmshost.javascript.limitSeconds=60\nsmshost.subscribe.gateway=web"
    with scripts_at_rest(tmp_path, properties) as runtime:
        given = {"eventSource": "m.news", "phoneNumber": "+15550001", "appId": "a-android-1"}
        began = time.monotonic()
        with pytest.raises((Overdue, ScriptError)):
            enrol(runtime, given)
        script = runtime.adapters.by_name["m"].script
        assert script is not None
        assert script.reserve(1)
        script.leave()
        assert time.monotonic() - began < 20


def test_few_threads_wait_for_a_script_whose_calls_are_short(tmp_path: Path) -> None:
    write_script(tmp_path / "adapters", "m", SCRIPT, "asked")
    with scripts_at_rest(tmp_path) as runtime:
        script = runtime.adapters.by_name["m"].script
        assert script is not None
        got: list[bool] = []

        def wait() -> None:
            got.append(script.reserve(1.0))
            if got[-1]:
                script.leave()

        waiting = [threading.Thread(target=wait) for _ in range(6)]
        with running(Call(runtime, "m")):
            assert script.reserve(0.1)
            for each in waiting:
                each.start()
            wait_for(lambda: got.count(False) == 4, "four of six to be sent away")
            script.leave()
        for each in waiting:
            each.join(10)
        assert sorted(got) == [False] * 4 + [True] * 2


def test_a_text_for_a_script_that_is_busy_is_put_back_unhandled(tmp_path: Path) -> None:
    write_script(tmp_path / "adapters", "m", SCRIPT, "spins")
    with scripts_at_rest(tmp_path, "smshost.javascript.limitSeconds=2") as runtime:
        spins = runtime.adapters.by_name["m"].procedures["spins"][1]
        turn = runtime.adapters.by_name["m"].script._turn  # type: ignore[union-attr]
        bring(runtime, "hello")

        def spin() -> None:
            with pytest.raises(Exception, match="ran for longer than 2 s"):
                spins()

        with thread(spin):
            wait_for(lambda: turn.began, "the call")
            assert attempts(runtime) == [False]
            assert rows(runtime, "inbox", "state", "attempts") == [("RECEIVED", 0)]
        assert attempts(runtime) == [True]


def test_texts_that_were_put_back_are_looked_for_once_the_script_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only when the clock has everything looked at: each would wait for that."""
    monkeypatch.setattr(working, "SWEEP_SECONDS", 3.0)
    write_script(
        tmp_path / "adapters",
        "m",
        SCRIPT.replace("hears(event) {", "hears(event) { var e = Date.now() + 200; while (Date.now() < e);"),
    )
    with scripts_at_rest(tmp_path) as runtime:
        for number in range(8):
            bring(runtime, "hello", f"+1555000{number}")
        dispatching.open_queue(runtime)
        runtime.engine.start()
        try:
            wait_for(lambda: set(rows(runtime, "inbox", "state")) == {("HANDLED",)}, "all of them")
        finally:
            runtime.engine.stop()
