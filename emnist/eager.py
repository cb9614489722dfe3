"""The network computed by torch, where onnxruntime is not installed, or the network is still torch's."""

from collections.abc import Sequence
from copy import deepcopy

import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from emnist import views
from emnist.config import ModelConfig
from emnist.engine import Engine
from emnist.model import CharacterNet, ConvNorm, Stage
from emnist.picture.arrays import Floats
from emnist.weights import Weights


class Eager(Engine):
    """A copy of a network, made faster."""

    def __init__(self, model: CharacterNet) -> None:
        self.config = model.config
        self.model = fused(model)

    def logits(self, images: Floats, turns: Sequence[float]) -> tuple[Floats, Floats]:
        """See `Engine`."""
        classes, character = views.logits(self.model, torch.from_numpy(images).unsqueeze(1), turns)
        return classes.numpy(), character.numpy()

    @torch.inference_mode()
    def maps(self, image: Floats) -> list[Floats]:
        """See `Engine`."""
        inner = slice(self.config.margin, self.config.image_size - self.config.margin)
        x = torch.from_numpy(np.ascontiguousarray(image[inner, inner]))[None, None]
        x = self.model.stem((x - self.config.mean) / self.config.std)
        found = [x]
        for part in self.model.stages:
            x = part(x)
            if isinstance(part, Stage):
                found.append(x)
        return [each[0].numpy() for each in found]


def network(config: ModelConfig, weights: Weights) -> CharacterNet:
    """Return the network of `config` with `weights`, in evaluation mode."""
    with torch.device("meta"):  # shapes alone, no memory for values
        model = CharacterNet(config)
    model.to_empty(device="cpu").load_state_dict({key: torch.from_numpy(values) for key, values in weights.items()})
    return model.eval()


def fused(model: CharacterNet) -> CharacterNet:
    """Return a copy for inference, in which each batch normalisation has become part of its convolution.

    Its kernels have the memory format of the images that `views.logits` passes; otherwise each call would reorder them.
    """
    copy = deepcopy(model).eval().requires_grad_(False)
    for block in copy.modules():
        if isinstance(block, ConvNorm):
            convolution, norm = block
            block[0], block[1] = fuse_conv_bn_eval(convolution, norm), nn.Identity()  # type: ignore[type-var, arg-type]
    return copy.to(memory_format=torch.channels_last)
