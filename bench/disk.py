"""The disk under the measurements: how long a write takes to be durable, and how to make it take 2 ms longer."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.load import percentile
from bench.measuring import Missing

_SECONDS = 0.5
_PAGE = b"\0" * 4096


@dataclass(frozen=True)
class Probe:
    """How long overwriting 4 KiB and fdatasync took, in milliseconds."""

    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.p50:.2f} / {self.p99:.2f} ms"


@dataclass(frozen=True)
class Disk:
    """A folder that is measured in."""

    directory: Path

    def probe(self) -> Probe:
        """Write for half a second; p50 and p99."""
        return Probe(*(each * 1000 for each in _write(self.directory / "probe")))

    @cached_property
    def slow(self) -> tuple[str, ...]:
        """What to put before a command so that each of its fsyncs takes 2 ms longer; raises :class:`Missing`."""
        compiler = shutil.which("cc")
        if compiler is None:
            raise Missing("there is no C compiler (cc), which makes each fsync take 2 ms longer")
        made = self.directory / "slowsync.so"
        source = Path(__file__).with_name("slowsync.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", made, source, "-ldl"], check=True)
        prefix = ("env", f"LD_PRELOAD={made}")
        probed = [*prefix, sys.executable, "-m", "bench.disk", str(self.directory / "probe")]
        p50 = float(subprocess.run(probed, check=True, capture_output=True, text=True).stdout.split()[0])
        if p50 < 0.002:  # noqa: PLR2004 - the two milliseconds
            raise Missing(f"the preloaded library did not slow down fdatasync: {p50 * 1000:.2f} ms")
        return prefix

    @property
    def filesystem(self) -> str:
        """What it is, as the system's list of mounts names it."""
        mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
        places = [(mount[1], mount[2]) for mount in mounts if self.directory.is_relative_to(mount[1])]
        return max(places, key=lambda each: len(each[0]))[1]

    @property
    def free(self) -> int:
        """Bytes that are free."""
        return shutil.disk_usage(self.directory).free


def _write(path: Path) -> tuple[float, float]:
    """Overwrite a page again and again; p50 and p99 in seconds."""
    took = []
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        os.pwrite(file, _PAGE, 0)
        os.fsync(file)
        end = time.monotonic() + _SECONDS
        while (start := time.monotonic()) < end:
            os.pwrite(file, _PAGE, 0)
            os.fdatasync(file)
            took.append(time.monotonic() - start)
    finally:
        os.close(file)
    return percentile(sorted(took), 0.5), percentile(sorted(took), 0.99)


if __name__ == "__main__":
    print(*_write(Path(sys.argv[1])))
