"""EMNIST in memory: read, put upright, compared with the official counts, and a validation set split off.

Facts about the files: Cohen, Afshar, Tapson, van Schaik, "EMNIST: an extension of MNIST to handwritten letters" (2017).
"""

import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch
import torchvision
from torch import Tensor

from emnist.files import checksum
from emnist.labels import SPLITS, label_map

OFFICIAL_COUNTS: dict[str, tuple[int, int]] = {  # split: (train, test)
    "byclass": (697_932, 116_323),
    "bymerge": (697_932, 116_323),
    "balanced": (112_800, 18_800),
    "letters": (124_800, 20_800),
    "digits": (240_000, 40_000),
    "mnist": (60_000, 10_000),
}
OFFICIAL_VALIDATION: dict[str, int] = {"balanced": 18_800, "digits": 40_000, "mnist": 10_000}  # the tail of train
VALIDATION_SHARE = 0.05  # share of each class, where the authors define no validation set or the copy is partial
FIRST_LABEL: dict[str, int] = {"letters": 1}  # the files of Letters count from 1


@dataclass(frozen=True)
class Images:
    """Upright EMNIST images, uint8 (N, 28, 28) with ink 255 on 0, and their class indices, int64 (N,)."""

    pixels: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: Tensor) -> "Images":
        return Images(self.pixels[index], self.labels[index])

    def counts(self, classes: int) -> Tensor:
        """Return the number of images of each class, int64 (classes,)."""
        return torch.bincount(self.labels, minlength=classes)


def read(root: Path, split: str, part: str, download: bool = False) -> Images:
    """Read the `part` ("train" or "test") of `split` below `root`, as torchvision stores it.

    Raises:
        ValueError: an unknown split, a truncated file, images and labels that differ in number, a label out of range.
        FileNotFoundError: no such files, and not told to download them.
    """
    labels = label_map(split)
    data = _opened(root, split, part, download)
    targets = data.targets.long() - FIRST_LABEL.get(split, 0)
    if len(data.data) != len(targets):
        raise ValueError(f"EMNIST {split} {part}: {len(data.data)} images but {len(targets)} labels; download again")
    if not len(targets) or data.data.shape[1:] != (28, 28):
        raise ValueError(
            f"EMNIST {split} {part}: expected 28×28 images, found {tuple(data.data.shape)}; download again"
        )
    if targets.min() < 0 or targets.max() >= len(labels):
        found = f"{targets.min().item()} to {targets.max().item()}"
        raise ValueError(
            f"EMNIST {split} has classes 0 to {len(labels) - 1}, but the {part} labels are {found}: wrong file?"
        )
    _not_swapped(split, part, targets)
    return Images(data.data.transpose(1, 2).contiguous(), targets)  # the one place that undoes EMNIST's transposition


