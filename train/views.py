"""One image seen several times, a little turned: the mean of the answers is better than any of them."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from emnist.model import CharacterNet

TURNS = (0.0, -10.0, 10.0)  # degrees; chosen on validation images (train/LOG.md)


def turn(images: Tensor, degrees: float) -> Tensor:
    """Return `images` (B, 1, H, W) turned about their centre, counter-clockwise, paper (0) moving in at the corners."""
    if not degrees:
        return images
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    grid = F.affine_grid(
        torch.tensor([[[cos, -sin, 0], [sin, cos, 0]]]).expand(len(images), 2, 3),
        list(images.shape),
        align_corners=False,
    )
    return F.grid_sample(images, grid.to(images), align_corners=False)


@torch.no_grad()
def logits(model: CharacterNet, images: Tensor) -> tuple[Tensor, Tensor]:
    """Return class logits (B, classes) and character logits (B,), means over the turns, of images (B, 1, 28, 28)."""
    views = torch.cat([turn(images, degrees) for degrees in TURNS]).to(memory_format=torch.channels_last)
    classes, character = model(views)
    return classes.view(len(TURNS), len(images), -1).mean(0), character.view(len(TURNS), len(images)).mean(0)
