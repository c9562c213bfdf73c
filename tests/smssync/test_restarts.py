"""No text is sent twice and none is lost, whenever the host is killed or stopped between handing over and confirming."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from tests.faults.observing import count, rows
from tests.hosts import Host
from tests.programs import wait_for
from tests.smssync.phone import Message, Phone
from tests.smssync.world import MOVING, balance, database_on, open_host, phone_of, state_of

pytestmark = [pytest.mark.smssync, pytest.mark.timeout(300)]

READER = "+15550001"
ENDS: dict[str, Callable[[Host], None]] = {"SIGKILL": Host.kill, "SIGTERM": Host.stop}
_LONG = bool(os.environ.get("SMSHOST_TEST_KILLS"))  # as `make test-smssync` has it
_CYCLES = 6 if _LONG else 2


DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
#: Every version, both ends and both databases, but not each with each: a host takes its time to start.
FETCHED = [
    ("sqlite", "2.7", "SIGKILL"),
    ("sqlite", "2.8", "SIGTERM"),
    ("sqlite", "3.1", "SIGKILL"),
    pytest.param("postgresql", "2.8", "SIGKILL", marks=pytest.mark.postgres),
]
MANY = [
    *((("sqlite", "2.7", True), ("sqlite", "2.8", False)) if _LONG else ()),
    ("sqlite", "3.1", True),
    pytest.param("postgresql", "2.8", True, marks=pytest.mark.postgres),
]


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_on(request.param, tmp_path) as url:
        yield url


def welcome(host: Host, phone: Phone) -> list[Message]:
    """A reader subscribes; gives what the phone fetches of it, before it confirms."""
    phone.receive(READER, "sub")
    assert phone.sync()
    wait_for(lambda: count(host, "outbox", MOVING), "the welcome to wait", 30)
    return wait_for(phone.fetch, "the welcome to be handed over")


@pytest.mark.parametrize(("database", "version", "end"), FETCHED, indirect=["database"])
def test_what_was_fetched_before_the_end_is_confirmed_after_it(
    tmp_path: Path, database: str, version: str, end: str
) -> None:
    host = open_host(tmp_path, database=database)
    host.start()
    try:
        phone = phone_of(host, version)
        fetched = welcome(host, phone)
        ENDS[end](host)
        assert phone.confirm(fetched) == []  # the host is away
        host.start()
        again = [each for each in phone.fetch() if each.message == fetched[0].message]
        assert again == [], "handed over once"
        assert phone.confirm(fetched) == fetched
        wait_for(lambda: state_of(host, "Welcome") == "SENT", "it to be known that it was sent", 30)
        assert [each.message for each in phone.radio] == [each.message for each in fetched]
    finally:
        host.stop()


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_what_is_never_confirmed_is_held_and_a_person_decides(tmp_path: Path, database: str) -> None:
    host = open_host(tmp_path, ("confirm-within", "1"), database=database)
    host.start()
    try:
        phone = phone_of(host, "2.8")
        fetched = welcome(host, phone)
        host.kill()
        host.start()
        wait_for(lambda: state_of(host, "Welcome") == "HELD", "it to be held", 20)
        told = rows(host, "SELECT error FROM outbox WHERE state = 'HELD' ORDER BY id")[0]
        assert told.startswith("the gateway fetched it, and did not confirm it within 1 s: nobody knows")
        ended = host.run("release", "out-1")
        assert ended.status == 0, ended.output
        again = wait_for(lambda: [each for each in phone.fetch() if each.to == READER], "it to be handed over again")
        assert (again[0].message, again[0].uuid == fetched[0].uuid) == (fetched[0].message, False)
        assert phone.confirm(fetched[:1]) == [], "the first name is not to be sent any more"
        assert phone.confirm(again[:1]) == again[:1]
        wait_for(lambda: state_of(host, "Welcome") == "SENT", "it to be known that it was sent", 30)
    finally:
        host.stop()


@pytest.mark.parametrize("way", ["confirmed", "reported"])
def test_a_held_text_is_cleared_up_by_what_comes_late(tmp_path: Path, way: str) -> None:
    with open_host(tmp_path, ("confirm-within", "0.5")) as host:
        phone = phone_of(host, "2.8")
        fetched = welcome(host, phone)
        wait_for(lambda: state_of(host, "Welcome") == "HELD", "it to be held", 20)
        if way == "confirmed":
            assert phone.confirm(fetched[:1]) == fetched[:1]
        else:
            phone.known[fetched[0].uuid] = True
            assert phone.bring_results() == 1
        wait_for(lambda: state_of(host, "Welcome") == ("SENT" if way == "confirmed" else "DELIVERED"), "it to be known")


def test_a_discarded_text_is_not_sent_by_a_late_confirmation(tmp_path: Path) -> None:
    with open_host(tmp_path, ("confirm-within", "0.5")) as host:
        phone = phone_of(host, "2.8")
        fetched = welcome(host, phone)
        wait_for(lambda: state_of(host, "Welcome") == "HELD", "it to be held", 20)
        assert host.run("discard", "out-1").status == 0
        assert phone.confirm(fetched[:1]) == []
        assert state_of(host, "Welcome") == "DISCARDED"


def test_a_question_that_comes_twice_is_answered_twice(tmp_path: Path) -> None:
    with open_host(tmp_path) as host:
        phone = phone_of(host, "2.7")
        fetched = welcome(host, phone)
        assert phone.confirm(fetched) == fetched
        wait_for(lambda: state_of(host, "Welcome") == "SENT", "it to be known that it was sent", 30)
        phone.radio.clear()
        assert phone.confirm(fetched) == fetched  # the first answer never arrived


@pytest.mark.parametrize(("database", "version", "results"), MANY, indirect=["database"])
def test_nothing_is_lost_or_doubled_through_many_ends(
    tmp_path: Path, database: str, version: str, results: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = Random(f"{version} {results}")
    told = "on" if results else "off"
    host = open_host(tmp_path, ("confirm-within", "3"), ("message-results", told), database=database)
    phone, senders = phone_of(host, version, results=results), iter(range(1, 1000))
    for cycle in range(_CYCLES):
        host.start()
        stopper = threading.Timer(chance.uniform(0.1, 0.8), list(ENDS.values())[cycle % 2], [host])
        stopper.start()
        while host.program.alive:
            if len(phone.pending) < 5:
                phone.receive(f"+1555{next(senders):07}", "sub")
            phone.sync()
            phone.poll()
            phone.bring_results()
        stopper.join()
    with host:
        assert phone.sync()
        wait_for(lambda: count(host, "inbox", "state = 'RECEIVED'") == 0, "every text to be handled", 30)
        wait_for(lambda: (phone.poll(), count(host, "outbox", MOVING) == 0)[1], "all to be fetched or held", 60)
        doubled = Counter((each.to, each.message) for each in phone.radio)
        lost, too_many = balance(host, phone)
        welcomed = count(host, "outbox", "text LIKE 'Welcome%'")
        held = count(host, "outbox", "state = 'HELD'")
    with capsys.disabled():
        print(f"\n{version}, results {told}: {len(phone.radio)} sent, {held} held, {next(senders) - 1} readers")  # noqa: T201
    assert ([each for each, number in doubled.items() if number > 1], lost, too_many) == ([], Counter(), Counter())
    assert welcomed == next(senders) - 2


@pytest.mark.postgres
def test_phones_on_two_hosts_share_one_outbox(tmp_path: Path) -> None:
    """Each fetches what the others did not."""
    with database_on("postgresql", tmp_path) as database, ExitStack() as stack:
        first = stack.enter_context(open_host(tmp_path / "a", ("at-once", "3"), database=database))
        second = open_host(tmp_path / "b", ("at-once", "3"), database=database)
        second = stack.enter_context(second)
        phones = [phone_of(host, "2.8") for host in (first, second) * 2]
        for number in range(60):
            phones[0].receive(f"+1555{number:07}", "sub")
        assert phones[0].sync()

        def poll(phone: Phone) -> None:
            while count(first, "outbox", MOVING) or count(first, "inbox", "state = 'RECEIVED'"):
                phone.poll()

        threads = [threading.Thread(target=poll, args=(phone,)) for phone in phones]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        names = [each.uuid for phone in phones for each in phone.radio]
        assert len(names) == len(set(names)) >= 60
        assert balance(first, *phones) == (Counter(), Counter())
