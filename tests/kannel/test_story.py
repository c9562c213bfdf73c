"""The whole way with a real Kannel: phone, fakesmsc, bearerbox, smsbox, the host, an adapter, and back."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.kannel import page
from tests.kannel.harness import Kannel, service
from tests.kannel.phone import FakePhone
from tests.kannel.world import World, callback, texts

pytestmark = pytest.mark.kannel

numbers = (f"+155501{number:02}" for number in count())

TEXTS = {
    "gsm7": "Hello @£$¥ èéùìòÇ ØøÅå Δ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ ÄÖÑÜ§¿¡",
    "gsm7 extension": "^{}\\[~]|€",
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
    world = World(tmp_path_factory.mktemp("world"))
    posted = callback(world.port) + "?id=%I&ts=%T"
    world.kannel.services += service(posted, keyword="post", method="post")
    with world.host, world.kannel:
        yield world


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
        told = [line.split()[2:4] for line in host.run("messages").output.splitlines() if " < " in line]
    assert [state for _, state in told] == ["DELIVERED"] * 6


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
