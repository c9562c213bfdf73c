"""The reads of a backlog use the indexes made for them, and stay cheap whatever the planner believes.

Time is compared with a read of a hundred rows in the same run, never with a clock.
"""

import re
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, text

from host.messages import DeliveryReport, DeliveryStatus
from host.store import broadcasts, history, inbox, outbox, reports, tellings, troubles, waking
from host.store.broadcasts import Announced, Chunk
from host.store.content import Content, first_ids
from host.store.due import PER_PHONE
from host.store.effects import Effects, Subscribed, apply
from host.store.reports import Reported
from host.store.subscriptions import Subscribers
from host.store.tables import metadata
from host.store.waking import Waking

ROWS = 20_000
NOW = 10
INBOX = {"gateway": "g", "receiver": "", "text": "t", "keyword": "t", "parameters": "[]", "received_at": 0,
         "state": "RECEIVED", "attempts": 0, "due_at": 0}  # fmt: skip
OUTBOX = {"gateway": "g", "event_source": "", "text": "t", "state": "QUEUED", "attempts": 0, "created_at": 0,
          "due_at": 0, "error": ""}  # fmt: skip

TABLE = "inbox|outbox|other|sub|user|delivery_report|broadcast"
Read = Callable[[Connection, int], Sequence[Any]]
TABLES: dict[str, tuple[str, dict[str, object], str, Read]] = {
    "inbox": ("sender", INBOX, "HANDLED", lambda connection, after: inbox.due(connection, NOW, after, 1000)),
    "outbox": ("receiver", OUTBOX, "SENT", lambda connection, after: outbox.due(connection, "g", NOW, after, 1000)),
}


CONTENT = Content("g", "+11", "", "t", 0, 1)
OTHERS: dict[str, tuple[Callable[[Connection], object], list[str]]] = {
    "content": (lambda connection: first_ids(connection, [CONTENT]), ["SEARCH inbox USING INDEX inbox_by_content"]),
    "oldest": (
        lambda connection: inbox.is_any_waiting(connection, 9),
        ["SCAN inbox USING INDEX inbox_ready"],
    ),
    "earlier": (
        lambda connection: inbox.has_earlier(connection, "+11", 9),
        ["SEARCH inbox USING INDEX inbox_waiting_by_sender"],
    ),
    "earlier parked": (
        lambda connection: waking.has_earlier(connection, [Waking("b", ("b", "a"), 0, 9)], "+11", 9),
        ["SEARCH inbox USING INDEX inbox_parked_by_sender"],
    ),
    "parked": (history.parked, ["SCAN inbox USING INDEX inbox_waiting_for"]),
    "failed in": (
        lambda connection: troubles.failed_from_phones(connection, 9),
        ["SCAN inbox USING INDEX inbox_failed"],
    ),
    "failed out": (
        lambda connection: troubles.failed_to_phones(connection, 9),
        ["SCAN outbox USING INDEX outbox_failed"],
    ),
    "tellings": (
        lambda connection: tellings.look(connection, ["g"], 0, 9, 5),
        [
            "SEARCH inbox USING INTEGER PRIMARY KEY",
            "SEARCH told USING COVERING INDEX sqlite_autoindex_outbox_1",
            "SEARCH outbox USING INDEX outbox_by_inbox",
        ],
    ),
    "held": (troubles.held, ["SCAN outbox USING INDEX outbox_held"]),
}


def plan(engine: Engine, run: Callable[[Connection], object], verb: str = "SELECT") -> list[str]:
    """SQLite's plan of the first such statement that is run: what it does with tables, not with what it made of them."""
    said: list[tuple[str, Any]] = []
    with engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: said.append((given[2], given[3])))
        run(connection)
        statement, parameters = next(each for each in said if each[0].startswith(verb))
        lines = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    return [re.sub(r" \(.*", "", line) for line in lines if re.match(rf"SEARCH|SCAN ({TABLE})", line)]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("analyzed", [False, True])
def test_the_hot_queries_search_in_their_own_indexes(engine: Engine, analyzed: bool) -> None:
    fill(engine, "inbox", 500, lambda number: number)
    fill(engine, "outbox", 500, lambda number: number)
    if analyzed:
        analyze(engine)
    by_phone = {
        "inbox": "SEARCH other USING INDEX inbox_waiting_by_sender",
        "outbox": "SEARCH other USING INDEX outbox_waiting_by_receiver",
    }
    for table, (*_, read) in TABLES.items():
        found = plan(engine, lambda connection, read=read: read(connection, 0))  # type: ignore[misc]
        assert found == [f"SEARCH {table} USING INDEX {table}_ready", by_phone[table], by_phone[table]]
    for name, (run, expected) in OTHERS.items():
        assert plan(engine, run) == expected, name
    of_user = plan(engine, lambda connection: Subscribers(lambda: nullcontext(connection)).of_user("a.b", "1"))
    names = ("sqlite_autoindex_subscription_1", "subscription_by_user")
    assert [line for line in of_user if "subscription" in line] == [
        f"SEARCH subscription USING INDEX {each}" for each in names
    ]


