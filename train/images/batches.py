"""How each batch is put together from the images of a run.

Nothing here keeps a random state: what is drawn depends on the seed and the step alone, so that a run can be resumed at
any step and several processes can draw the same batch.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from train.config import FitConfig, Strength
from train.images import augment, data, strokes
from train.images.batch import Batch, Part, class_shares, over_even, smoothed
from train.images.data import Images
from train.images.sources import Sources

ROUNDS = 4  # a run of given --steps is scored about so often at most, however short its epochs are


Order = tuple[Tensor, ...]  # indices of each part and of the negatives, each (steps, size)


@dataclass(frozen=True)
class Batches:
    """How each batch is put together, on `device`; the same (seed, step) always gives the same batch there.

    Attributes:
        config: the options.
        sources: all images.
        device: where the batches are.
        drawn: biases (classes,) that the model adds for drawings and photographs; empty for none.
        known: labels of the model to begin with.
    """

    config: FitConfig
    sources: Sources
    device: torch.device
    drawn: tuple[float, ...] = ()
    known: tuple[str, ...] = ()

    @classmethod
    def plan(
        cls,
        config: FitConfig,
        sources: Sources,
        device: torch.device | str = "cpu",
        drawn: tuple[float, ...] = (),
        known: tuple[str, ...] = (),
    ) -> "Batches":
        """Return the batches of a run; refuse shares that leave nothing of the pictures themselves."""
        batches = cls(config, sources, torch.device(device), drawn, known)
        if batches.size < 1:
            raise ValueError("the shares of a batch leave no room for the pictures of --data; lower one of them")
        return batches

    @property
    def negatives(self) -> int:
        """Return how many pictures of a batch are no character.

        When a model is adapted without EMNIST at hand, they take its place: the answers of the model begun with to such
        pictures hold its classes where they were (`teacher.taught`).
        """
        instead = self.config.replay_share if self.begun and not self.sources.replay else 0.0
        share = self.config.negative_share + instead
        return round(self.config.batch * share) if len(self.sources.negatives) else 0

    @property
    def size(self) -> int:
        """Return how many images of --data a batch has."""
        shares = (self.config.sketch_share, self.sources.sketches), (self.config.replay_share, self.sources.replay)
        others = sum(round(self.config.batch * share) for share, images in shares if images)
        return self.config.batch - self.negatives - others

    @property
    def per_epoch(self) -> int:
        """Return the steps of one pass over the images of --data."""
        return max(len(self.sources.train) // self.size, 1)

    @property
    def begun(self) -> bool:
        """Tell whether pictures of one's own are learnt by a model that knows others."""
        return self.config.initial is not None and self.sources.status == "own"

    @property
    def weight(self) -> float:
        """Return `Batch.weight`: 1, unless such pictures take EMNIST's place in an adaptation (`negatives`).

        There are many of them then; together they weigh as much as in other runs.
        """
        usual = FitConfig.negative_share / (1 - FitConfig.negative_share)
        return usual * (self.config.batch / self.negatives - 1) if self.begun and self.negatives else 1.0

    @property
    def per_round(self) -> int:
        """Return the steps between two scores: those of an epoch, where this is no small part of --steps."""
        return max(self.per_epoch, self.config.steps // ROUNDS)

    @property
    def steps(self) -> int:
        """Return the steps of the run."""
        return self.config.steps or max(round(self.config.epochs * self.per_epoch), 1)

    @property
    def classes(self) -> int:
        """Return the number of classes."""
        return len(self.sources.labels)

    @cached_property
    def parts(self) -> list[Part]:
        """Return what characters a batch is made of: --data first, then drawn strokes, then EMNIST beside one's own."""
        found = [self._data()]
        if self.sources.sketches:
            there = self.sources.sketches.counts(self.classes) > 0
            expected = strokes.expected(self.sources.labels)
            wanted = expected.sqrt() * there  # between equal and expected shares; the latter leave too few letters
            wanted /= wanted.sum()
            found.append(self._part(self.sources.sketches, self.config.sketch_share, wanted, wanted / expected))
        if self.sources.replay:
            wanted = class_shares(self.sources.replay, self.classes, self.config.balance)
            found.append(self._part(self.sources.replay, self.config.replay_share, wanted, over_even(wanted)))
        return found

    def _data(self) -> Part:
        """Return the part of --data.

        When an earlier model is adapted to one's own pictures, these are read as drawings are, with its biases for
        drawings.  Shares count only among the classes that occur: nothing is known about the others.
        """
        wanted = class_shares(self.sources.train, self.classes, self.config.balance)
        shares = torch.tensor(self.drawn or (0.0,) * self.classes).exp() if self.begun else over_even(wanted)
        return Part(self.sources.train, self.size, wanted, shares)

    def _part(self, images: Images, share: float, wanted: Tensor, shares: Tensor) -> Part:
        return Part(images, round(self.config.batch * share), wanted, shares)

    def order(self, epoch: int) -> Order:
        """Return the indices of each part and of what is no character, each in batches (steps, size)."""
        random = generator(self.config.seed, 1, epoch)
        orders = [
            data.epoch_order(part.images.labels, part.drawn, self.per_epoch * part.size, random).view(-1, part.size)
            for part in self.parts
        ]
        if self.negatives:
            shape = (self.per_epoch, self.negatives)
            orders.append(torch.randint(len(self.sources.negatives), shape, generator=random))
        return tuple(order.to(self.device) for order in orders)

    @cached_property
    def pixels(self) -> list[Tensor]:
        """Return all images on the device, part by part, what is no character last."""
        pixels = [*(part.images.pixels for part in self.parts), self.sources.negatives]
        return [images.to(self.device) for images in pixels]

    @cached_property
    def indices(self) -> list[Tensor]:
        """Return the class indices of each part, on the device."""
        return [part.images.labels.to(self.device) for part in self.parts]

    @cached_property
    def shares(self) -> Tensor:
        """Return `Batch.shares`, the same for every batch."""
        rows = [part.shares.float().expand(part.size, -1) for part in self.parts]
        return (torch.cat([*rows, torch.ones(self.negatives, self.classes)]) * self.over_known).to(self.device)

    @cached_property
    def over_known(self) -> Tensor:
        """Return a factor on `shares` (classes,) for how much more often new labels are shown than those known.

        It is 1 for known ones, and without EMNIST.  A few new labels have all of one's own pictures, each far more than
        a known label has.  If the loss did not allow for that, they would be found where they are not: a t that is a
        cross would be read as a plus sign.  It is the square root of the ratio, since `keep` holds them back as well.
        """
        new = torch.tensor([label not in self.known for label in self.sources.labels])
        share = torch.stack([part.size * part.drawn for part in self.parts]).sum(0) / self.config.batch
        new &= share > 0
        if not (self.begun and self.sources.replay) or new.all():
            return torch.ones(self.classes)
        rest = (1 - share[new].sum()) / (~new).sum()
        return torch.where(new, (share / rest).sqrt(), 1.0).float()

    def batch(self, step: int, order: Order) -> Batch:
        """Return what `step` learns from."""
        chosen = [part[step % self.per_epoch] for part in order]
        pixels = torch.cat([part[index] for part, index in zip(self.pixels, chosen, strict=False)])
        labels = torch.cat([part[index] for part, index in zip(self.indices, chosen, strict=False)])
        strength = Strength(elastic=self.config.elastic).times(self.config.augment)
        random = generator(self.config.seed, 2, step, device=self.device)
        images = augment.augment(data.to_float(pixels), strength, random)
        known = len(labels)
        targets = F.pad(smoothed(labels, self.classes, self.config.smoothing), (0, 0, 0, len(images) - known))
        return Batch(images, targets, self.shares, len(images), known, known, self.weight)


def generator(*words: int, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a generator whose stream depends on all of `words`, so that no state needs to be stored."""
    seed = np.random.SeedSequence(words).generate_state(1, np.uint64)[0]
    return torch.Generator(device).manual_seed(int(seed) & (2**63 - 1))
