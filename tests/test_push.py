"""Runs are pushed to the Hub as one commit, to a branch or a pull request, tagged, and after a lost race once more."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from commands import command
from hub import File
from loopback import Loopback
from models import logits, network, run_folder, saved

import emnist
from emnist.errors import ModelError
from emnist.files import CONFIG, FILES, WEIGHTS
from emnist.hub import pull
from emnist.store import load
from train.publish.push import plan, push

# huggingface_hub 2.4 uploads LFS files with an argument that its HTTP library calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_folder(tmp_path / "run")


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


def test_whatever_the_library_consists_of_goes_up_but_the_built_in_model(run: Path) -> None:
    library = Path(emnist.__file__).parent
    files = {path.relative_to(library.parent).as_posix() for path in library.rglob("*") if path.is_file()}
    planned = {upload.path for upload in plan(run, "user/model") if upload.path.startswith("emnist/")}
    assert planned == {file for file in files if "__pycache__" not in file and "/pretrained/" not in file}


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


PLAN = """
import sys
from pathlib import Path
from train.publish import push
assert push.__file__.startswith(sys.argv[1])
print("\\n".join(f"{upload.path} {upload.size}" for upload in push.plan(Path(sys.argv[1]), "user/model")))
"""


def test_a_pushed_repository_holds_all_it_takes_to_push_it_again(run: Path, tmp_path: Path) -> None:
    planned = plan(run, "user/model")
    for upload in planned:
        (tmp_path / "code" / upload.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "code" / upload.path).write_bytes(upload.content)
    line = [sys.executable, "-c", PLAN, str(tmp_path / "code")]
    done = subprocess.run(line, cwd=tmp_path / "code", capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert sorted(done.stdout.splitlines()) == sorted(f"{upload.path} {upload.size}" for upload in planned)


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
    assert outcome.changed == 3  # the weights, the same as ONNX, and their checksums in metrics.json
    assert hub.repos["models/user/model"].files()["notes.md"] == b"by the owner"
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network(1)))


def test_code_and_figures_that_are_no_more_are_deleted(hub: Loopback, run: Path) -> None:
    push(run, "user/model")
    hub.change("user/model", {"emnist/old.py": b"", "figures/old.png": b"", "notes/old.md": b""})
    assert push(run, "user/model").changed == 2
    assert {path for path in hub.repos["models/user/model"].files() if "/old." in path} == {"notes/old.md"}


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


# The command


def test_the_command_shows_the_files_with_sizes_and_the_address(
    hub: Loopback, run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "push", str(run), "user/model") == 0
    out, err = capsys.readouterr()
    assert f"{(run / WEIGHTS).stat().st_size:,}  {WEIGHTS}" in out
    assert out.endswith(f"{hub.url}/user/model\n")
    assert err == ""


def test_the_command_fails_with_one_line(
    hub: Loopback, run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "push", str(run / "nowhere"), "user/model") == 2
    assert "no such directory" in capsys.readouterr().err
    monkeypatch.delenv("HF_TOKEN")
    assert command(monkeypatch, "push", str(run), "user/model") == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "hf auth login" in err
