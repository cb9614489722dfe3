"""Scores on what people show: drawings by writers that the network never saw, tables of pictures, and no characters."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from emnist.errors import NoInkError
from emnist.labels import fold
from emnist.picture import Source, read
from emnist.recognizer import Recognizer
from emnist.score import evaluate
from emnist.table import pairs
from train.images import negatives, strokes
from train.images.data import Images
from train.results.record import append, refuse_again

CANVASES = (280, 800)  # px: sides of the canvases
PENS = (0.03, 0.05, 0.08)  # pen width over the side of the canvas
DRAWINGS = 2000  # about how many drawings are scored, spread evenly over the writers
REJECTED = 200  # pictures of each kind that is no character; of the kind "pieces", only the unreadable among so many
STRANGE_FONTS = "DejaVuSerif*.ttf"  # none of the fonts of the training negatives


def evaluate_drawings(run: Path, file: Path, progress: bool = False) -> list[dict[str, Any]]:
    """Score the model in `run` on strokes of writers it never saw, drawn on canvases, and on what is no character."""
    name = "UNIPEN drawings, held-out writers"
    refuse_again(run, name)
    recognizer = Recognizer.from_pretrained(run)
    characters = strokes.load(file, "test", recognizer.labels, 1, 0)
    drawings = list(strokes.read(file, "test"))
    drawings = drawings[:: max(len(drawings) // DRAWINGS, 1)]
    results = [{"dataset": name, "only": None, **_read(recognizer, list(canvases(drawings)), None, progress)}]
    for kind in ("digits", "letters"):
        if not any(label.isdigit() == (kind == "digits") for label in recognizer.labels):
            continue
        chosen = list(canvases([drawing for drawing in drawings if drawing.label.isdigit() == (kind == "digits")]))
        for only in (None, kind):
            note = f", {kind}, told" if only else f", {kind}"
            results.append({"dataset": name + note, "only": only, **_read(recognizer, chosen, only, progress)})
    results.append({"dataset": f"{name}, plain resize", **plain_resize(recognizer, list(canvases(drawings)))})
    results.append({"dataset": "Not one character", **rejections(recognizer, characters, drawings)})
    append(run, results)
    return results


def evaluate_pictures(run: Path, table: Path, name: str, progress: bool = False) -> list[dict[str, Any]]:
    """Score the model in `run` on the pictures of a CSV table, and on the same shrunk to 28×28 without preparation."""
    refuse_again(run, name)
    recognizer = Recognizer.from_pretrained(run)
    rows: list[tuple[Source, str]] = list(pairs(table, "label"))
    found = _read(recognizer, rows, None, progress)
    if not found["images"]:
        raise ValueError(
            f"{table}: nothing to score; why: python -m emnist evaluate {quote(str(table))} --model {quote(str(run))}"
        )
    results = [{"dataset": name, **found}]
    if all(label.isalpha() for _, label in rows):
        results.append({"dataset": f"{name}, told", "only": "letters", **_read(recognizer, rows, "letters", progress)})
    results.append({"dataset": f"{name}, plain resize", **plain_resize(recognizer, rows)})
    append(run, results)
    return results


def canvases(drawings: list[strokes.Drawing]) -> Iterator[tuple[Source, str]]:
    """Yield each drawing once, on the canvases and with the pens in turn, with its label."""
    random = np.random.default_rng(0)
    for i, drawing in enumerate(drawings):
        side, pen = CANVASES[i % len(CANVASES)], PENS[i // len(CANVASES) % len(PENS)]
        yield strokes.on_canvas(drawing, side, pen, random), drawing.label


def plain_resize(recognizer: Recognizer, rows: list[tuple[Source, str]]) -> dict[str, Any]:
    """Return top-1 and top-3 when each picture, dark on light, is merely shrunk to 28×28: the baseline."""
    ranks = []
    for source, label in rows:
        if (target := fold(label, recognizer.labels)) is None:
            continue
        with suppress(ValueError, OSError):  # an unreadable picture is left out here, and counted elsewhere
            image = 255 - np.asarray(read(source).convert("L").resize((28, 28)))
            order = recognizer.probabilities(image[None])[0].argsort()[::-1]
            ranks.append([recognizer.labels[i] for i in order].index(target))
    return {"images": len(ranks), "top1": np.mean(np.array(ranks) < 1), "top3": np.mean(np.array(ranks) < 3)}


def rejections(recognizer: Recognizer, characters: Images, drawings: Sequence[strokes.Drawing]) -> dict[str, Any]:
    """Return the share of pictures of each kind that are turned away, symbols in fonts the network never saw.

    Pieces that read as a character are left out, as in training.
    """
    fonts = sorted(negatives.FONTS[0].parent.glob(STRANGE_FONTS))
    makers = negatives.kinds(characters.pixels.numpy(), drawings, fonts, recognizer.labels)
    shares, images = {}, 0
    for kind, make in makers.items():
        random = np.random.default_rng(1)
        masks = [make(random) for _ in range(REJECTED)]
        if kind == "pieces":
            readable = negatives.readable(torch.from_numpy(np.stack([negatives.image(mask) for mask in masks])))
            masks = [mask for mask, known in zip(masks, readable.tolist(), strict=True) if not known]
        images += len(masks)
        shares[kind] = 1 - np.mean([_accepted(recognizer, Image.fromarray(~np.pad(mask, 12))) for mask in masks])
    return {"images": images, "rejected": shares}


def _accepted(recognizer: Recognizer, picture: Image.Image) -> bool:
    try:
        return recognizer.predict(picture).is_character
    except NoInkError:
        return False


def _read(recognizer: Recognizer, rows: list[tuple[Source, str]], only: str | None, progress: bool) -> dict[str, Any]:
    return evaluate(recognizer, tqdm(rows, desc="reading", disable=not progress, delay=2), only).to_json()
