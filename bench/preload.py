"""Rows that are in a database before a measurement begins, made by one statement each."""

from bench.hosts import Rows

_NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})",
    "postgresql": "WITH numbers AS (SELECT generate_series(1, {count}) AS n)",
}
_PHONE = {"sqlite": "printf('+1555%07d', n)", "postgresql": "'+1555' || lpad(CAST(n AS text), 7, '0')"}


def numbers(rows: Rows, count: int) -> str:
    """The beginning of a statement that selects ``n`` from 1 to ``count`` from ``numbers``."""
    return _NUMBERS[rows.dialect].format(count=count)


def phone(rows: Rows) -> str:
    """The expression for the phone number of ``n``."""
    return _PHONE[rows.dialect]


def outbox(rows: Rows, gateway: str, count: int) -> None:
    """Texts that are due, one for each of so many phones."""
    columns = "gateway, receiver, text, event_source, state, attempts, created_at, due_at, error"
    values = f"'{gateway}', {phone(rows)}, 'hello n1', '', 'QUEUED', 0, 0, 0, ''"
    rows.run(f"{numbers(rows, count)} INSERT INTO outbox ({columns}) SELECT {values} FROM numbers")


def inbox(rows: Rows, count: int) -> int:
    """Texts for the adapter `echo` that are due, one from each of so many phones; gives the id after which they are."""
    after = int(rows.one("SELECT coalesce(max(id), 0) FROM inbox"))
    columns = "gateway, sender, receiver, text, keyword, parameters, received_at, state, attempts, due_at"
    values = f"'quiet', {phone(rows)}, '26161', 'echo n1', 'echo', '[]', 0, 'RECEIVED', 0, 0"
    rows.run(f"{numbers(rows, count)} INSERT INTO inbox ({columns}) SELECT {values} FROM numbers")
    return after


_RANDOM = {"sqlite": "lower(hex(randomblob(12)))", "postgresql": "left(md5(random()::text || n), 24)"}


def stored(rows: Rows, count: int) -> str:
    """The statement for so many texts that were handled long ago; their gateway ids are random."""
    columns = (
        "gateway, gateway_message_id, sender, receiver, text, keyword, parameters, received_at, state, attempts,"
        " due_at, finished_at"
    )
    parameters = """'[["from", "+15550000000"], ["to", "26161"], ["text", "echo n1"], ["id", "0123456789ab"]]'"""
    values = (
        f"'bench', {_RANDOM[rows.dialect]}, {phone(rows)}, '26161', 'echo n1', 'echo', {parameters}, 0, 'HANDLED', 1,"
        " 0, 1"
    )
    return f"{numbers(rows, count)} INSERT INTO inbox ({columns}) SELECT {values} FROM numbers"


def subscriptions(rows: Rows, event_source: str, count: int) -> None:
    """So many phones that are subscribed to an event source."""
    columns = "event_source, user_id, phone, gateway, created_at"
    values = f"'{event_source}', {phone(rows)}, {phone(rows)}, 'quiet', 0"
    rows.run(f"{numbers(rows, count)} INSERT INTO subscription ({columns}) SELECT {values} FROM numbers")
    if rows.dialect == "postgresql":
        rows.run("ANALYZE subscription")
