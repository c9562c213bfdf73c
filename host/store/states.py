"""The states of texts, and how attempts end, as the tables spell them."""

from enum import StrEnum


class InboxState(StrEnum):
    """``RECEIVED -> HANDLED | UNMATCHED | FAILED``.

    ``WAITING``: for an adapter in quarantine. ``REPEAT``: taken for a repeat by its content, handled once released.
    """

    RECEIVED = "RECEIVED"
    HANDLED = "HANDLED"
    UNMATCHED = "UNMATCHED"
    FAILED = "FAILED"
    REPEAT = "REPEAT"
    WAITING = "WAITING"


class OutboxState(StrEnum):
    """``QUEUED -> SENDING -> SENT -> DELIVERED | UNDELIVERED``; ``WAITING`` between tries; ``FAILED``; ``HELD`` until a
    person releases it or has it ``DISCARDED``.
    """

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    WAITING = "WAITING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
    FAILED = "FAILED"
    HELD = "HELD"
    DISCARDED = "DISCARDED"


class Outcome(StrEnum):
    """How one submission, or one run of a handler, ended. ``UNKNOWN`` is also a run whose process ended before it."""

    ACCEPTED = "ACCEPTED"
    TRY_LATER = "TRY_LATER"
    GAVE_UP = "GAVE_UP"
    UNKNOWN = "UNKNOWN"
    HANDLED = "HANDLED"
    RAISED = "RAISED"
