"""Pictures of one's own in EMNIST's form, prepared once and cached; a changed file or changed code makes them anew."""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor
from tqdm import tqdm

from emnist import decoder, picture
from emnist.files import write
from emnist.picture import many

FEW = 64  # pictures up to which other processes would take longer to start than they save


@dataclass(frozen=True)
class Prepared:
    """What `load` returns: uint8 `pixels` (N, 28, 28) of the files numbered `kept`; (number, reason) of others.

    `digests` names the content of each file.
    """

    pixels: Tensor
    kept: list[int]
    left_out: list[tuple[int, str]]
    digests: list[bytes]

    @property
    def checksum(self) -> str:
        """Return the SHA-256 that names the contents of all files in their order."""
        return _checksum(self.digests)


def load(files: Sequence[Path], progress: bool = False) -> Prepared:
    """Return the images of `files`, from the cache where the very same were prepared before."""
    digests = _digests(files)
    folders = [Path(package.__path__[0]) for package in (decoder, picture)]
    code = _checksum(_digests([file for folder in folders for file in sorted(folder.glob("*.py"))]))
    place = _cache() / f"{code[:16]}{_checksum(digests)}.safetensors"
    if (known := _read(place, digests)) is not None:
        return known
    made = many.prepared(files, many.cores() if len(files) > FEW else 1)
    bar = tqdm(made, total=len(files), desc="preparing pictures", unit=" pictures", disable=not progress, delay=2)
    pixels, kept, left_out = [], [], []
    for i, outcome in enumerate(bar):
        if isinstance(outcome, Exception):
            left_out.append((i, str(outcome)))
        else:
            pixels.append(outcome.image)
            kept.append(i)
    stacked = torch.from_numpy(np.stack(pixels)) if pixels else torch.zeros(0, 28, 28, dtype=torch.uint8)
    found = Prepared(stacked, kept, left_out, digests)
    _write(place, found)
    return found


def _digests(files: Sequence[Path]) -> list[bytes]:
    """Return the SHA-256 of the content of each file."""
    return [hashlib.sha256(file.read_bytes()).digest() for file in files]


def _checksum(digests: Sequence[bytes]) -> str:
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "emnist"


def _read(place: Path, digests: list[bytes]) -> Prepared | None:
    try:
        with safe_open(place, framework="pt") as file:
            notes = json.loads(file.metadata()["notes"])
            return Prepared(
                file.get_tensor("pixels"), notes["kept"], [(i, reason) for i, reason in notes["left_out"]], digests
            )
    except (OSError, SafetensorError, KeyError, ValueError):
        return None  # not there, or not whole: it is made again


def _write(place: Path, found: Prepared) -> None:
    """Keep what was prepared; a cache that cannot be written costs time and nothing else."""
    notes = json.dumps({"kept": found.kept, "left_out": found.left_out})
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        write(place, save({"pixels": found.pixels}, {"notes": notes}))
