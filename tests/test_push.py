"""Runs are pushed to the Hub as one commit, cards say what was measured on what, and every failure says what to do."""

import base64
import importlib.util
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from hub import WRITER, File
from loopback import Loopback
from models import METRICS, logits, network, saved
from PIL import Image, ImageDraw

from emnist.errors import ModelError
from emnist.files import CONFIG, FILES, WEIGHTS
from emnist.files import METRICS as METRICS_FILE
from emnist.hub import load, pull
from train.card import card
from train.push import plan, push

# huggingface_hub 2.4 uploads LFS files with an argument that its HTTP library calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run folder that can be pushed, with two figures."""
    folder = saved(tmp_path / "run")
    (folder / "figures").mkdir()
    for path in (folder / "curves.png", folder / "figures" / "confusion.png"):
        Image.new("L", (4, 4)).save(path)
    (folder / "checkpoint.safetensors").write_bytes(b"not for the Hub")
    return folder


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m train` as a user would."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    line = [sys.executable, "-m", "train", *arguments]
    return subprocess.run(line, env=env, capture_output=True, text=True, check=False)


def front_matter(text: str) -> dict[str, Any]:
    return yaml.safe_load(text.split("---\n")[1])


def commits(hub: Loopback) -> int:
    return sum(request.startswith("POST") and "/commit/" in request for request in hub.requests)


# A push and what comes back


def test_a_pushed_run_is_pulled_with_the_same_answers(hub: Loopback, run: Path) -> None:
    outcome = push(run, "user/model")
    assert outcome.url == f"{hub.url}/user/model"
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))


def test_everything_goes_up_in_one_commit(hub: Loopback, run: Path) -> None:
    outcome = push(run, "user/model")
    files = hub.repos["models/user/model"].files()
    assert commits(hub) == 1
    assert outcome.changed == len(files) - 1  # .gitattributes is the Hub's own
    assert {*FILES, "README.md", "curves.png", "figures/confusion.png"} <= set(files)
    assert {"handler.py", "requirements.txt", "emnist/model.py", "train/loop.py", "train/requirements.txt"} <= set(
        files
    )
    assert not any("checkpoint.safetensors" in path or "__pycache__" in path for path in files)


def test_large_and_binary_files_go_by_lfs_and_text_does_not(hub: Loopback, run: Path) -> None:
    push(run, "user/model")
    repo = hub.repos["models/user/model"]
    stored = repo.commits[repo.refs["main"]]
    assert stored[WEIGHTS].lfs
    assert not stored[CONFIG].lfs
    assert any(request.startswith("PUT /lfs/") for request in hub.requests)
    assert any(request.endswith("/verify") for request in hub.requests)


def test_the_plan_is_what_is_uploaded(hub: Loopback, run: Path) -> None:
    planned = {upload.path: upload.content for upload in plan(run, "user/model")}
    push(run, "user/model")
    files = hub.repos["models/user/model"].files()
    assert planned == {path: content for path, content in files.items() if path != ".gitattributes"}


def test_identical_content_makes_no_new_commit(hub: Loopback, run: Path) -> None:
    first = push(run, "user/model")
    hub.requests.clear()
    second = push(run, "user/model")
    assert (second.changed, second.commit) == (0, first.commit)
    assert commits(hub) == 0
    assert not any("lfs" in request for request in hub.requests)


def test_an_update_uploads_only_what_changed_and_keeps_the_rest(hub: Loopback, run: Path) -> None:
    push(run, "user/model")
    hub.change("user/model", {"notes.md": b"by the owner"})
    saved(run, seed=1)
    outcome = push(run, "user/model")
    assert outcome.changed == 2  # the weights, and their checksum in metrics.json
    assert hub.repos["models/user/model"].files()["notes.md"] == b"by the owner"
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network(1)))


def test_a_private_repository_is_created_private(hub: Loopback, run: Path) -> None:
    push(run, "user/model", private=True)
    assert hub.repos["models/user/model"].private


def test_asking_for_privacy_of_a_public_repository_is_refused(hub: Loopback, run: Path) -> None:
    hub.add("user/model")
    with pytest.raises(ModelError, match="is public"):
        push(run, "user/model", private=True)
    assert commits(hub) == 0


def test_a_branch_is_created_and_the_main_branch_stays(hub: Loopback, run: Path) -> None:
    repo = hub.add("user/model")
    main = repo.refs["main"]
    outcome = push(run, "user/model", revision="trial/one")
    assert repo.refs["main"] == main
    assert repo.refs["trial/one"] == outcome.commit
    assert outcome.url.endswith("/user/model/tree/trial/one")
    assert torch.equal(logits(load(pull("user/model", "trial/one"))[0]), logits(network()))


def test_a_pull_request_is_opened_and_added_to(hub: Loopback, run: Path) -> None:
    repo = hub.add("user/model")
    main = repo.refs["main"]
    opened = push(run, "user/model", revision="pr")
    assert opened.url.endswith("/discussions/1")
    saved(run, seed=1)
    push(run, "user/model", revision="refs/pr/1")
    assert repo.refs["main"] == main
    assert torch.equal(logits(load(pull("user/model", "refs/pr/1"))[0]), logits(network(1)))


def test_nothing_is_pushed_to_a_commit_or_a_pull_request_that_is_none(hub: Loopback, run: Path) -> None:
    commit = hub.add("user/model").refs["main"]
    with pytest.raises(ModelError, match="give a branch"):
        push(run, "user/model", revision=commit)
    with pytest.raises(ModelError, match="no such revision"):
        push(run, "user/model", revision="refs/pr/9")


def test_a_tag_names_the_commit_and_is_never_moved(hub: Loopback, run: Path) -> None:
    first = push(run, "user/model", tag="v1")
    assert hub.repos["models/user/model"].refs["v1"] == first.commit
    push(run, "user/model", tag="v1")  # the same content again is no error
    saved(run, seed=1)
    with pytest.raises(ModelError, match="tag 'v1' stands for another commit"):
        push(run, "user/model", tag="v1")
    assert hub.repos["models/user/model"].refs["v1"] == first.commit


# Races


def test_a_lost_race_is_run_again_on_top_of_the_winner(hub: Loopback, run: Path) -> None:
    hub.add("user/model")
    hub.rivals = [{"theirs.txt": File(b"first")}]
    push(run, "user/model")
    files = hub.repos["models/user/model"].files()
    assert files["theirs.txt"] == b"first"
    assert files[WEIGHTS] == (run / WEIGHTS).read_bytes()
    assert commits(hub) == 2


def test_a_race_lost_twice_is_given_up(hub: Loopback, run: Path) -> None:
    hub.add("user/model")
    hub.rivals = [{"theirs.txt": File(b"first")}, {"theirs.txt": File(b"second")}]
    with pytest.raises(ModelError, match="somebody else keeps committing"):
        push(run, "user/model")
    assert WEIGHTS not in hub.repos["models/user/model"].files()


# What is refused before anything is sent


@pytest.mark.parametrize("name", [WEIGHTS, CONFIG])
def test_a_directory_that_does_not_load_is_refused(hub: Loopback, run: Path, name: str) -> None:
    (run / name).write_bytes(b"damaged")
    with pytest.raises(ModelError, match=name):
        push(run, "user/model")
    assert hub.requests == []


def test_a_run_without_metrics_or_results_is_refused(hub: Loopback, run: Path) -> None:
    saved(run, metrics={"training": METRICS["training"]})
    with pytest.raises(ModelError, match="no results; run `python -m train evaluate"):
        push(run, "user/model")
    (run / METRICS_FILE).unlink()
    with pytest.raises(ModelError, match=r"metrics\.json is missing"):
        push(run, "user/model")
    assert hub.requests == []


