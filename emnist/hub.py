"""A model as a directory of plain files: save it, load it strictly, pull it from the Hugging Face Hub.

The directory holds model.safetensors (weights), config.json (ModelConfig), label_map.json ({"0": "0", …}), metrics.json
(what was measured, and under "files" the SHA-256 of the others) and README.md (the model card); also, where it has been
exported, onnx/model.onnx (the same network for other languages and for browsers).
"""

import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    HFValidationError,
    HTTPError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import tqdm  # type: ignore[attr-defined]
from safetensors.numpy import save as serialise

from emnist.advice import UNWRITABLE, explain
from emnist.config import ModelConfig
from emnist.engine import ensure_finite
from emnist.errors import ModelError
from emnist.files import (
    CONFIG,
    FILES,
    LABEL_MAP,
    MAX_JSON,
    MAX_WEIGHTS,
    METRICS,
    ONNX,
    WEIGHTS,
    as_json,
    checksums,
    naming,
    read_config,
    read_labels,
    verify,
    vouched_graph,
    with_graph,
    write,
)
from emnist.weights import Weights, read_weights

if TYPE_CHECKING:
    from emnist.model import CharacterNet

PRETRAINED = Path(__file__).parent / "pretrained"
BUILT_IN = "built-in"  # name of the model that comes with the package, where one is asked for
REPOSITORY = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>\S+))?")
SHOWN = 100  # most characters of a name in a message
SAVING = ".saving-"  # beginning of the name of the folder into which `save` writes
LEFT_SECONDS = 600.0  # age in seconds from which on such a folder is what a killed program left
MAX_DOWNLOAD = MAX_WEIGHTS + 3 * MAX_JSON  # most bytes of a download
ETAG_TIMEOUT = 10.0  # most seconds to wait for the Hub's first word


def save(directory: str | Path, model: "CharacterNet", labels: Sequence[str], metrics: Mapping[str, Any]) -> None:
    """Write the files of a model; each appears whole or not at all, and nothing is replaced unless all of it loads.

    Raises:
        ModelError: `labels` or the weights are such that `load` would refuse them.
        ValueError: `metrics` holds a NaN or something JSON cannot say.
        OSError: the directory cannot be written.
    """
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for left in directory.glob(f"{SAVING}*"):  # left by a program that was killed
        if time.time() - left.stat().st_mtime > LEFT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    with naming(directory), TemporaryDirectory(dir=directory, prefix=SAVING) as name:
        draft = Path(name)
        weights = {key: tensor.detach().cpu().contiguous().numpy() for key, tensor in model.state_dict().items()}
        (draft / WEIGHTS).write_bytes(serialise(weights, metadata={"format": "pt"}))
        (draft / CONFIG).write_bytes(as_json(asdict(model.config)))
        (draft / LABEL_MAP).write_bytes(as_json({str(i): label for i, label in enumerate(labels)}))
        (draft / METRICS).write_bytes(as_json({**metrics, "files": checksums(draft)}))
        load(draft)
        _keep_graph(directory, draft)
        for file in FILES:
            (draft / file).replace(directory / file)


def _keep_graph(directory: Path, draft: Path) -> None:
    """Keep the ONNX file in `directory`, its checksum noted in `draft`, if it has `draft`'s weights; else delete it."""
    graph = directory / ONNX
    if not graph.is_file():
        return
    if vouched_graph(directory) and checksums(directory) == checksums(draft):
        (draft / METRICS).write_bytes(with_graph(draft, graph.read_bytes()))
    else:
        graph.unlink()


def attach(directory: str | Path, graph: bytes) -> None:
    """Write the ONNX file of the model in `directory`; its metrics.json, where there is one, then vouches for it.

    Raises:
        OSError: the directory cannot be written.
    """
    path = Path(directory) / ONNX
    path.parent.mkdir(exist_ok=True)
    write(path, graph)
    if (metrics := Path(directory) / METRICS).is_file():
        write(metrics, with_graph(Path(directory), graph))


def load(directory: str | Path) -> tuple["CharacterNet", tuple[str, ...]]:
    """Return the network, in evaluation mode, and its labels by output index.

    Nothing is executed from the files, and no more memory is taken than model.safetensors has bytes.

    Raises:
        ModelError: a file is missing, damaged or does not fit the others; says which and what to do.
    """
    from emnist.eager import Eager, network  # imported here, for reading characters needs no torch

    config, labels, weights = read(directory)
    model = network(config, weights)
    ensure_finite(Eager(model), Path(directory) / WEIGHTS)
    return model, labels


