"""The figures of a run, drawn from what `fit` and `evaluate` left in its folder."""

import io
import json
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from shlex import quote
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from sklearn.metrics import confusion_matrix
from torch import Tensor

from emnist import store
from emnist.files import write
from emnist.score import reliability
from train.folder import LOG
from train.results.evaluate import ANSWERS

INK, ACCENT, PALE = "#22262b", "#2f6fde", "#c9ced6"
MISTAKES = (6, 10)  # rows and columns of the sheet of mistakes
MOST = 60  # most classes with which a confusion matrix can be read
LETTER = 0.09  # inches that a letter of a name takes beside the axes
SEEN = 1e-4  # share of a row of the confusion matrix above which a cell is coloured


def report(run: Path) -> list[Path]:
    """Draw the training curves of `run` and, once it was evaluated, its answers on the test set; return the PNG files.

    Raises:
        FileNotFoundError: `run` is no run folder.
        ValueError: what `fit` or `evaluate` left there is damaged.
        ModelError: `run` holds no model.
    """
    matplotlib.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    figures = {"curves.png": curves(_log(run))}
    if (run / ANSWERS).exists():
        model, known = store.load(run)
        labels = [printable(label) for label in known]
        logits, truth, pixels = _answers(run, len(labels))
        found = (logits / model.config.temperature).softmax(1).numpy()
        figures |= {
            "confusion.png": confusion(truth, found.argmax(1), labels),
            "classes.png": classes(truth, found.argmax(1), labels),
            "reliability.png": diagram(found, truth),
            "mistakes.png": mistakes(pixels, found, truth, labels),
        }
    for name, figure in figures.items():
        picture = io.BytesIO()
        figure.savefig(picture, dpi=130, format="png")
        write(run / name, picture.getvalue())
    return [run / name for name in figures]


def _log(run: Path) -> list[dict[str, float]]:
    """Return the scores of each epoch."""
    file = run / LOG
    if run.is_file():
        raise FileNotFoundError(f"{run} is a file; name the folder of a run, as fit wrote it with --out")
    if not file.exists():
        raise FileNotFoundError(f"{run} holds no {LOG}; train first: python -m train fit --out {quote(str(run))}")
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        whole = all(
            {"epoch", "loss"} <= {*row} and all(isinstance(row[key], int | float) for key in row) for row in rows
        )
    except (ValueError, TypeError):
        whole = False
    if not whole or not rows:
        raise ValueError(
            f"{file} is damaged: it does not hold the scores of each epoch; train again with another --out"
        )
    return rows


def _answers(run: Path, count: int) -> tuple[Tensor, NDArray[np.int64], NDArray[np.uint8]]:
    """Return the logits (N, `count`) of the test images, their labels (N,), and the images (N, 28, 28)."""
    try:
        logits, labels, pixels = itemgetter("logits", "labels", "pixels")(load_file(run / ANSWERS))
        fitting = logits.shape == (len(labels), count) and pixels.shape == (len(labels), 28, 28) and len(labels)
        whole = fitting and logits.isfinite().all() and 0 <= int(labels.min()) <= int(labels.max()) < count
    except (SafetensorError, OSError, KeyError):
        whole = False
    if not whole:
        raise ValueError(f"{run / ANSWERS} is damaged; delete it to have the curves alone, as evaluate writes it once")
    return logits, labels.numpy(), pixels.numpy()


def printable(label: str) -> str:
    """Return `label` as the figures' font can show it: by its code points, U+3042, where the font lacks one."""
    glyphs = FT2Font(findfont(FontProperties())).get_charmap()
    points = [ord(character) for character in label]
    if all(point in glyphs for point in points):
        return label.replace("$", r"\$")  # two plain dollar signs would enclose a formula
    return " ".join(f"U+{point:04X}" for point in points)


def _longest(names: Sequence[str]) -> int:
    return max(map(len, names))


def _turn(names: Sequence[str]) -> int:
    """Return by how many degrees names are turned that stand side by side: code points are too long for their place."""
    return 90 if _longest(names) > 2 else 0


