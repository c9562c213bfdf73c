"""The tables, the revisions that make them, and the constraints that make repeats impossible."""

import warnings
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import IntegrityError

from host.store import schema
from host.store.tables import metadata


def test_the_revisions_make_exactly_the_tables(empty: Engine) -> None:
    assert schema.upgrade(empty) == schema.NEWEST
    schema.check(empty)
    with empty.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PostgreSQL's partial indexes are compared by name
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        assert compare_metadata(context, metadata) == []


def test_the_newest_revision_is_the_last_of_the_folder() -> None:
    folder = Path(schema.__file__).with_name("migrations")
    assert ScriptDirectory(str(folder)).get_current_head() == schema.NEWEST


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """Procrastinate brings its own tables to PostgreSQL."""
    return kind != "table" or not str(name).startswith("procrastinate_")


def test_upgrading_twice_changes_nothing(empty: Engine) -> None:
    schema.upgrade(empty)
    schema.upgrade(empty)
    schema.check(empty)


def test_an_old_database_is_told_what_to_run(empty: Engine) -> None:
    with pytest.raises(schema.OldSchema) as caught:
        schema.check(empty)
    assert str(caught.value) == (
        f"the database is at revision none, this version needs {schema.NEWEST}: run smshost db upgrade"
    )


INBOX = {"gateway": "g", "sender": "1", "receiver": "2", "text": "t", "keyword": "t", "parameters": "[]",
         "received_at": 1, "state": "RECEIVED", "attempts": 0, "due_at": 1}  # fmt: skip
OUTBOX = {"event_source": "a.b", "gateway": "g", "receiver": "1", "text": "t", "state": "QUEUED", "attempts": 0,
          "created_at": 1, "due_at": 1, "error": ""}  # fmt: skip
HANDLING = {"inbox_id": 1, "handler": "a.h", "outcome": "HANDLED", "started_at": 1, "ended_at": 1, "error": ""}
SUBMISSION = {"outbox_id": 1, "gateway": "g", "part": 1, "parts": 1, "started_at": 1, "outcome": "ACCEPTED",
              "exchange": "", "error": ""}  # fmt: skip
SUBSCRIPTION = {"event_source": "a.b", "user_id": "1", "phone": "1", "gateway": "g", "created_at": 1}


@pytest.mark.parametrize(
    ("table", "first", "second"),
    [
        ("inbox", INBOX | {"gateway_message_id": "7"}, INBOX | {"gateway_message_id": "7"}),
        ("handling", HANDLING | {"attempt": 1}, HANDLING | {"attempt": 2}),
        ("handling", HANDLING | {"attempt": 1, "outcome": "RAISED"}, HANDLING | {"attempt": 1, "outcome": "RAISED"}),
        ("outbox", OUTBOX | {"cause": "in-1/a.h/1"}, OUTBOX | {"cause": "in-1/a.h/1"}),
        ("submission", SUBMISSION | {"reference": "a", "attempt": 1}, SUBMISSION | {"reference": "b", "attempt": 2}),
        ("subscription", SUBSCRIPTION, SUBSCRIPTION),
        ("inbox", INBOX, INBOX | {"state": "DONE"}),
    ],
)  # fmt: skip
def test_a_repeat_cannot_be_stored(
    engine: Engine, table: str, first: dict[str, object], second: dict[str, object]
) -> None:
    with engine.begin() as connection:
        for name, row in (("inbox", INBOX), ("outbox", OUTBOX), (table, first)):
            connection.execute(insert(metadata.tables[name]).values(row))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(metadata.tables[table]).values(second))


def test_code_of_earlier_revisions_subscribes_on_these_tables(engine: Engine) -> None:
    names = ", ".join(SUBSCRIPTION)
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO subscription ({names}) VALUES ('a.b', '1', '1', 'g', 1)"))
        stored = connection.execute(text("SELECT alias, application FROM subscription")).one()
    assert tuple(stored) == ("", "")


def test_texts_without_gateway_id_never_repeat(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(metadata.tables["inbox"]), [INBOX, INBOX])
