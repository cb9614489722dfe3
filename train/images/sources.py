"""All images of a run: EMNIST or pictures of one's own, drawn strokes, EMNIST mixed in, and what is no character."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from emnist.labels import NOT_A_CHARACTER, SPLITS, fold
from train.config import FitConfig
from train.images import corpus, data, negatives, own, strokes
from train.images.data import Images

NEGATIVES = 48_000  # most different pictures that are no character
FEWER = 6000  # the same where a model that can already tell them is trained further on pictures of one's own
REPLAYED = 2000  # most images of EMNIST on which a run on own pictures is scored as it goes
STROKE_COPIES = 8  # images of each drawing in pen strokes, each with another pen and by another hand


@dataclass(frozen=True)
class Sources:
    """All images of a run.

    Attributes:
        labels: of the classes, by index.
        train, validation: of EMNIST, or of one's own pictures.
        sketches, sketches_validation: drawn strokes, if any.
        replay, replay_validation: of EMNIST, mixed in beside one's own, if any.
        negatives: uint8 (N, 28, 28), what is no character; those of validation by kind.
        status: what the training files are: "official", "partial", or "own".
        facts: what names the data exactly, as JSON values.
        left_out: (file, reason) of each picture of one's own that could not be used.
    """

    labels: tuple[str, ...]
    train: Images
    validation: Images
    sketches: Images | None
    sketches_validation: Images | None
    negatives: Tensor
    negatives_validation: dict[str, Tensor]
    status: str
    replay: Images | None = None
    replay_validation: Images | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    left_out: Sequence[tuple[str, str]] = ()

    def counts(self) -> dict[str, int]:
        """Return how many images of each kind there are."""
        replay = {"replay": len(self.replay)} if self.replay else {}
        return {
            "train": len(self.train),
            "validation": len(self.validation),
            "sketches": len(self.sketches or ()),
            **replay,
            "negatives": len(self.negatives),
        }


def reads_own(config: FitConfig) -> bool:
    """Tell whether --data is pictures of one's own; where EMNIST is to be downloaded to may hold anything else."""
    downloads = config.download and config.replay is None
    return own.is_own(config.data) and (not downloads or own.holds_pictures(config.data))


def load(config: FitConfig, known: Sequence[str] = (), progress: bool = False) -> Sources:
    """Read the pictures, and draw the strokes and what is no character.

    Args:
        config: where from, and how much.
        known: the labels of the model to begin with.
        progress: show how far it is.
    """
    if reads_own(config):
        return _own(config, known, progress)
    if config.labels is not None or config.replay is not None:
        if not config.data.exists():
            raise FileNotFoundError(f"there is no {config.data}; name the folder or table of your pictures with --data")
        raise ValueError(
            f"--labels and --replay are for pictures of your own, but {config.data} is EMNIST: leave them out"
        )
    whole = data.read(config.data, config.split, "train", config.download)
    train, validation = data.split_validation(whole, config.split, config.seed)
    status = data.status(config.split, "train", len(whole))
    return complete(config, tuple(SPLITS[config.split]), (train, validation), status, progress)


def _own(config: FitConfig, known: Sequence[str], progress: bool) -> Sources:
    """Return the sources of a run on one's own pictures; those labelled as no character join the negatives."""
    found = corpus.load(config.data, config.seed, known, config.labels, progress)
    replay = replayed(config, found.labels) if config.replay else None
    sources = complete(config, found.labels, (found.parts["train"], found.parts["validation"]), "own", progress, replay)
    refused = found.refused["train"]
    times = -(-len(sources.negatives) // (3 * len(refused))) if len(refused) else 0  # so that they are a quarter of all
    strange = torch.cat([sources.negatives, refused.repeat(max(times, 1), 1, 1)])
    held = {NOT_A_CHARACTER: found.refused["validation"]} if len(found.refused["validation"]) else {}
    return dataclasses.replace(
        sources,
        negatives=strange,
        negatives_validation=sources.negatives_validation | held,
        facts=found.facts,
        left_out=found.left_out,
    )


def replayed(config: FitConfig, labels: Sequence[str]) -> tuple[Images, Images]:
    """Return EMNIST's images for training and some of those for validation, with their indices in `labels`.

    Images whose label is none of `labels` are left out.
    """
    assert config.replay is not None
    whole = data.read(config.replay, config.split, "train", config.download)
    train, validation = data.split_validation(whole, config.split, config.seed)
    some = validation[torch.arange(0, len(validation), -(-len(validation) // REPLAYED))]
    return relabelled(train, config.split, labels), relabelled(some, config.split, labels)


def relabelled(images: Images, split: str, labels: Sequence[str]) -> Images:
    """Return `images` of an EMNIST split with their indices in `labels`; those that none stands for are left out."""
    places = [fold(label, labels) for label in SPLITS[split]]
    index = torch.tensor([labels.index(place) if place else -1 for place in places])[images.labels]
    return Images(images.pixels[index >= 0], index[index >= 0])


def complete(
    config: FitConfig,
    labels: tuple[str, ...],
    read: tuple[Images, Images],
    status: str,
    progress: bool,
    replay: tuple[Images, Images] | None = None,
) -> Sources:
    """Return the sources of a run that learns `labels` from what was `read`, with all that is drawn by code."""
    seed, (train, validation) = config.seed, read
    sketches = sketches_validation = None
    drawings: dict[str, list[strokes.Drawing]] = {"train": [], "validation": []}
    if config.sketches:
        drawings = {part: strokes.listed(config.sketches, part, labels) for part in drawings}
        sketches = strokes.load(config.sketches, "train", labels, STROKE_COPIES, seed, progress)
        sketches_validation = strokes.as_read(config.sketches, "validation", labels, seed + 1, progress)
    count = _negatives(config, len(train))
    fonts = {"train": negatives.FONTS, "validation": negatives.OTHER_FONTS}
    strange, other = (
        negatives.load(many, images.pixels, drawings[part], seed + late, fonts[part], progress, labels) if many else {}
        for late, (part, images, many) in enumerate(zip(drawings, replay or read, (count, count // 10), strict=True))
    )
    kept = torch.cat([*strange.values(), torch.zeros(0, 28, 28, dtype=torch.uint8)])
    return Sources(
        labels, train, validation, sketches, sketches_validation, kept, other, status, *(replay or (None, None))
    )


def _negatives(config: FitConfig, images: int) -> int:
    """Return how many pictures that are no character a run needs: no more than it sees."""
    shares = config.negative_share, config.sketch_share if config.sketches else 0, config.replay_share
    rest = 1 - shares[0] - shares[1] - (shares[2] if config.replay else 0)
    seen = config.steps * config.batch or config.epochs * images / max(rest, 1e-6)
    if config.initial and own.is_own(config.data):
        return min(FEWER, round(seen)) if config.negative_share else 0
    return min(NEGATIVES, round(seen * config.negative_share))
