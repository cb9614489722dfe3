"""Deploy the app as a Hugging Face Space: exactly the files it needs, then wait until it runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from huggingface_hub import HfApi, SpaceHardware, SpaceStage

from emnist.errors import ModelError
from emnist.files import naming
from train.publish import static
from train.publish.remote import Outcome, Target, Upload, commit, connect, create, named, talking
from train.publish.space import OWNED, plan

VARIABLE = "EMNIST_MODEL"  # environment variable that names the app's model; without it, it is the built-in one
TIMEOUT = 1200.0  # most seconds to wait until a Space runs
POLL = 5.0  # seconds between two looks at it
LOG_LINES = 30  # most lines that are shown of the log of a Space that failed

Kind = Literal["cpu", "zero-gpu", "static"]  # Gradio on a CPU or on ZeroGPU, or a page that reads in the browser

WAITING = {SpaceStage.NO_APP_FILE, SpaceStage.BUILDING, SpaceStage.RUNNING_BUILDING}
WAITING |= {SpaceStage.APP_STARTING, SpaceStage.RUNNING_APP_STARTING}
RUN_FAILED = {SpaceStage.RUNTIME_ERROR}

PRIVATE_NOTE = (
    "The model {model} is private: add a token that can read it as the secret HF_TOKEN in the Space's settings."
)


@dataclass(frozen=True)
class Deployment:
    """A Space: its address, whether it runs, what stage it is in, and the end of its log if it does not run."""

    url: str
    running: bool
    stage: str
    log: str = ""


def write(uploads: list[Upload], folder: Path) -> None:
    """Write the files of a Space to an empty or new folder, from where `python app.py` runs it."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ModelError(f"{folder} is not empty; give a new folder")
    for upload in uploads:
        path = folder / upload.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with naming(path):
            path.write_bytes(upload.content)


def deploy(
    space: str,
    model: str | None = None,
    kind: Kind = "cpu",
    private: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Deployment:
    """Create or update a Space, and wait until it runs or fails, or for TIMEOUT.

    Args:
        space: "user/space".
        model: "user/repo" or "user/repo@revision", for a static Space also a directory; None for the built-in one.
        kind: what it runs on.
        private: create it so that only its owner sees it.
        say: is told what happens on the way.

    Raises:
        ModelError: a name is wrong, or the Hub refuses; one line that says what to do.
    """
    api, zero_gpu = connect(space), kind == "zero-gpu"
    if kind == "static":
        files = static.plan(model)
    else:
        plan(space, model, zero_gpu)  # refuses a wrong name before the Hub is asked
        files = plan(space, model, zero_gpu, preload=_public(api, model, say))
    target = Target(space, "space", static.OWNED if kind == "static" else OWNED)
    with talking(space):
        if kind == "static":
            create(api, space, "space", private, space_sdk="static")
        else:
            _create_gradio(api, space, model, zero_gpu, private)
        outcome = commit(api, target, files, f"Deploy with {model or 'the built-in model'}")
        say(f"{outcome.changed} of {len(files)} files changed: {outcome.url}")
        return _wait(api, space, outcome, say)


def _public(api: HfApi, model: str | None, say: Callable[[str], None]) -> bool:
    """Return whether everybody may read `model`, and say what to do where not."""
    if model is None:
        return True
    repo, revision = named(model)
    with talking(model):
        public = not api.model_info(repo, revision=revision).private
    if not public:
        say(PRIVATE_NOTE.format(model=repo))
    return public


def _create_gradio(api: HfApi, space: str, model: str | None, zero_gpu: bool, private: bool) -> None:
    """Make sure that the Space exists, on the right hardware, with the variable that names the model."""
    hardware = SpaceHardware.ZERO_A10G if zero_gpu else None
    variables = [{"key": VARIABLE, "value": model}] if model else None
    create(api, space, "space", private, space_sdk="gradio", space_hardware=hardware, space_variables=variables)
    if hardware and api.get_space_runtime(space).requested_hardware != hardware:
        api.request_space_hardware(space, hardware)
    known = api.get_space_variables(space).get(VARIABLE)
    if model and (known is None or known.value != model):
        api.add_space_variable(space, VARIABLE, model)
    if known and not model:
        api.delete_space_variable(space, VARIABLE)


def _wait(api: HfApi, space: str, made: Outcome, say: Callable[[str], None]) -> Deployment:
    """Return the Space once it runs the commit that was `made`, has failed, or the time is up."""
    told, deadline = "", time.monotonic() + TIMEOUT
    while True:
        runtime = api.get_space_runtime(space)
        stage = str(runtime.stage)
        if stage != told:
            say(stage)
            told = stage
        # Just after a commit the Hub may still tell the stage of the one before.
        current = runtime.raw.get("sha") in (None, made.commit)
        if current and runtime.stage not in WAITING:
            break
        if time.monotonic() > deadline:
            return Deployment(made.url, False, stage, "it did not start in time; look at its page")
        time.sleep(POLL)
    if runtime.stage == SpaceStage.RUNNING:
        return Deployment(made.url, True, stage)
    lines = list(api.fetch_space_logs(space, build=runtime.stage not in RUN_FAILED))
    return Deployment(made.url, False, stage, "".join(lines[-LOG_LINES:]).rstrip())
