"""What an answer of a gateway makes of a text: a decision as a value, so that it can be tested as a table."""

from dataclasses import dataclass

from host.errors import GiveUp, SendError, TryLater
from host.retry import RetryPolicy
from host.store.states import OutboxState, Outcome


@dataclass(frozen=True)
class Verdict:
    """``state``: the text's next one, None while more parts follow; ``wait``: seconds; ``excused``: not counted."""

    outcome: Outcome
    state: OutboxState | None = None
    wait: float = 0.0
    excused: bool = False


@dataclass(frozen=True)
class Judge:
    """``policy``: when a text is offered again; ``again``: also where nobody knows whether the gateway took it."""

    policy: RetryPolicy
    again: bool = False

    def verdict(self, error: SendError | None, counted: int, *, is_last: bool, gateway_down: bool) -> Verdict:
        """``counted``: the attempts that count, with this one; ``is_last``: whether the part ends the text.

        A text is not to blame for a gateway that is down: it waits for the circuit alone, and that attempt is excused.
        """
        if error is None:
            return Verdict(Outcome.ACCEPTED, OutboxState.SENT if is_last else None)
        if isinstance(error, GiveUp):
            return Verdict(Outcome.GAVE_UP, OutboxState.FAILED)
        if not isinstance(error, TryLater):
            wait = self.policy.next_attempt(counted) if self.again else None
            return Verdict(Outcome.UNKNOWN, *_next(wait, OutboxState.HELD))
        if gateway_down and error.about_gateway:
            return Verdict(Outcome.TRY_LATER, OutboxState.WAITING, error.after or 0.0, excused=True)
        return Verdict(Outcome.TRY_LATER, *_next(self.policy.next_attempt(counted, error.after), OutboxState.FAILED))


def _next(wait: float | None, end: OutboxState) -> tuple[OutboxState, float]:
    return (end, 0.0) if wait is None else (OutboxState.WAITING, wait)