@pytest.mark.parametrize("repo", ["model", "a/b/c", "user/model@v1", "user name/model", ""])
def test_a_name_that_is_not_user_slash_repo_is_refused(hub: Loopback, run: Path, repo: str) -> None:
    with pytest.raises(ModelError, match="write user/repo"):
        push(run, repo)
    assert hub.requests == []


@pytest.mark.parametrize("repo", ["user/a--b", "user/model.git", "user/-model"])
def test_a_name_that_the_hub_does_not_allow_is_refused(hub: Loopback, run: Path, repo: str) -> None:
    with pytest.raises(ModelError, match="write user/repo"):
        push(run, repo)
    assert hub.requests == []


# What the Hub refuses


def test_without_a_token_the_error_says_how_to_get_one(
    hub: Loopback, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(ModelError, match="hf auth login"):
        push(run, "user/model")


def test_a_token_that_is_not_valid_is_named_as_the_reason(
    hub: Loopback, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_expired")
    with pytest.raises(ModelError, match=r"valid token.*HTTP 401"):
        push(run, "user/model")


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("exists", [True, False])
def test_a_token_that_may_only_read_is_named_as_the_reason(hub: Loopback, run: Path, exists: bool) -> None:
    if exists:
        hub.add("user/model")
    with pytest.raises(ModelError, match=r"no permission.*settings/tokens.*HTTP 403"):
        push(run, "user/model")


def test_somebody_elses_name_space_is_refused(hub: Loopback, run: Path) -> None:
    with pytest.raises(ModelError, match="HTTP 403"):
        push(run, "somebody/model")


def test_a_token_that_may_write_but_not_create_is_enough_for_a_repository_that_exists(hub: Loopback, run: Path) -> None:
    hub.add("user/model")
    hub.fail("repos/create", 403)
    assert push(run, "user/model").changed


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("where", "status"),
    [
        *(("repos/create", status) for status in (404, 429, 500)),
        *(("/commit/", status) for status in (401, 403, 404, 429, 500, 503)),
        *((where, 500) for where in ("revision/main", "/tree/", "preupload", "objects/batch", "PUT /lfs", "/verify")),
        *((where, 403) for where in ("objects/batch", "PUT /lfs", "/verify")),
    ],
)
def test_any_failure_at_any_step_is_one_line_and_changes_nothing(
    hub: Loopback, run: Path, where: str, status: int
) -> None:
    before = dict(hub.add("user/model").refs)
    hub.fail(where, status, times=99)
    with pytest.raises(ModelError, match=f"HTTP {status}") as caught:
        push(run, "user/model")
    assert "\n" not in str(caught.value)
    assert hub.repos["models/user/model"].refs == before


@pytest.mark.usefixtures("hasty")
def test_trouble_that_passes_is_waited_out(hub: Loopback, run: Path) -> None:
    for where in ("preupload", "objects/batch", "PUT /lfs"):
        hub.fail(where, 503)
    push(run, "user/model")
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))


