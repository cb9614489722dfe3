"""What the network makes of an image on its way: its feature maps."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from emnist.model import CharacterNet, Stage


@torch.inference_mode()
def maps(network: CharacterNet, image: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """Return the maps (channels, side, side) after the stem and each stage, for `image` (28, 28), ink 255 on 0."""
    config = network.config
    inner = slice(config.margin, config.image_size - config.margin)
    x = torch.from_numpy(image[inner, inner].astype(np.float32) / 255)[None, None]
    x = network.stem((x - config.mean) / config.std)
    found = [x]
    for part in network.stages:
        x = part(x)
        if isinstance(part, Stage):
            found.append(x)
    return [each[0].numpy() for each in found]
