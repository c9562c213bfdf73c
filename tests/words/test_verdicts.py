"""What an answer makes of a text."""

import pytest

from host.errors import GiveUp, OutcomeUnknown, SendError, TryLater
from host.retry import RetryPolicy
from host.verdicts import Judge

POLICY = RetryPolicy(attempts=3, first=4.0, longest=4.0)
LATER, SICK = TryLater("no"), TryLater("no", about_gateway=True)
ASKED = TryLater("no", after=90.0, about_gateway=True)


@pytest.mark.parametrize(
    ("error", "counted", "circumstances", "verdict"),
    [
        (None, 1, "last", "ACCEPTED SENT"),
        (None, 1, "", "ACCEPTED None"),
        (None, 9, "last down again", "ACCEPTED SENT"),
        (GiveUp("no"), 1, "", "GAVE_UP FAILED"),
        (LATER, 1, "last", "TRY_LATER WAITING 2-4"),
        (LATER, 3, "last", "TRY_LATER FAILED"),
        (LATER, 3, "last down", "TRY_LATER FAILED"),  # it is about the text
        (SICK, 1, "last", "TRY_LATER WAITING 2-4"),
        (SICK, 3, "last", "TRY_LATER FAILED"),
        (SICK, 3, "last down", "TRY_LATER WAITING 0-0 excused"),
        (ASKED, 1, "last", "TRY_LATER WAITING 90-90"),
        (ASKED, 9, "last down", "TRY_LATER WAITING 90-90 excused"),
        (OutcomeUnknown("?"), 1, "last", "UNKNOWN HELD"),
        (OutcomeUnknown("?"), 1, "last down again", "UNKNOWN WAITING 2-4"),
        (OutcomeUnknown("?"), 3, "last down again", "UNKNOWN HELD"),
    ],
)
def test_a_verdict(error: SendError | None, counted: int, circumstances: str, verdict: str) -> None:
    """Circumstances: the part is the text's ``last``; the gateway is ``down``; it has ``again`` for unknown outcomes."""
    judge = Judge(POLICY, "again" in circumstances)
    found = judge.verdict(error, counted, is_last="last" in circumstances, gateway_down="down" in circumstances)
    outcome, state, *rest = verdict.split()
    least, most = map(float, (rest[0] if rest else "0-0").split("-"))
    assert (str(found.outcome), str(found.state), found.excused) == (outcome, state, "excused" in rest)
    assert least <= found.wait <= most