def curves(log: Sequence[dict[str, Any]]) -> Figure:
    """Draw loss and validation scores over the epochs."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in log]
    dots = {"marker": "o", "markersize": 3}  # a single epoch makes no line
    left.plot(epochs, [row["loss"] for row in log], color=ACCENT, **dots)
    left.set(xlabel="epoch", ylabel="training loss")
    names = {"macro_recall": "mean recall", "top1": "top 1", "sketch_top1": "drawings, top 1"}
    for (key, name), style in zip(names.items(), ("-", "--", ":"), strict=True):
        if key in log[-1]:
            right.plot(epochs, [100 * row[key] for row in log], style, color=INK, label=name, **dots)
    right.set(xlabel="epoch", ylabel="validation, %")
    right.legend(frameon=False)
    return figure


def confusion(truth: NDArray[np.int64], found: NDArray[np.int64], labels: Sequence[str]) -> Figure:
    """Draw the confusion matrix, each row summing to 100 %, on a logarithmic scale so that rare mistakes show.

    Classes that are neither shown nor answered are left out.  Of more than MOST, those that go wrong most are drawn.
    """
    there = np.union1d(truth, found)
    table, labels = confusion_matrix(truth, found, labels=there).astype(float), [labels[i] for i in there]
    shares = table / np.maximum(table.sum(1, keepdims=True), 1)
    wrong = table.sum(0) + table.sum(1) - 2 * table.diagonal()
    shown = np.sort(np.argsort(-wrong, kind="stable")[:MOST])
    shares, names = shares[np.ix_(shown, shown)], [labels[i] for i in shown]
    side = max(3.0, 0.25 * len(names)) + _longest(names) * LETTER  # inches
    figure = Figure(figsize=(side, side), layout="constrained")
    axes: Axes = figure.subplots()
    axes.imshow(np.log10(np.maximum(shares, SEEN)), cmap="Blues", vmin=np.log10(SEEN), vmax=0)
    for row, column in np.argwhere(shares >= 0.005):
        shade = "white" if shares[row, column] > 0.15 else INK
        axes.text(column, row, f"{100 * shares[row, column]:.0f}", ha="center", va="center", fontsize=6, color=shade)
    axes.set(xticks=range(len(names)), yticks=range(len(names)), xlabel="answer", ylabel="true character")
    axes.set_xticklabels(names, rotation=_turn(names))
    axes.set_yticklabels(names)
    which = f"the {MOST} of {len(labels)} characters that go wrong most" if len(labels) > MOST else "each character"
    axes.set_title(f"Of {which} (row), the share of each answer in %;\n1 % and more is written out", fontsize=8)
    return figure


def classes(truth: NDArray[np.int64], found: NDArray[np.int64], labels: Sequence[str]) -> Figure:
    """Draw the recall of each class of which there are pictures, worst first."""
    there, counts = np.unique(truth, return_counts=True)
    recall = np.bincount(truth[truth == found], minlength=len(labels))[there] / counts
    order = np.argsort(recall)
    names = [labels[i] for i in there[order]]
    size = max(4.0, min(0.21 * len(there), 40.0)), 3 + _longest(names) * LETTER
    figure = Figure(figsize=size, layout="constrained")
    axes: Axes = figure.subplots()
    axes.bar(range(len(there)), 100 * recall[order], color=ACCENT)
    axes.axhline(100 * recall.mean(), color=INK, linewidth=0.8, linestyle="--")
    axes.set(ylabel="recall, %", ylim=(0, 100), xticks=range(len(there)), xlim=(-0.7, len(there) - 0.3))
    axes.set_xticklabels(names, rotation=_turn(names))
    axes.set_title(f"Recall of each character; the mean is {recall.mean():.1%}")
    return figure


def diagram(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> Figure:
    """Draw accuracy against confidence, every class counting the same."""
    weights = 1 / np.bincount(truth)[truth]
    mass, confidence, accuracy = reliability(probabilities.max(1), probabilities.argmax(1) == truth, weights).T
    filled = mass > 0
    figure = Figure(figsize=(4, 4), layout="constrained")
    axes: Axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=PALE)
    axes.plot(confidence[filled], accuracy[filled], color=ACCENT, marker="o", markersize=4)
    axes.bar(np.linspace(0, 1, len(mass), endpoint=False) + 0.5 / len(mass), mass, 1 / len(mass), color=PALE, zorder=0)
    axes.set(xlabel="confidence", ylabel="accuracy (line), share of images (bars)", xlim=(0, 1), ylim=(0, 1))
    return figure


def mistakes(
    pixels: NDArray[np.uint8], probabilities: NDArray[np.float32], truth: NDArray[np.int64], labels: Sequence[str]
) -> Figure:
    """Draw the most confident mistakes with the true character and the answer."""
    found, confidence = probabilities.argmax(1), probabilities.max(1)
    worst = np.argsort(np.where(found != truth, -confidence, 1))[: MISTAKES[0] * MISTAKES[1]]
    figure = Figure(figsize=(MISTAKES[1], 1.25 * MISTAKES[0]), layout="constrained")
    for axes, i in zip(figure.subplots(*MISTAKES).flat, worst, strict=False):
        axes.imshow(255 - pixels[i], cmap="gray")
        axes.set_title(f"{labels[truth[i]]} read {labels[found[i]]} {confidence[i]:.0%}", fontsize=7)
    for axes in figure.axes:
        axes.axis("off")
    return figure
