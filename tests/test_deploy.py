"""The app becomes a Space that is waited for, and a failed build is shown."""

import re
from pathlib import Path

import pytest
from commands import command
from hub import READER
from loopback import Loopback

from emnist.errors import ModelError
from train.publish.deploy import deploy
from train.publish.space import plan

# huggingface_hub 2.4 uploads LFS files with an argument that its HTTP library calls outdated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
    pytest.mark.usefixtures("hasty"),  # no pause between two looks at a Space
]


def files(model: str) -> dict[str, bytes]:
    return {upload.path: upload.content for upload in plan("user/space", model)}


@pytest.fixture
def model(hub: Loopback) -> str:
    """Return the name of a model on the Hub."""
    hub.add("user/model", {"config.json": b"{}"})
    return "user/model"


def test_a_space_is_created_uploaded_and_waited_for(hub: Loopback, model: str) -> None:
    heard: list[str] = []
    made = deploy("user/space", model, say=heard.append)
    space = hub.repos["spaces/user/space"]
    assert made.running
    assert made.url == f"{hub.url}/spaces/user/space"
    assert {path: content for path, content in space.files().items() if path != ".gitattributes"} == files(model)
    assert space.variables == {"EMNIST_MODEL": "user/model"}
    assert heard[1:] == ["BUILDING", "APP_STARTING", "RUNNING"]
    weights = space.commits[space.refs["main"]]["emnist/pretrained/model.safetensors"]
    assert weights.lfs
    assert not space.private


def test_a_second_deployment_changes_only_what_differs(hub: Loopback, model: str) -> None:
    deploy("user/space", model)
    before = hub.repos["spaces/user/space"].refs["main"]
    deploy("user/space", model)
    assert hub.repos["spaces/user/space"].refs["main"] == before
    hub.repos["models/user/model"].refs["v2"] = hub.repos["models/user/model"].refs["main"]
    deploy("user/space", "user/model@v2")
    space = hub.repos["spaces/user/space"]
    assert space.variables == {"EMNIST_MODEL": "user/model@v2"}
    old, new = space.commits[before], space.commits[space.refs["main"]]
    assert [path for path in new if new[path] != old[path]] == ["README.md"]


def test_without_a_model_the_built_in_one_answers(hub: Loopback, model: str) -> None:
    deploy("user/space")
    space = hub.repos["spaces/user/space"]
    page = space.files()["README.md"].decode()
    assert space.variables == {}
    assert "emnist/pretrained/model.safetensors" in space.files()
    assert "Model: the one in `emnist/pretrained`" in page
    assert "models:" not in page
    assert "preload_from_hub" not in page
    deploy("user/space", model)
    assert space.variables == {"EMNIST_MODEL": "user/model"}
    deploy("user/space")
    assert space.variables == {}


def test_a_space_that_leaves_zero_gpu_loses_what_only_that_needs(hub: Loopback, model: str) -> None:
    deploy("user/space", model, kind="zero-gpu")
    assert "zero.py" in hub.repos["spaces/user/space"].files()
    deploy("user/space", model)
    assert "zero.py" not in hub.repos["spaces/user/space"].files()


def test_the_state_of_the_commit_before_is_not_taken_for_the_new_one(hub: Loopback, model: str) -> None:
    hub.lag, hub.stages = 3, ["NO_APP_FILE", "BUILDING", "BUILD_ERROR"]
    made = deploy("user/space", model)
    assert (made.running, made.stage) == (False, "BUILD_ERROR")


@pytest.mark.parametrize(
    ("stage", "log"), [("BUILD_ERROR", "build"), ("CONFIG_ERROR", "build"), ("RUNTIME_ERROR", "run")]
)
def test_a_space_that_fails_returns_the_end_of_its_log(hub: Loopback, model: str, stage: str, log: str) -> None:
    hub.stages = ["BUILDING", stage]
    hub.build_log = [f"line {i}" for i in range(100)]
    made = deploy("user/space", model)
    assert (made.running, made.stage) == (False, stage)
    assert made.log.splitlines() == [f"line {i}" for i in range(70, 100)]
    assert f"GET /api/spaces/user/space/logs/{log}" in hub.requests


