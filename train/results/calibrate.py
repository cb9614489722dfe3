"""Calibrate: confidences of the characters, and the score for "this is one character" with its threshold.

All is fitted on validation images alone: the temperature on scans and drawings, the biases for drawings and the score
on drawings of writers never seen, where there are any, for these are what people show.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from scipy.optimize import minimize_scalar
from torch import Tensor

from emnist.config import ModelConfig
from emnist.model import CharacterNet
from emnist.odds import as_drawn
from train.images import strokes
from train.images.sources import Sources
from train.results.scores import predict

ACCEPTED = 0.985  # share of real characters that the threshold lets pass
ENOUGH = 500  # validation images from which on a calibration by them is better than that of the model begun with
ONE_DRAWING = "0Oo"  # look the same when drawn: EMNIST tells them apart by their size on the form (LOG.md)
RIDGE = 1e-3  # ridge penalty on the class biases


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


def platt(real: Tensor, strange: Tensor) -> tuple[float, float]:
    """Return (a, b) for which sigmoid(a·score + b) is the probability of a character (Platt 1999).

    `real` and `strange` are the scores of characters and of what is none; both count the same.
    """
    line = torch.tensor([1.0, 0.0], requires_grad=True)
    optimizer = torch.optim.LBFGS([line], max_iter=200, line_search_fn="strong_wolfe")

    def cost() -> Tensor:
        optimizer.zero_grad()
        whole = torch.zeros(())
        for scores, sign in ((real, 1), (strange, -1)):
            doubt = 1 / (len(scores) + 2)  # Platt's: else the slope goes to infinity where scores part both fully
            right = sign * (line[0] * scores + line[1])
            whole = whole + ((1 - doubt) * F.softplus(-right) + doubt * F.softplus(right)).mean()
        whole.backward()  # type: ignore[no-untyped-call]
        return whole

    optimizer.step(cost)  # type: ignore[no-untyped-call]
    slope, offset = line.detach().tolist()
    return (slope, offset) if slope > 0 else (1.0, 0.0)  # a score that says nothing yet stays as it is


def class_weights(labels: Tensor, classes: int) -> Tensor:
    """Return a weight an image (N,) under which each class counts the same."""
    return (1 / torch.bincount(labels, minlength=classes).clamp(min=1))[labels]


def calibrate(model: CharacterNet, sources: Sources, begun: bool = False) -> CharacterNet:
    """Return `model` with temperature, threshold and biases for drawings fitted on the validation images of a run.

    With fewer than ENOUGH of them, a model that was `begun` with another keeps the values of that one.
    """
    real = list(filter(None, (sources.validation, sources.replay_validation, sources.sketches_validation)))
    if begun and sum(map(len, real)) < ENOUGH:
        return model.eval()
    found = [predict(model, images.pixels) for images in real]
    logits, character = [part for part, _ in found], [part for _, part in found]
    labels = [images.labels for images in real]
    weights = [class_weights(part, model.config.classes) for part in labels]
    fitted = temperature(torch.cat(logits), torch.cat(labels), torch.cat(weights))
    config = replace(model.config, temperature=round(fitted, 4))
    if sources.sketches_validation:  # they are the last of `real`
        config = _as_drawings(config, logits[-1] / fitted, labels[-1], weights[-1], sources.labels)
    slope, offset = _accepting(model, character[-1], sources)
    accept = (slope * character[-1] + offset).sigmoid().quantile(1 - ACCEPTED).item()
    result = CharacterNet(replace(config, accept=round(accept, 4)))
    result.load_state_dict(model.state_dict())
    with torch.no_grad():
        result.accept.weight.mul_(slope)
        result.accept.bias.mul_(slope).add_(offset)
    return result.eval()


def _as_drawings(
    config: ModelConfig, scaled: Tensor, labels: Tensor, weights: Tensor, names: Sequence[str]
) -> ModelConfig:
    """Return `config` with biases for drawings, fitted on logits `scaled` (N, classes) by the temperature."""
    wanted = strokes.expected(names)[labels] * weights
    config = replace(config, drawn=(), pooled=tuple(i for i, name in enumerate(names) if name in ONE_DRAWING))
    bias = drawn(torch.from_numpy(as_drawn(scaled.numpy(), config)), labels, wanted.float())
    return replace(config, drawn=tuple(round(b, 3) for b in bias.tolist()))


def _accepting(model: CharacterNet, real: Tensor, sources: Sources) -> tuple[float, float]:
    """Return `platt` of the scores of `real` characters; (1, 0) if there is nothing to compare them with."""
    if not sources.negatives_validation:
        return 1.0, 0.0
    strange = torch.cat([predict(model, images)[1] for images in sources.negatives_validation.values()])
    return platt(real, strange)
