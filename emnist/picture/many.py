"""Many pictures prepared by several processes: in order, a few at a time, and errors as values."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice

from emnist.picture.decode import Source
from emnist.picture.steps import Steps, prepare

CHUNK = 8  # pictures that a process is given at a time; one with all its steps takes up to 1 MB
AHEAD = 3  # chunks per process that are given out ahead: they wait for it, or for whoever takes the results
ENDED = (
    'a process that prepares pictures ended: put the call under `if __name__ == "__main__":`, as the processes import '
    "the script, or ask for fewer, if memory is short"
)

Outcome = Steps | ValueError | OSError


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepared(sources: Iterable[Source], jobs: int, brief: bool = False) -> Iterator[Outcome]:
    """Yield what `prepare` makes of each of `sources`, or its error, in order, by `jobs` processes.

    With `brief`, yield only what `Steps.brief` leaves: sending the rest takes a fifth of the time of two processes.

    Raises:
        ChildProcessError: one of the processes ended.
    """
    if jobs < 2:
        yield from (_one(source, brief) for source in sources)
        return
    left = iter(sources)
    # Not forked: a process with threads, such as torch's, may hang in its copy.
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _ignore)
    waiting: deque[tuple[Future[list[Outcome]], list[Source]]] = deque()
    try:
        while chunk := list(islice(left, CHUNK)):
            with _undisturbed():  # a process may start here
                waiting.append((pool.submit(_several, chunk, brief), chunk))
            if len(waiting) >= AHEAD * jobs:
                yield from _outcomes(*waiting.popleft(), brief)
        while waiting:
            yield from _outcomes(*waiting.popleft(), brief)
    except BrokenExecutor as error:
        raise ChildProcessError(ENDED) from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C wait, here and in a process that starts meanwhile: that would print a traceback until it has begun."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ignore() -> None:
    """Leave Ctrl-C to the process that gives out the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _outcomes(given: Future[list[Outcome]], sources: list[Source], brief: bool) -> list[Outcome]:
    """Return what a process made of `sources`; where one cannot be sent to a process, they are prepared in this one."""
    try:
        return given.result()
    except BrokenExecutor:
        raise
    except Exception:  # of any class: an object is pickled by its own methods
        return _several(sources, brief)


def _several(sources: list[Source], brief: bool) -> list[Outcome]:
    return [_one(source, brief) for source in sources]


def _one(source: Source, brief: bool) -> Outcome:
    try:
        steps = prepare(source)
        return steps.brief() if brief else steps
    except (ValueError, OSError) as error:
        return error
