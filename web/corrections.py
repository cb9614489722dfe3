"""Corrections that visitors send: pictures and a table on this computer, and in a Hub dataset if one is named."""

import csv
import io
import os
import threading
from codecs import BOM_UTF8
from concurrent.futures import wait
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import numpy as np
from huggingface_hub import CommitScheduler, HfApi
from huggingface_hub.errors import RepositoryNotFoundError
from PIL import Image

COLUMNS = ("file", "label", "answer", "confidence", "model", "time")
HEADER = ",".join(COLUMNS)
TABLE = "corrections.csv"
PICTURES = "pictures"
MAX_SIDE = 512  # px: greatest longer side of a picture that is kept
MAX_BYTES = 100_000_000  # most bytes of all pictures together; then no more are taken
BLOCK = 4096  # bytes that even the smallest file takes on the disk
EVERY = 10  # minutes between two uploads to the Hub


class FullError(ValueError):
    """No more corrections are taken."""


class Corrections:
    """A folder with `corrections.csv`, whose rows name the pictures beside it; `python -m emnist evaluate` reads it."""

    promise = "The picture, this answer and the time are kept."

    def __init__(self, folder: str | Path, max_bytes: int = MAX_BYTES) -> None:
        self.folder = Path(folder)
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._scheduler: CommitScheduler | None = None
        (self.folder / PICTURES).mkdir(parents=True, exist_ok=True)
        self._bytes = sum(_room(file.lstat().st_size) for file in (self.folder / PICTURES).iterdir())
        self._mend()
        self._known = self._kept()

    def share(self, repo: str) -> None:
        """Upload what is kept to the Hub dataset `repo` from time to time; each installation has its own folder there.

        Raises:
            ValueError: the Hub cannot be reached or refuses, or the dataset is public, so that everybody could read
                the corrections.  Then they stay in the folder.
        """
        try:
            if _is_public(repo):
                raise ValueError("it exists and is public; make it private in its settings")
            self._scheduler = CommitScheduler(
                repo_id=repo,
                repo_type="dataset",
                folder_path=self.folder,
                path_in_repo=self._origin(),
                private=True,
                every=EVERY,
            )
        except Exception as error:  # the Hub's client and its HTTP library share no class of errors
            raise ValueError(f"corrections stay in {self.folder}: {repo} cannot be used ({error})") from error
        self._lock = self._scheduler.lock
        self.promise = f"{Corrections.promise} A copy goes to the data set {repo}."

    def close(self) -> None:
        """Upload what has not been uploaded yet; if that fails, the next start does it."""
        if self._scheduler:
            wait([self._scheduler.trigger()])
            self._scheduler.stop()

    def add(self, picture: Image.Image, label: str, answer: str, confidence: float, model: str) -> Path:
        """Store `picture` with its `label`, and return the file.

        The picture is written to the disk first, then its row, and only then this returns.  So a crash loses neither.
        The same picture with the same label is stored once, however often it is sent.

        Raises:
            FullError: the limit is reached, or the disk takes no more; then nothing of this correction is stored.
        """
        data = _png(picture)
        path = self.folder / PICTURES / f"{sha256(data + label.encode('utf-8')).hexdigest()[:32]}.png"
        with self._lock:
            if path in self._known:
                return path
            if self._bytes + _room(len(data)) > self._max_bytes:
                raise FullError("There is no room for more corrections; thank you all the same.")
            time = datetime.now(UTC).isoformat(timespec="seconds")
            try:
                _write(path, data)
                self._append((f"{PICTURES}/{path.name}", label, answer, f"{confidence:.4f}", model, time))
            except OSError as error:
                path.unlink(missing_ok=True)
                raise FullError("This could not be stored; thank you all the same.") from error
            self._bytes += _room(len(data))
            self._known.add(path)
        return path

    def _mend(self) -> None:
        """Begin the table, or cut off a row that a crash left unfinished: its sender was never told it was kept."""
        table = self.folder / TABLE
        content = table.read_bytes() if table.exists() else b""
        if whole := content[: content.rfind(b"\n") + 1]:
            if not whole.removeprefix(BOM_UTF8).startswith(HEADER.encode()):  # a spreadsheet may write semicolons
                raise ValueError(f"{table} does not begin with {HEADER}; write it so, or move it away")
            if whole != content:
                os.truncate(table, len(whole))
        else:
            table.unlink(missing_ok=True)
            self._append(COLUMNS)

    def _kept(self) -> set[Path]:
        with (self.folder / TABLE).open(encoding="utf-8", newline="") as table:
            return {self.folder / row[0] for row in csv.reader(table) if row}

    def _append(self, row: tuple[str, ...]) -> None:
        """Add a row to the table, or begin it with COLUMNS: somebody may have moved it away."""
        line, table = io.StringIO(), self.folder / TABLE
        whole = table.stat().st_size if table.exists() else 0
        rows = [row] if whole or row == COLUMNS else [COLUMNS, row]
        csv.writer(line, lineterminator="\n").writerows(rows)
        try:
            _write(table, line.getvalue().encode("utf-8"), os.O_APPEND)
        except OSError:  # half a row may be there, which the next one would continue
            os.truncate(table, whole)
            raise

    def _origin(self) -> str:
        """Return the name of this installation's folder in the dataset, made once."""
        path = self.folder / "origin.txt"
        if not path.exists():
            _write(path, uuid4().hex[:12].encode("ascii"))
        return path.read_text("ascii")


def _is_public(repo: str) -> bool:
    try:
        return not HfApi().dataset_info(repo).private
    except RepositoryNotFoundError:
        return False


def _room(size: int) -> int:
    """Return the bytes that a file of `size` bytes takes on the disk, or nearly so."""
    return max(size, BLOCK)


def _png(picture: Image.Image) -> bytes:
    """Return `picture` as PNG, small, and without what a camera notes about time and place."""
    small = Image.fromarray(np.asarray(picture))
    small.thumbnail((MAX_SIDE, MAX_SIDE))
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


def _write(path: Path, data: bytes, flag: int = os.O_TRUNC) -> None:
    """Write, and wait until the disk has it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flag, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
