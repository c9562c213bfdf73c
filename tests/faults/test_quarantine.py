"""A broken adapter under load: it is quarantined, everybody else goes on, and what waited is handled in its order."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.folders import write_adapter
from tests.databases import new_postgresql
from tests.faults.observing import out_of_order, rows
from tests.hosts import Host, gateway
from tests.programs import wait_for

PHONES = [f"+1555{number:07}" for number in range(25)]
ROUNDS = 8
CODE = """
import os
from pathlib import Path
MENDED, HANDLED = Path({mended!r}), os.open({handled!r}, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
def handle(event):
    if not MENDED.exists():
        raise ConnectionError("the catalogue is away")
    os.write(HANDLED, f"{{event['from']}} {{event['text'].split()[1]}}\\n".encode())
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({{"keyword": ["{name}", "both"]}}, handle, "*")])
"""
PROPERTIES = """
smshost.quarantine.texts=10
smshost.handling.attempts=5
smshost.handling.firstWaitSeconds=0.5
smshost.handling.longestWaitSeconds=1
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """A host (on PostgreSQL two workers) with the adapters a, which fails until it is mended, and b, which works."""
    (tmp_path / "b-mended").touch()
    for name in "ab":
        places = {"mended": str(tmp_path / f"{name}-mended"), "handled": str(tmp_path / f"{name}-handled")}
        write_adapter(tmp_path / "adapters", name, CODE.format(name=name, **places))
    given = {"gateways": gateway("web", 9), "properties": PROPERTIES, "adapters": tmp_path / "adapters"}
    if request.param == "sqlite":
        with Host(tmp_path, **given) as host:  # type: ignore[arg-type]
            yield host
        return
    with new_postgresql(tmp_path.name) as url:
        host = Host(tmp_path, database=url, arguments=("--workers", "2"), **given)  # type: ignore[arg-type]
        host.run("db", "upgrade")
        with host:
            yield host


def handled(host: Host, name: str) -> list[tuple[str, int]]:
    """What an adapter handled, as it happened: phones and numbers."""
    path = host.directory / f"{name}-handled"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(phone, int(number)) for phone, number in (line.split() for line in lines)]


def post(host: Host, first: int) -> None:
    """Each phone sends numbered texts, in its order: to a, to b, and to both."""

    def one(phones: list[str]) -> None:
        for number in range(first, first + ROUNDS):
            for phone in phones:
                keyword = ("a", "b", "both")[number % 3]
                assert host.post(**{"from": phone, "text": f"{keyword} {number}"}).status_code == 200

    threads = [threading.Thread(target=one, args=(PHONES[start::5],)) for start in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def for_adapter(name: str, until: int) -> int:
    """How many texts an adapter is sent."""
    keywords = [("a", "b", "both")[number % 3] for number in range(until)]
    return len(PHONES) * sum(keyword in (name, "both") for keyword in keywords)


def counted(host: Host, name: str, until: int) -> dict[str, int]:
    got = handled(host, name)
    wrong = {"lost": for_adapter(name, until) - len(set(got)), "doubled": len(got) - len(set(got))}
    return {**wrong, "out of order": out_of_order(got)}


def test_a_broken_adapter_waits_in_order_while_everybody_else_goes_on(host: Host) -> None:
    post(host, 0)
    wait_for(lambda: len(handled(host, "b")) == for_adapter("b", ROUNDS), "b to be done", 60)
    since = "SELECT quarantined_at FROM adapter_health WHERE adapter = 'a' AND quarantined_at IS NOT NULL"
    wait_for(lambda: rows(host, since), "the quarantine", 30)
    status = host.run("status").output
    assert "QUARANTINE" in status
    assert "text(s) in a row failed, the last of them in-" in status
    assert "a.handle: ConnectionError: the catalogue is away" in status
    assert "look at the story of that text, mend the adapter, then say: smshost resume a" in status
    waiting = f"{for_adapter('a', ROUNDS)} text(s) wait"
    wait_for(lambda: waiting in host.run("status").output, f"the status to say that {waiting}", 30)
    assert host.run("failed").output == ""
    (host.directory / "a-mended").touch()
    posting = threading.Thread(target=post, args=(host, ROUNDS))
    posting.start()
    resumed = host.run("resume", "a")
    posting.join(60)
    assert (resumed.status, resumed.output.split(" text(s) ")[1]) == (
        0,
        "waited for a: handled from now on, in order\n",
    )
    for name in "ab":
        wait_for(lambda name=name: len(handled(host, name)) >= for_adapter(name, 2 * ROUNDS), f"{name} to be done", 60)
    found = {name: counted(host, name, 2 * ROUNDS) for name in "ab"}
    assert found == {name: {"lost": 0, "doubled": 0, "out of order": 0} for name in "ab"}
    assert "QUARANTINE" not in host.run("status").output
    refused = host.run("resume", "a")
    assert (refused.status, refused.output) == (1, "Error: adapter a is not in quarantine (in quarantine: none)\n")
    assert host.program.log.count("adapter a is in QUARANTINE") >= 1
