"""Augmentations: in range, repeatable, and harmless at strength zero."""

from dataclasses import asdict

import torch
import torch.nn.functional as F
from idx import images

from train.config import Strength
from train.images.augment import augment, gaps, thicken
from train.images.data import to_float


def characters() -> torch.Tensor:
    return to_float(torch.from_numpy(images("0123456789", 4, seed=0)[0]))


def test_the_same_generator_state_gives_the_same_images() -> None:
    first, second = (augment(characters(), Strength(), torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)


def test_strength_zero_leaves_the_images_as_they_are() -> None:
    changed = augment(characters(), Strength().times(0), torch.Generator().manual_seed(0))
    assert torch.allclose(changed, characters(), atol=1e-5)


def test_values_stay_between_paper_and_ink() -> None:
    changed = augment(characters(), Strength().times(2), torch.Generator().manual_seed(0))
    assert changed.shape == (40, 1, 28, 28)
    assert changed.min() >= 0
    assert changed.max() <= 1 + 1e-5


def test_each_strength_alone_changes_the_images() -> None:
    nothing = asdict(Strength().times(0))
    for name, value in asdict(Strength()).items():
        changed = augment(characters(), Strength(**{**nothing, name: value}), torch.Generator().manual_seed(0))
        assert not torch.allclose(changed, characters(), atol=1e-3), name


def test_a_gap_is_small_and_adds_no_ink() -> None:
    changed = gaps(torch.ones(50, 1, 28, 28), 1.0, torch.Generator().manual_seed(0))
    erased = (changed == 0).sum((1, 2, 3))
    assert set(erased.tolist()) == {4, 9, 16}
    assert (changed == 1).sum((1, 2, 3)).add(erased).eq(28 * 28).all()


def test_pens_are_finer_or_broader_by_a_pixel_at_most() -> None:
    before = characters()
    after = thicken(before, 1.0, torch.Generator().manual_seed(0))
    assert (after <= F.max_pool2d(before, 3, 1, 1) + 1e-6).all()
    assert (after >= -F.max_pool2d(-before, 3, 1, 1) - 1e-6).all()
    more = (after - before).sum((1, 2, 3)) > 0
    assert 0.25 < more.float().mean() < 0.75


def test_most_ink_stays_in_the_picture() -> None:
    before = characters()
    after = augment(before, Strength(), torch.Generator().manual_seed(0))
    ratio = after.sum((1, 2, 3)) / before.sum((1, 2, 3))
    assert 0.8 < ratio.mean() < 1.25
    assert ratio.min() > 0.3
