"""Push a run to the Hub: weights, configuration, labels, figures, model card and the code that made and runs it."""

import json
import re
from importlib.metadata import requires
from pathlib import Path
from shlex import quote

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError

from emnist.errors import ModelError
from emnist.files import CONFIG, LABEL_MAP, METRICS, ONNX, WEIGHTS, with_graph
from emnist.store import load
from train.publish import export
from train.publish.remote import Outcome, Target, Upload, collect, commit, connect, create, talking
from train.results.card import card

ROOT = Path(__file__).parents[2]  # the source tree
ENDPOINT = Path(__file__).parent / "endpoint"
# A source tree has the requirements at its root; a pushed repository has those of the endpoint there.
REQUIREMENTS = (ROOT / "train" / "requirements.txt", ROOT / "requirements.txt")
CODE = (
    *("emnist/**/*.py", "emnist/constants.json", "emnist/text/*.safetensors"),
    *("train/**/*.py", "train/publish/endpoint/*", "LICENSE"),
)
OWNED = ("emnist/", "train/", "figures/")  # folders of the repository in which a push deletes what it does not upload
FIGURES = ("*.png", "figures/*.png")
PULL_REQUEST = "pr"  # the `revision` that stands for a new pull request
CONFLICT = 409  # HTTP status: the name is taken


def plan(run: Path, repo: str) -> list[Upload]:
    """Return the files that a push of `run` uploads, with the model card written for `repo`.

    The model goes up as ONNX too, whether it has been exported or not.

    Raises:
        ModelError: `run` is no complete model, has not been evaluated, or holds the ONNX file of another one.
    """
    load(run)
    if not (run / METRICS).is_file():
        raise ModelError(f"{run / METRICS} is missing; run `python -m train evaluate {quote(str(run))}` first")
    if not json.loads((run / METRICS).read_text(encoding="utf-8")).get("results"):
        raise ModelError(f"{run / METRICS} has no results; run `python -m train evaluate {quote(str(run))}` first")
    figures = collect(run, *FIGURES)
    try:
        text = card(run, repo, [figure.path for figure in figures])
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{run / METRICS} is not what `python -m train evaluate` writes ({error!r}); run it again"
        ) from error
    graph = _graph(run)
    return [
        Upload("README.md", text.encode()),
        *collect(run, WEIGHTS, CONFIG, LABEL_MAP),
        Upload(METRICS, with_graph(run, graph)),
        Upload(ONNX, graph),
        *figures,
        *collect(ENDPOINT, "*"),
        *collect(ROOT, *CODE),
        Upload("train/requirements.txt", _requirements()),
    ]


def _graph(run: Path) -> bytes:
    """Return the model in `run` as ONNX; raise ModelError if a file there claims to be that and is not."""
    graph = export.model(run)
    if (run / ONNX).is_file() and (run / ONNX).read_bytes() != graph:
        raise ModelError(
            f"{run / ONNX} is not what export makes of these weights; "
            f"run `python -m train export {quote(str(run))}` again"
        )
    return graph


def _requirements() -> bytes:
    """Return what training needs; where the project was installed as a wheel, its metadata says that."""
    for file in REQUIREMENTS:
        if file.exists():
            return file.read_bytes()
    return "".join(f"{line}\n" for line in requires("emnist") or ()).encode()


def push(
    run: Path, repo: str, *, private: bool = False, revision: str | None = None, tag: str | None = None
) -> Outcome:
    """Upload the model in `run` to `repo` ("user/repo") as one commit, and create the repository if there is none.

    Args:
        run: a model directory with results in its metrics.json.
        private: create it so that only its owner sees it.
        revision: a branch, made if missing; a pull request "refs/pr/N"; or "pr" for a new one; the main branch if None.
        tag: name to give the commit; an existing tag is never moved.

    Raises:
        ModelError: the directory is refused, or the Hub refuses; one line that says what to do.
    """
    uploads, api = plan(run, repo), connect(repo)
    with talking(repo):
        create(api, repo, "model", private)
        ask = revision == PULL_REQUEST
        branch = "main" if revision is None or ask else revision
        _make_branch(api, repo, branch)
        target = Target(repo, "model", OWNED, branch, pull_request=ask)
        outcome = commit(api, target, uploads, f"Upload {run.name}")
        if tag is not None:
            _tag(api, repo, tag, outcome.commit)
    return outcome


def _make_branch(api: HfApi, repo: str, revision: str) -> None:
    """Create the branch `revision` unless it exists."""
    if re.fullmatch(r"[0-9a-f]{40}", revision):
        raise ModelError(f"nothing can be pushed to the commit {revision}; give a branch")
    if revision != "main" and not revision.startswith("refs/"):
        api.create_branch(repo, branch=revision, exist_ok=True)


def _tag(api: HfApi, repo: str, tag: str, wanted: str) -> None:
    """Tag the commit `wanted`; raise ModelError if the tag stands for another one."""
    try:
        api.create_tag(repo, tag=tag, revision=wanted)
    except HfHubHTTPError as error:
        if error.response.status_code != CONFLICT:
            raise
        if api.model_info(repo, revision=tag).sha != wanted:
            raise ModelError(
                f"pushed to {repo}, but the tag {tag!r} stands for another commit; choose another"
            ) from error
