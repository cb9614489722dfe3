"""See one image several times, slightly turned, and average the answers: the mean is better than any of them."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from emnist.model import CharacterNet


def turn(images: Tensor, degrees: float) -> Tensor:
    """Return `images` (B, 1, H, W) turned about their centre, counter-clockwise, paper (0) moving in at the corners."""
    if not degrees or not len(images):
        return images
    grid = F.affine_grid(rotation(degrees).expand(len(images), 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid.to(images), align_corners=False)


def rotation(degrees: float) -> Tensor:
    """Return the affine transform (1, 2, 3) that `turn` samples by."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return torch.tensor([[[cos, -sin, 0], [sin, cos, 0]]])


@torch.inference_mode()
def logits(model: CharacterNet, images: Tensor, turns: Sequence[float] = ()) -> tuple[Tensor, Tensor]:
    """Return class logits (B, classes) and character logits (B,) of images (B, 1, 28, 28), ink 1 on 0.

    Each is the mean over `turns`, in degrees, or over those in the model's configuration.
    """
    turns = turns or model.config.turns
    seen = torch.cat([turn(images, degrees) for degrees in turns]).to(memory_format=torch.channels_last)
    classes, character = (answer.unflatten(0, (len(turns), len(images))) for answer in model(seen))
    return classes.mean(0), character.mean(0)  # (B, classes), (B,)
