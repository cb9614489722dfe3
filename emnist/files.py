"""The files of a model, read strictly: nothing is executed, nothing guessed, and every refusal says what to do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from emnist.config import ModelConfig
from emnist.errors import ModelError
from emnist.labels import is_label

WEIGHTS, CONFIG, LABEL_MAP, METRICS = "model.safetensors", "config.json", "label_map.json", "metrics.json"
FILES = (WEIGHTS, CONFIG, LABEL_MAP, METRICS)
ONNX = "onnx/model.onnx"  # the same network for other languages and for browsers; older models lack it
MAX_WEIGHTS = 500_000_000  # most bytes of the weights; the models of this library have under 20 million
MAX_JSON = 10_000_000  # most bytes of each JSON file
ENOUGH = 200  # fewest test images of a score that is shown: with fewer it is mostly chance
MAX_TURNS = 9  # most views of an image: each costs a forward pass

# Least and greatest sensible value of each number in config.json; what the weights cost is bounded by MAX_WEIGHTS.
BOUNDS: dict[str, tuple[float, float]] = {
    "classes": (2, 10_000),
    "image_size": (8, 64),
    "margin": (0, 16),
    "widths": (1, 2048),
    "hidden": (1, 65_536),
    "turns": (-45.0, 45.0),
    "mean": (0.0, 1.0),
    "std": (1e-3, 10.0),
    "temperature": (1e-2, 100.0),
    "accept": (0.0, 1.0),
    "prior": (0.0, 1.0),
    "drawn": (-20.0, 20.0),
    "pooled": (0, 10_000),
}
WHOLE = {"classes", "image_size", "margin", "widths", "hidden", "pooled"}


def checksums(directory: Path) -> dict[str, str]:
    """Return {file name: SHA-256 in hex} of the weights, the configuration and the label map."""
    return {file: checksum(directory / file) for file in (WEIGHTS, CONFIG, LABEL_MAP)}


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def vouched(directory: Path) -> bool:
    """Tell whether metrics.json is there and holds checksums, by which `verify` knows that files belong together."""
    return (directory / METRICS).is_file() and bool(_read(directory / METRICS).get("files"))


def vouched_graph(directory: Path) -> bool:
    """Tell whether the ONNX file is there and metrics.json holds its checksum: then it was made from these weights."""
    return (directory / ONNX).is_file() and vouched(directory) and ONNX in _read(directory / METRICS)["files"]


def with_graph(directory: Path, graph: bytes) -> bytes:
    """Return metrics.json with the checksum of the ONNX file `graph` added, if it holds that of the weights."""
    metrics = _read(directory / METRICS)
    if metrics.get("files"):
        metrics["files"][ONNX] = sha256(graph).hexdigest()
    return as_json(metrics)


def quality(directory: Path) -> tuple[float, ...]:
    """Return the shares of test images read right, and right if look-alikes count, by metrics.json.

    () if they are unknown, of fewer than ENOUGH images, or of images that the model may have learnt ("seen").
    """
    metrics = _read(directory / METRICS) if (directory / METRICS).is_file() else {}
    results = metrics.get("results")
    first = results[0] if isinstance(results, list) and results and isinstance(results[0], dict) else {}
    found: list[Any] = [first.get(name) for name in ("top1", "top1_lookalikes_merged")]
    images = first.get("images")
    if first.get("status") == "seen" or not isinstance(images, int) or images < ENOUGH:
        return ()
    return tuple(found) if all(isinstance(share, float) and 0 <= share <= 1 for share in found) else ()


def as_json(content: object) -> bytes:
    """Return `content` as the JSON files of a model are written."""
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


@contextmanager
def naming(path: Path, advice: str = "") -> Iterator[None]:
    """Let an OSError inside name `path` if it names no file, as that of a full disk does not, and add `advice`."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        error.strerror = f"{error.strerror}: {advice}" if advice else error.strerror
        raise


@contextmanager
def whole(path: Path, advice: str = "") -> Iterator[Path]:
    """Yield where to write a file that shall appear whole or not at all: on a full disk what was at `path` stays."""
    partial = path.with_name(f"{path.name}.partial")
    with naming(path, advice):
        try:
            yield partial
            partial.replace(path)
        except OSError as error:
            if str(error.filename) == str(partial):  # a name that only this function knows
                error.filename = str(path)
            raise
        finally:
            partial.unlink(missing_ok=True)


