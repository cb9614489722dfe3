"""Training on another machine: one archive that holds all it takes, code, images, strokes and models."""

import io
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from emnist.files import FILES, write
from train.facts import COMMIT, commit

ROOT = Path(__file__).parents[1]
LIMIT = 60_000_000  # most bytes of the archive


def pack(archive: Path, data: Path, split: str, sketches: Path | None = None, runs: Sequence[Path] = ()) -> int:
    """Write what `fit` needs elsewhere into `archive` (.tar.xz), and return its size in bytes.

    Unpacked it holds `emnist` and `train`, `data` with the training images of `split`, the strokes `sketches`, and a
    folder for each of `runs`, models to begin with or to learn from.

    Raises:
        FileNotFoundError: one of these is missing.
        FileExistsError: `archive` exists.
        ValueError: it has more than LIMIT bytes.
    """
    if archive.exists():
        raise FileExistsError(f"{archive} exists; name another file")
    packed, stamp = io.BytesIO(), commit().encode()
    with tarfile.open(fileobj=packed, mode="w:xz", preset=1) as box:
        for file, name in _contents(data, split, sketches, runs):
            box.add(file, name)
        entry = tarfile.TarInfo(COMMIT)
        entry.size = len(stamp)
        box.addfile(entry, io.BytesIO(stamp))
    size = packed.tell()
    if size > LIMIT:
        raise ValueError(f"{archive} has {size:,} bytes, more than {LIMIT:,}: give fewer runs, or another split")
    write(archive, packed.getvalue())
    return size


def _contents(data: Path, split: str, sketches: Path | None, runs: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield each file with its name in the archive, beginning with those that may be missing."""
    for kind in ("images-idx3", "labels-idx1"):
        name = f"EMNIST/raw/emnist-{split}-train-{kind}-ubyte"
        yield data / name, f"data/{name}"
    if sketches:
        yield sketches, sketches.name
    for run in runs:
        for name in FILES:
            yield run / name, f"{run.name}/{name}"
    for package in ("emnist", "train"):
        for file in sorted((ROOT / package).rglob("*")):
            if file.is_file() and not {"__pycache__", "onnx"} & set(file.parts):
                yield file, str(file.relative_to(ROOT))
