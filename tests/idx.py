"""Small data sets in EMNIST's own file format, made of characters that the tests draw."""

import struct
from pathlib import Path

import numpy as np
from drawings import coverage
from numpy.typing import NDArray

from emnist.labels import SPLITS
from emnist.picture import convert


def images(labels: str, each: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return upright images (N, 28, 28) and class indices: `each` drawings of every character, with different pens."""
    random = np.random.default_rng(seed)
    drawn, truth = [], []
    for index, label in enumerate(labels):
        for _ in range(each):
            cover = coverage(label, size=64, pen=random.uniform(3, 8), extent=random.uniform(0.6, 0.8))
            drawn.append(convert.emnist(np.asarray(cover) > 127))
            truth.append(index)
    order = random.permutation(len(truth))
    return np.stack(drawn)[order], np.array(truth, np.uint8)[order]


def write(root: Path, split: str, part: str, pixels: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
    """Write upright images as EMNIST stores them: transposed, big-endian headers, Letters counting from 1."""
    raw = root / "EMNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    header = struct.pack(">IIII", 2051, len(pixels), 28, 28)
    (raw / f"emnist-{split}-{part}-images-idx3-ubyte").write_bytes(header + pixels.transpose(0, 2, 1).tobytes())
    first = 1 if split == "letters" else 0
    (raw / f"emnist-{split}-{part}-labels-idx1-ubyte").write_bytes(
        struct.pack(">II", 2049, len(labels)) + (labels + first).astype(np.uint8).tobytes()
    )


def dataset(root: Path, each: int = 8) -> Path:
    """Write a train and a test part of Digits below `root`, `each` images a class, and return `root`."""
    for seed, part in enumerate(("train", "test")):
        write(root, "digits", part, *images(SPLITS["digits"], each, seed))
    return root
