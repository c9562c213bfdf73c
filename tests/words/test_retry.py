"""When something is tried again."""

import pytest

from host.retry import RetryPolicy

POLICY = RetryPolicy(attempts=5, first=1.0, longest=6.0)


@pytest.mark.parametrize(
    ("done", "asked", "jitter", "wait"),
    [
        (1, None, 1.0, 1.0),
        (2, None, 1.0, 2.0),
        (3, None, 1.0, 4.0),
        (4, None, 1.0, 6.0),  # 8, but 6 is the longest
        (5, None, 1.0, None),
        (6, None, 1.0, None),
        (2, None, 0.0, 1.0),  # jitter takes up to half away
        (2, None, 0.5, 1.5),
        (1, 30.0, 1.0, 30.0),  # Retry-After is a minimum
        (3, 0.1, 1.0, 4.0),
        (1, 1e9, 1.0, 86_400.0),  # but not for ever
        (5, 30.0, 1.0, None),
    ],
)
def test_the_wait(done: int, asked: float | None, jitter: float, wait: float | None) -> None:
    assert POLICY.next_attempt(done, asked, jitter) == wait


def test_a_million_attempts_do_not_overflow() -> None:
    assert RetryPolicy(10**7, 1.0, 600.0).next_attempt(10**6, jitter=1.0) == 600.0
