"""Start the process that opens picture files, and ask it; no file can cost more there than the limits allow.

A picture file is a program for its decoder.  Pillow, libtiff and libavif contain many, and rules for each format always
missed something: tiles larger than the picture, thousands of comments, a hundred tags that each claim the whole file.
So the operating system keeps the limits (see `formats`), and if a decoder crashes, that process alone is gone.  It
starts with the first file, in a tenth of a second, and stays.  Each file then takes a quarter of a millisecond more
than here.
"""

import atexit
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import IO, Any, cast

from PIL import Image

from emnist.decoder import formats

HERE = str(Path(__file__).parents[2])  # folder that holds the package emnist
LOOK = 1.0  # seconds between two checks of the clock
PATIENCE = 20.0  # most seconds by the clock for one picture: long, because other programs may have the processor


class _Worker:
    """The process, or none yet; a new one takes the place of one that has ended."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.until = float("inf")  # time.monotonic() at which the answer is late

    def ask(self, kind: bytes, content: bytes, side: int) -> Image.Image:
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                self.process = _start()
                Thread(target=self._watch, args=(self.process,), name="decoder", daemon=True).start()
            self.until = time.monotonic() + PATIENCE
            try:
                answer, pixels = _exchange(self.process, formats.HEAD.pack(kind, side, len(content)) + content)
            except (OSError, EOFError) as error:
                self.stop()
                raise ValueError(formats.COSTLY) from error
            finally:
                self.until = float("inf")
        if "error" in answer:
            raise ValueError(answer["error"])
        picture = Image.frombytes(answer["mode"], answer["size"], pixels)
        picture.info[formats.LONGEST] = answer[formats.LONGEST]
        return picture

    def _watch(self, process: "subprocess.Popen[bytes]") -> None:
        """End `process` if an answer takes too long; a timer for each file would take longer than most files."""
        while process.poll() is None:
            if time.monotonic() > self.until:
                process.kill()
            time.sleep(LOOK)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            with suppress(OSError):  # what was still to be sent to it
                self.process.communicate()


_worker = _Worker()


def ask(kind: bytes, content: bytes, side: int) -> Image.Image:
    """Return the picture that `formats.small` makes of a file: its path (kind PATH) or what is in it (CONTENT).

    Raises:
        ValueError: it is refused, or takes more than `formats` allows; says what to do.
    """
    return _worker.ask(kind, content, side)


def _end() -> None:
    _worker.stop()


def _forget() -> None:
    """Leave the process to the parent of this one, which was forked while it ran, perhaps while it was asked."""
    global _worker
    if _worker.process is not None:
        _worker.process.returncode = 0  # or else it would be waited for
    _worker = _Worker()


atexit.register(_end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", formats.__name__],  # -P: nothing is imported from the folder that this runs in
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (HERE, os.environ.get("PYTHONPATH"))))},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> tuple[dict[str, Any], bytes]:
    """Return what `formats.serve` answers: the line, and the pixels; raise EOFError if it ended instead."""
    requests, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    requests.write(request)
    requests.flush()
    line = answers.readline()
    if not line.endswith(b"\n"):
        raise EOFError("the process ended")
    answer = json.loads(line)
    return answer, answers.read(answer["length"])
