"""When to try again: a decision as a value, so that it can be tested as a table."""

import random
from dataclasses import dataclass

#: The longest wait that is granted to who asks for one (Retry-After), in seconds.
LONGEST_ASKED = 86_400.0


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential back-off with jitter, bounded.

    ``attempts``: how often something is tried in all. ``first``, ``longest``: waits in seconds; each wait doubles.
    """

    attempts: int
    first: float = 1.0
    longest: float = 600.0

    def next_attempt(self, done: int, asked: float | None = None, jitter: float | None = None) -> float | None:
        """Seconds to wait after ``done`` attempts, or None to give up.

        ``asked``: seconds the other side asked for (Retry-After); it is honoured as a minimum, up to a day. ``jitter``:
        0..1, for tests; a wait lies between half and all of its full length, so that a crowd spreads out.
        """
        if done >= self.attempts:
            return None
        share = random.random() if jitter is None else jitter  # noqa: S311 - spreads load, guards nothing
        wait = min(self.longest, self.first * 2.0 ** min(done - 1, 32)) * (0.5 + share / 2)
        return max(wait, min(asked or 0.0, LONGEST_ASKED))