REPORTS = [Reported("g", DeliveryReport(DeliveryStatus.ACCEPTED, "1", f"r-{n}", f"t-{n}"), n) for n in range(500)]
CHUNK = Chunk(1, 5, ("g",))
PLANS: dict[str, tuple[Callable[[Connection], object], str, list[str]]] = {
    "a look at unmatched reports": (
        lambda connection: reports.look(connection, 1, (450, 1), 10),
        "SELECT",
        ["SEARCH delivery_report USING INDEX delivery_report_unmatched_by_time"],
    ),
    "the count of unmatched reports": (
        reports.unmatched,
        "SELECT",
        ["SCAN delivery_report USING INDEX delivery_report_unmatched_by_time"],
    ),
    "the submissions that reports are on": (
        lambda connection: reports.store(connection, REPORTS[:3]),
        "SELECT",
        ["SEARCH submission USING INDEX sqlite_autoindex_submission_1",
         "SEARCH submission USING INDEX submission_by_gateway_id"],
    ),
    "the reports that wait for an answer": (
        lambda connection: reports.match_late(connection, {("g", "t-1")}),
        "SELECT",
        ["SEARCH delivery_report USING INDEX delivery_report_unmatched"],
    ),
    "the end of a chunk": (
        lambda connection: broadcasts.advance(connection, [CHUNK]),
        "SELECT subscription.id",
        ["SEARCH subscription USING COVERING INDEX subscription_by_source"],
    ),
    "a chunk": (
        lambda connection: broadcasts.advance(connection, [CHUNK]),
        "INSERT",
        ["SEARCH subscription USING INDEX subscription_by_source",
         "SEARCH submission USING COVERING INDEX sqlite_autoindex_submission_2"],  # the foreign key to the outbox
    ),
    "the broadcasts that run": (
        broadcasts.running,
        "SELECT",
        ["SCAN broadcast USING INDEX broadcast_unfinished"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("analyzed", [False, True])
@pytest.mark.parametrize("what", PLANS)
def test_broadcasts_and_reports_search_in_their_own_indexes(engine: Engine, what: str, analyzed: bool) -> None:
    phones = {("a.b", f"+{number}"): Subscribed("a.b", f"+{number}", f"+{number}", "g", 1) for number in range(500)}
    with engine.begin() as connection:
        told = [Announced("a.b", "offer", f"o-{number}", 1) for number in range(500)]
        apply(connection, [Effects(subscriptions=dict(phones), texts=list(told))])
        reports.store(connection, REPORTS)
    if analyzed:
        analyze(engine)
    run, verb, expected = PLANS[what]
    assert plan(engine, run, verb) == expected


@pytest.mark.alone
@pytest.mark.parametrize("known", ["nothing", "an idle database", "the backlog"])
@pytest.mark.parametrize("phones", [1, ROWS])
@pytest.mark.parametrize("table", TABLES)
def test_a_long_backlog_costs_no_more_to_read_from(engine: Engine, table: str, phones: int, known: str) -> None:
    read = TABLES[table][-1]
    if known == "an idle database":  # what its statistics then say of rows that wait is that there are none
        fill(engine, table, 1000, lambda number: number, state=TABLES[table][2])
        analyze(engine)
    fill(engine, table, 100, lambda number: number)
    short = seconds(engine, read, 0, 100)
    with engine.begin() as connection:
        connection.execute(metadata.tables[table].update().values(state=TABLES[table][2]))
    fill(engine, table, ROWS, lambda number: number % phones)
    fill(engine, table, 1, lambda number: ROWS)
    if known == "the backlog":
        analyze(engine)
    with engine.connect() as connection:
        newest = connection.execute(text(f"SELECT max(id) FROM {table}")).scalar() or 0
    for after in (0, newest - ROWS + PER_PHONE, newest - ROWS // 2, newest - 500):
        taken = seconds(engine, read, after, None)
        assert taken < 0.5 + 400 * short, f"{taken:.2f} s after {after}; a hundred rows took {short:.4f} s"
    with engine.connect() as connection:
        behind_a_full_lane = read(connection, newest - ROWS + PER_PHONE)
    assert len(behind_a_full_lane) == (1 if phones == 1 else 1000)


def fill(engine: Engine, table: str, rows: int, phone: Callable[[int], int], **different: str) -> None:
    """So many rows of a table."""
    column, base, *_ = TABLES[table]
    with engine.begin() as connection:
        for start in range(0, rows, 5000):
            some = range(start, min(rows, start + 5000))
            stored = [{**base, **different, column: f"+1{phone(number)}"} for number in some]
            connection.execute(insert(metadata.tables[table]), stored)


def analyze(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def seconds(engine: Engine, read: Read, after: int, expected: int | None) -> float:
    """How long a read takes, the best of three."""
    times = []
    for _ in range(3):
        with engine.connect() as connection:
            start = time.perf_counter()
            rows = read(connection, after)
            times.append(time.perf_counter() - start)
        assert expected is None or len(rows) == expected
    return min(times)
