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
