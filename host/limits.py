"""What a script may use before it is ended."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """``seconds``: one call of an adapter's JavaScript, wall-clock. ``memory``: bytes of its objects."""

    seconds: float = 10.0
    memory: int = 64 << 20
