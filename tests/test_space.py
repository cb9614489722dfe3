"""A Space holds exactly what the app needs, and its folder runs by itself."""

import ast
import os
import socket
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml
from packaging.requirements import Requirement

from emnist.errors import ModelError
from emnist.files import FILES
from train.publish.deploy import write
from train.publish.space import plan

# Packages that the app imports but does not list, each with the listed one that installs it.
BROUGHT = {"click": "typer", "pydantic": "gradio", "starlette": "gradio", "uvicorn": "gradio"}
PATIENCE = 300  # most seconds until an app has started


def files(space: str = "user/space", model: str = "user/model", zero_gpu: bool = False) -> dict[str, bytes]:
    return {upload.path: upload.content for upload in plan(space, model, zero_gpu)}


def front_matter(written: dict[str, bytes]) -> dict[str, object]:
    return yaml.safe_load(written["README.md"].decode().split("---\n")[1])


def requirements(written: dict[str, bytes]) -> dict[str, Requirement]:
    lines = written["requirements.txt"].decode().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "--"))]
    return {requirement.name: requirement for requirement in found}


def test_a_space_holds_the_app_the_library_its_model_and_nothing_else() -> None:
    written = files()
    assert {"app.py", "README.md", "requirements.txt", "emnist/recognizer.py", "web/page.py"} <= set(written)
    assert {f"emnist/pretrained/{name}" for name in FILES} <= set(written)
    assert {path.split("/")[0] for path in written} <= {
        "app.py",
        "README.md",
        "requirements.txt",
        "LICENSE",
        "emnist",
        "web",
    }
    assert not [path for path in written if path.endswith((".pyc", ".pyi")) or "/." in path]


def imported(source: bytes) -> set[str]:
    """Return the top-level packages that a Python file imports."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.split(".")[0] for name in plain | parts}


@pytest.mark.parametrize("zero_gpu", [False, True])
def test_its_requirements_are_what_its_code_imports(zero_gpu: bool) -> None:
    written = files(zero_gpu=zero_gpu)
    used = set().union(*(imported(source) for path, source in written.items() if path.endswith(".py")))
    outside = {BROUGHT.get(name, name) for name in used - set(sys.stdlib_module_names) - {"emnist", "web"}}
    unused = {"onnx", "onnxruntime"} if zero_gpu else {"torch"}  # either computes the network
    assert {name.replace("PIL", "pillow") for name in outside} - unused == set(requirements(written))


def test_its_page_has_the_settings_the_hub_needs() -> None:
    data = front_matter(files(model="user/model@v1"))
    assert data["sdk"] == "gradio"
    assert data["sdk_version"] == version("gradio")
    assert data["python_version"] == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert data["models"] == ["user/model"]
    assert data["preload_from_hub"] == [f"user/model {','.join(FILES)} v1"]
    assert data["app_file"] == "app.py"
    assert data["license"] == "mit"


def test_its_page_tells_which_model_answers_and_how_to_ask_it() -> None:
    page = files(model="user/model@v1")["README.md"].decode()
    assert "](https://huggingface.co/user/model), revision `v1`" in page
    assert 'Client("user/space")' in page


def test_for_zero_gpu_torch_is_one_that_it_supports() -> None:
    written = files(zero_gpu=True)
    torch = requirements(written)["torch"].specifier
    assert [v for v in ("2.7.1", "2.8.0", "2.9.1", "2.10.0", "2.11.0", "2.12.0") if torch.contains(v)] == [
        *("2.8.0", "2.9.1", "2.10.0", "2.11.0")
    ]
    assert "download.pytorch.org" not in written["requirements.txt"].decode()
    data = front_matter(written)
    assert (data["python_version"], data["app_file"]) == ("3.12.12", "zero.py")


def test_for_zero_gpu_a_gpu_function_is_declared_before_the_app_starts(tmp_path: Path) -> None:
    (tmp_path / "zero.py").write_bytes(files(zero_gpu=True)["zero.py"])
    (tmp_path / "spaces.py").write_text("declared = []\nGPU = declared.append\n")
    (tmp_path / "app.py").write_text("import spaces\nprint(__name__, len(spaces.declared))\n")
    done = subprocess.run([sys.executable, "zero.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("__main__ 1\n", "")


@pytest.mark.parametrize("model", ["model", "runs/a/b", "", "user/model@"])
def test_a_model_that_is_not_on_the_hub_is_refused(model: str) -> None:
    with pytest.raises(ModelError, match="user/repo"):
        plan("user/space", model)


def test_the_files_are_written_to_a_new_folder_and_never_over_another(tmp_path: Path) -> None:
    write(plan("user/space", "user/model"), tmp_path / "space")
    written = {
        path.relative_to(tmp_path / "space").as_posix() for path in (tmp_path / "space").rglob("*") if path.is_file()
    }
    assert written == set(files())
    with pytest.raises(ModelError, match="not empty"):
        write(plan("user/space", "user/model"), tmp_path / "space")


def test_the_folder_starts_by_itself_without_torch(tmp_path: Path) -> None:
    write(plan("user/space", "user/model"), tmp_path / "space")
    (tmp_path / "space" / "torch.py").write_text("raise ImportError('not installed')\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "EMNIST_MODEL")}
    env |= {"GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen([sys.executable, "app.py"], cwd=tmp_path / "space", env=env, stdout=log, stderr=log)
    try:
        assert status(f"http://127.0.0.1:{port}/", running) == 200, (tmp_path / "log").read_text()
    finally:
        running.terminate()
        running.wait()


def status(url: str, running: subprocess.Popen[bytes]) -> int | None:
    """Return the HTTP status of `url` once there is one, None if the process ends first or for ever."""
    until = time.monotonic() + PATIENCE
    while running.poll() is None and time.monotonic() < until:
        try:
            with urlopen(url) as answer:
                return int(answer.status)
        except (URLError, ConnectionError):
            time.sleep(0.2)
    return None
