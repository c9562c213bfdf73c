"""The whole way with a real Kannel between the host and an SMSC, in each protocol: phone, SMSC, Kannel, host, and back."""

import os
from itertools import count

import pytest

from tests.kannel.fakesmsc import GSM7_BASIC, GSM7_EXTENSION
from tests.programs import wait_for
from tests.smsc.page import NUMBER
from tests.smsc.peer import LATE, REFUSED, UNREACHED, send, texts
from tests.smsc.smpp import Smpp
from tests.smsc.world import WELCOME, World

pytestmark = pytest.mark.smsc

numbers = (f"+1202555{number:04}" for number in count(100))

TEXTS = {
    "gsm7": GSM7_BASIC,
    "gsm7 extension": GSM7_EXTENSION,
    "cyrillic": "Привет, РЫНОК",
    "emoji": "sub 😀🐫",
    "400 of gsm7": ("All café prices in €, [net] ~ 10 % off & more; " * 10)[:400],
    "400 of cyrillic": ("Привет, РЫНОК! " * 30)[:399] + "!",
}
GOODBYE = "You will hear no more of our offers. Goodbye!"


def number(ending: str = "") -> str:
    """A phone of its own for a test."""
    return next(
        each for each in numbers if each.endswith(ending) and (ending or each[-2:] not in {LATE, UNREACHED, REFUSED})
    )


def test_the_bookstore_as_the_page_connects_it(live: World) -> None:
    reader = number()
    live.subscribe(reader)
    send(live.smsc, reader, NUMBER, "unsub")
    assert live.received(reader, 2) == [WELCOME, GOODBYE]
    wait_for(lambda: live.states(reader) == ["DELIVERED"] * 2, "two reports")
    assert {each.sender for each in live.smsc.submitted} == {NUMBER}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_to_phones_are_intact(text: str, live: World) -> None:
    phone = live.subscribe(number())
    live.text(phone, text)
    assert live.received(phone, 2) == [WELCOME, text]
    wait_for(lambda: live.states(phone) == ["DELIVERED"] * 2, f"its report\n{live.bearerbox.tail}")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_from_phones_are_intact(text: str, live: World) -> None:
    phone = number()
    send(live.smsc, phone, NUMBER, text)
    quoted = text.replace("'", "''")
    wait_for(lambda: live.brought(quoted), f"the text\n{live.bearerbox.tail}")
    assert [sender.lstrip("+") for sender in live.brought(quoted)] == [phone.lstrip("+")]


@pytest.mark.parametrize(("ending", "arrives"), [(UNREACHED, [WELCOME]), (REFUSED, [])])
def test_what_the_smsc_cannot_deliver_is_undelivered(ending: str, arrives: list[str], live: World) -> None:
    phone = number(ending)
    send(live.smsc, phone, NUMBER, "sub")
    wait_for(lambda: live.states(phone) == ["UNDELIVERED"], f"its report\n{live.bearerbox.tail}")
    assert texts(live.smsc, phone) == arrives


def test_texts_wait_for_the_link_and_arrive_once(live: World) -> None:
    phone, logins = live.subscribe(number()), live.smsc.logins
    live.smsc.down()
    sent = [f"text {each}" for each in range(4)]
    for each in sent:
        live.text(phone, each)
    wait_for(lambda: live.states(phone) == ["DELIVERED"] + ["SENT"] * 4, "Kannel to take them")
    live.smsc.up()
    live.wait_for_login(logins + 1)
    assert sorted(live.received(phone, 5)) == sorted([WELCOME, *sent])
    wait_for(lambda: live.states(phone) == ["DELIVERED"] * 5, f"their reports\n{live.bearerbox.tail}")
    assert len(texts(live.smsc, phone)) == 5


@pytest.mark.parametrize("live", ["smpp"], indirect=True)
def test_kannels_end_loses_no_text_and_no_report(live: World) -> None:
    reader, late = live.subscribe(number()), number(LATE)
    send(live.smsc, late, NUMBER, "sub")
    wait_for(lambda: live.states(late) == ["SENT"], "the SMSC to take it")
    assert live.received(late, 1) == [WELCOME]
    live.smsc.down()
    live.text(reader, "one more")
    wait_for(lambda: live.states(reader) == ["DELIVERED", "SENT"], "Kannel to take it")
    live.stop_kannel()
    logins = live.smsc.logins
    live.smsc.up()
    live.start_kannel()
    live.wait_for_login(logins + 1)
    assert isinstance(live.smsc, Smpp)
    live.smsc.reach()
    wait_for(lambda: (live.states(reader), live.states(late)) == (["DELIVERED"] * 2, ["DELIVERED"]), "the reports")
    assert (live.received(reader, 2), live.received(late, 1)) == ([WELCOME, "one more"], [WELCOME])


def test_the_file_is_for_its_owner_alone_and_no_secret_is_said(live: World) -> None:
    conf = live.bearerbox.directory / "kannel.conf"
    assert os.stat(conf).st_mode & 0o777 == 0o600
    assert "passw0rd" in conf.read_text()
    assert "passw0rd" not in live.host.program.log
