"""A batch and its parts: how often each class is drawn, and what is to be answered."""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from train.images.data import Images


@dataclass(frozen=True)
class Batch:
    """What one step learns from.

    Attributes:
        images: (B, 1, 28, 28), augmented, ink 1 on 0.
        targets: (B, classes), the distribution to be answered; all 0 where it is no character.
        shares: (B, classes), how frequent each class is among training images of this kind, divided by how frequent the
            network is to take it for.
        size: images in the whole batch, also where this is a part of it.
        characters: how many of them are characters.
        known: how many images of this part are characters; they come first.
        weight: of an image that is no character, beside 1 of a character, in learning that.
    """

    images: Tensor
    targets: Tensor
    shares: Tensor
    size: int
    characters: int
    known: int
    weight: float = 1.0

    def part(self, number: int, of: int) -> "Batch":
        """Return every `of`-th image, from `number` on."""
        mine = slice(number, None, of)
        known = len(range(number, self.characters, of))
        return replace(
            self, images=self.images[mine], targets=self.targets[mine], shares=self.shares[mine], known=known
        )


@dataclass(frozen=True)
class Part:
    """One kind of characters in every batch.

    Attributes:
        images: those to choose from.
        size: how many of them are in a batch.
        drawn: (classes,), how often each class is chosen, summing to 1.
        shares: (classes,), as `Batch.shares`.
    """

    images: Images
    size: int
    drawn: Tensor
    shares: Tensor


def smoothed(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """Return one distribution a label, (N, classes): 1 − smoothing on the label, the rest on all alike."""
    return F.one_hot(labels, classes).float() * (1 - smoothing) + smoothing / classes


def class_shares(images: Images, classes: int, balance: float) -> Tensor:
    """Return the share of each class in what is drawn, (classes,): counts to the power 1 − balance, normalised."""
    counts = images.counts(classes).double()
    weight = torch.where(counts > 0, counts ** (1 - balance), 0.0)
    return weight / weight.sum()


def over_even(shares: Tensor) -> Tensor:
    """Return `shares` (classes,) divided by those of equally frequent classes; 1 for a class that does not occur."""
    return torch.where(shares > 0, shares * (shares > 0).sum(), 1.0)
