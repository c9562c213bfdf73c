"""Databases as the first revision of this host made them, with a row of every kind in them.

``python -m tests.faults.upgrade.first_revision`` makes the dumps beside this file anew: by the code of that revision, which
it takes out of git, on SQLite and on the PostgreSQL server of the tests.
"""

import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from sqlalchemy import NullPool, create_engine

from tests.databases import new_postgresql
from tests.faults.observing import ADAPTERS, rows, web_gateway
from tests.hosts import CREDENTIAL, REPOSITORY, Host, gateway
from tests.programs import wait_for
from tests.sink import HangUp, Sink

REVISION = "691196c"  # the last commit of the first revision's tables
DUMPS = Path(__file__).parent
PROPERTIES = """
smshost.sending.firstWaitSeconds=5
smshost.handling.attempts=2
smshost.handling.firstWaitSeconds=0.1
faults.slowSeconds=1
"""
_MOMENT = r"\b1[78]\d{11}\b"  # milliseconds since 1970, of these years
_START = 1_577_836_800_000  # 2020-01-01
KANNEL = (("username", "u"), ("password", "p"))
DIARY = """
from host.wl import WL

def note(event):
    WL.Server.subscribeSMS("diary.readers", event["from"], event["gateway"])
    user = WL.Server.getUserNotificationSubscription("diary.readers", event["from"])
    user.state["notes"] = user.state.get("notes", []) + [event["text"]]
    user.save()

def look():
    WL.Logger.info("looking")

WL.Server.createEventSource({"name": "readers", "poll": {"interval": 1, "onPoll": look}})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": "note"}, note)])
"""


def tree(directory: Path) -> Path | None:
    """The first revision's code; None where this checkout does not have it."""
    archive = subprocess.run(["git", "archive", REVISION, "host"], cwd=REPOSITORY, capture_output=True, check=False)
    if archive.returncode:
        return None
    folder = directory / "first_revision"
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def gateways(port: int) -> str:
    """Those that the dumps' texts came through: `web` names its texts, `plain` does not, `kannel` reports."""
    kannel = gateway("kannel", port, *KANNEL, dialect="kannel", programName="cgi-bin/sendsms")
    return web_gateway(port, timeout="2") + gateway("plain", port, timeout="2") + kannel


def adapters(directory: Path) -> Path:
    """The adapters of the faults, and one that keeps states and polls."""
    folder = directory / "adapters"
    shutil.copytree(ADAPTERS, folder)
    (folder / "diary").mkdir()
    (folder / "diary" / "__init__.py").write_text(DIARY, encoding="utf-8")
    return folder


def old_host(directory: Path, code: Path, port: int, database: str = "") -> Host:
    """A host that runs the first revision's code."""
    environment = {"PYTHONPATH": str(code)}
    given = {"properties": PROPERTIES, "database": database, "environment": environment, "workers": 0}
    return Host(directory, gateways(port), adapters=adapters(directory), **given)  # type: ignore[arg-type]


