"""The whole way with a real Kannel: phone, fakesmsc, bearerbox, smsbox, the host, an adapter, and back."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.hosts import BOOKSTORES, Host
from tests.kannel import page
from tests.kannel.fakesmsc import GSM7_BASIC, GSM7_EXTENSION
from tests.kannel.harness import Kannel, service
from tests.kannel.phone import FakePhone
from tests.kannel.relay import Relay
from tests.kannel.world import World, answer_to, asks, callback, echoing_host, ids, story, texts
from tests.programs import free_ports, wait_for

pytestmark = pytest.mark.kannel

numbers = (f"+155501{number:02}" for number in count())

TEXTS = {
    "gsm7": GSM7_BASIC,
    "gsm7 extension": GSM7_EXTENSION,
    "one character": "x",
    "one cyrillic character": "Ж",
    "cyrillic": "Привет, РЫНОК",
    "emoji": "sub 😀🐫 👨‍👩‍👧",
    "a url's own characters": "a=1&b=%41+c#?/;",
    "outer spaces": "  two  spaces  ",
    "newlines": "two\nlines and\nthree",  # fakesmsc itself makes CR LF an LF
    "400 of gsm7": ("All café prices in €, [net] ~ 10 % off & more; " * 10)[:400],
    "400 of cyrillic": ("Привет, РЫНОК! " * 30)[:400],
    "emoji across parts": "sub 😀🐫 " * 30,
}


WELCOME = "Welcome to the bookstore! You will hear of our offers. Text unsub to stop."
GOODBYE = "You will hear no more of our offers. Goodbye!"


@pytest.fixture(scope="module")
def world(kannel_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("world")
    (port,) = free_ports(1)
    kannel = Kannel(directory / "kannel", asks(callback(port)), retries=30)
    host = echoing_host(directory / "host", kannel, port, Kannel.password)
    with Relay(host.url) as relay:
        kannel.services += service(callback(port) + "?id=%I&ts=%T", keyword="post", method="post")
        kannel.services += service(asks(callback(relay.port)), keyword="relayed")
        kannel.services += service(asks(callback(port, secret="wrong")), keyword="stranger")
        with host, kannel:
            yield World(host, kannel, relay)


@pytest.fixture(scope="module")
def kannel(world: World) -> Kannel:
    return world.kannel


def test_the_bookstore_as_the_page_connects_it(kannel_programs: None, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text("title,price,discount\nMoby-Dick,12.00,25\n", encoding="utf-8")
    kannel, host = page.kannel_and_host(tmp_path, f"bookstore.catalogue={catalogue}\n")
    assert host.run("check").output == "no problems\n"
    reader, other = next(numbers), next(numbers)
    with host, kannel, FakePhone(kannel) as phone:
        phone.send(other, "26161", "sub")
        phone.send(reader, "26161", "Sub")
        heard = [WELCOME, "Offer: Moby-Dick for 9.00 instead of 12.00, 25% off."]
        assert texts(phone, reader, 2) == texts(phone, other, 2) == heard
        assert {text.sender for text in phone.received} == {"26161"}
        phone.send(reader, "26161", "unsub")
        assert texts(phone, reader, 3) == [*heard, GOODBYE]
        catalogue.write_text("title,price,discount\nWalden,9.50,50\n", encoding="utf-8")
        assert texts(phone, other, 3) == [*heard, "Offer: Walden for 4.75 instead of 9.50, 50% off."]
        assert texts(phone, reader, 3) == [*heard, GOODBYE]
        story(host, "out-6", "is DELIVERED")
    assert ids(host, "SELECT state FROM outbox") == ["DELIVERED"] * 6


def test_the_bookstore_in_javascript_as_the_page_connects_it(kannel_programs: None, tmp_path: Path) -> None:
    kannel, host = page.kannel_and_host(tmp_path, "", BOOKSTORES["JavaScript"])
    assert host.run("check").output == "no problems\n"
    reader = next(numbers)
    with host, kannel, FakePhone(kannel) as phone:
        phone.send(reader, "26161", "Sub")
        offers = ["Moby-Dick for 9.00 instead of 12.00, 25% off.", "Middlemarch for 12.60 instead of 14.00, 10% off."]
        heard = [WELCOME, *(f"Offer: {each}" for each in offers)]
        assert texts(phone, reader, 3) == heard
        phone.send(reader, "26161", "unsub")
        assert texts(phone, reader, 4) == [*heard, GOODBYE]
        story(host, "out-4", "is DELIVERED")
    assert ids(host, "SELECT state FROM outbox") == ["DELIVERED"] * 4


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_are_intact_both_ways(text: str, world: World, phone: FakePhone) -> None:
    number = next(numbers)
    phone.send(number, world.kannel.number, text)
    assert texts(phone, number, 1) == [text]
    assert world.seen(number) == [text]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_are_intact_through_post_url(text: str, world: World, phone: FakePhone) -> None:
    number = next(numbers)
    phone.send(number, world.kannel.number, f"post {text}")
    assert texts(phone, number, 1) == [f"post {text}"]
    assert world.seen(number) == [f"post {text}"]


@pytest.mark.parametrize("word", ["", "post "])
def test_octets_reach_the_adapter_as_characters(word: str, world: World, phone: FakePhone) -> None:
    number = next(numbers)
    phone.send_data(number, world.kannel.number, f"{word}A".encode() + b"\x80\xff\0")
    wait_for(lambda: world.seen(number), "the adapter to see it")
    assert world.seen(number) == [f"{word}A\x80ÿ\N{REPLACEMENT CHARACTER}"]
    (raw,) = ids(world.host, f"SELECT raw FROM inbox WHERE sender = '{number}'")
    assert (b"%00" if not word else b"\0") in raw


def test_a_texts_story_ends_with_its_reports(world: World, phone: FakePhone) -> None:
    number = next(numbers)
    phone.send(number, world.kannel.number, "Привет " * 20)
    name = answer_to(world.host, number)
    told = story(world.host, name, "is DELIVERED")
    reference = told.partition("offered as ")[2].split()[0]
    world.host.post("/kannel", reference=reference, **{"dlr-status": "4", "dlr-text": "late"})
    told = story(world.host, name, "is DELIVERED")
    assert sorted(line.strip() for line in told.splitlines() if "reported" in line) == [
        f"{name}: reported ACCEPTED, the gateway's word '8' (ACK/)",
        f"{name}: reported BUFFERED, the gateway's word '4' (late)",
        f"{name}: reported DELIVERED, the gateway's word '1'",
    ]


def test_a_text_that_kannel_queued_is_delivered_when_an_smsc_is_there(world: World) -> None:
    number = next(numbers)
    world.host.post("/kannel", text="Hello", **{"from": number})
    name = answer_to(world.host, number)
    assert "heard 202 3: Queued for later delivery" in story(world.host, name, "is SENT")
    with FakePhone(world.kannel) as phone:
        assert texts(phone, number, 1) == ["Hello"]
        story(world.host, name, "is DELIVERED")


def test_kannel_with_a_wrong_secret_is_refused(world: World, phone: FakePhone) -> None:
    number = next(numbers)
    phone.send(number, world.kannel.number, "stranger")
    wait_for(lambda: answers(world.kannel).count("401") >= 2, "Kannel to ask again")
    assert texts(phone, number, 0) == ids(world.host, f"SELECT id FROM inbox WHERE sender = '{number}'") == []


def test_a_text_waits_while_the_password_of_sendsms_is_wrong(world: World, phone: FakePhone, tmp_path: Path) -> None:
    number, (port,) = next(numbers), free_ports(1)
    with echoing_host(tmp_path, world.kannel, port, "no-such-password") as host:
        host.post("/kannel", text="Hello", **{"from": number})
        told = story(host, "out-1", "next try")
    assert "password=***" in told
    assert "no-such-password" not in told + host.program.log
    assert "heard 403 Authorization failed for sendsms" in told
    assert "out-1 is WAITING: the gateway answered 403: Authorization failed for sendsms" in told
    with echoing_host(tmp_path, world.kannel, port, world.kannel.password):
        assert texts(phone, number, 1) == ["Hello"]


def test_a_text_brought_twice_is_handled_once(world: World, phone: FakePhone) -> None:
    number = next(numbers)
    world.relay.lost = 1
    phone.send(number, world.kannel.number, "relayed")
    wait_for(lambda: world.relay.answered == [200, 200], "Kannel to ask again")
    assert (texts(phone, number, 1), world.seen(number)) == (["relayed"], ["relayed"])
    (name,) = ids(world.host, f"SELECT 'in-' || id FROM inbox WHERE sender = '{number}'")
    assert story(world.host, name, "").count("came again, answered as if new, not handled again") == 1


def test_texts_wait_for_the_host(world: World, phone: FakePhone) -> None:
    number = next(numbers)
    sent = [f"text {each}" for each in range(12)]
    world.host.kill()
    for text in sent:
        phone.send(number, world.kannel.number, text)
    wait_for(lambda: len(asked_again(world.kannel, number)) == len(sent), "Kannel to ask again")
    world.host.start()
    assert sorted(texts(phone, number, 12)) == sorted(world.seen(number)) == sorted(sent)


def test_texts_wait_for_kannel_in_order(world: World) -> None:
    number = next(numbers)
    sent = [f"text {each}" for each in range(5)]
    world.kannel.stop()
    for text in sent:
        world.host.post("/kannel", text=text, **{"from": number})
    wait_for(lambda: len(world.seen(number)) == 5, "five texts to be handled")
    (first, *_) = ids(world.host, f"SELECT 'out-' || id FROM outbox WHERE receiver = '{number}' ORDER BY id")
    assert "could not be reached: Connection refused" in story(world.host, first, "next try")
    world.kannel.start()
    with FakePhone(world.kannel) as phone:
        assert texts(phone, number, 5) == sent


def test_what_kannel_makes_of_our_answers(world: World, tmp_path: Path) -> None:
    """Nothing where `max-messages = 0`; with another number phones are told of every failure."""
    us = callback(world.host.port)
    ways = {
        "200": asks(us),
        "400": f"{us}?from=%p",
        "401": asks(callback(world.host.port, secret="wrong")),
        "403": asks(callback(world.host.port, path="elsewhere")),
        "413": us,
        "503": asks(us),
    }
    kannel = Kannel(tmp_path, us, retries=0)
    kannel.services = "".join(
        service(url, keyword=f"{kind}{status}", method="post" if status == "413" else "get", max_messages=most)
        for status, url in ways.items()
        for kind, most in (("quiet", 0), ("loud", 1))
    )
    with kannel, FakePhone(kannel) as phone:
        for status in ways:
            with locked(world.host) if status == "503" else nullcontext():
                for kind in ("quiet", "loud"):
                    phone.send(f"+{status}", kannel.number, f"{kind}{status} {'Ж' * 512}")
                wait_for(lambda status=status: answers(kannel).count(status) == 2, f"answers {status}", deadline=30)
        failures = sorted(ways)[1:]
        received = phone.wait_for(lambda texts: texts if len(texts) >= len(failures) else [])
        assert received == phone.settled()
    assert sorted((text.to, text.text) for text in received) == [
        (f"+{status}", "Could not fetch content, sorry.") for status in failures
    ]


@contextmanager
def locked(host: Host) -> Iterator[None]:
    """The host's database, locked by another."""
    with closing(sqlite3.connect(host.directory / "smshost.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def answers(kannel: Kannel) -> list[str]:
    """The statuses that Kannel heard of the host, in order."""
    return re.findall(r"Status line: <HTTP/1\.1 (\d+)", kannel.smsbox.log)


def asked_again(kannel: Kannel, phone: str) -> set[str]:
    """What Kannel has asked more than once of a phone's texts."""
    return set(re.findall(rf"HTTP: Retrying request <[^>]*from={quote(phone)}([^>]*)>", kannel.smsbox.log))
