"""From images to numbers: logits in batches, and every metric a result is reported with."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from torch import Tensor

from emnist import views
from emnist.labels import lookalikes
from emnist.model import CharacterNet
from emnist.score import calibration_error
from train.images import data
from train.images.data import Images

BATCH = 512  # most images that the network reads at a time
PAIRS = 20  # how many of the most confused pairs are listed
MANY = 10_000  # images, from which on chance moves an accuracy by less than a point


@torch.no_grad()
def predict(model: CharacterNet, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Return class logits (N, classes) and character logits (N,) of uint8 `pixels` (N, 28, 28), as `emnist.views`."""
    model.eval()
    device = next(model.parameters()).device
    found = [views.logits(model, data.to_float(part.to(device))) for part in torch.split(pixels, BATCH)]
    logits, character = (torch.cat(parts).cpu() for parts in zip(*found, strict=True))
    return logits, character


def scores(model: CharacterNet, images: Images) -> dict[str, float]:
    """Return top-1 accuracy and mean per-class recall, in [0, 1]."""
    hit = predict(model, images.pixels)[0].argmax(1) == images.labels
    counts = images.counts(model.config.classes)
    hits = torch.bincount(images.labels[hit], minlength=model.config.classes)
    return {"top1": hit.float().mean().item(), "macro_recall": (hits / counts)[counts > 0].mean().item()}


def metrics(probabilities: NDArray[np.float32], truth: NDArray[np.int64], labels: Sequence[str]) -> dict[str, Any]:
    """Return all metrics of `probabilities` (N, C) against the class indices `truth` (N,), as JSON values.

    `ece` counts every image the same, `ece_balanced` every class; with few images, `top1_interval` holds the
    bounds of top-1 with 95 % confidence.  `per_class` has the classes that `truth` holds.
    """
    found = probabilities.argmax(1)
    classes = np.arange(len(labels))
    precision, recall, f1, support = precision_recall_fscore_support(truth, found, labels=classes, zero_division=0)
    present = support > 0
    rank = (probabilities > probabilities[np.arange(len(truth)), truth][:, None]).sum(1)  # of the true character
    confidence, hit, each_class = probabilities.max(1), found == truth, 1 / support[truth]
    return {
        "images": len(truth),
        **{f"top{k}": float((rank < k).mean()) for k in (1, 2, 3, 5)},
        **({"top1_interval": interval(hit)} if len(truth) < MANY else {}),
        "macro_recall": float(recall[present].mean()),
        "macro_f1": float(f1[present].mean()),
        "top1_lookalikes_merged": merged_accuracy(found, truth, labels),
        "ece": calibration_error(confidence, hit),
        "ece_balanced": calibration_error(confidence, hit, each_class),
        "confused": confused(truth, found, labels),
        "per_class": {
            label: {"precision": float(p), "recall": float(r), "f1": float(f), "images": int(n)}
            for label, p, r, f, n in zip(labels, precision, recall, f1, support, strict=True)
            if n
        },
    }


def interval(hits: NDArray[np.bool_]) -> list[float]:
    """Return the bounds of the share of `hits` among all such images, with 95 % confidence (Wilson 1927).

    A bootstrap would say the same, but of ten right answers it would say 100 to 100 %.
    """
    found = binomtest(int(hits.sum()), len(hits)).proportion_ci(method="wilson")
    return [round(float(found.low), 4), round(float(found.high), 4)]


def merged_accuracy(found: NDArray[np.int64], truth: NDArray[np.int64], labels: Sequence[str]) -> float:
    """Return the accuracy when characters of one look-alike group count as the same."""
    group = np.unique([lookalikes(label) for label in labels], return_inverse=True)[1]
    return float((group[found] == group[truth]).mean())


def confused(truth: NDArray[np.int64], found: NDArray[np.int64], labels: Sequence[str]) -> list[list[Any]]:
    """Return the most frequent mistakes as [true label, label found, images], most frequent first."""
    table = confusion_matrix(truth, found, labels=np.arange(len(labels)))
    np.fill_diagonal(table, 0)
    worst = np.argsort(table, axis=None, kind="stable")[::-1][:PAIRS]
    pairs = [np.unravel_index(flat, table.shape) for flat in worst]
    return [[labels[t], labels[f], int(table[t, f])] for t, f in pairs if table[t, f]]
