"""What a piece of work costs: seconds, and memory at its peak."""

import resource
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

MEGABYTE = 1024  # kB, the unit of /proc


def resident(pid: int | str = "self", key: str = "VmRSS") -> float:
    """Return the memory of a process in MB, now or ("VmHWM") at its peak; 0 where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    text = status.read_text() if status.exists() else ""  # an ended process has none
    return int(text.split(f"{key}:")[1].split()[0]) / MEGABYTE if key in text else 0.0


def family(pid: int) -> list[int]:
    """Return `pid` and the processes that it started, where there is a /proc."""
    files = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(int(child) for file in files for child in file.read_text().split())]


def forget_peak(pid: int | str = "self") -> None:
    """Let the peak start again at the memory of now."""
    refs = Path(f"/proc/{pid}/clear_refs")
    with suppress(OSError):  # there is no /proc, or no such process any more
        refs.write_text("5")


@dataclass
class Meter:
    """The outcomes of many cases, the slowest of them and the one that took most memory."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")  # seconds of processor time, whatever else the machine does
    largest: tuple[float, str] = (0.0, "")  # MB more than the process had before

    @contextmanager
    def case(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        forget_peak()
        before, start = resident(), time.process_time()
        try:
            yield
        finally:
            self.slowest = max(self.slowest, (time.process_time() - start, name))
            self.largest = max(self.largest, (resident(key="VmHWM") - before, name))

    def __str__(self) -> str:
        """Return everything in one line."""
        counts = ", ".join(f"{count:,} {outcome}" for outcome, count in self.outcomes.most_common())
        (seconds, slow), (megabytes, large) = self.slowest, self.largest
        return (
            f"{sum(self.outcomes.values()):,} cases: {counts}; "
            f"slowest {seconds:.2f} s ({slow}), most memory {megabytes:.0f} MB ({large})"
        )


@contextmanager
def full_disk(room: int = 1000) -> Iterator[None]:
    """Let no file grow beyond `room` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


METER = pytest.StashKey[Meter]()
