"""What push and deploy share: one atomic commit of files to a repository, and what the Hub says in one line."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha1, sha256
from pathlib import Path

from huggingface_hub import CommitInfo, CommitOperationAdd, HfApi, RepoFile, get_token
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    HfHubHTTPError,
    HTTPError,
)

from emnist.errors import ModelError
from emnist.hub import REPOSITORY, explain

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
    """Where the files are now, at which commit, and how many of them were new."""

    url: str
    commit: str
    changed: int


def connect(repo: str) -> HfApi:
    """Return the Hub's client; raise ModelError without a token or for a name that is not user/repo."""
    if not REPOSITORY.fullmatch(repo) or "@" in repo:
        raise ModelError(f"{repo!r} is no name of a repository; write user/repo")
    if get_token() is None:
        raise ModelError("no token for the Hub: run `hf auth login`, or set HF_TOKEN to a token that can write")
    return HfApi()


@contextmanager
def talking(repo: str) -> Iterator[None]:
    """Turn whatever the Hub's client raises into a ModelError of one line."""
    try:
        yield
    except ModelError:
        raise
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{repo}: {explain(error)}") from error


def commit(
    api: HfApi, repo: str, kind: str, uploads: Sequence[Upload], message: str, revision: str, pull_request: bool = False
) -> Outcome:
    """Commit what differs from `revision`, all at once; if somebody else was faster, once more on top of theirs."""
    try:
        return _commit(api, repo, kind, uploads, message, revision, pull_request)
    except HfHubHTTPError as error:
        if error.response.status_code != LOST_RACE:
            raise
    return _commit(api, repo, kind, uploads, message, revision, pull_request)


def _commit(
    api: HfApi, repo: str, kind: str, uploads: Sequence[Upload], message: str, revision: str, pull_request: bool
) -> Outcome:
    head = str(api.repo_info(repo, repo_type=kind, revision=revision).sha)
    tree = api.list_repo_tree(repo, recursive=True, revision=head, repo_type=kind)
    known = {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}
    changed = [upload for upload in uploads if not upload.same(known.get(upload.path))]
    prefix = "" if kind == "model" else f"{kind}s/"
    branch = "" if revision == "main" else f"/tree/{revision}"
    url = f"{api.endpoint}/{prefix}{repo}{branch}"
    if not changed:
        return Outcome(url, head, 0)
    info: CommitInfo = api.create_commit(
        repo,
        [CommitOperationAdd(upload.path, upload.content) for upload in changed],
        commit_message=message,
        repo_type=kind,
        revision=revision,
        parent_commit=head,
        create_pr=pull_request,
    )
    return Outcome(info.pr_url or url, info.oid, len(changed))


def collect(root: Path, *patterns: str) -> list[Upload]:
    """Return the files below `root` that match a pattern, by path relative to it; nothing hidden or generated."""
    found = sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()})
    relative = [path.relative_to(root) for path in found]
    return [
        Upload(path.as_posix(), (root / path).read_bytes())
        for path in relative
        if path.suffix != ".pyi" and not any(part.startswith((".", "__pycache__")) for part in path.parts)
    ]
