"""Delivery reports that came too early, or on nothing that is known: matched late, for a while, page by page."""

from pathlib import Path

from sqlalchemy import insert, text

from host import clock
from host.housekeeping import match_reports
from host.messages import DeliveryReport, DeliveryStatus
from host.runtime import Runtime
from host.store import reports
from host.store.effects import Effects, Queued
from host.store.polls import commit
from host.store.reports import Reported
from host.store.submissions import Begun, Turn, turn
from host.store.tables import metadata
from tests.adapters.folders import host_at_rest
from tests.hosts import Host, gateway

HOUR = 3_600_000
STRANGERS = 4500  # three pages
KANNEL = (("username", "u"), ("password", "p"))


def report(runtime: Runtime, message_id: str, received_at: int) -> None:
    """A report through the gateway "web" that came before its submission had this id."""
    told = DeliveryReport(DeliveryStatus.DELIVERED, "1", None, message_id)
    runtime.store.write(reports.store, Reported("web", told, received_at))


def submit(runtime: Runtime, number: int, message_id: str) -> None:
    """A text that was sent, whose end did not see the report on it."""
    runtime.store.write(commit, Effects(texts=[Queued("web", f"+{number}", "hello", "a.b", 1)]))
    runtime.store.write(turn, Turn(begun=[Begun(f"ref-{number}", number, "web", 1, 1, 1, 1)]))
    with runtime.store.engine.begin() as connection:
        connection.execute(text("UPDATE submission SET gateway_message_id = :id WHERE outbox_id = :number"),
                           {"id": message_id, "number": number})  # fmt: skip
        connection.execute(text("UPDATE outbox SET state = 'SENT' WHERE id = :number"), {"number": number})


def states(runtime: Runtime) -> list[str]:
    with runtime.store.read() as connection:
        return list(connection.execute(text("SELECT state FROM outbox ORDER BY id")).scalars())


def test_late_matches_are_found_behind_any_number_of_strangers_but_not_for_ever(tmp_path: Path) -> None:
    now = clock.now()
    with host_at_rest(tmp_path, "smshost.reports.retrySeconds=7200\n") as runtime:
        for number, (name, hours) in enumerate((("new", 0), ("older", 1), ("too old", 3)), start=1):
            report(runtime, name, now - hours * HOUR)
            submit(runtime, number, name)
        base = {"gateway": "web", "status": "DELIVERED", "word": "1", "detail": "", "parameters": "[]"}
        with runtime.store.engine.begin() as connection:
            strangers = [{"gateway_message_id": f"s-{n}", "received_at": now - HOUR // 2} for n in range(STRANGERS)]
            connection.execute(insert(metadata.tables["delivery_report"]).values(base), strangers)
        place = match_reports(runtime, None)
        assert (place is None, states(runtime)) == (False, ["DELIVERED", "SENT", "SENT"])
        place = match_reports(runtime, place)
        assert (place, states(runtime)) == (None, ["DELIVERED", "DELIVERED", "SENT"])
        for _ in range(4):
            place = match_reports(runtime, place)
        assert states(runtime) == ["DELIVERED", "DELIVERED", "SENT"]


def test_status_counts_reports_on_nothing_that_is_known(tmp_path: Path) -> None:
    (tmp_path / "adapters").mkdir()
    host = Host(tmp_path, gateway("web", 9, *KANNEL, dialect="kannel"), adapters=tmp_path / "adapters")
    with host:
        assert host.post("/web", **{"dlr-status": "1", "reference": "stranger"}).status_code == 200
        assert "delivery reports on no text that is known: 1" in host.run("status").output.splitlines()