def test_a_space_that_never_starts_is_given_up(hub: Loopback, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("train.publish.deploy.TIMEOUT", 0)
    hub.stages = ["BUILDING"]
    made = deploy("user/space", model)
    assert not made.running
    assert "did not start in time" in made.log


def test_a_private_model_is_not_preloaded_and_needs_a_secret(hub: Loopback, model: str) -> None:
    hub.repos["models/user/model"].private = True
    heard: list[str] = []
    deploy("user/space", model, private=True, say=heard.append)
    space = hub.repos["spaces/user/space"]
    assert space.private
    assert "secret HF_TOKEN" in heard[0]
    assert b"preload_from_hub" not in space.files()["README.md"]


def test_without_a_paid_plan_only_zero_gpu_spaces_can_be_created(hub: Loopback, model: str) -> None:
    hub.paid = False
    with pytest.raises(ModelError, match=r"user/space: this needs a paid plan.*HTTP 402"):
        deploy("user/space", model)
    assert "spaces/user/space" not in hub.repos
    made = deploy("user/space", model, kind="zero-gpu")
    assert made.running
    assert hub.repos["spaces/user/space"].hardware == "zero-a10g"


def test_a_space_that_exists_is_moved_to_zero_gpu(hub: Loopback, model: str) -> None:
    deploy("user/space", model)
    assert hub.repos["spaces/user/space"].hardware is None
    deploy("user/space", model, kind="zero-gpu")
    assert hub.repos["spaces/user/space"].hardware == "zero-a10g"


def test_an_unknown_model_is_refused_before_a_space_is_made(hub: Loopback) -> None:
    with pytest.raises(ModelError, match="user/nothing: no such repository"):
        deploy("user/space", "user/nothing")
    assert hub.repos == {}


def test_a_public_space_is_not_taken_for_a_private_one(hub: Loopback, model: str) -> None:
    hub.add("user/space", kind="spaces")
    with pytest.raises(ModelError, match="is public"):
        deploy("user/space", model, private=True)


def test_a_token_that_may_only_read_cannot_deploy(hub: Loopback, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", READER)
    with pytest.raises(ModelError, match=r"no permission.*HTTP 403"):
        deploy("user/space", model)


def test_a_lost_race_is_run_again(hub: Loopback, model: str) -> None:
    hub.add("user/space", kind="spaces")
    hub.rivals = [{}]
    assert deploy("user/space", model).running


def test_with_the_hub_down_the_error_says_so(hub: Loopback, model: str) -> None:
    with hub.down(), pytest.raises(ModelError, match="cannot be reached"):
        deploy("user/space", model)


# The command


def test_the_command_says_what_a_space_costs_and_ends_with_its_address(
    hub: Loopback, model: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.stages = ["RUNNING"]
    assert command(monkeypatch, "deploy", "user/space", "--model", model) == 0
    out, err = capsys.readouterr()
    assert "paid plan" in out
    assert re.search(r"[\d,]+  app\.py\n", out)
    assert out.endswith(f"{hub.url}/spaces/user/space\n")
    assert err == ""


def test_the_command_prints_the_log_of_a_failed_build_and_exits_with_one(
    hub: Loopback, model: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.stages, hub.build_log = ["BUILD_ERROR"], ["ERROR: no matching distribution"]
    assert command(monkeypatch, "deploy", "user/space", "--model", model) == 1
    out, err = capsys.readouterr()
    assert "no matching distribution" in out
    assert err.count("\n") == 1
    assert "BUILD_ERROR" in err


def test_the_dry_run_writes_the_folder_and_asks_nobody(
    hub: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my space"
    monkeypatch.delenv("HF_TOKEN")
    assert command(monkeypatch, "deploy", "user/space", "--model", "user/model", "--dry-run", str(folder)) == 0
    assert (folder / "app.py").is_file()
    assert hub.requests == []
    assert f"cd '{folder}' && python app.py --model user/model" in capsys.readouterr().out
    assert "python app.py --model user/model" in (folder / "README.md").read_text("utf-8")


@pytest.mark.parametrize("more", [(), ("--static",)])
def test_the_dry_run_refuses_a_wrong_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    assert command(monkeypatch, "deploy", "space", "--dry-run", str(tmp_path / "space"), *more) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "error: 'space' is no name of a repository; write user/repo\n")
    assert not (tmp_path / "space").exists()