def _opened(root: Path, split: str, part: str, download: bool) -> torchvision.datasets.EMNIST:
    """Return the data set as torchvision reads it; say what is wrong with the files in place of its many errors."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torchvision hands torch a read-only buffer, which torch warns about
            return torchvision.datasets.EMNIST(root, split=split, train=part == "train", download=download)
    except (RuntimeError, AssertionError, ValueError, KeyError, TypeError, IndexError) as error:
        if "Dataset not found" in str(error):
            raise FileNotFoundError(f"no EMNIST {split} below {root}; {_advice(root, split)}") from error
        if download:
            raise ValueError(
                f"what came as EMNIST is something else ({error!s:.100}); is there a portal to log in?"
            ) from error
        raise ValueError(
            f"the EMNIST {split} {part} files below {root} are damaged or truncated; delete them and download again"
        ) from error
    except OSError as error:
        if not download:
            raise
        for folder in (root / "EMNIST" / "raw", root / "EMNIST", root):
            with suppress(OSError):  # what is not empty stays
                folder.rmdir()
        raise OSError(f"EMNIST cannot be downloaded ({error}); check the connection, or get it by hand") from error


def _advice(root: Path, split: str) -> str:
    """Return what to do where the files are not found below `root`: they may be packed, or lie elsewhere."""
    packed = next(root.rglob(f"emnist-{split}-train-images-idx3-ubyte.gz"), None)
    if packed is not None:
        return f"unpack the files in {packed.parent} with gunzip, and put them into {root / 'EMNIST' / 'raw'}"
    plain = next(
        (folder for folder in (root, root / "raw", root / "EMNIST") if any(folder.glob("emnist-*-ubyte"))), None
    )
    if plain is not None:
        return f"put the files of {plain} into {root / 'EMNIST' / 'raw'}"
    if not root.exists():
        return "there is no such folder; name another, or let `fit --download` make it"
    return (
        "name the folder that holds EMNIST/raw, or let `fit --download` fetch it; "
        "pictures of your own lie in one sub-folder for each label"
    )


def _not_swapped(split: str, part: str, targets: Tensor) -> None:
    """Refuse the files of another part or split under these names, as far as count and classes tell."""
    own, official = (part == "test"), OFFICIAL_COUNTS[split]
    if len(targets) == official[not own]:
        other = "train" if own else "test"
        raise ValueError(f"EMNIST {split} {part}: {len(targets):,} images, as the {other} set has: files swapped?")
    there = int((torch.bincount(targets) > 0).sum())
    if part == "train" and there < len(SPLITS[split]):
        raise ValueError(
            f"EMNIST {split} has {len(SPLITS[split])} classes, but the train labels hold {there} of them: wrong file?"
        )


def status(split: str, part: str, count: int) -> str:
    """Return "official" if `count` is the official number of images of that part.

    A training set of another size is "partial", a test set of another size "redrawn": its score compares with no other.
    """
    if count == OFFICIAL_COUNTS[split][part == "test"]:
        return "official"
    return "redrawn" if part == "test" else "partial"


def split_validation(images: Images, split: str, seed: int) -> tuple[Images, Images]:
    """Split training images into (train, validation).

    The validation set is the official tail where the split defines one and the copy is complete, else a share of each
    class drawn with `seed`.
    """
    tail = OFFICIAL_VALIDATION.get(split)
    if tail and status(split, "train", len(images)) == "official":
        order = torch.arange(len(images))
        return images[order[:-tail]], images[order[-tail:]]
    shuffled = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    rank = _rank_in_class(images.labels[shuffled])
    quota = (images.counts(len(SPLITS[split])) * VALIDATION_SHARE).ceil()[images.labels[shuffled]]
    chosen = rank < quota
    return images[shuffled[~chosen].sort().values], images[shuffled[chosen].sort().values]


def _rank_in_class(labels: Tensor) -> Tensor:
    """Return for each element how many elements of its own class stand before it."""
    order = labels.argsort(stable=True)
    first = torch.zeros(int(labels.max()) + 2, dtype=torch.long)
    first[1:] = torch.bincount(labels).cumsum(0)
    rank = torch.empty_like(labels)
    rank[order] = torch.arange(len(labels)) - first[labels[order]]
    return rank


def checksums(root: Path, split: str) -> dict[str, str]:
    """Return the SHA-256 of the files of `split` that are there, so that a result names its data exactly."""
    found = {}
    for part in ("train", "test"):
        for kind in ("images-idx3", "labels-idx1"):
            file = root / "EMNIST" / "raw" / f"emnist-{split}-{part}-{kind}-ubyte"
            if file.exists():
                found[file.name] = checksum(file)
    return found


def epoch_order(labels: Tensor, share: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Draw the indices of one epoch, int64 (size,), in random order.

    Class c gets size · share[c] places, and what is a fraction of a place by chance; within a class every image is used
    equally often (± 1).
    """
    quota = (share * size).floor().long()
    if left := size - int(quota.sum()):
        fraction = (share * size - quota).clamp(min=0) + 1e-9 * share
        quota[torch.multinomial(fraction, left, generator=generator)] += 1
    chosen = []
    for c, places in enumerate(quota.tolist()):
        members = (labels == c).nonzero().squeeze(1)
        rounds = -(-places // max(len(members), 1))
        passes = [members[torch.randperm(len(members), generator=generator)] for _ in range(rounds)]
        chosen.append(torch.cat([*passes, members[:0]])[:places])
    order = torch.cat(chosen)
    return order[torch.randperm(len(order), generator=generator)]


def to_float(pixels: Tensor) -> Tensor:
    """Turn uint8 (N, 28, 28) into the network's input, float32 (N, 1, 28, 28) in [0, 1]."""
    return pixels.unsqueeze(1).float().div(255)
