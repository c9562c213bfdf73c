"""What goes out in the answer to a gateway's request, and what becomes of it where the answer is cut off."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from host import answering, clock
from host.answering import answer, settle_cut
from host.app import Options, assemble
from host.config.smsconfig import read_smsconfig
from host.gateways import open_gateways
from host.handling import Waiting
from host.messages import DeliveryReport, DeliveryStatus, Inbound
from host.procedures import Call
from host.receiving import accept
from host.runtime import Runtime
from host.store import inbox, outbox, submissions
from host.store.effects import Effects
from host.store.history import received
from host.store.inbox import Handled, Run
from host.store.states import InboxState
from host.store.submissions import Begun, Turn
from tests.databases import sqlite_with_tables

PHONE = "+15550100"
TEXT = Inbound(PHONE, "sub", "26161", gateway_message_id="1")


@contextmanager
def host_at_rest(directory: Path, attributes: str = "", dialect: str = "kannel") -> Iterator[Runtime]:
    """A host with a gateway of this dialect, which is called "kannel" all the same."""
    (directory / "adapters").mkdir()
    secret = '<parameter name="secret" value="s3cret"/>'
    given = f'id="kannel" dialect="{dialect}" hostname="h" reply="answer" {attributes}'
    element = f"<gateway {given}>{secret}</gateway>"
    (directory / "SMSConfig.xml").write_text(f"<config>{element}</config>")
    (directory / "worklight.properties").write_text("smshost.reply.waitSeconds=0.05\n")
    (directory / "host.db").write_bytes(sqlite_with_tables())
    _, runtime = assemble(Options(directory, directory / "adapters", f"sqlite:///{directory}/host.db"), works=True)
    try:
        yield runtime
    finally:
        runtime.store.stop()
        runtime.store.engine.dispose()


def handled(runtime: Runtime, *texts: str) -> None:
    """A text that came, and was answered with these while its request waited."""
    until = clock.steady() + 60_000
    (number,) = accept(runtime, runtime.gateways["kannel"], [TEXT], until)
    assert number is not None
    call = Call(runtime, "shop", number, f"in-{number}/shop.h", waiting=Waiting("kannel", PHONE, until))
    for text in texts:
        call.queue("kannel", PHONE, text, "shop.phones")
    now = clock.now()
    run = Run("shop.h", now, now, effects=Effects(texts=call.effects.texts))
    runtime.store.write(inbox.finish, [Handled(number, InboxState.HANDLED, 1, 0, (run,))])


def story(runtime: Runtime) -> list[tuple[str, list[str | None]]]:
    """The states of what answers the text, and how the submissions of each ended."""
    with runtime.store.read() as connection:
        found = received(connection, 1)
    assert found is not None
    return [(each.text.state, [submission.outcome for submission in each.submissions]) for each in found.answers]


def bodies(runtime: Runtime, times: int = 1) -> list[str]:
    return [answer(runtime, runtime.gateways["kannel"], [TEXT]).response.text for _ in range(times)]


def test_an_answer_takes_texts_before_the_sender_may(tmp_path: Path) -> None:
    with host_at_rest(tmp_path) as runtime:
        handled(runtime, "one", "two")
        with runtime.store.read() as connection:
            assert outbox.due(connection, "kannel", clock.steady(), 0, 10) == []
        given = answer(runtime, runtime.gateways["kannel"], [TEXT])
        assert (given.response.text, story(runtime)) == ("one\ntwo", [("SENDING", [None])] * 2)
        given.after()
        runtime.store.write(submissions.turn, Turn())  # behind what was submitted
        assert story(runtime) == [("SENT", ["ACCEPTED"])] * 2


def test_what_the_sender_has_is_in_no_answer(tmp_path: Path) -> None:
    with host_at_rest(tmp_path) as runtime:
        handled(runtime, "one", "two")
        begun = Begun("ref-1", 1, "kannel", 1, 1, 1, clock.now())
        assert runtime.store.write(submissions.turn, Turn(begun=[begun])) == [{"ref-1"}]
        assert bodies(runtime, 2) == ["two", "two"]


def test_another_phone_with_the_id_of_a_text_is_not_told_what_answers_it(tmp_path: Path) -> None:
    with host_at_rest(tmp_path) as runtime:
        handled(runtime, "one")
        given = answer(runtime, runtime.gateways["kannel"], [replace(TEXT, sender="+15550199")])
        assert (given.response.text, bodies(runtime)) == ("", ["one"])


@pytest.mark.parametrize(
    ("attributes", "becomes"), [("", ("HELD", ["UNKNOWN"])), ('on-unknown="retry"', ("WAITING", ["UNKNOWN"]))]
)
def test_an_answer_that_was_cut_off_is_explained_and_heard_again(
    tmp_path: Path, attributes: str, becomes: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with host_at_rest(tmp_path, attributes) as runtime:
        handled(runtime, "one")
        assert bodies(runtime) == ["one"]  # and never given away
        settle_cut(runtime)
        assert story(runtime) == [("SENDING", [None])]
        monkeypatch.setattr(answering, "_GIVEN_SECONDS", -1)
        settle_cut(runtime)
        assert story(runtime) == [becomes]
        given = answer(runtime, runtime.gateways["kannel"], [TEXT])
        given.after()
        runtime.store.write(submissions.turn, Turn())
        assert (given.response.text, story(runtime)[0][0]) == ("one", "SENT")


def test_a_phone_that_fetches_texts_is_given_them_in_the_answer_under_the_names_that_it_reports_by(
    tmp_path: Path,
) -> None:
    with host_at_rest(tmp_path, dialect="smssync") as runtime:
        handled(runtime, "one", "two")
        gateway = runtime.gateways["kannel"]
        given = answer(runtime, gateway, [TEXT])
        given.after()
        messages = json.loads(given.response.body)["payload"]["messages"]
        assert [(each["to"], each["message"]) for each in messages] == [(PHONE, "one"), (PHONE, "two")]
        news = [DeliveryReport(DeliveryStatus.DELIVERED, "SMS delivered", each["uuid"]) for each in messages]
        accept(runtime, gateway, news)
        assert story(runtime) == [("DELIVERED", ["ACCEPTED"])] * 2
        assert json.loads(bodies(runtime)[0])["payload"].get("messages") is None  # it has them, it says


def test_a_request_without_a_place_to_wait_answers_at_once(tmp_path: Path) -> None:
    with host_at_rest(tmp_path) as runtime:
        places = [runtime.awaiting.place() for _ in range(17)]
        assert [each.__enter__() for each in places] == [True] * 16 + [False]
        assert bodies(runtime) == [""]
        for each in places:
            each.__exit__(None, None, None)
        with runtime.store.read() as connection:
            found = received(connection, 1)
        assert found is not None
        assert found.text.answer_by is None


def test_only_dialects_whose_answers_carry_texts_have_replies_in_them() -> None:
    configs, _ = read_smsconfig(
        b'<config>\n<gateway id="g" hostname="h" reply="answer"/></config>', "SMSConfig.xml", {}
    )
    why = 'reply="answer" is not for dialect "generic", whose answers carry no texts'
    assert [str(each) for each in open_gateways(configs)[1]] == [f'SMSConfig.xml:2: gateway "g": {why}']
