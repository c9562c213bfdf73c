"""The bookstore's transcript comes true, and a transcript that does not is told where."""

from pathlib import Path

import pytest

from host import transcripts
from host.transcripts import TranscriptError
from tests.hosts import REPOSITORY

ADAPTERS, CONFIG = REPOSITORY / "adapters", REPOSITORY / "config"
JAVASCRIPT = REPOSITORY / "examples" / "bookstore-js"


@pytest.mark.parametrize(
    ("adapters", "config"),
    [(ADAPTERS, CONFIG), (JAVASCRIPT / "adapters", JAVASCRIPT / "server" / "conf")],
    ids=["Python", "JavaScript"],
)
def test_the_transcript_comes_true(adapters: Path, config: Path) -> None:
    transcripts.play((ADAPTERS / "bookstore" / "transcript.txt").read_text(encoding="utf-8"), adapters, config)


@pytest.mark.parametrize(
    ("transcript", "message"),
    [
        (
            "+15550001 > sub\n+15550001 < Good day",
            "line 2: +15550001 received 'Welcome to the bookstore! You will hear of "
            "our offers. Text unsub to stop.', expected 'Good day'",
        ),
        (
            "+15550001 > gibberish\n+15550001 < Welcome ...",
            "line 2: +15550001 received nothing, expected 'Welcome ...'",
        ),
        (
            "+15550001 > sub\n+15550002 > sub",
            "before line 2: +15550001 also received 'Welcome to the bookstore! You will "
            "hear of our offers. Text unsub to stop.'",
        ),
        ("hello", 'line 1: write "PHONE > text", "PHONE < text" or "poll Adapter.EventSource"'),
    ],
)
def test_a_transcript_that_does_not_come_true_is_told_where(transcript: str, message: str) -> None:
    with pytest.raises(TranscriptError) as caught:
        transcripts.play(transcript, ADAPTERS, CONFIG)
    assert str(caught.value) == message
