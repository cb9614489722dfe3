"""Deploy the app as a Hugging Face Space: exactly the files it needs, then wait until it runs."""

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from huggingface_hub import HfApi, SpaceCardData, SpaceHardware, SpaceStage

from emnist.errors import ModelError
from emnist.files import FILES
from emnist.hub import PRETRAINED, REPOSITORY, load
from train.publish import static
from train.publish.push import ROOT
from train.publish.remote import Target, Upload, collect, commit, connect, talking
from train.results.card import LICENSE, TAGS

APP = (
    *("app.py", "LICENSE", "emnist/**/*.py", "emnist/constants.json", "emnist/text/*.safetensors"),
    "emnist/pretrained/*",
    *("web/*.py", "web/static/**/*"),
)
OWNED = ("emnist/", "web/", "zero.py")  # in the Space
RUNTIME = {"gradio", "huggingface_hub", "numpy", "pillow", "regex", "safetensors", "scipy", "tqdm", "typer"}
NETWORK = {"onnx", "onnxruntime"}  # compute the network; on ZeroGPU torch does, which stands in ZERO
VARIABLE = "EMNIST_MODEL"  # which model the app uses
TIMEOUT = 1200.0  # seconds to wait for a build
POLL = 5.0  # seconds between looks
LOG_LINES = 30  # of a failed build that are shown

WAITING = {SpaceStage.NO_APP_FILE, SpaceStage.BUILDING, SpaceStage.RUNNING_BUILDING}
WAITING |= {SpaceStage.APP_STARTING, SpaceStage.RUNNING_APP_STARTING}
RUN_FAILED = {SpaceStage.RUNTIME_ERROR}

PLAN_NOTE = (
    "A Gradio Space needs a paid plan (PRO, Team or Enterprise), also on free CPU hardware. Free are --static, for "
    "everyone, and --zero-gpu, two Spaces for an account that is older than 30 days and has a verified e-mail address."
)
PRIVATE_NOTE = (
    "The model {model} is private: add a token that can read it as the secret HF_TOKEN in the Space's settings."
)

CPU = """\
# A Space on CPU; all of this takes 0.6 GB. With torch in place of onnx and onnxruntime the answers are the same. That
# takes 1.4 GB with its build for CPU (--extra-index-url https://download.pytorch.org/whl/cpu), 5.9 GB with CUDA's.
"""
ZERO = """\
# A Space on ZeroGPU, which supports these releases of torch and brings the package spaces itself.
torch>=2.8,<2.12
spaces
"""
ZERO_PYTHON = "3.12.12"  # ZeroGPU has this and 3.10
ZERO_APP = '''\
"""Start the app on ZeroGPU, which demands one GPU function in every Space; this network is fast enough without."""

import runpy

import spaces


@spaces.GPU
def unused() -> None:
    """Never called."""


runpy.run_path("app.py", run_name="__main__")
'''

PAGE = """\
# Handwritten characters

Draw or upload one character: a small convolutional network says which one it is, how sure it is, which characters look
like it, and how the picture became what the network saw.

- Model: [{repo}](https://huggingface.co/{repo}){revision}. Its card says how it was trained, on what, how well it does
  on which images, and how to repeat that. If it cannot be loaded, the one in `emnist/pretrained` answers, and the page
  says so.
- The code here is all of it: `app.py` and `web/` are the page, `emnist/` turns any picture into EMNIST's 28×28 form and
  asks the network. On your computer, `pip install -r requirements.txt` and then `python app.py --model {model}` run the
  same page.
- For programs: `gradio_client.Client("{space}").predict(gradio_client.handle_file("photo.jpg"), api_name="/predict")`
  returns the probability of every character.
- Pictures are not stored, unless you send a correction and this Space was set up to collect corrections.

Code and weights: MIT license.
"""


@dataclass(frozen=True)
class Deployment:
    """A Space: its address, whether it runs, what stage it is in, and the end of its log if it does not run."""

    url: str
    running: bool
    stage: str
    log: str = ""


def plan(space: str, model: str, zero_gpu: bool = False, preload: bool = True) -> list[Upload]:
    """Return the files of the Space `space` that uses the Hub model `model` ("user/repo" or "user/repo@revision").

    Raises:
        ModelError: `model` is no name of a Hub model, this is not the whole source tree, or its own model is damaged.
    """
    if Path(model).is_dir():
        raise ModelError(f"{model} is a folder here; push it first: python -m train push {model} user/repo")
    if not REPOSITORY.fullmatch(model):
        raise ModelError(f"{model!r} is no Hub model; write user/repo or user/repo@revision")
    if not (ROOT / "app.py").is_file():
        raise ModelError("there is no app.py beside train/: deploy from the whole source tree")
    load(PRETRAINED)  # what answers when the Hub does not
    written = {"README.md": _page(space, model, zero_gpu, preload), "requirements.txt": _requirements(zero_gpu)}
    if zero_gpu:
        written["zero.py"] = ZERO_APP
    return [*(Upload(path, text.encode()) for path, text in written.items()), *collect(ROOT, *APP)]


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


def _requirements(zero_gpu: bool) -> str:
    """Return requirements.txt of the Space: the project's own, less what only training needs."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = RUNTIME if zero_gpu else RUNTIME | NETWORK
    needed = [line for line in lines if re.split(r"[^\w-]", line)[0] in wanted]
    return (ZERO if zero_gpu else CPU) + "".join(f"{line}\n" for line in needed)


def _page(space: str, model: str, zero_gpu: bool, preload: bool) -> str:
    """Return README.md of the Space: settings for the Hub, then what visitors may want to know."""
    repo, _, revision = model.partition("@")
    files = f"{repo} {','.join(FILES)} {revision}".strip()
    settings = SpaceCardData(
        title="Handwritten characters",
        emoji="✍️",
        colorFrom="indigo",
        colorTo="yellow",
        sdk="gradio",
        sdk_version=version("gradio"),
        python_version=ZERO_PYTHON if zero_gpu else f"{sys.version_info.major}.{sys.version_info.minor}",
        app_file="zero.py" if zero_gpu else "app.py",
        short_description="Draw a character, see what a small network reads",
        license=LICENSE,
        tags=TAGS,
        models=[repo],
        preload_from_hub=[files] if preload else None,
        suggested_hardware=SpaceHardware.ZERO_A10G.value if zero_gpu else SpaceHardware.CPU_BASIC.value,
    )
    shown = f", revision `{revision}`" if revision else ""
    return f"---\n{settings.to_yaml()}\n---\n\n{PAGE.format(repo=repo, revision=shown, space=space, model=model)}"