def read(directory: str | Path) -> tuple[ModelConfig, tuple[str, ...], Weights]:
    """Return the configuration, the labels by output index, and the weights of a model; raise as `load` does."""
    directory = Path(directory)
    if not directory.is_dir():
        raise ModelError(f"{directory}: no such directory; a model is a directory with {', '.join(FILES)}")
    verify(directory)
    config = read_config(directory / CONFIG)
    return config, read_labels(directory / LABEL_MAP, config), read_weights(directory / WEIGHTS, config)


def resolve(source: str | Path | None = None, revision: str | None = None) -> Path:
    """Return the directory of a model: `source` is None or "built-in", a directory, or "user/repo[@revision]".

    An existing directory wins over a repository of the same name.

    Raises:
        ModelError: there is no such model, or it cannot be had.
    """
    if source == BUILT_IN and not _is_directory(BUILT_IN):
        source = None
    if isinstance(source, str) and not _is_directory(source):
        match = REPOSITORY.fullmatch(source)
        if match is None:
            shown = repr(source) if len(source) <= SHOWN else f"{source[:SHOWN]!r}…"
            raise ModelError(f"no model {shown}: give a directory that exists, or user/repo, or user/repo@revision")
        return pull(match["repo"], revision or match["revision"])
    if revision is not None:
        raise ModelError(f"revision {revision!r} needs a Hub model user/repo, and {str(source)!r} is a directory")
    return PRETRAINED if source is None else Path(source)


def repository(source: str) -> tuple[str, str | None] | None:
    """Return the repository and the revision that `source` names, or None if it is a directory or no model at all."""
    match = None if _is_directory(source) else REPOSITORY.fullmatch(source)
    return match and (match["repo"], match["revision"])


def _is_directory(source: str) -> bool:
    try:
        return source != "" and Path(source).is_dir()
    except OSError:  # a name that is too long for a file, among others
        return False


def pull(repo: str, revision: str | None = None) -> Path:
    """Download the FILES of the model `repo` ("user/repo") into the Hub's cache and return their directory.

    `revision` is a branch, tag, pull request ("refs/pr/1") or commit.  What is in the cache is not downloaded again; a
    commit in full (40 hex digits) that is there makes no request.  Where the Hub cannot be reached, or something else
    answers in its place, what is in the cache will do.

    Raises:
        ModelError: no such repository, revision or permission, or no answer and nothing in the cache.
    """
    download = partial(
        snapshot_download,
        repo,
        revision=revision,
        allow_patterns=list(FILES),
        etag_timeout=ETAG_TIMEOUT,
        tqdm_class=_Bounded,
    )
    try:
        found = download()
    except ModelError as error:
        raise ModelError(f"model {repo}: {error}") from error
    except (HFValidationError, RevisionNotFoundError) as error:
        raise ModelError(f"model {repo}: {explain(error)}") from error
    except Exception as error:  # of any class: a portal's page may come where the client expects JSON
        try:
            found = download(local_files_only=True)
        except Exception:
            raise ModelError(f"model {repo}: {explain(error)}{_uncached(error)}") from error
    if not any((Path(found) / file).exists() for file in FILES):
        raise ModelError(f"model {repo}: it holds none of {', '.join(FILES)}: no model of this library")
    return Path(found)


def _uncached(error: Exception) -> str:
    if getattr(error, "errno", None) in UNWRITABLE:
        return "; make room there, or let the variable HF_HOME name another folder"
    said_by_the_hub = isinstance(error, HTTPError) and getattr(error, "response", None) is not None
    return "" if said_by_the_hub else " (the cache does not have all of it)"


class Silent(tqdm):
    """No progress bar: a library does not talk."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "disable": True})  # type: ignore[no-untyped-call]


class _Bounded(Silent):
    """Refuse a file that is too large for a model; the client adds its size to `total` before it downloads it."""

    def refresh(self, *args: Any, **options: Any) -> None:
        if (self.total or 0) > MAX_DOWNLOAD:
            raise ModelError(f"its files have {self.total:,} bytes: no model of this library")
        super().refresh(*args, **options)


def newest(repo: str, revision: str | None = None) -> str | None:
    """Return the commit (40 hex digits) that `revision` of `repo` stands for now, or None if the Hub does not say."""
    try:
        return HfApi().model_info(repo, revision=revision, timeout=ETAG_TIMEOUT).sha
    except Exception:  # of any class, as in `pull`
        return None
