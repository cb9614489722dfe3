"""Which directory holds the model that is asked for; a model of the Hugging Face Hub is pulled into its cache."""

import re
from functools import partial
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    HFValidationError,
    HTTPError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import tqdm  # type: ignore[attr-defined]

from emnist.advice import UNWRITABLE, explain
from emnist.errors import ModelError
from emnist.files import FILES, MAX_JSON, MAX_WEIGHTS

PRETRAINED = Path(__file__).parent / "pretrained"
BUILT_IN = "built-in"  # name of the model that comes with the package, where one is asked for
REPOSITORY = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>\S+))?")
SHOWN = 100  # most characters of a name in a message
MAX_DOWNLOAD = MAX_WEIGHTS + 3 * MAX_JSON  # most bytes of a download
ETAG_TIMEOUT = 10.0  # most seconds to wait for the Hub's first word


def resolve(source: str | Path | None = None, revision: str | None = None) -> Path:
    """Return the directory of a model: `source` is None or "built-in", a directory, or "user/repo[@revision]".

    An existing directory wins over a repository of the same name.

    Raises:
        ModelError: there is no such model, or it cannot be had; or `source` and `revision` name two revisions.
    """
    if not isinstance(source, str | Path | None):
        raise ModelError(f"cannot load a model from a {type(source).__name__}: give a directory, or user/repo")
    if source == BUILT_IN and not _is_directory(BUILT_IN):
        source = None
    if isinstance(source, str) and not _is_directory(source):
        match = REPOSITORY.fullmatch(source)
        if match is None:
            shown = repr(source) if len(source) <= SHOWN else f"{source[:SHOWN]!r}…"
            raise ModelError(f"no model {shown}: give a directory that exists, or user/repo, or user/repo@revision")
        if revision and match["revision"] not in (None, revision):
            raise ModelError(f"{source} names another revision than {revision!r}; give one of them")
        try:
            return pull(match["repo"], revision := revision or match["revision"])
        except ModelError as error:
            folder = "" if revision else f"; nor is there a folder {source} here"  # it may be that of a run, mistyped
            raise ModelError(f"{error}{folder}") from error
    if revision is not None:
        shown = str(source or BUILT_IN)
        raise ModelError(f"revision {revision!r} needs a Hub model user/repo, which {shown!r} is not")
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
