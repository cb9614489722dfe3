"""The test set of a run, scored once: its metrics, the confusion matrix, and what the network answered."""

import csv
import io
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from sklearn.metrics import confusion_matrix
from tqdm import tqdm

from emnist import store
from emnist.files import write
from emnist.labels import NOT_A_CHARACTER
from emnist.model import CharacterNet
from emnist.odds import as_drawn
from train import memory
from train.images import corpus, data, own
from train.images.data import Images
from train.images.sources import relabelled
from train.results.record import answered, append, read_metrics, refuse_again
from train.results.scores import metrics, predict

ANSWERS = "answers.safetensors"  # what the network answered on the test set: logits, labels, pixels


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
    model, labels = store.load(run)
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
    append(run, results)
    return results


def scored(run: Path, root: Path) -> bool:
    """Tell whether the model in `run` was scored on the test set of `root` before."""
    training = read_metrics(run)["training"]
    known = training.get("data")
    return answered(run, f"{known['name']}, test" if known and own.is_own(root) else f"EMNIST {_split(training)} test")


def _split(training: dict[str, Any]) -> str | None:
    """Return the EMNIST split that a run, or an ancestor, learnt, if any."""
    others = training.get("replay"), *training.get("exposed", [])
    return training.get("split") or next((entry["split"] for entry in others if entry), None)


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
    split = _split(training)
    if split is None:
        raise ValueError(
            f"{run} never saw EMNIST; score it on the pictures that it was trained on (--data), or on any others: "
            f"python -m emnist evaluate TABLE --model {quote(str(run))}"
        )
    name = f"EMNIST {split} test"
    refuse_again(run, name)
    images = relabelled(data.read(root, split, "test"), split, labels)
    others = [entry for entry in exposed if entry != {"split": split, "seed": training["seed"]}]
    status = "seen" if others else data.status(split, "test", len(images))
    about = {"split": split, "status": status, "official_images": data.OFFICIAL_COUNTS[split][1]}
    return name, about | ({"seen": others} if others else {}), images


def _answers(model: CharacterNet, images: Images, progress: bool) -> tuple[torch.Tensor, torch.Tensor]:
    parts = tqdm(torch.split(images.pixels, 2048), desc="reading", disable=not progress, delay=2)
    logits, character = zip(*(predict(model, part) for part in parts), strict=True)
    return torch.cat(logits), torch.cat(character)


def _accepting(model: CharacterNet, character: torch.Tensor) -> float:
    """Return the share of logits `character` (N,) that pass for one character."""
    return (character.sigmoid() >= model.config.accept).double().mean().item()


def _write_confusion(file: Path, truth: Any, found: Any, labels: tuple[str, ...]) -> None:
    """Write the confusion matrix as CSV: a row for each true character, a column for each answer."""
    table = confusion_matrix(truth, found, labels=np.arange(len(labels)))
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["true \\ found", *labels])
    writer.writerows([label, *row] for label, row in zip(labels, table.tolist(), strict=True))
    write(file, lines.getvalue().encode())
