"""What an answer makes of a text."""

import pytest

from host.errors import GiveUp, OutcomeUnknown, SendError, TryLater
from host.retry import RetryPolicy
from host.verdicts import Judge

POLICY = RetryPolicy(attempts=3, first=4.0, longest=4.0)
LATER, SICK = TryLater("no"), TryLater("no", about_gateway=True)
ASKED = TryLater("no", after=90.0, about_gateway=True)


@pytest.mark.parametrize(
    ("error", "counted", "is_last", "down", "again", "verdict"),
    [
        (None, 1, True, False, False, "ACCEPTED SENT"),
        (None, 1, False, False, False, "ACCEPTED None"),
        (None, 9, True, True, True, "ACCEPTED SENT"),
        (GiveUp("no"), 1, False, False, False, "GAVE_UP FAILED"),
        (LATER, 1, True, False, False, "TRY_LATER WAITING 2-4"),
        (LATER, 3, True, False, False, "TRY_LATER FAILED"),
        (LATER, 3, True, True, False, "TRY_LATER FAILED"),  # it is about the text
        (SICK, 1, True, False, False, "TRY_LATER WAITING 2-4"),
        (SICK, 3, True, False, False, "TRY_LATER FAILED"),
        (SICK, 3, True, True, False, "TRY_LATER WAITING 0-0 excused"),
        (ASKED, 1, True, False, False, "TRY_LATER WAITING 90-90"),
        (ASKED, 9, True, True, False, "TRY_LATER WAITING 90-90 excused"),
        (OutcomeUnknown("?"), 1, True, False, False, "UNKNOWN HELD"),
        (OutcomeUnknown("?"), 1, True, True, True, "UNKNOWN WAITING 2-4"),
        (OutcomeUnknown("?"), 3, True, True, True, "UNKNOWN HELD"),
    ],
)
def test_a_verdict(error: SendError | None, counted: int, is_last: bool, down: bool, again: bool, verdict: str) -> None:
    found = Judge(POLICY, again).verdict(error, counted, is_last=is_last, gateway_down=down)
    outcome, state, *rest = verdict.split()
    least, most = map(float, (rest[0] if rest else "0-0").split("-"))
    assert (str(found.outcome), str(found.state), found.excused) == (outcome, state, "excused" in rest)
    assert least <= found.wait <= most