def fill(host: Host, sink: Sink) -> None:
    """Bring rows of every kind into its database, and kill it while some of them wait."""
    numbers = count(1)
    phones = [f"+1555000{number:04}" for number in range(12)]

    def post(path: str, phone: str, words: str, **more: str) -> None:
        answer = host.post(path, **{"from": phone, "to": "26161", "text": words, **more})
        assert answer.status_code == 200, answer.text

    def named(phone: str, words: str) -> None:
        post("/web", phone, words, id=f"text-{next(numbers)}")

    host.start()
    for phone in phones[:3]:
        named(phone, "echo 1 ünïcödé 😀")
        named(phone, "note 2")
        post("/plain", phone, "echo 3")
    post("/web", phones[0], "echo 1 ünïcödé 😀", id="text-1")
    named(phones[3], "nobody is for this")
    named(phones[4], "raise 1")
    raw = b"from=%2B15550000005&to=26161&text=echo+%ff%fe&id=raw"
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert requests.post(f"{host.receive_url}/web", raw, headers=form, auth=CREDENTIAL, timeout=30).status_code == 200
    settled = "SELECT count(*) FROM inbox WHERE state = 'RECEIVED'"
    wait_for(lambda: rows(host, settled) == [0], "the texts to be handled", 30)
    sink.answer = lambda parameters: 400
    named(phones[6], "echo 1")
    wait_for(lambda: _states(host)["FAILED"] >= 1, "a text to be refused", 30)
    sink.answer = _hung_up
    named(phones[7], "echo 1")
    wait_for(lambda: _states(host)["HELD"] >= 1, "a text to be held", 30)
    sink.answer = _as_kannel
    post("/kannel", phones[8], "echo 1", id="kannel-1")
    wait_for(lambda: _reference(host), "a reference for reports", 30)
    for reference in (_reference(host), "nobody-knows"):
        assert host.post("/kannel", **{"dlr-status": "1", "reference": reference}).status_code == 200
    wait_for(lambda: rows(host, "SELECT event_source FROM poll"), "a poll", 30)
    sink.answer = lambda parameters: 503
    named(phones[9], "echo 1")
    wait_for(lambda: _states(host)["WAITING"] >= 1, "a text to wait", 30)
    for number in range(2, 5):
        named(phones[9], f"echo {number}")
        named(phones[10], f"slow {number}")
    wait_for(lambda: _states(host)["QUEUED"] >= 2, "texts to be queued", 30)
    release = threading.Event()
    sink.answer = lambda parameters: release.wait(30) * 200
    named(phones[11], "echo 1")
    wait_for(lambda: _states(host)["SENDING"] >= 1, "a text to be on its way", 30)
    for number in range(5, 9):
        named(phones[10], f"slow {number}")
    host.kill()
    release.set()


def _hung_up(_: dict[str, str]) -> int:
    raise HangUp(200)


def _as_kannel(_: dict[str, str]) -> int:
    body = b"0: Accepted for delivery"
    raise HangUp(200, b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


def _states(host: Host) -> Counter[str]:
    return Counter(dict(rows(host, "SELECT state, count(*) FROM outbox GROUP BY state")))  # type: ignore[arg-type]


def _reference(host: Host) -> str:
    found = rows(host, "SELECT reference FROM submission WHERE gateway = 'kannel' AND outcome = 'ACCEPTED'")
    return str(found[0]) if found else ""


def dump_of(kind: str) -> str:
    """SQL that makes the database of one kind."""
    return (DUMPS / f"0001.{kind}.sql").read_text(encoding="utf-8")


def restore(kind: str, database: str) -> None:
    """Make that database, in an empty one."""
    if kind == "sqlite":
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
            connection.executescript(dump_of(kind))
        return
    engine = create_engine(database, poolclass=NullPool)
    with engine.begin() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(dump_of(kind).encode())
    engine.dispose()


def main() -> None:
    """Make the dumps anew."""
    with TemporaryDirectory() as name, new_postgresql("first_revision") as server, Sink() as sink:
        code = tree(Path(name))
        if code is None:
            sys.exit(f"this checkout has no commit {REVISION}")
        for kind, database in (("sqlite", ""), ("postgresql", server)):
            host = old_host(Path(name) / kind, code, sink.port, database)
            if database:
                assert host.run("db", "upgrade").status == 0
            fill(host, sink)
            (DUMPS / f"0001.{kind}.sql").write_text(_of_2020(_dumped(host.database)), encoding="utf-8")


def _of_2020(dump: str) -> str:
    """The same, made in 2020: whatever a machine's clock says, that is the past."""
    moments = [int(moment) for moment in re.findall(_MOMENT, dump)]
    earlier = min(moments) - _START
    return re.sub(_MOMENT, lambda found: str(int(found.group()) - earlier), dump)


def _dumped(database: str) -> str:
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
            return "\n".join(connection.iterdump()) + "\n"
    url = database.replace("+psycopg", "")
    command = ["pg_dump", "--inserts", "--no-owner", "--no-privileges", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    kept = [line for line in said.splitlines() if line and not line.startswith(("--", "\\"))]
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    main()
