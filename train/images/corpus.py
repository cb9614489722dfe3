"""Pictures of one's own, ready for training: which labels are learnt, and the images of each part."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from emnist.labels import NOT_A_CHARACTER, fold
from train.images import own, prepared
from train.images.data import Images

PARTS = ("train", "validation", "test")
MOST_LABELS = 10_000
SHARE = 0.1  # share of each class, or of the writers, that is kept for validation; as much for the test


@dataclass(frozen=True)
class Corpus:
    """Pictures of one's own in EMNIST's form.

    Attributes:
        labels: of all classes, by index.
        parts: train, validation and test.
        refused: of each part, uint8 (N, 28, 28), pictures labelled as not one character.
        left_out: (file, reason) of each picture that could not be read or is blank.
        facts: what names the data exactly, as JSON values.
    """

    labels: tuple[str, ...]
    parts: dict[str, Images]
    refused: dict[str, Tensor]
    left_out: list[tuple[str, str]]
    facts: dict[str, Any]


def load(data: Path, seed: int, known: Sequence[str] = (), wanted: str | None = None, progress: bool = False) -> Corpus:
    """Return the pictures of `data`, prepared, in parts drawn by `seed` where the data do not say.

    Args:
        data: a folder, a table or a name on the Hub, as `own.find` takes them.
        seed: of the draw.
        known: the labels of the model to begin with; they keep their order, and what is new follows.
        wanted: the labels instead of these, as `own.parse_labels` takes them.
        progress: show how far it is.

    Raises:
        FileNotFoundError, ValueError: as `own.find` and `own.parse_labels`; a label that `wanted` lacks, fewer than two
            classes, a class without a picture to learn from.
    """
    rows = own.find(data)
    labels = labels_of({row.label for row in rows}, known, wanted)
    made = prepared.load([row.file for row in rows], progress)
    assigned = assign(rows, seed)
    parts, refused, copies = {}, {}, _copies(made, assigned)
    for part in PARTS:
        chosen = [(n, rows[i].label) for n, i in enumerate(made.kept) if assigned[i] == part and i not in copies]
        names = [(n, fold(label, labels)) for n, label in chosen if label != NOT_A_CHARACTER]
        at = torch.tensor([n for n, _ in names], dtype=torch.long)
        parts[part] = Images(made.pixels[at], torch.tensor([labels.index(str(name)) for _, name in names]).long())
        refused[part] = made.pixels[[n for n, label in chosen if label == NOT_A_CHARACTER]]
    left_out = [(str(rows[i].file), reason) for i, reason in made.left_out]
    left_out += [(str(rows[i].file), f"the same picture as {rows[first].file}") for i, first in copies.items()]
    _check(labels, parts, known, left_out)
    facts = {
        "name": data.name if data.exists() else data.as_posix(),
        "sha256": _checksum(made.checksum, rows, assigned),
        "pictures": len(rows),
        "left_out": len(left_out),
        "writers": len({row.writer for row in rows} - {""}),
        **{part: len(parts[part]) for part in PARTS},
        "not_a_character": sum(map(len, refused.values())),
        "not_validated": _missing(labels, parts),
    }
    return Corpus(labels, parts, refused, left_out, facts)


def _copies(made: prepared.Prepared, parts: Sequence[str]) -> dict[int, int]:
    """Return which pictures are, byte for byte, one of another part, each with the first of these: learnt, not scored.

    What is held out gives way to what is learnt, and validation to the test.
    """
    first: dict[bytes, int] = {}
    found = {}
    for i in sorted(made.kept, key=lambda i: ("train", "test", "validation").index(parts[i])):
        other = first.setdefault(made.digests[i], i)
        if parts[other] != parts[i]:
            found[i] = other
    return found


def _missing(labels: Sequence[str], parts: dict[str, Images]) -> list[str]:
    """Return the labels that are learnt, while no picture of them is left for validation."""
    learnt, watched = (parts[part].counts(len(labels)) for part in ("train", "validation"))
    return [label for label, some, none in zip(labels, learnt > 0, watched == 0, strict=True) if some and none]


def _checksum(pictures: str, rows: Sequence[own.Row], parts: Sequence[str]) -> str:
    """Return the SHA-256 of the pictures, given theirs, with their labels and parts."""
    said = [(row.label, part) for row, part in zip(rows, parts, strict=True)]
    return hashlib.sha256(json.dumps([pictures, said]).encode()).hexdigest()


def labels_of(found: Iterable[str], known: Sequence[str] = (), wanted: str | None = None) -> tuple[str, ...]:
    """Return the labels of a model for data that show `found`: `wanted`, or those `known` and what is new, sorted.

    A label that `known` merges (c into C) is not new; say it in `wanted` to have it as a class of its own.
    """
    found = set(found) - {NOT_A_CHARACTER}
    if wanted is not None:
        labels = own.parse_labels(wanted)
        if strange := sorted(label for label in found if fold(label, labels) is None):
            raise ValueError(f"the data show {' '.join(strange[:20])}, which --labels lacks; add it, or leave it out")
    else:
        labels = (*known, *sorted(label for label in found if fold(label, known) is None))
    if not 2 <= len(labels) <= MOST_LABELS:
        raise ValueError(
            f"the number of classes is {len(labels)}, but must be from 2 to {MOST_LABELS:,}; "
            "add pictures of other characters, or begin with a model: --initial built-in"
        )
    return labels


def _check(
    labels: Sequence[str], parts: dict[str, Images], known: Sequence[str], left_out: Sequence[tuple[str, str]]
) -> None:
    """Refuse classes that nothing teaches."""
    there = parts["train"].counts(len(labels)) > 0
    untaught = [label for label, some in zip(labels, there.tolist(), strict=True) if not some and label not in known]
    why = f" ({len(left_out)} pictures cannot be used, first {': '.join(left_out[0])})" if left_out else ""
    if untaught:
        raise ValueError(
            f"no picture to learn {' '.join(untaught[:20])} from{why}; give each at least two readable pictures, one "
            "of them for training, or leave the label out"
        )
    if not len(parts["train"]):
        raise ValueError(f"no picture of a character to learn from{why}; add some")
    if not len(parts["validation"]):
        raise ValueError(f"no picture is left for validation{why}; give at least one label three readable pictures")


def assign(rows: Sequence[own.Row], seed: int) -> list[str]:
    """Return the part of each row: as the data say, else whole writers, else a share of each class, drawn by `seed`.

    What the data call train gives up a share for validation where they name none.
    """
    parts = [row.part for row in rows]
    random = np.random.default_rng(seed)
    if any(parts):
        parts = [part or "train" for part in parts]
        if "validation" not in parts:
            inside = [i for i, part in enumerate(parts) if part == "train"]
            for i, part in zip(inside, _draw([rows[i].label for i in inside], ("validation",), random), strict=True):
                parts[i] = part
        return parts
    writers = sorted({row.writer for row in rows})
    if len(writers) < 3:
        return _draw([row.label for row in rows], ("test", "validation"), random)
    count = ceil(SHARE * len(writers))
    order = random.permutation(writers).tolist()
    held = {**dict.fromkeys(order[:count], "test"), **dict.fromkeys(order[count : 2 * count], "validation")}
    return [held.get(row.writer, "train") for row in rows]


def _draw(labels: Sequence[str], parts: Sequence[str], random: np.random.Generator) -> list[str]:
    """Return "train", or for a share of each label one of `parts`; the last picture of a label is for training.

    Where no label has two, any picture may be drawn: what a model to begin with knows need not be taught again.
    """
    found = ["train"] * len(labels)
    for label in sorted(set(labels)):
        members = random.permutation([i for i, other in enumerate(labels) if other == label]).tolist()
        share = ceil(SHARE * len(members))
        for part in sorted(parts, key=found.count):  # what only one part can have goes to each in turn
            for _ in range(min(share, len(members) - 1)):
                found[members.pop()] = part
    for part in parts:
        if part not in found and found.count("train") > len(parts):
            left = [i for i, other in enumerate(found) if other == "train"]
            found[int(random.choice(left))] = part
    return found
