"""A static Space: its folder holds the page, the network and its runtime; it is free, and takes any model."""

import json
import re
from pathlib import Path

import onnx
import pytest
import yaml
from commands import command
from loopback import Loopback
from models import saved

from emnist.errors import ModelError
from emnist.labels import SPLITS
from train.publish import static
from train.publish.deploy import deploy, write
from train.publish.static import plan

# huggingface_hub 2.4 uploads LFS files with an argument that its HTTP library calls outdated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
    pytest.mark.usefixtures("hasty"),  # no pause between two looks at a Space
    pytest.mark.skipif(not (static.PAGE / "index.html").is_file(), reason="there is no page"),
]


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the npm package onnxruntime-web: these tests do not run the page."""
    package = tmp_path / "onnxruntime-web"
    (package / "dist").mkdir(parents=True)
    (package / "package.json").write_text('{"version": "1.2.3"}')
    for name in static.RUNTIME:
        (package / "dist" / name).write_bytes(b"stand-in for " + name.encode())
    monkeypatch.setattr(static, "PACKAGE", package)


@pytest.fixture
def model(tmp_path: Path) -> str:
    """Return a model directory."""
    return str(saved(tmp_path / "model"))


def files(model: str | None = None) -> dict[str, bytes]:
    return {upload.path: upload.content for upload in plan(model)}


def test_the_folder_holds_all_that_a_browser_asks_for(model: str) -> None:
    written = files(model)
    assert {"index.html", "main.js", "local.js", "local/worker.js", "LICENSE", "LICENSES.md"} <= set(written)
    assert {"model.onnx", "sequence.onnx", "layers.onnx"} <= set(written)
    assert {f"local/ort/{name}" for name in (*static.RUNTIME, "LICENSE")} <= set(written)
    assert b"Microsoft Corporation" in written["local/ort/LICENSE"]
    assert b"onnxruntime-web 1.2.3" in written["LICENSES.md"]
    assert not [path for path in written if "test" in path or "node_modules" in path]
    for path, content in written.items():
        if path.endswith(".js"):
            for name in re.findall(rb"from '(\.[^']+)'", content):
                assert str(Path(path).parent / name.decode()).replace("local/../", "") in written, (path, name)


def test_the_page_may_load_nothing_from_elsewhere(model: str) -> None:
    page = files(model)["index.html"].decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)


def test_its_network_is_the_models_without_the_views_which_the_page_makes(model: str) -> None:
    network = onnx.load_from_string(files(model)["model.onnx"])
    assert [each.name for each in network.graph.input] == ["seen"]
    assert "labels" in {each.key for each in network.metadata_props}


def test_the_service_worker_knows_every_file_and_changes_with_any(model: str, tmp_path: Path) -> None:
    written = files(model)
    worker = written["sw.js"].decode()
    kept = json.loads(worker[worker.index("[") : worker.index("]") + 1])
    assert {
        "./",
        "index.html",
        "model.onnx",
        "local/constants.json",
        *(f"local/ort/{n}" for n in static.RUNTIME),
    } <= set(kept)
    assert set(kept) - {"./"} <= set(written)
    assert files(str(saved(tmp_path / "other", seed=1)))["sw.js"] != written["sw.js"]


def test_the_foot_says_how_well_the_model_reads_where_that_is_known(tmp_path: Path) -> None:
    known = saved(
        tmp_path / "known", metrics={"results": [{"images": 900, "top1": 0.9, "top1_lookalikes_merged": 0.98}]}
    )
    assert b'data-quality="0.9000 0.9800"' in files(str(known))["index.html"]


def test_it_is_deployed_on_an_account_without_a_plan(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", {path.name: path.read_bytes() for path in saved(tmp_path / "run").iterdir()})
    hub.paid = False
    heard: list[str] = []
    made = deploy("user/space", "user/model", kind="static", say=heard.append)
    space = hub.repos["spaces/user/space"]
    assert made.running
    assert made.url == f"{hub.url}/spaces/user/space"
    assert {path: content for path, content in space.files().items() if path != ".gitattributes"} == files("user/model")
    assert b'data-source="https://huggingface.co/user/model"' in space.files()["index.html"]
    card = yaml.safe_load(space.files()["README.md"].decode().split("---\n")[1])
    assert (card["sdk"], card["app_file"], card["models"]) == ("static", "index.html", ["user/model"])
    before = space.refs["main"]
    deploy("user/space", "user/model", kind="static")
    assert space.refs["main"] == before


def test_without_a_model_the_built_in_one_answers() -> None:
    written = files()
    network = onnx.load_from_string(written["model.onnx"])
    labels = next(each.value for each in network.metadata_props if each.key == "labels")
    assert "".join(json.loads(labels)) == SPLITS["bymerge"]
    assert b"data-quality" in written["index.html"]
    assert b"data-source" not in written["index.html"]


def test_what_is_no_model_is_refused(hub: Loopback) -> None:
    with pytest.raises(ModelError, match="give a directory that exists, or user/repo"):
        plan("nonsense")
    with pytest.raises(ModelError, match="user/nothing: no such repository"):
        plan("user/nothing")


def test_without_onnxruntime_web_the_error_says_how_to_install_it(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static, "PACKAGE", tmp_path / "nowhere")
    with pytest.raises(ModelError, match="npm ci --prefix web"):
        plan(model)


def test_the_command_says_what_is_free_and_writes_a_folder(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "space"
    monkeypatch.delenv("HF_TOKEN", raising=False)
    assert command(monkeypatch, "deploy", "user/space", "--model", model, "--static", "--dry-run", str(folder)) == 0
    out = capsys.readouterr().out
    assert "free for everyone" in out
    assert (folder / "local" / "ort" / static.RUNTIME[0]).is_file()
    assert command(monkeypatch, "deploy", "user/space", "--model", model, "--static", "--zero-gpu") == 2
    assert "choose one" in capsys.readouterr().err
    with pytest.raises(ModelError, match="is not empty"):
        write(plan(model), folder)
