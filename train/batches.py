"""The images of a run, and how each batch is put together from them.

Nothing here keeps a random state: what is drawn depends on the seed and the step alone, so that a run can be resumed at
any step and several processes can draw the same batch.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from emnist.labels import SPLITS
from train import augment, data, negatives, strokes
from train.config import FitConfig
from train.data import Images

NEGATIVES = 20_000  # different pictures that are no character
STROKE_COPIES = 3  # each with another pen


@dataclass(frozen=True)
class Sources:
    """All images of a run; `negatives` is uint8 (N, 28, 28), the others carry labels."""

    train: Images
    validation: Images
    sketches: Images | None
    sketches_validation: Images | None
    negatives: Tensor
    negatives_validation: Tensor
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
    if config.sketches:
        sketches = strokes.load(config.sketches, "train", labels, STROKE_COPIES, seed, progress)
        sketches_validation = strokes.load(config.sketches, "validation", labels, 1, seed + 1, progress)
    return Sources(
        train,
        validation,
        sketches,
        sketches_validation,
        negatives.load(NEGATIVES, train.pixels, seed, progress),
        negatives.load(NEGATIVES // 10, validation.pixels, seed + 1, progress),
        data.status(config.split, "train", len(whole)),
    )


@dataclass(frozen=True)
class Batches:
    """How each batch is put together; the same (seed, step) always gives the same batch."""

    config: FitConfig
    sources: Sources
    sizes: tuple[int, int, int]  # EMNIST, sketches, negatives in a batch
    shares: Tensor  # of each class among the drawn characters

    @classmethod
    def plan(cls, config: FitConfig, sources: Sources) -> "Batches":
        """Work out the sizes and the class shares."""
        classes = len(SPLITS[config.split])
        negative = round(config.batch * config.negative_share)
        sketch = round(config.batch * config.sketch_share) if sources.sketches else 0
        sizes = (config.batch - negative - sketch, sketch, negative)
        shares = sizes[0] * class_shares(sources.train, classes, config.balance)
        if sources.sketches:
            shares += sizes[1] * class_shares(sources.sketches, classes, config.balance)
        return cls(config, sources, sizes, shares / shares.sum())

    @property
    def per_epoch(self) -> int:
        """Return the steps of one pass over the EMNIST images."""
        return max(len(self.sources.train) // self.sizes[0], 1)

    def order(self, epoch: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return the indices of EMNIST images, sketches and negatives, each in batches (steps, size)."""
        random = generator(self.config.seed, 1, epoch)
        classes, balance = len(SPLITS[self.config.split]), self.config.balance
        drawn = []
        for images, size in zip((self.sources.train, self.sources.sketches), self.sizes, strict=False):
            count = self.per_epoch * size
            share = class_shares(images, classes, balance) if images else torch.zeros(classes)
            drawn.append(data.epoch_order(images.labels, share, count, random) if images else torch.zeros(0).long())
        none = torch.randint(len(self.sources.negatives), (self.per_epoch * self.sizes[2],), generator=random)
        emnist, sketch, negative = (
            index.view(self.per_epoch, size) for index, size in zip((*drawn, none), self.sizes, strict=True)
        )
        return emnist, sketch, negative

    def batch(self, step: int, order: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Return augmented images (B, 1, 28, 28) and labels (B,), −1 where it is no character."""
        emnist, sketch, negative = (index[step % self.per_epoch] for index in order)
        pixels, labels = [self.sources.train.pixels[emnist]], [self.sources.train.labels[emnist]]
        if self.sources.sketches:
            pixels.append(self.sources.sketches.pixels[sketch])
            labels.append(self.sources.sketches.labels[sketch])
        pixels.append(self.sources.negatives[negative])
        labels.append(torch.full((len(negative),), -1))
        strength = augment.Strength().times(self.config.augment)
        images = augment.augment(data.to_float(torch.cat(pixels)), strength, generator(self.config.seed, 2, step))
        return images, torch.cat(labels)


def class_shares(images: Images, classes: int, balance: float) -> Tensor:
    """Return the share of each class in what is drawn, (classes,): counts to the power 1 − balance, normalised."""
    counts = images.counts(classes).double()
    weight = torch.where(counts > 0, counts ** (1 - balance), 0.0)
    return weight / weight.sum()


def generator(*words: int) -> torch.Generator:
    """Return a generator whose stream depends on all of `words`, so that no state needs to be stored."""
    seed = np.random.SeedSequence(words).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(seed) & (2**63 - 1))
