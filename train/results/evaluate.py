"""The test sets, scored once: metrics.json, the confusion matrix, and what the network answered."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save
from sklearn.metrics import confusion_matrix
from tqdm import tqdm

from emnist import hub
from emnist.errors import NoInkError
from emnist.files import METRICS, write
from emnist.labels import NOT_A_CHARACTER, fold
from emnist.model import CharacterNet
from emnist.odds import as_drawn
from emnist.picture import Source, read
from emnist.recognizer import Recognizer
from emnist.score import evaluate as read_pictures
from emnist.table import pairs
from train import memory
from train.images import corpus, data, negatives, own, strokes
from train.images.data import Images
from train.images.sources import relabelled
from train.results.scores import metrics, predict

ANSWERS = "answers.safetensors"  # what the network answered on the test set: logits, labels, pixels
CANVASES = (280, 800)  # px: sides of the canvases
PENS = (0.03, 0.05, 0.08)  # pen width over the side of the canvas
DRAWINGS = 2000  # about how many drawings are scored, spread evenly over the writers
REJECTED = 200  # pictures of each kind that is no character; of the kind "pieces", only the unreadable among so many
STRANGE_FONTS = "DejaVuSerif*.ttf"  # none of the fonts of the training negatives


def evaluate(run: Path, root: Path, progress: bool = False) -> list[dict[str, Any]]:
    """Score the model in `run` on the test set of `root`: one's own pictures, or EMNIST's, which it learnt from.

    Writes the results into metrics.json.  For the set that the run was trained for it also writes confusion.csv and the
    answers that `report` draws.

    Raises:
        ValueError: the test set was scored before, is not that of the run's own pictures, or is empty; or as
            `data.read`.
        ModelError: `run` holds no model.
    """
    memory.keep_freed()
    model, labels = hub.load(run)
    training = read_metrics(run)["training"]
    strange, mine = torch.zeros(0, 28, 28, dtype=torch.uint8), own.is_own(root)
    if mine:
        name, about, images, strange = _own_test(run, root, labels, training, progress)
    else:
        name, about, images = _emnist_test(run, root, labels, training)
    (logits, character), truth = _answers(model, images, progress), images.labels.numpy()
    scaled = logits / model.config.temperature
    if mine:  # as `Recognizer.predict` does with pictures
        about["accepted"] = _accepting(model, character)
        scaled = torch.from_numpy(as_drawn(scaled.numpy(), model.config))
        logits = scaled * model.config.temperature
    results = [{"dataset": name, **about, "prior": "uniform", **metrics(scaled.softmax(1).numpy(), truth, labels)}]
    if model.config.prior and not mine:
        weighed = (scaled + torch.tensor(model.config.prior).clamp(min=1e-9).log()).softmax(1).numpy()
        results.append({"dataset": name, **about, "prior": "natural", **metrics(weighed, truth, labels)})
    if len(strange):
        rejected = {NOT_A_CHARACTER: 1 - _accepting(model, predict(model, strange)[1])}
        results.append({"dataset": f"{name}, {NOT_A_CHARACTER}", "images": len(strange), "rejected": rejected})
    if mine == bool(training.get("data")):
        write(run / ANSWERS, save({"logits": logits, "labels": images.labels, "pixels": images.pixels}))
        _write_confusion(run / "confusion.csv", truth, logits.argmax(1).numpy(), labels)
    _append(run, results)
    return results


def _own_test(
    run: Path, root: Path, labels: tuple[str, ...], training: dict[str, Any], progress: bool
) -> tuple[str, dict[str, Any], Images, torch.Tensor]:
    """Return name, description and images of the pictures of one's own that are held out for the test.

    What is labelled as no character comes apart from them, uint8 (N, 28, 28).
    """
    known = training.get("data")
    if not known:
        raise ValueError(f"{run} was trained on EMNIST; score pictures of your own with --photos TABLE, or name EMNIST")
    name = f"{known['name']}, test"
    found = corpus.load(root, training["seed"], labels, progress=progress)
    if found.facts["sha256"] != known["sha256"]:
        raise ValueError(
            f"{root} is not what {run} was trained on, so its test pictures may have been learnt; give the same data, "
            "or score other pictures with --photos TABLE"
        )
    refuse_again(run, name)
    if not len(found.parts["test"]):
        raise ValueError(f"{root} has no test pictures: name some in a column split, or give each label at least three")
    return name, {"status": "own", "sha256": known["sha256"]}, found.parts["test"], found.refused["test"]


def _emnist_test(
    run: Path, root: Path, labels: tuple[str, ...], training: dict[str, Any]
) -> tuple[str, dict[str, Any], Images]:
    """Return name, description and images of the test set of the EMNIST split that the run, or an ancestor, learnt."""
    if training.get("data") and not root.exists():
        raise ValueError(f"there is no {root}; name the pictures that {run} was trained on with --data")
    exposed: list[dict[str, Any]] = training.get("exposed", [])
    split = training.get("split") or next(
        (entry["split"] for entry in (training.get("replay"), *exposed) if entry), None
    )
    if split is None:
        raise ValueError(f"{run} never saw EMNIST; score it on the pictures that it was trained on, or with --photos")
    name = f"EMNIST {split} test"
    refuse_again(run, name)
    images = relabelled(data.read(root, split, "test"), split, labels)
    others = [entry for entry in exposed if entry != {"split": split, "seed": training["seed"]}]
    status = "seen" if others else data.status(split, "test", len(images))
    about = {"split": split, "status": status, "official_images": data.OFFICIAL_COUNTS[split][1]}
    return name, about | ({"seen": others} if others else {}), images


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
    _append(run, results)
    return results


def evaluate_pictures(run: Path, table: Path, name: str, progress: bool = False) -> list[dict[str, Any]]:
    """Score the model in `run` on the pictures of a CSV table, and on the same shrunk to 28×28 without preparation."""
    refuse_again(run, name)
    recognizer = Recognizer.from_pretrained(run)
    rows: list[tuple[Source, str]] = list(pairs(table, "label"))
    found = _read(recognizer, rows, None, progress)
    if not found["images"]:
        raise ValueError(f"{table}: nothing to score; why: python -m emnist evaluate {table} --model {run}")
    results = [{"dataset": name, **found}]
    if all(label.isalpha() for _, label in rows):
        results.append({"dataset": f"{name}, told", "only": "letters", **_read(recognizer, rows, "letters", progress)})
    results.append({"dataset": f"{name}, plain resize", **plain_resize(recognizer, rows)})
    _append(run, results)
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


def read_metrics(run: Path) -> dict[str, Any]:
    """Return what metrics.json of `run` holds; raise ValueError if it is missing or no JSON."""
    try:
        return dict(json.loads((run / METRICS).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError) as error:
        raise ValueError(f"{run} holds no readable {METRICS}; train first: python -m train fit --out {run}") from error


def answered(run: Path) -> bool:
    """Tell whether the model in `run` was scored on its test set."""
    return bool(read_metrics(run)["results"])  # answers.safetensors may be missing: it is not pushed


def refuse_again(run: Path, name: str) -> None:
    """Raise ValueError if `run` was scored on the data set `name` before: a test set answers once."""
    if any(result["dataset"] == name for result in read_metrics(run)["results"]):
        raise ValueError(
            f"{run} was scored on {name!r} before: its numbers are in metrics.json, and a test set answers once"
        )


def _answers(model: CharacterNet, images: Images, progress: bool) -> tuple[torch.Tensor, torch.Tensor]:
    parts = tqdm(torch.split(images.pixels, 2048), desc="reading", disable=not progress, delay=2)
    logits, character = zip(*(predict(model, part) for part in parts), strict=True)
    return torch.cat(logits), torch.cat(character)


def _accepting(model: CharacterNet, character: torch.Tensor) -> float:
    """Return the share of logits `character` (N,) that pass for one character."""
    return (character.sigmoid() >= model.config.accept).double().mean().item()


def _read(recognizer: Recognizer, rows: list[tuple[Source, str]], only: str | None, progress: bool) -> dict[str, Any]:
    return read_pictures(recognizer, tqdm(rows, desc="reading", disable=not progress, delay=2), only).to_json()


def _append(run: Path, results: list[dict[str, Any]]) -> None:
    """Add `results` to metrics.json, which appears whole or not at all."""
    model, labels = hub.load(run)
    known = read_metrics(run)
    plain = json.loads(json.dumps(results, default=float))
    size = {"parameters": sum(p.numel() for p in model.parameters())}
    hub.save(run, model, labels, {"model": size, **known, "results": [*known["results"], *plain]})


def _write_confusion(file: Path, truth: Any, found: Any, labels: tuple[str, ...]) -> None:
    """Write the confusion matrix as CSV: a row for each true character, a column for each answer."""
    table = confusion_matrix(truth, found, labels=np.arange(len(labels)))
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["true \\ found", *labels])
    writer.writerows([label, *row] for label, row in zip(labels, table.tolist(), strict=True))
    write(file, lines.getvalue().encode())
