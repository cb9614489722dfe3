"""Augmentations as batched functions on images (B, 1, 28, 28), ink 1 on 0, drawn from a torch.Generator.

The numbers are drawn on the CPU, wherever the images are, so that every device sees the same changes.

No flips, ever: a mirrored character is another character, or none.
"""

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

GAP = 4  # px, the largest gap in a stroke; EMNIST's strokes are about 3 px wide


@dataclass(frozen=True)
class Strength:
    """How far the random changes may go; every value 0 leaves the images as they are."""

    rotation: float = 12.0  # degrees to either side
    scale: float = 0.12  # relative, each axis by itself
    shear: float = 0.2
    shift: float = 0.08  # of the side
    elastic: float = 0.025  # standard deviation of the displacement, of the side
    pen: float = 0.25  # share of images whose strokes are thinned or thickened
    blur: float = 0.15  # share of images that are blurred
    gaps: float = 0.15  # share of images that lose a small square of what is on them
    noise: float = 0.1  # share of images that get grey noise and a change of contrast

    def times(self, factor: float) -> "Strength":
        """Return every strength multiplied by `factor`."""
        return Strength(**{name: value * factor for name, value in asdict(self).items()})


def augment(images: Tensor, strength: Strength, generator: Generator) -> Tensor:
    """Return randomly changed copies of `images`."""
    images = thicken(images, strength.pen, generator)
    images = warp(images, strength, generator)
    images = gaps(images, strength.gaps, generator)
    images = blur(images, strength.blur, generator)
    return noise(images, strength.noise, generator)


def warp(images: Tensor, strength: Strength, generator: Generator) -> Tensor:
    """Rotate, scale, shear, shift and bend each image by its own random amounts, resampled once."""
    count, _, side, _ = images.shape
    grid = F.affine_grid(_affine(count, strength, generator).to(images), list(images.shape), align_corners=False)
    if strength.elastic:
        coarse = torch.randn(count, 2, 4, 4, generator=generator).to(images) * (2 * strength.elastic)  # it spans −1…1
        bend = F.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=False)
        grid = grid + bend.permute(0, 2, 3, 1)
    return F.grid_sample(images, grid, mode="bilinear", align_corners=False)


def _affine(count: int, strength: Strength, generator: Generator) -> Tensor:
    """Return random affine matrices (count, 2, 3) that map output to input coordinates."""

    def uniform(limit: float) -> Tensor:
        return (torch.rand(count, generator=generator) * 2 - 1) * limit

    angle, shear = uniform(math.radians(strength.rotation)), uniform(strength.shear)
    stretch_x, stretch_y = 1 + uniform(strength.scale), 1 + uniform(strength.scale)
    cos, sin = angle.cos(), angle.sin()
    rows = [
        torch.stack([cos * stretch_x, (shear * cos - sin) * stretch_y, uniform(2 * strength.shift)], 1),
        torch.stack([sin * stretch_x, (shear * sin + cos) * stretch_y, uniform(2 * strength.shift)], 1),
    ]
    return torch.stack(rows, 1)


def _some(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Return the indices of a random `share` of the images."""
    return (torch.rand(len(images), generator=generator) < share).nonzero().squeeze(1).to(images.device)


def thicken(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Mix a `share` of the images with their dilation or their erosion: a broader or a finer pen."""
    chosen = _some(images, share, generator)
    if not len(chosen):
        return images
    x = images[chosen]
    amount = torch.rand(len(chosen), 1, 1, 1, generator=generator).to(x) * 2 - 1  # −1 erodes, 1 dilates
    sign = amount.sign()
    extreme = sign * _greatest(sign * x)  # the least of nine is the greatest of them negated
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
    amount = torch.rand(len(chosen), 1, 1, 1, generator=generator).to(x)
    return images.index_copy(0, chosen, x + amount * (F.conv2d(x, kernel, padding=1) - x))


def gaps(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Erase a square of 2 to GAP px of a `share` of the images: a stroke that was broken where the pen skipped."""
    chosen = _some(images, share, generator)
    if not len(chosen):
        return images
    side = images.shape[-1]
    size = torch.randint(2, GAP + 1, (len(chosen), 1), generator=generator)
    corner = torch.randint(2, side - GAP, (len(chosen), 2), generator=generator)
    places = torch.arange(side)
    rows, columns = ((places >= first) & (places < first + size) for first in (corner[:, :1], corner[:, 1:]))
    erased = (rows[:, None, :, None] & columns[:, None, None, :]).to(images.device)
    return images.index_copy(0, chosen, images[chosen].masked_fill(erased, 0))


def noise(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Raise or lower the contrast of a `share` of the images and add grey noise, kept in [0, 1]."""
    chosen = _some(images, share, generator)
    if not len(chosen):
        return images
    x = images[chosen]
    gamma = torch.exp(torch.randn(len(chosen), 1, 1, 1, generator=generator) * 0.5).to(x)
    grain = torch.randn(x.shape, generator=generator).to(x) * 0.08
    return images.index_copy(0, chosen, (x.clamp(0, 1) ** gamma + grain).clamp(0, 1))