@pytest.mark.usefixtures("hasty")
def test_an_upload_that_breaks_off_is_sent_again(hub: Loopback, run: Path) -> None:
    hub.cut("PUT /lfs", after=1000)
    push(run, "user/model")
    assert hub.repos["models/user/model"].files()[WEIGHTS] == (run / WEIGHTS).read_bytes()


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("where", ["PUT /lfs", "/commit/"])
def test_an_upload_that_keeps_breaking_off_changes_nothing_and_can_be_repeated(
    hub: Loopback, run: Path, where: str
) -> None:
    before = dict(hub.add("user/model").refs)
    hub.cut(where, after=1000, times=99)
    with pytest.raises(ModelError, match="cannot be reached"):
        push(run, "user/model")
    assert hub.repos["models/user/model"].refs == before
    hub.faults.clear()
    push(run, "user/model")
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))


def test_with_the_hub_down_the_error_says_so(hub: Loopback, run: Path) -> None:
    with hub.down(), pytest.raises(ModelError, match="cannot be reached; check the connection"):
        push(run, "user/model")


# The model card


def test_the_card_names_each_result_with_its_data_set_status_and_count(run: Path) -> None:
    index = front_matter(card(run, "user/model"))["model-index"][0]["results"]
    by_set = {entry["dataset"]["name"]: entry["metrics"] for entry in index}
    assert list(by_set) == [
        "EMNIST ByMerge test, partial, 30,000 of 116,323 images",
        "Balanced proportions, redrawn from other EMNIST images, 18,800 images",
        "UNIPEN drawings, held-out writers, 1,234 images",
    ]
    assert {metric["name"]: metric["value"] for metric in next(iter(by_set.values()))} == {
        "Top-1 accuracy": 0.8975,
        "Top-3 accuracy": 0.996,
        "Macro-averaged recall": 0.893,
        "Expected calibration error": 0.011,
    }


def test_a_redrawn_set_never_carries_the_official_name(run: Path) -> None:
    assert "Balanced test" not in card(run)


def test_the_card_tells_how_to_use_and_how_to_repeat(run: Path) -> None:
    text = card(run, "user/model", ["figures/confusion.png"])
    for needed in (
        *('snapshot_download("user/model")', "python -m train fit --out RUN --seed 7", "150,000 train", "ab" * 32),
        *("the official training set has 697,932 images", "torch 2.14.1", "Commit: 0123abc", '"lr": 0.004'),
        *("](figures/confusion.png)", "`0` read as `O` 123×", "`0` 61%", "MIT", "## Limits"),
    ):
        assert needed in text


def test_unipen_is_credited_when_its_drawings_were_used(tmp_path: Path) -> None:
    assert "ICPR 1994, CC BY 4.0" in card(saved(tmp_path / "with"))
    training = {**METRICS["training"], "images": {"train": 1, "validation": 1, "sketches": 0}}
    assert "ICPR" not in card(saved(tmp_path / "without", metrics={**METRICS, "training": training}))


