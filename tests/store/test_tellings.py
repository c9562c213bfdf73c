"""What gateways are told of the texts they brought: by what became of them, once, and in pages."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, Engine, insert, select, text

from host.store import tellings
from host.store.tables import metadata
from host.store.tellings import Telling

INBOX = {"gateway": "pro", "sender": "+1", "receiver": "", "text": "t", "keyword": "t", "parameters": "[]",
         "received_at": 100, "state": "HANDLED", "attempts": 1, "due_at": 0}  # fmt: skip
OUTBOX = {"gateway": "kannel", "event_source": "", "receiver": "+1", "text": "t", "attempts": 1, "created_at": 0,
          "due_at": 0, "error": ""}  # fmt: skip


def add(
    connection: Connection, number: int, became: Sequence[str] = (), through: str = "kannel", **more: object
) -> None:
    row = {**INBOX, "id": number, "gateway_message_id": f"u-{number}", **more}
    connection.execute(insert(metadata.tables["inbox"]), [row])
    for state in became:
        row = {**OUTBOX, "inbox_id": number, "state": state, "gateway": through}
        connection.execute(insert(metadata.tables["outbox"]), [row])


BECAME = [
    ("HANDLED", [], "kannel", "delivered"),
    ("HANDLED", ["QUEUED"], "pro", "delivered"),  # an answer to RapidPro itself
    ("HANDLED", ["QUEUED"], "kannel", ""),
    ("HANDLED", ["SENT", "SENDING"], "kannel", ""),
    ("HANDLED", ["SENT", "HELD"], "kannel", ""),
    ("HANDLED", ["SENT", "DELIVERED"], "kannel", "sent"),
    ("HANDLED", ["DELIVERED", "DELIVERED"], "kannel", "delivered"),
    ("HANDLED", ["DELIVERED", "UNDELIVERED"], "kannel", "failed"),
    ("HANDLED", ["FAILED", "QUEUED"], "kannel", "failed"),
    ("HANDLED", ["DISCARDED"], "kannel", "failed"),
    ("UNMATCHED", [], "kannel", "failed"),
    ("FAILED", [], "kannel", "failed"),
    ("RECEIVED", [], "kannel", ""),
    ("WAITING", [], "kannel", ""),
]


@pytest.mark.parametrize(("state", "became", "through", "word"), BECAME)
def test_the_word_for_what_became_of_a_text(
    engine: Engine, state: str, became: list[str], through: str, word: str
) -> None:
    with engine.begin() as connection:
        add(connection, 7, became, through, state=state)
        found, end = tellings.look(connection, ["pro"], 0, None, 10)
    assert (found, end) == ([Telling(7, "pro", "u-7", word)] if word else [], None)


def test_each_word_is_told_once_and_nothing_after_the_last(engine: Engine) -> None:
    told = []
    with engine.begin() as connection:
        add(connection, 1, ["SENT"])
        for state in ("SENT", "SENT", "DELIVERED", "DELIVERED", "UNDELIVERED"):
            connection.execute(text("UPDATE outbox SET state = :state WHERE gateway = 'kannel'"), {"state": state})
            found, _ = tellings.look(connection, ["pro"], 0, None, 10)
            told += [each.word for each in found]
            for _ in range(2 if found else 0):  # two processes
                tellings.queue(connection, found)
        outbox = metadata.tables["outbox"]
        columns = [outbox.c[name] for name in ("cause", "gateway", "receiver", "text", "inbox_id", "state")]
        rows = connection.execute(select(*columns).where(outbox.c.gateway == "pro").order_by(outbox.c.id)).all()
    assert told == ["sent", "delivered"]
    assert [tuple(row) for row in rows] == [
        ("told-in-1/sent", "pro", "u-1", "sent", 1, "QUEUED"),
        ("told-in-1/delivered", "pro", "u-1", "delivered", 1, "QUEUED"),
    ]
    assert [tellings.is_telling(row.cause) for row in rows] == [True, True]


def test_pages_end_at_what_came_too_long_ago_and_leave_out_what_has_no_id(engine: Engine) -> None:
    with engine.begin() as connection:
        for number in range(1, 10):
            add(connection, number, received_at=number * 10)
        add(connection, 10, gateway_message_id=None, received_at=100)
        add(connection, 11, gateway="other", received_at=100)
        pages, place = [], None
        for _ in range(5):
            found, place = tellings.look(connection, ["pro"], 40, place, 4)
            pages.append([each.inbox_id for each in found])
            if place is None:
                break
    assert pages == [[8, 9], [4, 5, 6, 7]]


def test_an_empty_house_has_nothing_to_tell(engine: Engine) -> None:
    with engine.begin() as connection:
        assert tellings.look(connection, ["pro"], 0, None, 10) == ([], None)
        assert not tellings.is_telling(None)
