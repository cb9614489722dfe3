"""The model card: README.md of a model, made from its metrics.json and never typed by hand.

Every number stands next to the data set it was measured on, its image count, and whether that set is the official one,
a part of it, or redrawn from other images; a redrawn set never carries the name of the official one.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from emnist.files import CONFIG, LABEL_MAP, METRICS
from emnist.labels import LOOKALIKES
from train.results.wording import ALIKE, CREDITS, EMNIST_ORIGIN, INTRO, LIMITS, MERGED, RENTED, UNIPEN, USE

LICENSE = "mit"
TAGS = ["emnist", "handwriting", "character-recognition", "ocr"]
METRIC_NAMES = {  # key in metrics.json: (type in the model index, name there, column in the table or "")
    "top1": ("accuracy", "Top-1 accuracy", "top-1"),
    "top2": ("accuracy", "Top-2 accuracy", ""),
    "top3": ("accuracy", "Top-3 accuracy", "top-3"),
    "top5": ("accuracy", "Top-5 accuracy", ""),
    "macro_recall": ("recall", "Macro-averaged recall", "macro recall"),
    "macro_f1": ("f1", "Macro-averaged F1", ""),
    "top1_lookalikes_merged": ("accuracy", "Top-1 accuracy, look-alikes merged", "top-1, look-alikes merged"),
    "ece": ("ece", "Expected calibration error", "calibration error"),
    "ece_balanced": ("ece", "Expected calibration error, every class counting the same", ""),
}
SPLIT_NAMES = {"byclass": "ByClass", "bymerge": "ByMerge", "mnist": "MNIST"}  # the others are their names in capitals
WEIGHTS = {  # what is added to a metric's name, so that none stands twice under one name
    "uniform": ", classes equally likely",
    "natural": ", classes as frequent as in the data",
}
ENDINGS = {  # what the endings of data sets' names mean
    ", told": "Told: `only=` said that they are digits, or letters.",
    ", plain resize": "Plain resize: the same network on pictures that are merely shrunk to 28×28.",
}
WORST = 10  # most classes, and most confusions, that are listed
GROUPS = 5  # most groups of look-alikes that are named as examples


def card(directory: Path, repo: str = "user/repo", figures: Sequence[str] = ()) -> str:
    """Return the model card of the model in `directory`, which must have a metrics.json.

    `repo` is the repository that the card's commands name, `figures` the paths of pictures to show.
    """
    config, label_map, metrics = (
        json.loads((directory / name).read_text(encoding="utf-8")) for name in (CONFIG, LABEL_MAP, METRICS)
    )
    labels = [label_map[str(i)] for i in range(config["classes"])]
    training = metrics.get("training", {})
    parts = [
        INTRO.format(classes=len(labels), labels=" ".join(labels), parameters=metrics["model"]["parameters"]),
        USE.format(repo=repo, spaced=" ".join(labels)),
        _results(metrics["results"], labels),
        *(f"![{Path(figure).stem}]({figure})\n" for figure in figures),
        _training(training) + _rented(training, repo),
        _limits(labels, training),
        _credits(training),
        "Code and weights: MIT license.\n",
    ]
    return f"---\n{_front_matter(metrics, repo)}\n---\n\n" + "\n".join(parts)


def title(result: Mapping[str, Any]) -> str:
    """Return what a result was measured on, such as "EMNIST ByMerge test, official, 116,323 images"."""
    name, images, status = str(result["dataset"]), f"{result['images']:,}", result.get("status")
    if split := result.get("split"):
        split = SPLIT_NAMES.get(split, split.capitalize())
        name = f"EMNIST {split} test"
    if status == "seen":
        count = f"seen: {images} images, of which earlier networks may have learnt some; no score"
    elif status == "own":
        count = f"{images} pictures held out"
    elif status == "partial":
        count = f"partial, {images} of {result['official_images']:,} images"
    elif status == "redrawn":
        name, count = f"{split} images from EMNIST", f"not the official test set but redrawn, {images} images"
    else:
        count = f"{status}, {images} images" if status else f"{images} images"
    return f"{name}, {count}{WEIGHTS['natural'] if result.get('prior') == 'natural' else ''}"


def _front_matter(metrics: Mapping[str, Any], repo: str) -> str:
    scored = [result for result in metrics["results"] if result.get("status") != "seen"]
    data = ModelCardData(
        license=LICENSE,
        library_name="pytorch",
        pipeline_tag="image-classification",
        tags=TAGS,
        datasets=["emnist"] if _knows_emnist(metrics.get("training", {})) else None,
        metrics=["accuracy", "recall"],
        model_name=repo.split("/")[-1],
        eval_results=[_entry(result, *found) for result in scored for found in _measured(result)],
    )
    return data.to_yaml()


def _measured(result: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Yield (type, name, value) of every metric in `result`."""
    for key, (kind, name, _) in METRIC_NAMES.items():
        if result.get(key) is not None:
            yield kind, name + WEIGHTS.get(result.get("prior", ""), ""), result[key]
    for kind, share in result.get("rejected", {}).items():
        yield "true_negative_rate", f"Turned away: {kind}", share


def _entry(result: Mapping[str, Any], kind: str, name: str, value: float) -> EvalResult:
    return EvalResult(
        task_type="image-classification",
        task_name="Handwritten character recognition",
        dataset_type="emnist" if result.get("split") else _slug(str(result["dataset"])),
        dataset_name=title(result),
        dataset_config=result.get("split"),
        dataset_split="test",
        metric_type=kind,
        metric_name=name,
        metric_value=round(value, 5),
    )


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")


