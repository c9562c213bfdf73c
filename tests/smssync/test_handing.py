"""What is handed over to a gateway that fetches, in which order, and what becomes of what it does not confirm."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from host import clock, handing
from host.gateways.pull import Asked, Fetch, News, PullGateway, Took
from host.messages import HttpRequest
from host.runtime import Runtime
from host.sending import open_queues
from host.store import fetching
from host.store.effects import Effects, Queued
from host.store.polls import commit
from tests.adapters.folders import host_at_rest

HOUR = 3_600_000


@contextmanager
def host(directory: Path, parameters: str = "", attributes: str = "") -> Iterator[tuple[Runtime, PullGateway]]:
    element = f'<gateway id="phone" dialect="smssync" hostname="" {attributes}>{parameters}</gateway>'
    with host_at_rest(directory, gateways=element) as runtime:
        gateway = runtime.gateways["phone"]
        assert isinstance(gateway, PullGateway)
        yield runtime, gateway


def queue(runtime: Runtime, *texts: str) -> None:
    queued = [Queued("phone", f"+1555000{number}", text, "a.b", 1) for number, text in enumerate(texts)]
    runtime.store.write(commit, Effects(texts=list(queued)))


def ask(runtime: Runtime, gateway: PullGateway, asked: Asked, cut: bool = False) -> dict[str, str]:
    """The texts in an answer by their names, or the names alone; `cut`: the connection breaks meanwhile."""
    answer = handing.answer(runtime, gateway, asked, HttpRequest("GET", ""))
    if not cut:
        answer.after()
    document = json.loads(answer.response.body)
    if "message_uuids" in document:
        return dict.fromkeys(document["message_uuids"], "")
    return {each["uuid"]: each["message"] for each in document["payload"]["messages"]}


def states(runtime: Runtime) -> list[str]:
    with runtime.store.read() as connection:
        return list(connection.execute(text("SELECT state FROM outbox ORDER BY id")).scalars())


def execute(runtime: Runtime, statement: str) -> None:
    with runtime.store.engine.begin() as connection:
        connection.execute(text(statement))


def test_texts_are_handed_over_oldest_first_and_once_broadcasts_last(tmp_path: Path) -> None:
    with host(tmp_path, '<parameter name="at-once" value="2"/>') as (runtime, gateway):
        queue(runtime, "a", "b", "c", "d")
        execute(runtime, "UPDATE outbox SET priority = 1 WHERE text IN ('a', 'c')")
        handed = [list(ask(runtime, gateway, Fetch()).values()) for _ in range(3)]
        assert handed == [["b", "d"], ["a", "c"], []]
        assert states(runtime) == ["SENDING"] * 4


def test_nobody_else_sends_them(tmp_path: Path) -> None:
    with host(tmp_path) as (runtime, _):
        queue(runtime, "a")
        open_queues(runtime)
        runtime.engine.wake("sending-phone")
        assert states(runtime) == ["QUEUED"]


def test_an_answer_that_was_cut_off_sends_nothing(tmp_path: Path) -> None:
    off = '<parameter name="message-results" value="off"/><parameter name="confirm-within" value="0.001"/>'
    with host(tmp_path, off) as (runtime, gateway):
        queue(runtime, "a", "b")
        ask(runtime, gateway, Fetch(), cut=True)
        assert states(runtime) == ["SENDING", "SENDING"]
        execute(runtime, "UPDATE submission SET started_at = started_at - 1000")
        handing.look_after(runtime)
        assert states(runtime) == ["HELD", "HELD"]
        with runtime.store.read() as connection:
            (error,) = set(connection.execute(text("SELECT error FROM outbox")).scalars())
        assert error.startswith("the host stopped, or the connection broke, while the gateway fetched it")


def test_what_is_not_confirmed_is_handed_over_again_where_that_is_wanted(tmp_path: Path) -> None:
    with host(tmp_path, attributes='on-unknown="retry"') as (runtime, gateway):
        queue(runtime, "a")
        (first,) = ask(runtime, gateway, Fetch())
        handing.look_after(runtime)
        assert states(runtime) == ["SENDING"], "its time is not up"
        execute(runtime, f"UPDATE submission SET started_at = started_at - {HOUR}")
        handing.look_after(runtime)
        assert (states(runtime), ask(runtime, gateway, Took((first,)))) == (["WAITING"], {})
        execute(runtime, "UPDATE outbox SET due_at = 0")
        (second,) = ask(runtime, gateway, Fetch())
        assert ask(runtime, gateway, Took((first, second, second))) == {second: ""}
        assert states(runtime) == ["SENT"]


def test_only_texts_of_the_gateway_are_confirmed(tmp_path: Path) -> None:
    with host(tmp_path) as (runtime, gateway):
        queue(runtime, "a")
        (name,) = ask(runtime, gateway, Fetch())
        execute(runtime, "UPDATE submission SET gateway = 'other'")
        assert (ask(runtime, gateway, Took((name, "a guess"))), states(runtime)) == ({}, ["SENDING"])


def test_news_is_asked_for_in_turns_and_not_for_ever(tmp_path: Path) -> None:
    with host(tmp_path) as (runtime, gateway):
        queue(runtime, "a", "b", "c")
        names = list(ask(runtime, gateway, Fetch()))
        ask(runtime, gateway, Took(tuple(names)))
        question = fetching.Question(fetching.Seen("phone", {"polled_at": 1}), 2, clock.now())
        turns = [runtime.store.write(fetching.wanted, question)[0] for _ in range(2)]
        assert (sorted({*turns[0], *turns[1]}), len(turns[0])) == (sorted(names), 2)
        execute(runtime, f"UPDATE submission SET delivery = 'ACCEPTED' WHERE reference = '{names[0]}'")
        execute(runtime, f"UPDATE submission SET delivery = 'DELIVERED' WHERE reference = '{names[1]}'")
        assert list(ask(runtime, gateway, News())) == [names[2]]
        execute(runtime, f"UPDATE fetched SET asked_at = asked_at - {2 * HOUR}")
        assert sorted(ask(runtime, gateway, News())) == sorted([names[0], names[2]])
        execute(runtime, f"UPDATE fetched SET at = at - {49 * HOUR}")
        handing.look_after(runtime)
        assert ask(runtime, gateway, News()) == {}
