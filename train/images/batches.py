"""The images of a run, and how each batch is put together from them.

Nothing here keeps a random state: what is drawn depends on the seed and the step alone, so that a run can be resumed at
any step and several processes can draw the same batch.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from emnist.labels import SPLITS
from train.config import FitConfig
from train.images import augment, data, negatives, strokes
from train.images.data import Images

NEGATIVES = 48_000  # different pictures that are no character
STROKE_COPIES = 8  # each with another pen and by another hand


@dataclass(frozen=True)
class Sources:
    """All images of a run; negatives are uint8 (N, 28, 28), those of validation by kind; the others carry labels."""

    train: Images
    validation: Images
    sketches: Images | None
    sketches_validation: Images | None
    negatives: Tensor
    negatives_validation: dict[str, Tensor]
    status: str  # "official" or "partial": what the training files are

    def counts(self) -> dict[str, int]:
        """Return how many images of each kind there are."""
        return {
            "train": len(self.train),
            "validation": len(self.validation),
            "sketches": len(self.sketches or ()),
            "negatives": len(self.negatives),
        }


def load_sources(config: FitConfig, progress: bool = False) -> Sources:
    """Read EMNIST and draw the strokes and the pictures that are no character."""
    whole = data.read(config.data, config.split, "train", config.download)
    train, validation = data.split_validation(whole, config.split, config.seed)
    labels, seed = SPLITS[config.split], config.seed
    sketches = sketches_validation = None
    drawings: dict[str, list[strokes.Drawing]] = {"train": [], "validation": []}
    if config.sketches:
        drawings = {part: list(strokes.read(config.sketches, part, labels)) for part in drawings}
        sketches = strokes.load(config.sketches, "train", labels, STROKE_COPIES, seed, progress)
        sketches_validation = strokes.as_read(config.sketches, "validation", labels, seed + 1, progress)
    strange: dict[str, Tensor] = {}
    if config.negative_share:
        strange = negatives.load(NEGATIVES, train.pixels, drawings["train"], seed, progress=progress)
    return Sources(
        train,
        validation,
        sketches,
        sketches_validation,
        torch.cat([*strange.values(), train.pixels[:0]]),
        negatives.load(
            NEGATIVES // 10, validation.pixels, drawings["validation"], seed + 1, negatives.OTHER_FONTS, progress
        ),
        data.status(config.split, "train", len(whole)),
    )


@dataclass(frozen=True)
class Batch:
    """What one step learns from.

    Attributes:
        images: (B, 1, 28, 28), augmented, ink 1 on 0.
        targets: (B, classes), the distribution to be answered; all 0 where it is no character.
        shares: (B, classes), how frequent each class is among images of this one's kind, over how frequent it shall be.
        size: images in the whole batch, also where this is a part of it.
        characters: how many of them are characters.
        known: how many images of this part are characters; they come first.
    """

    images: Tensor
    targets: Tensor
    shares: Tensor
    size: int
    characters: int
    known: int

    def part(self, number: int, of: int) -> "Batch":
        """Return every `of`-th image, from `number` on."""
        mine = slice(number, None, of)
        known = len(range(number, self.characters, of))
        return replace(
            self, images=self.images[mine], targets=self.targets[mine], shares=self.shares[mine], known=known
        )


@dataclass(frozen=True)
class Batches:
    """How each batch is put together, on `device`; the same (seed, step) always gives the same batch there."""

    config: FitConfig
    sources: Sources
    sizes: tuple[int, int, int]  # EMNIST, sketches, negatives in a batch
    device: torch.device

    @classmethod
    def plan(cls, config: FitConfig, sources: Sources, device: torch.device | str = "cpu") -> "Batches":
        """Work out the sizes."""
        negative = round(config.batch * config.negative_share)
        sketch = round(config.batch * config.sketch_share) if sources.sketches else 0
        return cls(config, sources, (config.batch - negative - sketch, sketch, negative), torch.device(device))

    @property
    def per_epoch(self) -> int:
        """Return the steps of one pass over the EMNIST images."""
        return max(len(self.sources.train) // self.sizes[0], 1)

    @property
    def classes(self) -> int:
        """Return the number of classes."""
        return len(SPLITS[self.config.split])

    @cached_property
    def emnist_shares(self) -> Tensor:
        """Return the share of each class among the EMNIST images of an epoch, (classes,)."""
        return class_shares(self.sources.train, self.classes, self.config.balance)

    @cached_property
    def sketch_shares(self) -> Tensor:
        """Return the share of each class among the strokes of an epoch, (classes,).

        Between all alike and `strokes.expected`, which would leave too few letters.
        """
        assert self.sources.sketches is not None
        there = self.sources.sketches.counts(self.classes) > 0
        wanted = strokes.expected(SPLITS[self.config.split]).sqrt() * there
        return wanted / wanted.sum()

    def order(self, epoch: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return the indices of EMNIST images, sketches and negatives, each in batches (steps, size)."""
        random = generator(self.config.seed, 1, epoch)
        emnist, sketch, negative = (self.per_epoch * size for size in self.sizes)
        orders = [data.epoch_order(self.sources.train.labels, self.emnist_shares, emnist, random)]
        if self.sources.sketches:
            orders.append(data.epoch_order(self.sources.sketches.labels, self.sketch_shares, sketch, random))
        else:
            orders.append(torch.zeros(0).long())
        orders.append(torch.randint(max(len(self.sources.negatives), 1), (negative,), generator=random))
        first, second, third = (
            o.view(self.per_epoch, size).to(self.device) for o, size in zip(orders, self.sizes, strict=True)
        )
        return first, second, third

    @cached_property
    def pixels(self) -> list[Tensor]:
        """Return all images on the device: EMNIST's, drawn strokes, and what is no character."""
        drawn = [self.sources.sketches.pixels] if self.sources.sketches else []
        return [part.to(self.device) for part in (self.sources.train.pixels, *drawn, self.sources.negatives)]

    @cached_property
    def labels(self) -> list[Tensor]:
        """Return the class indices of EMNIST's images and the drawn strokes, on the device."""
        return [part.labels.to(self.device) for part in (self.sources.train, self.sources.sketches) if part]

    @cached_property
    def shares(self) -> Tensor:
        """Return `Batch.shares`, the same for every batch: EMNIST's images first, what is no character last."""
        shares = torch.ones(sum(self.sizes), self.classes)
        emnist, sketch, _ = self.sizes
        shares[:emnist] = self.emnist_shares * self.classes
        if self.sources.sketches:
            shares[emnist : emnist + sketch] = self.sketch_shares / strokes.expected(SPLITS[self.config.split])
        return shares.to(self.device)

    def batch(self, step: int, order: tuple[Tensor, Tensor, Tensor]) -> Batch:
        """Return what `step` learns from."""
        emnist, sketch, negative = (index[step % self.per_epoch] for index in order)
        chosen = [emnist, sketch, negative] if self.sources.sketches else [emnist, negative]
        pixels = [part[index] for part, index in zip(self.pixels, chosen, strict=True)]
        labels = torch.cat([part[index] for part, index in zip(self.labels, chosen, strict=False)])
        strength = augment.Strength(elastic=self.config.elastic).times(self.config.augment)
        random = generator(self.config.seed, 2, step, device=self.device)
        images = augment.augment(data.to_float(torch.cat(pixels)), strength, random)
        known = len(labels)
        targets = F.pad(smoothed(labels, self.classes, self.config.smoothing), (0, 0, 0, len(images) - known))
        return Batch(images, targets, self.shares, len(images), known, known)


def smoothed(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """Return one distribution a label, (N, classes): 1 − smoothing on the label, the rest on all alike."""
    return F.one_hot(labels, classes).float() * (1 - smoothing) + smoothing / classes


def class_shares(images: Images, classes: int, balance: float) -> Tensor:
    """Return the share of each class in what is drawn, (classes,): counts to the power 1 − balance, normalised."""
    counts = images.counts(classes).double()
    weight = torch.where(counts > 0, counts ** (1 - balance), 0.0)
    return weight / weight.sum()


def generator(*words: int, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a generator whose stream depends on all of `words`, so that no state needs to be stored."""
    seed = np.random.SeedSequence(words).generate_state(1, np.uint64)[0]
    return torch.Generator(device).manual_seed(int(seed) & (2**63 - 1))