def _results(results: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> str:
    columns = {key: column for key, (_, _, column) in METRIC_NAMES.items() if column}
    lines = ["## Results\n", _row(["measured on", *columns.values()]), _row(["---"] * (1 + len(columns)))]
    for result in results:
        if any(key in result for key in columns):
            shown = ["–" if result.get(key) is None else f"{result[key]:.2%}" for key in columns]
            lines.append(_row([title(result), *shown]))
    lines += ["", *_glossary(results), *_worst(results[0], labels)]
    for result in results:
        if rejected := result.get("rejected"):
            shares = ", ".join(f"{kind} {share:.1%}" for kind, share in rejected.items())
            lines.append(f"Turned away as not one character ({result['images']:,} pictures): {shares}.\n")
    return "\n".join(lines)


def _glossary(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what the names of data sets mean where it is not plain."""
    names = [str(result["dataset"]) for result in results]
    said = [text for end, text in ENDINGS.items() if any(name.endswith(end) for name in names)]
    return [" ".join(said) + "\n"] if said else []


def _worst(result: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
    """Return the lines on the classes and pairs, of `labels`, that go wrong most."""
    lines = []
    classes = result.get("per_class", {})
    if classes:
        hardest = sorted(classes, key=lambda label: classes[label]["recall"])[:WORST]
        shown = ", ".join(f"`{label}` {classes[label]['recall']:.0%}" for label in hardest)
        lines.append(f"Lowest recall there ({title(result)}): {shown}. {_alike(hardest, labels)}\n")
    if result.get("confused"):
        pairs = ", ".join(f"`{true}` read as `{read}` {count:,}×" for true, read, count in result["confused"][:WORST])
        lines.append(f"Most frequent confusions there: {pairs}.\n")
    return lines


def _alike(hardest: Sequence[str], labels: Sequence[str]) -> str:
    """Return a sentence on those of `hardest` that look like others of `labels`, if there are any."""
    groups = [group for group in _lookalikes(labels) if any(label in hardest for label in group.split())]
    return f"Some of them look alike and need context: {', '.join(groups)}." if groups else ""


def _lookalikes(labels: Sequence[str]) -> list[str]:
    """Return the groups of two or more `labels` that look alike, such as "0 O"."""
    groups = [[label for label in labels if label in group] for group in LOOKALIKES]
    return [" ".join(group) for group in groups if len(group) > 1]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _training(training: Mapping[str, Any]) -> str:
    """Return all that is needed to train the model again."""
    images = training.get("images", {})
    official = training.get("official_train_images")
    counts = ", ".join(f"{count:,} {name}" for name, count in images.items())
    part = f" ({training['status']}; the official training set has {official:,} images)" if official else ""
    learnt = f"EMNIST {training['split']}" if training.get("split") else _own(training.get("data", {}))
    facts = [f"- Learnt from {learnt}; images: {counts}{part}."]
    if (origin := training.get("options", {}).get("initial")) is not None:
        facts.append(f"- Adapted from `{origin}`.")
    named = ("epochs", "steps", "seconds", "seed", "threads", "machine", "commit")
    facts += [f"- {name.capitalize()}: {training[name]}." for name in named if name in training]
    versions = ", ".join(f"{name} {version}" for name, version in training.get("versions", {}).items())
    text = "## Training, and how to repeat it\n\n" + "\n".join([*facts, f"- Versions: {versions}."]) + "\n"
    text += f"\n```sh\npip install -r train/requirements.txt\n{training.get('command', 'python -m train fit --help')}\n"
    text += "python -m train evaluate RUN --help  # each test set once\n```\n"
    if training.get("earlier"):
        text += _details("How the earlier networks were trained", training["earlier"])
    text += _details("Every option", training.get("options", {}))
    return text + _details("SHA-256 of the data files", training.get("checksums", {}))


def _own(data: Mapping[str, Any]) -> str:
    """Return what names pictures of one's own: their count and checksum."""
    if not data:
        return "pictures unknown"
    return (
        f"{data['pictures']:,} own pictures ({data['name']}; {data['left_out']:,} unreadable or blank, left out; "
        f"SHA-256 {data['sha256']})"
    )


def _rented(training: Mapping[str, Any], repo: str) -> str:
    """Return the recipe for rented hardware with the options of this run; nothing where it takes more than EMNIST."""
    command = str(training.get("command", ""))
    if not training.get("split") or re.search(r"--(initial|teacher|sketches|replay) ", command):
        return ""
    return RENTED.format(repo=repo, command=command.replace("DATA", "data").replace("RUN", "run"))


def _knows_emnist(training: Mapping[str, Any]) -> bool:
    return bool(training.get("split") or training.get("replay") or training.get("exposed") or not training)


def _credits(training: Mapping[str, Any]) -> str:
    unipen = training.get("images", {}).get("sketches") or training.get("exposed")
    return "## Data and credits\n\n" + _knows_emnist(training) * CREDITS + (UNIPEN if unipen else "")


def _details(summary: str, content: Mapping[str, Any]) -> str:
    shown = json.dumps(content, indent=2, ensure_ascii=False)
    return f"\n<details><summary>{summary}</summary>\n\n```json\n{shown}\n```\n\n</details>\n"


def _limits(labels: Sequence[str], training: Mapping[str, Any]) -> str:
    missing = "".join(c for c in "abcdefghijklmnopqrstuvwxyz" if c not in labels and c.upper() in labels)
    merged = MERGED.format(count=len(missing), letters=" ".join(missing)).rstrip() if 0 < len(missing) < 26 else ""
    origin = EMNIST_ORIGIN if _knows_emnist(training) else ""
    groups = ", ".join(_lookalikes(labels)[:GROUPS])
    alike = ALIKE.format(groups=groups) if groups else ""
    return LIMITS.format(classes=len(labels), alike=alike, origin=origin, merged=merged)
