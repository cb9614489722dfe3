"""From images to numbers: logits in batches, and every metric a result is reported with."""

import torch
from torch import Tensor

from emnist.model import CharacterNet
from train import data
from train.data import Images


def scores(model: CharacterNet, images: Images) -> dict[str, float]:
    """Return top-1 accuracy and mean per-class recall, in [0, 1]."""
    hit = predict(model, images.pixels)[0].argmax(1) == images.labels
    counts = images.counts(model.config.classes)
    hits = torch.bincount(images.labels[hit], minlength=model.config.classes)
    return {"top1": hit.float().mean().item(), "macro_recall": (hits / counts)[counts > 0].mean().item()}


@torch.inference_mode()
def predict(model: CharacterNet, pixels: Tensor, batch: int = 1024) -> tuple[Tensor, Tensor]:
    """Return class logits (N, classes) and character logits (N,) of uint8 images (N, 28, 28)."""
    model.eval()
    parts = [model(data.to_float(part).to(memory_format=torch.channels_last)) for part in pixels.split(batch)]
    return torch.cat([logits for logits, _ in parts]), torch.cat([character for _, character in parts])
