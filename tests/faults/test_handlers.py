"""Handlers that fail: tried again within bounds, kept with their traceback, and nobody else's texts wait for them."""

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.observing import ADAPTERS, count, faulty_host, rows, wait_until_settled, web_gateway
from tests.hosts import Host
from tests.sink import Sink

PHONE, OTHER = "+15550001", "+15550002"
QUICK = """
smshost.handling.attempts=3
smshost.handling.firstWaitSeconds=0.1
smshost.handling.longestWaitSeconds=0.2
"""


KEYWORDS = {"raise": "+15550011", "exit": "+15550012", "cancel": "+15550013", "unstorable": "+15550014"}
KEYWORDS["surrogate"] = "+15550015"


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Host]:
    """A host that has had every kind of trouble, each from a phone of its own, and is done with it."""
    with faulty_host(tmp_path_factory.mktemp("trouble"), sink.port, QUICK) as host:
        for keyword, phone in KEYWORDS.items():
            post(host, phone, f"{keyword} 1")
            post(host, phone, "prompt 2")
        for text in ("once 1", "prompt 2", "once 3", "prompt 4"):
            post(host, PHONE, text)
        post(host, OTHER, "picky 1")
        wait_until_settled(host)
        yield host


def post(host: Host, phone: str, text: str) -> None:
    """A text that the host takes."""
    assert host.post(**{"from": phone, "text": text}).status_code == 200


def runs(host: Host, text: str) -> Counter[tuple[str, str]]:
    """How often which handler ended how with a text."""
    query = "SELECT handler, outcome FROM handling JOIN inbox ON inbox.id = inbox_id WHERE text = :text"
    return Counter(rows(host, query, text=text))


@pytest.mark.parametrize(
    ("keyword", "handler", "said"),
    [
        ("raise", "raising", 'raise LookupError(f"no shelf for {event['),
        ("raise", "raising", "LookupError: no shelf for raise 1"),
        ("exit", "exiting", "SystemExit: 3"),
        ("cancel", "cancelled", "CancelledError: an adapter's own event loop"),
        ("unstorable", "unstorable", "WLError: the state of PHONE is kept as JSON"),
        ("surrogate", "surrogate", "WLError: an announcement's key is a string of at most 200 characters"),
    ],
)
def test_a_text_whose_handler_fails_is_kept_with_its_traceback_and_the_next_goes_on(
    host: Host, sink: Sink, keyword: str, handler: str, said: str
) -> None:
    phone = KEYWORDS[keyword]
    assert runs(host, f"{keyword} 1")[f"trouble.{handler}", "RAISED"] == 3
    query = "SELECT state, attempts FROM inbox WHERE sender = :phone ORDER BY id"
    assert rows(host, query, phone=phone) == [("FAILED", 3), ("HANDLED", 1)]
    number = rows(host, "SELECT id FROM inbox WHERE sender = :phone", phone=phone)[0]
    assert said in host.run("story", f"in-{number}").output.replace(phone, "PHONE")
    assert [text for text in sink.accepted(phone) if not text.startswith("saw")] == ["re prompt 2"]


def test_another_handler_of_the_same_text_runs_once(host: Host, sink: Sink) -> None:
    assert runs(host, "raise 1") == {("trouble.raising", "RAISED"): 3, ("trouble.witness", "HANDLED"): 1}
    assert sink.accepted(KEYWORDS["raise"]).count("saw raise 1") == 1


def test_a_handler_that_works_the_second_time_keeps_its_senders_order(host: Host, sink: Sink) -> None:
    answers = [text for text in sink.accepted(PHONE) if text.startswith("re")]
    assert answers == ["re once 1", "re prompt 2", "re once 3", "re prompt 4"]
    assert rows(host, "SELECT state, attempts FROM inbox WHERE sender = :phone ORDER BY id", phone=PHONE) == [
        ("HANDLED", 2), ("HANDLED", 1), ("HANDLED", 2), ("HANDLED", 1)
    ]  # fmt: skip


def test_a_filter_that_fails_is_its_own_handlers_failure(host: Host) -> None:
    assert runs(host, "picky 1") == {("trouble.prompt#2", "RAISED"): 3}
    errors = rows(host, "SELECT error FROM handling WHERE handler = 'trouble.prompt#2'")
    assert all("ValueError: a filter that fails" in error for error in errors)


def test_other_senders_do_not_wait_for_one_whose_text_is_tried_again(tmp_path: Path) -> None:
    slow = "smshost.handling.firstWaitSeconds=60"
    with Sink() as sink, faulty_host(tmp_path, sink.port, slow) as host:
        post(host, PHONE, "once 1")
        post(host, PHONE, "prompt 2")
        post(host, OTHER, "prompt 3")
        sink.wait_for(3)
        assert sink.accepted(OTHER) == ["re prompt 3", "saw prompt 3"]
        assert sink.accepted(PHONE) == ["saw once 1"]
        assert "next try" in host.run("story", "in-1").output


def test_one_text_posted_fifty_times_at_once_is_handled_once(host: Host, sink: Sink) -> None:
    phone = "+15550050"
    answers: list[int] = []
    start = threading.Barrier(50)

    def post_it() -> None:
        start.wait(10)
        answers.append(host.post(**{"from": phone, "text": "echo 1", "id": "fifty"}).status_code)

    threads = [threading.Thread(target=post_it) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    wait_until_settled(host)
    assert answers == [200] * 50
    (number,) = rows(host, "SELECT id FROM inbox WHERE sender = :phone", phone=phone)
    assert sink.accepted(phone) == ["re echo 1"]
    repeats = host.run("story", f"in-{number}").output.count("came again, answered as if new, not handled again")
    assert repeats == 49


def test_the_same_id_from_two_gateways_is_two_texts(tmp_path: Path) -> None:
    with Sink() as sink, Host(tmp_path, _two_gateways(sink), adapters=ADAPTERS) as host:
        for path in ("/web", "/net", "/web"):
            assert host.post(path, **{"from": PHONE, "text": f"echo {path[1:]}", "id": "a"}).status_code == 200
        wait_until_settled(host)
        assert sorted(rows(host, "SELECT gateway, text FROM inbox")) == [("net", "echo net"), ("web", "echo web")]
        assert sorted(sink.accepted()) == ["re echo net", "re echo web"]
        assert count(host, "inbox_repeat") == 1


def _two_gateways(sink: Sink) -> str:
    return web_gateway(sink.port) + web_gateway(sink.port).replace('"web"', '"net"')
