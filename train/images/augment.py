"""Augmentations as batched functions on images (B, 1, 28, 28), ink 1 on 0, drawn from a torch.Generator.

Random numbers are drawn on the generator's device.  Put it where the images are, so that no step waits for another.

No flips, ever: a mirrored character is another character, or none.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from train.config import Strength

FEW = (12, 20)  # px: side of an image in few pixels, below the second; EMNIST's characters span 24 of 28
SHARPEN = 3.0  # factor on the contrast of an image in few pixels, for the preparation gives characters sharp edges
GAP = 4  # px: side of the largest gap in a stroke; EMNIST's strokes are about 3 px wide


def augment(images: Tensor, strength: Strength, generator: Generator) -> Tensor:
    """Return randomly changed copies of `images`."""
    images = thicken(images, strength.pen, generator)
    images = warp(images, strength, generator)
    images = gaps(images, strength.gaps, generator)
    images = coarse(images, strength.coarse, generator)
    images = blur(images, strength.blur, generator)
    return noise(images, strength.noise, generator)


def warp(images: Tensor, strength: Strength, generator: Generator) -> Tensor:
    """Rotate, scale, shear, shift and bend each image by its own random amounts, resampled once."""
    count, _, side, _ = images.shape
    grid = F.affine_grid(_affine(count, strength, generator).to(images), list(images.shape), align_corners=False)
    if strength.elastic:
        coarse = _normal((count, 2, 4, 4), generator).to(images) * (2 * strength.elastic)  # the grid spans −1…1
        bend = F.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=False)
        grid = grid + bend.permute(0, 2, 3, 1)
    return F.grid_sample(images, grid, mode="bilinear", align_corners=False)


def _affine(count: int, strength: Strength, generator: Generator) -> Tensor:
    """Return random affine matrices (count, 2, 3) that map output to input coordinates."""

    def uniform(limit: float) -> Tensor:
        return (_uniform((count,), generator) * 2 - 1) * limit

    angle, shear = uniform(math.radians(strength.rotation)), uniform(strength.shear)
    stretch_x, stretch_y = 1 + uniform(strength.scale), 1 + uniform(strength.scale)
    cos, sin = angle.cos(), angle.sin()
    rows = [
        torch.stack([cos * stretch_x, (shear * cos - sin) * stretch_y, uniform(2 * strength.shift)], 1),
        torch.stack([sin * stretch_x, (shear * sin + cos) * stretch_y, uniform(2 * strength.shift)], 1),
    ]
    return torch.stack(rows, 1)


def _uniform(shape: Sequence[int], generator: Generator) -> Tensor:
    return torch.rand(shape, generator=generator, device=generator.device)


def _normal(shape: Sequence[int], generator: Generator) -> Tensor:
    return torch.randn(shape, generator=generator, device=generator.device)


def _integers(low: int, high: int, shape: Sequence[int], generator: Generator) -> Tensor:
    return torch.randint(low, high, shape, generator=generator, device=generator.device)


def _some(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Return the indices of a random `share` of the images."""
    order = torch.randperm(len(images), generator=generator, device=generator.device)
    return order[: round(share * len(images))].to(images.device)


def thicken(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Mix a `share` of the images with their dilation or their erosion: a broader or a finer pen."""
    chosen = _some(images, share, generator)
    if not len(chosen):
        return images
    x = images[chosen]
    amount = _uniform((len(chosen), 1, 1, 1), generator).to(x) * 2 - 1  # −1 erodes, 1 dilates
    sign = amount.sign()
    extreme = sign * _greatest(sign * x)  # the least value is minus the greatest of the negated ones
    mixed = x.lerp(extreme, torch.where(amount > 0, amount, -0.7 * amount))
    return images.index_copy(0, chosen, mixed)


def _greatest(images: Tensor) -> Tensor:
    """Return the greatest of the 3×3 pixels around each; max_pool2d is two to three times as slow for one channel."""
    found = F.pad(images, (1, 1, 1, 1), mode="replicate")
    for axis in (2, 3):
        side = images.shape[axis]
        found = found.narrow(axis, 0, side).maximum(found.narrow(axis, 1, side)).maximum(found.narrow(axis, 2, side))
    return found


def blur(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Blur a `share` of the images with a 3×3 binomial kernel, mixed in at random."""
    chosen = _some(images, share, generator)
    if not len(chosen):
        return images
    x = images[chosen]
    kernel = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]).view(1, 1, 3, 3).to(x) / 16
    amount = _uniform((len(chosen), 1, 1, 1), generator).to(x)
    return images.index_copy(0, chosen, x + amount * (F.conv2d(x, kernel, padding=1) - x))


def coarse(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Show a `share` of the images in few pixels, enlarged and black on white again: small writing, poor cameras."""
    chosen = _some(images, share, generator)
    if not len(chosen):
        return images
    few = FEW[0] + generator.initial_seed() % (FEW[1] - FEW[0])  # by chance, without waiting for a device
    shrunk = F.interpolate(images[chosen], size=(few, few), mode="area")
    x = F.interpolate(shrunk, size=images.shape[2:], mode="bilinear")
    level = 0.5 * x.amax((1, 2, 3), keepdim=True)
    return images.index_copy(0, chosen, ((x - level) * SHARPEN + 0.5).clamp(0, 1))


def gaps(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Erase a square of 2 to GAP px of a `share` of the images: a stroke that was broken where the pen skipped."""
    chosen = _some(images, share, generator)
    if not len(chosen):
        return images
    side = images.shape[-1]
    size = _integers(2, GAP + 1, (len(chosen), 1), generator)
    corner = _integers(2, side - GAP, (len(chosen), 2), generator)
    places = torch.arange(side, device=generator.device)
    rows, columns = ((places >= first) & (places < first + size) for first in (corner[:, :1], corner[:, 1:]))
    erased = (rows[:, None, :, None] & columns[:, None, None, :]).to(images.device)
    return images.index_copy(0, chosen, images[chosen].masked_fill(erased, 0))


def noise(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Raise or lower the contrast of a `share` of the images and add grey noise, kept in [0, 1]."""
    chosen = _some(images, share, generator)
    if not len(chosen):
        return images
    x = images[chosen]
    gamma = torch.exp(_normal((len(chosen), 1, 1, 1), generator) * 0.5).to(x)
    grain = _normal(x.shape, generator).to(x) * 0.08
    return images.index_copy(0, chosen, (x.clamp(0, 1) ** gamma + grain).clamp(0, 1))
