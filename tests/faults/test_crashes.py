"""Handlers that end their process: their texts are given up, and nobody else's suffer for it but by a little time."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import new_postgresql
from tests.faults.observing import ADAPTERS, count, rows, states, wait_until_settled, web_gateway
from tests.hosts import Host
from tests.sink import Sink

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

QUICK = """
smshost.handling.attempts=3
smshost.handling.firstWaitSeconds=0.1
smshost.handling.longestWaitSeconds=0.2
faults.slowSeconds=0.5
"""
DEADLY = {"leave": "+15550011", "kill": "+15550012", "crash": "+15550013", "choose": "+15550014"}
OTHERS = [f"+1555002{number}" for number in range(10)]
ENDS = 3  # of a process, before a text is given up
SETTLING_SECONDS = 120.0


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    directory = tmp_path_factory.mktemp("crashes")
    if request.param == "sqlite":
        yield directory, ""
        return
    with new_postgresql(directory.name) as url:
        yield directory, url


@pytest.fixture(scope="module")
def sink(place: tuple[Path, str]) -> Iterator[Sink]:
    """One for each database: the same texts go through both."""
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def host(place: tuple[Path, str], sink: Sink) -> Iterator[Host]:
    """A host whose workers were ended in every way, with other texts beside and behind those that did it."""
    directory, url = place
    host = Host(directory, web_gateway(sink.port), properties=QUICK, adapters=ADAPTERS, database=url)
    if url:
        assert host.run("db", "upgrade").status == 0
    with host:
        for keyword, phone in DEADLY.items():
            post(host, phone, f"{keyword} 1")
            post(host, phone, "echo 2")
        for number in range(1, 4):
            for phone in OTHERS:
                post(host, phone, f"slow {number}")
        wait_until_settled(host, SETTLING_SECONDS)
        yield host


def post(host: Host, phone: str, text: str) -> None:
    assert host.post(**{"from": phone, "text": text}).status_code == 200


def runs(host: Host, text: str) -> Counter[tuple[str, str]]:
    """How often which handler ended how with a text."""
    query = "SELECT handler, outcome FROM handling JOIN inbox ON inbox.id = inbox_id WHERE text = :text"
    return Counter(rows(host, query, text=text))


def answers(host: Host, phone: str) -> list[str]:
    """The texts that were made for a phone, in order."""
    return rows(host, "SELECT text FROM outbox WHERE receiver = :phone ORDER BY id", phone=phone)


@pytest.mark.parametrize("keyword", ["leave", "kill", "crash"])
def test_a_text_whose_handler_ends_its_process_is_given_up(host: Host, keyword: str) -> None:
    assert runs(host, f"{keyword} 1") == {
        (f"deadly.{keyword}", "UNKNOWN"): ENDS,
        (f"deadly.{keyword}", "RAISED"): 1,
        ("deadly.witness", "HANDLED"): 1,
    }
    query = "SELECT state, attempts FROM inbox WHERE text = :text"
    assert rows(host, query, text=f"{keyword} 1") == [("FAILED", ENDS + 1)]


def test_a_text_whose_filter_ends_its_process_is_given_up(host: Host) -> None:
    assert runs(host, "choose 1") == {("host", "UNKNOWN"): ENDS, ("host", "RAISED"): 1}
    assert rows(host, "SELECT state FROM inbox WHERE text = 'choose 1'") == ["FAILED"]


def test_it_costs_a_bounded_number_of_processes(host: Host) -> None:
    assert host.program.log.count("another one starts") <= ENDS * len(DEADLY)


def test_everybody_else_is_handled_once_and_in_order(host: Host) -> None:
    assert states(host, "inbox") == {"FAILED": len(DEADLY), "HANDLED": len(DEADLY) + 3 * len(OTHERS)}
    for phone in OTHERS:
        assert answers(host, phone) == ["re slow 1", "re slow 2", "re slow 3"]


@pytest.mark.parametrize("keyword", ["leave", "kill", "crash"])
def test_the_other_handlers_of_the_text_have_done_their_work_before_the_next_one(host: Host, keyword: str) -> None:
    assert answers(host, DEADLY[keyword]) == [f"saw {keyword} 1", "re echo 2"]


def test_no_answer_is_sent_twice_and_none_is_forgotten(host: Host, sink: Sink) -> None:
    """One that was being offered when a process ended is HELD, whether the gateway took it or not."""
    taken = Counter((each.to, each.text) for each in sink.taken)
    sent = rows(host, "SELECT receiver, text FROM outbox WHERE state = 'SENT'")
    held = rows(host, "SELECT receiver, text FROM outbox WHERE state = 'HELD'")
    assert len(sent) + len(held) == count(host, "outbox")
    assert set(sent) <= taken.keys() <= {*sent, *held}
    assert set(taken.values()) == {1}


def test_the_story_says_what_became_of_it(host: Host) -> None:
    (number,) = rows(host, "SELECT id FROM inbox WHERE text = 'leave 1'")
    told = host.run("story", f"in-{number}").output
    assert told.count("deadly.leave UNKNOWN") == ENDS
    assert "the process that ran it ended" in told
    assert "not run again: its process ended 3 time(s) while it ran" in told
    assert f"in-{number} is FAILED" in told


def test_the_log_names_the_handler(host: Host) -> None:
    (number,) = rows(host, "SELECT id FROM inbox WHERE text = 'kill 1'")
    assert f"in-{number}: its process ended in attempt 3, in deadly.kill" in host.program.log


def test_taken_up_by_hand_it_is_run_once_more(host: Host) -> None:
    """Last, because it costs another process."""
    (number,) = rows(host, "SELECT id FROM inbox WHERE text = 'leave 1'")
    assert host.run("redrive", f"in-{number}").status == 0
    wait_until_settled(host, SETTLING_SECONDS)
    assert runs(host, "leave 1")["deadly.leave", "UNKNOWN"] == ENDS + 1
    assert rows(host, "SELECT state FROM inbox WHERE text = 'leave 1'") == ["FAILED"]
