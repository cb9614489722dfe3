"""Many pictures prepared by several processes: in order, a few at a time, and errors as values."""

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice

from emnist.picture.arrays import Bytes
from emnist.picture.decode import Source
from emnist.picture.steps import prepare

CHUNK = 16  # pictures that a process is given at a time
AHEAD = 3  # chunks a process that wait for it or for whoever reads the results


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def images(sources: Iterable[Source], jobs: int) -> Iterator[Bytes | ValueError | OSError]:
    """Yield the 28×28 image of each of `sources`, or why there is none, in order, prepared by `jobs` processes."""
    if jobs < 2:
        yield from map(_image, sources)
        return
    left = iter(sources)
    # Not forked: a process with threads, such as torch's, may hang in its copy.
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"))
    waiting: deque[Future[list[Bytes | ValueError | OSError]]] = deque()
    try:
        while chunk := list(islice(left, CHUNK)):
            waiting.append(pool.submit(_chunk, chunk))
            if len(waiting) >= AHEAD * jobs:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _chunk(sources: list[Source]) -> list[Bytes | ValueError | OSError]:
    return [_image(source) for source in sources]


def _image(source: Source) -> Bytes | ValueError | OSError:
    try:
        return prepare(source).image
    except (ValueError, OSError) as error:
        return error
