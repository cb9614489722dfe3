"""Deploy the app as a Hugging Face Space: exactly the files it needs, then wait until it runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi, SpaceHardware, SpaceStage

from emnist.errors import ModelError
from train.publish import static
from train.publish.remote import Target, Upload, commit, connect, talking
from train.publish.space import OWNED, plan

VARIABLE = "EMNIST_MODEL"  # which model the app uses
TIMEOUT = 1200.0  # seconds to wait for a build
POLL = 5.0  # seconds between looks
LOG_LINES = 30  # of a failed build that are shown

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
        path.write_bytes(upload.content)


def deploy(
    space: str,
    model: str,
    *,
    zero_gpu: bool = False,
    without_server: bool = False,
    private: bool = False,
    say: Callable[[str], None] = lambda text: None,
    timeout: float = TIMEOUT,
    poll: float = POLL,
) -> Deployment:
    """Create or update the Space `space` ("user/space") for the Hub model `model`, and wait until it runs or fails.

    Args:
        zero_gpu: for ZeroGPU, rather than a CPU.
        without_server: a static Space, which reads in the visitor's browser.
        private: create it so that only its owner sees it.
        say: is told what happens on the way.
        timeout, poll: seconds until it is given up, and between two looks.

    Raises:
        ModelError: a name is wrong, or the Hub refuses; one line that says what to do.
    """
    api = connect(space)
    if without_server:
        return _deploy_static(api, space, model, private, say, time.monotonic() + timeout, poll)
    plan(space, model, zero_gpu)
    with talking(model):
        repo, _, revision = model.partition("@")
        public = not api.model_info(repo, revision=revision or None).private
    if not public:
        say(PRIVATE_NOTE.format(model=repo))
    with talking(space):
        _create(api, space, model, zero_gpu, private)
        files = plan(space, model, zero_gpu, preload=public)
        outcome = commit(api, Target(space, "space", OWNED), files, f"Deploy with {model}")
        say(f"{outcome.changed} of {len(files)} files changed: {outcome.url}")
        return _wait(api, space, outcome.url, outcome.commit, say, time.monotonic() + timeout, poll)


def _deploy_static(
    api: HfApi, space: str, model: str, private: bool, say: Callable[[str], None], deadline: float, poll: float
) -> Deployment:
    files = static.plan(model)
    with talking(space):
        api.create_repo(space, repo_type="space", space_sdk="static", private=private or None, exist_ok=True)
        _stay_private(api, space, private)
        outcome = commit(api, Target(space, "space", static.OWNED), files, f"Deploy with {model}")
        say(f"{outcome.changed} of {len(files)} files changed: {outcome.url}")
        return _wait(api, space, outcome.url, outcome.commit, say, deadline, poll)


def _stay_private(api: HfApi, space: str, private: bool) -> None:
    if private and not api.space_info(space).private:
        raise ModelError(f"{space} exists and is public; make it private in its settings, or leave out --private")


def _create(api: HfApi, space: str, model: str, zero_gpu: bool, private: bool) -> None:
    """Make sure that the Space exists, on the right hardware, with the variable that names the model."""
    hardware = SpaceHardware.ZERO_A10G if zero_gpu else None
    api.create_repo(
        space,
        repo_type="space",
        space_sdk="gradio",
        private=private or None,
        exist_ok=True,
        space_hardware=hardware,
        space_variables=[{"key": VARIABLE, "value": model}],
    )
    _stay_private(api, space, private)
    if hardware and api.get_space_runtime(space).requested_hardware != hardware:
        api.request_space_hardware(space, hardware)
    known = api.get_space_variables(space).get(VARIABLE)
    if known is None or known.value != model:
        api.add_space_variable(space, VARIABLE, model)


def _wait(
    api: HfApi, space: str, url: str, made: str, say: Callable[[str], None], deadline: float, poll: float
) -> Deployment:
    """Return the Space once it runs the commit `made`, has failed, or the time is up."""
    told = ""
    while True:
        runtime = api.get_space_runtime(space)
        stage = str(runtime.stage)
        if stage != told:
            say(stage)
            told = stage
        # Just after a commit the Hub may still tell the stage of the one before.
        current = runtime.raw.get("sha") in (None, made)
        if current and runtime.stage not in WAITING:
            break
        if time.monotonic() > deadline:
            return Deployment(url, False, stage, "it did not start in time; look at its page")
        time.sleep(poll)
    if runtime.stage == SpaceStage.RUNNING:
        return Deployment(url, True, stage)
    lines = list(api.fetch_space_logs(space, build=runtime.stage not in RUN_FAILED))
    return Deployment(url, False, stage, "".join(lines[-LOG_LINES:]).rstrip())
