"""What push and deploy share: one atomic commit of files to a repository, and what the Hub says in one line."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

from huggingface_hub import (
    CommitInfo,
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    RepoFile,
    SpaceCardData,
    get_token,
)
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    HfHubHTTPError,
    HTTPError,
)

from emnist.advice import explain
from emnist.errors import ModelError
from emnist.hub import REPOSITORY
from train.results.card import LICENSE, TAGS

LOST_RACE = 412  # HTTP status: the branch has moved since its head was read


@dataclass(frozen=True)
class Upload:
    """A file on its way: its path in the repository and its content."""

    path: str
    content: bytes

    @property
    def size(self) -> int:
        """Size in bytes."""
        return len(self.content)

    def same(self, remote: RepoFile | None) -> bool:
        """Return whether the repository has exactly this already."""
        if remote is None:
            return False
        if remote.lfs is not None:
            return remote.lfs.sha256 == sha256(self.content).hexdigest()
        return remote.blob_id == sha1(b"blob %d\0" % self.size + self.content).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """Where the files are now, at which commit, and how many of them changed."""

    url: str
    commit: str
    changed: int


def named(model: str) -> tuple[str, str | None]:
    """Return the repository and the revision of the Hub model `model`; raise ModelError if that is no name of one."""
    match = REPOSITORY.fullmatch(model)
    if match is None:
        raise ModelError(
            f"{model!r} is no Hub model; write user/repo or user/repo@revision, or leave it out for the built-in one"
        )
    return match["repo"], match["revision"]


def check_name(repo: str) -> None:
    """Raise ModelError for a name that is not user/repo."""
    if not REPOSITORY.fullmatch(repo) or "@" in repo:
        raise ModelError(f"{repo!r} is no name of a repository; write user/repo")


def connect(repo: str) -> HfApi:
    """Return the Hub's client; raise ModelError without a token or for a name that is not user/repo."""
    check_name(repo)
    if get_token() is None:
        raise ModelError("no token for the Hub: run `hf auth login`, or set HF_TOKEN to a token that can write")
    return HfApi()


def create(api: HfApi, repo: str, kind: str, private: bool, **more: Any) -> None:
    """Make sure that a repository of that kind exists, and that nobody else sees it if it is to be `private`."""
    api.create_repo(repo, repo_type=kind, private=private or None, exist_ok=True, **more)
    if private and not api.repo_info(repo, repo_type=kind).private:
        raise ModelError(f"{repo} exists and is public; make it private in its settings, or leave out --private")


@contextmanager
def talking(repo: str) -> Iterator[None]:
    """Turn whatever the Hub's client raises into a ModelError of one line."""
    try:
        yield
    except ModelError:
        raise
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{repo}: {explain(error)}") from error


@dataclass(frozen=True)
class Target:
    """Where a commit goes.

    Attributes:
        repo, kind: the repository and what it is, "model" or "space".
        owned: folders and files there, of which whatever is not uploaded is deleted.
        revision: the branch, or the pull request "refs/pr/N".
        pull_request: open a new pull request against that branch instead.
    """

    repo: str
    kind: str
    owned: tuple[str, ...]
    revision: str = "main"
    pull_request: bool = False


def commit(api: HfApi, target: Target, uploads: Sequence[Upload], message: str) -> Outcome:
    """Commit what differs, all at once; if somebody else was faster, once more on top of theirs."""
    try:
        return _commit(api, target, uploads, message)
    except HfHubHTTPError as error:
        if error.response.status_code != LOST_RACE:
            raise
    return _commit(api, target, uploads, message)


def _commit(api: HfApi, target: Target, uploads: Sequence[Upload], message: str) -> Outcome:
    head = str(api.repo_info(target.repo, repo_type=target.kind, revision=target.revision).sha)
    tree = api.list_repo_tree(target.repo, recursive=True, revision=head, repo_type=target.kind)
    known = {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}
    stale = {path for path in known if path.startswith(target.owned)} - {upload.path for upload in uploads}
    operations: list[CommitOperationAdd | CommitOperationDelete] = [
        *(CommitOperationAdd(u.path, u.content) for u in uploads if not u.same(known.get(u.path))),
        *(CommitOperationDelete(path) for path in sorted(stale)),
    ]
    prefix = "" if target.kind == "model" else f"{target.kind}s/"
    branch = "" if target.revision == "main" else f"/tree/{target.revision}"
    url = f"{api.endpoint}/{prefix}{target.repo}{branch}"
    if not operations:
        return Outcome(url, head, 0)
    info: CommitInfo = api.create_commit(
        target.repo,
        operations,
        commit_message=message,
        repo_type=target.kind,
        revision=target.revision,
        parent_commit=head,
        create_pr=target.pull_request,
    )
    return Outcome(info.pr_url or url, info.oid, len(operations))


def collect(root: Path, *patterns: str) -> list[Upload]:
    """Return the files below `root` that match a pattern, by path relative to it; nothing hidden or generated."""
    found = sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()})
    relative = [path.relative_to(root) for path in found]
    return [
        Upload(path.as_posix(), (root / path).read_bytes())
        for path in relative
        if path.suffix != ".pyi" and not any(part.startswith((".", "__pycache__")) for part in path.parts)
    ]


def space_card(repo: str | None, **own: Any) -> SpaceCardData:
    """Return the settings of a Space for the Hub model `repo`: those that all kinds share, and its `own`."""
    return SpaceCardData(
        title="Handwritten characters",
        emoji="✍️",
        colorFrom="indigo",
        colorTo="yellow",
        license=LICENSE,
        tags=TAGS,
        models=[repo] if repo else None,
        **own,
    )
