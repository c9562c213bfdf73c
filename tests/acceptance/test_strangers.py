"""Whatever bytes a stranger sends, the administrator's terminal and log show them as text."""

import sqlite3
from pathlib import Path

from tests.adapters.folders import write_adapter
from tests.faults.observing import rows
from tests.hosts import Host, gateway
from tests.programs import wait_for
from tests.sink import Sink

EVIL = "\x1b[2J\x9b31m\r\n2026-01-01 00:00:00,000 ERROR host: forged\u202e"
CODE = """
def shout(event):
    WL.Logger.warn("heard " + event["text"])
    raise ValueError(event["text"])
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, shout)])
"""


def raw(output: str) -> list[str]:
    """What of it a terminal would act on, and lines that no one of ours wrote."""
    steering = [character for character in output if not character.isprintable() and character != "\n"]
    return steering + [line for line in output.split("\n") if line.startswith("2026-01-01 00:00:00,000 ERROR host")]


def test_a_strangers_bytes_steer_no_terminal_and_forge_no_line(tmp_path: Path) -> None:
    write_adapter(tmp_path / "adapters", "a", CODE)
    properties = "smshost.handling.attempts=1"
    with (
        Sink() as sink,
        Host(
            tmp_path, gateway("web", sink.port, idParamName="id"), properties=properties, adapters=tmp_path / "adapters"
        ) as host,
    ):
        answer = host.post(**{"from": "+15550001", "to": EVIL, "text": EVIL, "id": EVIL, EVIL: EVIL})
        assert answer.status_code == 200
        wait_for(lambda: rows(host, "SELECT state FROM inbox") == ["FAILED"], "it to fail")
        listing, story = host.run("messages").output, host.run("story", "in-1").output
    for each in (listing, story, host.program.log):
        assert r"\x1b[2J" in each
        assert "forged" in each
        assert raw(each) == []


def test_whatever_is_stored_is_shown_escaped(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.run("db", "upgrade")
    rows = {
        "outbox": {
            "event_source": EVIL, "gateway": EVIL, "receiver": EVIL, "text": EVIL, "state": "FAILED", "attempts": 1,
            "created_at": 0, "due_at": 0, "error": EVIL, "cause": EVIL,
        },
        "submission": {
            "reference": "r", "outbox_id": 1, "gateway": EVIL, "part": 1, "parts": 1, "attempt": 1, "started_at": 0,
            "ended_at": 1, "outcome": "GAVE_UP", "exchange": f"GET /\n{EVIL}", "error": EVIL,
        },
        "delivery_report": {
            "gateway": EVIL, "reference": "r", "status": "UNKNOWN", "word": EVIL, "detail": EVIL, "parameters": "[]",
            "received_at": 2,
        },
        "poll": {"event_source": EVIL, "started_at": 0, "ended_at": 0, "error": EVIL},
    }  # fmt: skip
    database = sqlite3.connect(tmp_path / "smshost.db")
    for table, row in rows.items():
        marks = ", ".join("?" * len(row))
        database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    database.commit()
    database.close()
    for words in (("messages",), ("story", "out-1"), ("status",)):
        output = host.run(*words).output
        assert "forged" in output
        assert raw(output) == []