def test_the_front_matter_has_what_the_hub_shows(run: Path) -> None:
    data = front_matter(card(run, "user/model"))
    assert data["license"] == "mit"
    assert data["pipeline_tag"] == "image-classification"
    assert data["library_name"] == "pytorch"
    assert "emnist" in data["tags"]
    assert data["datasets"] == ["emnist"]


# The handler for Inference Endpoints


def drawing() -> bytes:
    """Return a PNG of a vertical stroke."""
    image = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(image).line([(50, 10), (50, 90)], fill=0, width=8)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


SERVE = """
import json, sys
import handler
assert handler.Recognizer.__module__ == "emnist.recognizer" and sys.modules["emnist"].__file__.startswith(sys.argv[1])
answers = handler.EndpointHandler(sys.argv[1])(json.load(sys.stdin))
print(json.dumps(answers))
"""


def test_the_handler_serves_from_a_directory_with_only_the_pushed_files(
    hub: Loopback, run: Path, tmp_path: Path
) -> None:
    push(run, "user/model")
    for path, content in hub.repos["models/user/model"].files().items():
        (tmp_path / "served" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "served" / path).write_bytes(content)
    served = str(tmp_path / "served")
    request = f'{{"inputs": "{base64.b64encode(drawing()).decode()}", "parameters": {{"top_k": 3}}}}'
    line = [sys.executable, "-c", SERVE, served]
    done = subprocess.run(line, cwd=served, input=request, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    answers = yaml.safe_load(done.stdout)
    assert len(answers) == 3
    assert answers == sorted(answers, key=lambda answer: -answer["score"])
    assert {answer["label"] for answer in answers} <= set("0123456789")


@pytest.fixture(scope="module")
def handler() -> Any:
    """Import the handler as the container does, by its path."""
    path = Path(__file__).parents[1] / "train" / "endpoint" / "handler.py"
    spec = importlib.util.spec_from_file_location("handler", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_handler_takes_base64_data_urls_and_pictures(handler: Any, tmp_path: Path) -> None:
    serve = handler.EndpointHandler(saved(tmp_path))
    text = base64.b64encode(drawing()).decode()
    forms = [text, f"data:image/png;base64,{text}", Image.open(io.BytesIO(drawing()))]
    answers = [serve({"inputs": form}) for form in forms]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) == 5
    assert 0 < sum(answer["score"] for answer in serve({"inputs": text, "parameters": {"top_k": 10}})) <= 1.0001


@pytest.mark.parametrize(
    "request_",
    [{}, {"inputs": None}, {"inputs": "!"}, {"inputs": "aGFsbG8="}, {"inputs": [1]}, {"inputs": {"a": 1}}],
)
def test_the_handler_refuses_what_is_no_picture(handler: Any, tmp_path: Path, request_: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"inputs|picture|read"):
        handler.EndpointHandler(saved(tmp_path))(request_)


@pytest.mark.parametrize("top", [0, -1, "3", True, 1.5])
def test_the_handler_refuses_a_wrong_top_k(handler: Any, tmp_path: Path, top: object) -> None:
    text = base64.b64encode(drawing()).decode()
    with pytest.raises(ValueError, match="top_k"):
        handler.EndpointHandler(saved(tmp_path))({"inputs": text, "parameters": {"top_k": top}})


# The command


def test_the_command_shows_the_files_with_sizes_and_the_address(hub: Loopback, run: Path) -> None:
    done = command("push", str(run), "user/model", HF_TOKEN=WRITER)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{(run / WEIGHTS).stat().st_size:,}  {WEIGHTS}" in done.stdout
    assert done.stdout.endswith(f"{hub.url}/user/model\n")
    again = command("push", str(run), "user/model", HF_TOKEN=WRITER)
    assert "nothing to do" in again.stdout


def test_the_command_fails_with_one_line(hub: Loopback, run: Path, tmp_path: Path) -> None:
    without = command("push", str(run), "user/model", HF_TOKEN="")
    assert (without.returncode, without.stderr.count("\n")) == (2, 1)
    assert "hf auth login" in without.stderr
    nothing = command("push", str(tmp_path / "nowhere"), "user/model", HF_TOKEN=WRITER)
    assert (nothing.returncode, nothing.stderr.count("\n")) == (2, 1)
    assert "no such directory" in nothing.stderr
