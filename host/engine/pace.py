"""How many pieces of work a thread takes at once, from how long they took lately."""

_SHARE = 0.125  # of the newest in the average


class Pace:
    """``seconds``: the worth of work to take at once; ``most``: pieces at most."""

    def __init__(self, seconds: float, most: int) -> None:
        self._worth = seconds
        self._most = most
        self._each = seconds

    def took(self, seconds: float) -> None:
        """One piece took so many seconds."""
        self._each += (seconds - self._each) * _SHARE

    @property
    def pieces(self) -> int:
        """How many to take, one at least."""
        return max(1, min(self._most, int(self._worth / self._each))) if self._each else self._most
