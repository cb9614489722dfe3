"""A Gradio Space: the app, the library with its model, and the settings that the Hub needs."""

import re
import sys
from importlib.metadata import version
from pathlib import Path
from shlex import quote

from huggingface_hub import SpaceHardware

from emnist.errors import ModelError
from emnist.files import FILES
from emnist.hub import PRETRAINED
from emnist.store import load
from train.publish.push import ROOT
from train.publish.remote import Upload, collect, named, space_card

APP = (
    *("app.py", "LICENSE", "emnist/**/*.py", "emnist/constants.json", "emnist/text/*.safetensors"),
    "emnist/pretrained/*",
    *("web/*.py", "web/static/**/*"),
)
OWNED = ("emnist/", "web/", "zero.py")  # what of the Space is deleted unless it is uploaded again
RUNTIME = {"gradio", "huggingface_hub", "numpy", "pillow", "regex", "safetensors", "scipy", "tqdm", "typer"}
NETWORK = {"onnx", "onnxruntime"}  # packages that compute the network; on ZeroGPU torch does (see ZERO)

NOTE = (
    "A Gradio Space needs a paid plan (PRO, Team or Enterprise), also on free CPU hardware. Free are --static, for "
    "everyone, and --zero-gpu, two Spaces for an account that is older than 30 days and has a verified e-mail address."
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

Draw or upload characters: a small convolutional network says which they are, how sure it is, which characters look
like each, and how the picture became what the network saw.

{model}- The code here is all of it: `app.py` and `web/` are the page, `emnist/` turns any picture into EMNIST's
  28×28 form and asks the network. On your computer, `pip install -r requirements.txt` and then `{start}` run the same
  page.
- For programs: `gradio_client.Client("{space}").predict(gradio_client.handle_file("photo.jpg"), api_name="/predict")`
  returns the probability of every character.
- Pictures are not stored, unless you send a correction and this Space was set up to collect corrections.

Code and weights: MIT license.
"""


HUB_MODEL = """\
- Model: [{repo}](https://huggingface.co/{repo}){revision}. Its card says how it was trained, on what, how well it does
  on which images, and how to repeat that. If it cannot be loaded, the one in `emnist/pretrained` answers, and the page
  says so.
"""
OWN_MODEL = """\
- Model: the one in `emnist/pretrained`. `README.md` there says how it was trained, on what, how well it does on which
  images, and how to repeat that.
"""


def plan(space: str, model: str | None = None, zero_gpu: bool = False, preload: bool = True) -> list[Upload]:
    """Return the files of the Space `space` that uses the Hub model `model`, or the built-in one.

    Args:
        space: "user/space".
        model: "user/repo" or "user/repo@revision"; None for the built-in model, which travels with the app.
        zero_gpu: for ZeroGPU, rather than a CPU.
        preload: have the Hub put the model into the Space when it builds it, which it cannot do with a private one.

    Raises:
        ModelError: `model` is no name of a Hub model, this is not the whole source tree, or its own model is damaged.
    """
    if model is not None and Path(model).is_dir():
        raise ModelError(f"{model} is a folder here; push it first: python -m train push {quote(model)} user/repo")
    if not (ROOT / "app.py").is_file():
        raise ModelError("there is no app.py beside train/: deploy from the whole source tree")
    load(PRETRAINED)  # it answers where no model is named, or the Hub does not answer
    written = {"README.md": _page(space, model, zero_gpu, preload), "requirements.txt": _requirements(zero_gpu)}
    if zero_gpu:
        written["zero.py"] = ZERO_APP
    return [*(Upload(path, text.encode()) for path, text in written.items()), *collect(ROOT, *APP)]


def start(model: str | None) -> str:
    """Return the command that starts the app with `model`."""
    return f"python app.py --model {model}" if model else "python app.py"


def _requirements(zero_gpu: bool) -> str:
    """Return requirements.txt of the Space: the project's own, less what only training needs."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = RUNTIME if zero_gpu else RUNTIME | NETWORK
    needed = [line for line in lines if re.split(r"[^\w-]", line)[0] in wanted]
    return (ZERO if zero_gpu else CPU) + "".join(f"{line}\n" for line in needed)


def _page(space: str, model: str | None, zero_gpu: bool, preload: bool) -> str:
    """Return README.md of the Space: settings for the Hub, then what visitors may want to know."""
    repo, revision = named(model) if model else (None, None)
    settings = space_card(
        repo,
        sdk="gradio",
        sdk_version=version("gradio"),
        python_version=ZERO_PYTHON if zero_gpu else f"{sys.version_info.major}.{sys.version_info.minor}",
        app_file="zero.py" if zero_gpu else "app.py",
        short_description="Draw characters, see what a small network reads",
        preload_from_hub=[f"{repo} {','.join(FILES)} {revision or ''}".strip()] if repo and preload else None,
        suggested_hardware=SpaceHardware.ZERO_A10G.value if zero_gpu else SpaceHardware.CPU_BASIC.value,
    )
    shown = f", revision `{revision}`" if revision else ""
    about = HUB_MODEL.format(repo=repo, revision=shown) if repo else OWN_MODEL
    return f"---\n{settings.to_yaml()}\n---\n\n{PAGE.format(model=about, start=start(model), space=space)}"