def write(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    with whole(path) as partial:
        partial.write_bytes(content)


def _read(path: Path) -> dict[str, Any]:
    """Return the JSON object in `path`."""
    try:
        if path.stat().st_size > MAX_JSON:
            raise ValueError(f"more than {MAX_JSON} bytes")
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read ({error}); save or pull the model again") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} holds {type(content).__name__}, not a JSON object; save or pull the model again")
    return content


def verify(directory: Path) -> None:
    """Compare the files with the checksums in metrics.json, where it has any."""
    for file in (WEIGHTS, CONFIG, LABEL_MAP):
        if not (directory / file).is_file():
            hint = ", or let its run end; pickled weights are never read, convert them" if file == WEIGHTS else ""
            raise ModelError(f"{directory / file} is missing; save or pull the model again{hint}")
        most = MAX_WEIGHTS if file == WEIGHTS else MAX_JSON
        if (directory / file).stat().st_size > most:
            raise ModelError(f"{directory / file} has more than {most} bytes: no model of this library")
    if not (directory / METRICS).is_file():
        return
    expected = _read(directory / METRICS).get("files", {})
    found = checksums(directory)
    if isinstance(expected, dict) and ONNX in expected and (directory / ONNX).is_file():
        found[ONNX] = checksum(directory / ONNX)
    for file, digest in found.items():
        if expected and (not isinstance(expected, dict) or expected.get(file) != digest):
            raise ModelError(f"{directory / file} is not the file {METRICS} describes; save or pull the model again")


def read_config(path: Path) -> ModelConfig:
    """Return the configuration in `path`: exactly the known keys, each value of its type and within BOUNDS."""
    content = _read(path)
    names = [field.name for field in fields(ModelConfig)]
    if wrong := set(content) ^ set(names):
        verb = "lacks or does not know"
        raise ModelError(f"{path} {verb} the keys {', '.join(sorted(wrong))}; it must have exactly {', '.join(names)}")
    values = {name: _value(path, name, content[name]) for name in names}
    config = ModelConfig(**values)
    if config.image_size - 2 * config.margin < 8:
        raise ModelError(f"{path}: margin is {config.margin}, which leaves less than 8 of {config.image_size} px")
    if not 1 <= len(config.turns) <= MAX_TURNS:
        raise ModelError(f"{path}: turns must be 1 to {MAX_TURNS} angles")
    if config.prior and (len(config.prior) != config.classes or not 0.999 < sum(config.prior) < 1.001):
        raise ModelError(f"{path}: prior must be empty or {config.classes} shares that sum to 1")
    if config.drawn and len(config.drawn) != config.classes:
        raise ModelError(f"{path}: drawn must be empty or {config.classes} numbers")
    if len(set(config.pooled)) < len(config.pooled) or any(index >= config.classes for index in config.pooled):
        raise ModelError(f"{path}: pooled must be different classes from 0 to {config.classes - 1}")
    return config


def _value(path: Path, name: str, value: Any) -> Any:
    """Return one value of config.json as ModelConfig wants it; raise ModelError for any other type or range."""
    allowed, (least, most) = (int,) if name in WHOLE else (int, float), BOUNDS[name]
    many = name in ("widths", "turns", "prior", "drawn", "pooled")
    numbers = value if many else [value]
    # A bool is an int to isinstance, a NaN passes no comparison.
    sound = isinstance(numbers, list) and all(type(n) in allowed and least <= n <= most for n in numbers)
    if not sound or (name == "widths" and len(numbers) != 4):
        kind = "whole numbers" if name in WHOLE else "numbers"
        count = "four " if name == "widths" else ""
        shown = repr(value)[:60]
        raise ModelError(f"{path}: {name} is {shown}, but must be {count}{kind} from {least} to {most}")
    cast = int if name in WHOLE else float
    return tuple(cast(n) for n in numbers) if many else cast(value)


def read_labels(path: Path, config: ModelConfig) -> tuple[str, ...]:
    """Return the labels in `path`, which must be keyed "0", "1", … and be distinct `is_label`s."""
    content = _read(path)
    if set(content) != {str(i) for i in range(config.classes)}:
        wanted = f'"0" to "{config.classes - 1}"'
        raise ModelError(
            f"{path} must have the keys {wanted}, one for each of the {config.classes} classes in {CONFIG}"
        )
    labels = tuple(content[str(i)] for i in range(config.classes))
    if not all(map(is_label, labels)):
        raise ModelError(f"{path}: each label must be one printable character, in composed form (NFC)")
    if len(set(labels)) != len(labels):
        raise ModelError(f"{path}: a label stands twice; labels must be distinct")
    return labels
