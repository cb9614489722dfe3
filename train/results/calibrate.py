"""Make confidences mean what they say: a temperature for the softmax, and the score a character must reach.

Both are fitted on validation images alone, clean and drawn ones together.
"""

from dataclasses import replace

import torch
import torch.nn.functional as F
from scipy.optimize import minimize_scalar
from torch import Tensor

from emnist.labels import SPLITS
from emnist.model import CharacterNet
from emnist.recognizer import as_drawn
from train.images import strokes
from train.images.batches import Sources
from train.results.scores import predict

ACCEPTED = 0.95  # share of real characters that pass
ONE_DRAWING = "0Oo"  # EMNIST tells them apart by their size on the form, which a drawing does not have (LOG.md)
RIDGE = 1e-3  # on the squares of the class biases


def temperature(logits: Tensor, labels: Tensor, weights: Tensor) -> float:
    """Return the T > 0 that minimises the weighted cross-entropy of softmax(logits / T) (Guo et al. 2017)."""

    def cost(log_t: float) -> float:
        losses = F.cross_entropy(logits / torch.tensor(log_t).exp(), labels, reduction="none")
        return float((losses * weights).sum() / weights.sum())

    return float(torch.tensor(minimize_scalar(cost, bounds=(-3, 3), method="bounded").x).exp())


def drawn(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Return the b (classes,), mean 0, that minimises the weighted cross-entropy of softmax(logits + b).

    Bias correction beside the temperature (Alexandari, Kundaje, Shrikumar 2020), held small where drawings are few.
    """
    bias = torch.zeros(logits.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([bias], max_iter=200, line_search_fn="strong_wolfe")

    def cost() -> Tensor:
        optimizer.zero_grad()
        losses = F.cross_entropy(logits + bias, labels, reduction="none")
        whole = (losses * weights).sum() / weights.sum() + RIDGE * bias.square().sum()
        whole.backward()  # type: ignore[no-untyped-call]
        return whole

    optimizer.step(cost)  # type: ignore[no-untyped-call]
    return bias.detach() - bias.detach().mean()


def class_weights(labels: Tensor, classes: int) -> Tensor:
    """Return a weight an image (N,) under which each class counts the same."""
    return (1 / torch.bincount(labels, minlength=classes).clamp(min=1))[labels]


def calibrate(model: CharacterNet, sources: Sources, split: str) -> CharacterNet:
    """Return `model` with temperature, threshold and biases for drawings fitted on the validation images of a run."""
    logits, character, labels, weights = [], [], [], []
    for images in filter(None, (sources.validation, sources.sketches_validation)):
        found, score = predict(model, images.pixels)
        logits.append(found)
        character.append(score)
        labels.append(images.labels)
        weights.append(class_weights(images.labels, model.config.classes))
    fitted = temperature(torch.cat(logits), torch.cat(labels), torch.cat(weights))
    accept = torch.sigmoid(torch.cat(character)).quantile(1 - ACCEPTED).item()
    bias: tuple[float, ...] = ()
    config = replace(model.config, drawn=(), pooled=())
    if sources.sketches_validation:  # they came last
        wanted = strokes.expected(list(SPLITS[split]))[labels[-1]] * weights[-1]
        config = replace(config, pooled=tuple(i for i, label in enumerate(SPLITS[split]) if label in ONE_DRAWING))
        pooled = as_drawn(logits[-1] / fitted, config)
        bias = tuple(round(b, 3) for b in drawn(pooled, labels[-1], wanted.float()).tolist())
    config = replace(config, temperature=round(fitted, 4), accept=round(accept, 4), drawn=bias)
    result = CharacterNet(config)
    result.load_state_dict(model.state_dict())
    return result.eval()
