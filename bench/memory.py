"""The memory of processes: what they have in use, and how far it rose."""

from collections.abc import Iterable
from pathlib import Path


class Memory:
    """Processes' memory from now on; needs the right to write to their ``clear_refs``, as their own user has."""

    def __init__(self, processes: Iterable[int]) -> None:
        self._before: dict[int, int] = {}
        for process in processes:
            Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
            self._before[process] = _bytes(process, "VmRSS")

    def growth(self) -> int:
        """How far it rose at the most, in bytes: the sum over the processes that still run."""
        return sum(_bytes(process, "VmHWM") - before for process, before in self._before.items())


def _bytes(process: int, what: str) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(status.partition(f"{what}:")[2].split()[0]) * 1024
