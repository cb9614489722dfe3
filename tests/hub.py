"""A Hub for tests: what huggingface_hub asks of huggingface.co, over loopback, in memory, with faults to switch on.

Only what pushing, pulling and deploying need: repositories with commits, branches, tags and pull requests; regular and
LFS files; Spaces with variables, build stages and logs.  Answers to anything else are 404, so a test sees it.
"""

import json
import re
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from secrets import token_hex
from typing import Any

WRITER, READER = "hf_writer", "hf_reader"  # the two tokens it knows
LFS = re.compile(r".*\.(safetensors|png)|.*weights.*")  # paths that the Hub's default .gitattributes sends to LFS

Reply = tuple[int, dict[str, str], bytes]  # status, headers, body


@dataclass(frozen=True)
class File:
    content: bytes
    lfs: bool = False

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()

    @property
    def blob(self) -> str:
        """Git's name for the file, or for the LFS pointer to it."""
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.content)}\n"
        body = pointer.encode() if self.lfs else self.content
        return sha1(b"blob %d\0" % len(body) + body).hexdigest()

    def entry(self, path: str) -> dict[str, Any]:
        """Return the file as the tree listing shows it."""
        size = len(self.content)
        lfs = {"lfs": {"oid": self.sha256, "size": size, "pointerSize": 130}} if self.lfs else {}
        return {"type": "file", "path": path, "size": size, "oid": self.blob, **lfs}


@dataclass
class Repo:
    private: bool = False
    commits: dict[str, dict[str, File]] = field(default_factory=dict)  # commit → path → file
    refs: dict[str, str] = field(default_factory=dict)  # branch, tag or refs/pr/N → commit
    variables: dict[str, str] = field(default_factory=dict)
    hardware: str | None = None

    def commit(self, ref: str, changes: dict[str, File | None]) -> str:
        """Put `changes` (None deletes) on top of `ref` and return the new commit."""
        files = {**self.commits.get(self.refs.get(ref, ""), {}), **changes}
        name = token_hex(20)
        self.commits[name] = {path: file for path, file in files.items() if file is not None}
        self.refs[ref] = name
        return name

    def find(self, revision: str) -> str | None:
        """Return the commit that `revision` names."""
        return revision if revision in self.commits else self.refs.get(revision)

    def files(self, revision: str = "main") -> dict[str, bytes]:
        """Return {path: content} of a revision."""
        return {path: file.content for path, file in self.commits[self.find(revision) or ""].items()}


@dataclass
class Fault:
    """The next `times` requests whose "METHOD /path" matches `where` fail: a status, a strange body, or broken off."""

    where: str
    status: int | None = None
    after: int = 0
    times: int = 1
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Hub:
    """Everything the stand-in knows; routes.py answers from it, loopback.py carries the answers."""

    def __init__(self) -> None:
        self.url = self.cdn = ""  # the same server under two host names, as large files come from another host
        self.reset()

    def reset(self) -> None:
        """Forget everything: repositories, faults and the log of requests."""
        self.repos: dict[str, Repo] = {}  # "models/user/name" or "spaces/user/name"
        self.objects: dict[str, bytes] = {}  # LFS content by SHA-256
        self.requests: list[str] = []  # "METHOD /path"
        self.faults: list[Fault] = []
        self.rivals: list[dict[str, File | None]] = []  # commits of somebody else, each landing just before one of ours
        self.stages = ["BUILDING", "APP_STARTING", "RUNNING"]  # what each Space tells in turn; the last one stays
        self.lag = 0  # how many answers more a Space gives about the commit before
        self.build_log = ["Step 1/2 : install", "Step 2/2 : start"]
        self.paid = True  # whether the account may create Gradio Spaces on ordinary hardware

    def fail(self, where: str, status: int, times: int = 1, **headers: str) -> None:
        """Answer the next `times` requests that match `where` with `status`."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        self.faults.append(Fault(where, status, times=times, headers=named))

    def cut(self, where: str, after: int, times: int = 1) -> None:
        """Break the next `times` connections that match `where` after so many bytes of the body, sent or received."""
        self.faults.append(Fault(where, after=after, times=times))

    def impersonate(self, body: bytes) -> None:
        """Answer everything from now on with `body` and status 200, as a portal or a proxy does."""
        self.faults.append(Fault("", 200, times=10**9, body=body))

    def fault(self, request: str) -> Fault | None:
        """Return the fault due for this request and count it off."""
        for fault in self.faults:
            if fault.times and re.search(fault.where, request):
                fault.times -= 1
                return fault
        return None

    def add(
        self, repo: str, files: dict[str, bytes] | None = None, kind: str = "models", private: bool = False
    ) -> Repo:
        """Create a repository as the Hub does, with a first commit, and put `files` there."""
        made = self.repos[f"{kind}/{repo}"] = Repo(private)
        made.commit("main", {".gitattributes": File(b"*.safetensors filter=lfs\n")})
        if files:
            self.change(repo, files, kind)
        return made

    def change(self, repo: str, files: dict[str, bytes], kind: str = "models") -> str:
        """Commit `files` as somebody else would, and return the commit."""
        changes = {path: File(content, bool(LFS.fullmatch(path))) for path, content in files.items()}
        return self.repos[f"{kind}/{repo}"].commit("main", dict(changes))


class Refused(Exception):
    """An answer other than success."""

    def __init__(self, status: int, code: str = "", message: str = "", body: object = None) -> None:
        headers = {"X-Error-Code": code, "X-Error-Message": message}
        self.reply = reply(
            body if body is not None else {"error": message}, status, {k: v for k, v in headers.items() if v}
        )


def reply(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(body).encode()


@dataclass(frozen=True)
class Call:
    """One request, taken apart."""

    method: str
    query: dict[str, str]
    token: str | None
    body: bytes
    groups: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def key(self) -> str:
        return f"{self.groups.get('kind') or 'models'}/{self.groups['repo']}"

    def repo(self, hub: Hub, write: bool = False) -> Repo:
        """Return the repository asked for; refuse as the Hub does, which hides private ones."""
        found = hub.repos.get(self.key())
        if found is None or (found.private and self.token is None):
            raise Refused(401 if self.token is None else 404, "RepoNotFound", "Repository not found")
        if write:
            self.may_write()
        return found

    def may_write(self) -> None:
        if self.token is None:
            raise Refused(401, message="Access to this resource needs a token")
        if self.token != WRITER:
            raise Refused(403, message="You don't have the rights to write")

    def commit(self, repo: Repo) -> str:
        found = repo.find(self.groups.get("rev", "main"))
        if found is None:
            raise Refused(404, "RevisionNotFound", "Invalid rev id")
        return found
