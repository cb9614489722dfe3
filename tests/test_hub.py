"""Models are found by name and pulled from the Hub or its cache, and what stands in the way is explained."""

import pickle
from pathlib import Path

import pytest
import torch
from hub import READER
from loopback import HOME, Loopback
from models import LABELS, logits, model_files, network, saved

from emnist.errors import ModelError
from emnist.files import FILES, WEIGHTS
from emnist.hub import PRETRAINED, newest, pull, resolve
from emnist.store import load

# Which model


def test_without_a_source_the_built_in_model_is_meant() -> None:
    assert resolve() == PRETRAINED


def test_a_directory_is_taken_as_it_is(tmp_path: Path) -> None:
    assert resolve(tmp_path) == tmp_path
    assert resolve(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("source", ["nowhere", "a/b/c", "user/repo@", "user name/repo", ""])
def test_what_is_neither_a_directory_nor_a_repository_is_refused(source: str) -> None:
    with pytest.raises(ModelError, match="user/repo"):
        resolve(source)


def test_a_directory_has_no_revisions(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="needs a Hub model"):
        resolve(tmp_path, revision="main")
    with pytest.raises(ModelError, match="'built-in' is not"):
        resolve(revision="main")


def test_two_revisions_are_refused_before_the_hub_is_asked(hub: Loopback) -> None:
    with pytest.raises(ModelError, match="another revision than 'v2'"):
        resolve("user/model@v1", "v2")
    assert hub.requests == []


@pytest.mark.parametrize("source", [5, b"user/model", ["user/model"]])
def test_what_names_no_model_is_refused(source: object) -> None:
    with pytest.raises(ModelError, match="cannot load a model from a"):
        resolve(source)  # type: ignore[arg-type]


# Pulling


def test_a_pulled_model_answers_like_the_saved_one_and_only_needed_files_come(hub: Loopback, tmp_path: Path) -> None:
    files = model_files(saved(tmp_path))
    hub.add("user/model", {**files, "pytorch_model.bin": b"pickle", "README.md": b"card", "figures/a.png": b"png"})
    pulled = pull("user/model")
    assert torch.equal(logits(load(pulled)[0]), logits(network()))
    assert sorted(path.name for path in pulled.iterdir()) == sorted(FILES)
    assert not any("pytorch_model" in request or "README" in request for request in hub.requests)


def test_a_revision_is_a_branch_a_tag_a_pull_request_or_a_commit(hub: Loopback, tmp_path: Path) -> None:
    repo = hub.add("user/model", model_files(saved(tmp_path / "old", seed=0)))
    old = repo.refs["main"]
    new = hub.add("user/model", model_files(saved(tmp_path / "new", seed=1))).refs["main"]
    repo.commits |= hub.repos["models/user/model"].commits
    repo.refs |= {"main": new, "v1": old, "refs/pr/1": old}
    hub.repos["models/user/model"] = repo
    for source in ("user/model@v1", "user/model@refs/pr/1", f"user/model@{old}"):
        assert torch.equal(logits(load(resolve(source))[0]), logits(network(0)))
    assert torch.equal(logits(load(resolve("user/model"))[0]), logits(network(1)))
    assert newest("user/model") == new
    assert newest("user/model", "v1") == old


def test_a_second_pull_downloads_nothing_and_a_pinned_commit_asks_nothing(hub: Loopback, tmp_path: Path) -> None:
    commit = hub.add("user/model", model_files(saved(tmp_path))).refs["main"]
    pull("user/model")
    hub.requests.clear()
    pull("user/model")
    assert hub.requests == ["GET /api/models/user/model/revision/main"]
    hub.requests.clear()
    pull("user/model", commit)
    assert hub.requests == []


def test_with_the_hub_down_the_cache_answers(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    pull("user/model")
    with hub.down():
        assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))
        assert newest("user/model") is None


def test_with_the_hub_down_and_nothing_cached_the_error_says_so(hub: Loopback) -> None:
    with hub.down(), pytest.raises(ModelError, match=r"user/model: the Hub cannot be reached.*cache"):
        pull("user/model")


def test_a_new_revision_is_pulled_and_the_old_one_stays(hub: Loopback, tmp_path: Path) -> None:
    repo = hub.add("user/model", model_files(saved(tmp_path / "old", seed=0)))
    old = pull("user/model")
    hub.change("user/model", model_files(saved(tmp_path / "new", seed=1)))
    new = pull("user/model")
    assert new != old
    assert new.name == repo.refs["main"]
    assert torch.equal(logits(load(old)[0]), logits(network(0)))
    assert torch.equal(logits(load(new)[0]), logits(network(1)))


@pytest.mark.usefixtures("hasty")
def test_a_download_that_broke_off_is_completed(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    hub.cut("GET /cdn/", after=5000)
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))
    assert sum(request.startswith("GET /cdn/") for request in hub.requests) == 2


@pytest.mark.usefixtures("hasty")
def test_a_pull_that_failed_half_way_is_completed_by_the_next(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    hub.cut("GET /cdn/", after=0, times=99)
    with pytest.raises(ModelError, match="cannot be reached"):
        pull("user/model")
    hub.faults.clear()
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))


@pytest.mark.usefixtures("hasty")
def test_a_half_pulled_model_is_not_taken_for_a_whole_one(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    hub.cut("GET /cdn/", after=0, times=99)
    with pytest.raises(ModelError):
        pull("user/model")
    with hub.down(), pytest.raises(ModelError, match="cache"):
        pull("user/model")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("status", "advice"),
    [(401, "HF_TOKEN"), (403, "permission"), (404, "check the name"), (429, "few minutes"), (500, "try again later")],
)
def test_an_answer_other_than_success_is_explained_in_one_line(hub: Loopback, status: int, advice: str) -> None:
    hub.add("user/model")
    hub.fail("GET /api/models/user/model", status, times=99)
    with pytest.raises(ModelError, match=advice) as caught:
        pull("user/model")
    assert f"HTTP {status}" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert newest("user/model") is None


@pytest.mark.usefixtures("hasty")
def test_a_hub_in_trouble_does_not_hide_the_cache(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    pull("user/model")
    hub.fail("/api/", 500, times=99)
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))


def test_a_cache_that_cannot_be_written_is_named_with_what_to_do(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    (Path(HOME) / "hub").write_text("no folder")
    with pytest.raises(ModelError, match=r"^model user/model: .*hub.*: .*; make room there, or let .* HF_HOME name"):
        pull("user/model")
    (Path(HOME) / "hub").unlink()


PORTAL = [b"<html>Please log in</html>", b"null", b"[]", b"{}", b'"main"', b""]


@pytest.mark.parametrize("body", PORTAL)
def test_something_else_in_the_place_of_the_hub_is_explained_and_does_not_hide_the_cache(
    hub: Loopback, tmp_path: Path, body: bytes
) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    hub.impersonate(body)
    with pytest.raises(ModelError, match=r"^model user/model: .+ \(the cache does not have all of it\)$"):
        pull("user/model")
    assert newest("user/model") is None
    hub.faults.clear()
    pull("user/model")
    hub.impersonate(body)
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))


def test_a_name_that_no_file_can_have_is_refused_like_any_other() -> None:
    with pytest.raises(ModelError, match="user/repo") as caught:
        resolve("x" * 5000)
    assert len(str(caught.value)) < 300


def test_unknown_repositories_and_revisions_are_explained(hub: Loopback) -> None:
    hub.add("user/model")
    with pytest.raises(ModelError, match=r"user/nothing: no such repository.*HTTP 404"):
        pull("user/nothing")
    with pytest.raises(ModelError, match="no such revision"):
        pull("user/model", "v9")
    with pytest.raises(ModelError, match="write user/repo"):
        pull("user/--")


def test_the_name_of_a_folder_that_is_mistyped_is_told_of_whether_or_not_the_hub_answers(hub: Loopback) -> None:
    with pytest.raises(ModelError, match=r"runs/mien: no such repository.*nor is there a folder runs/mien here"):
        resolve("runs/mien")
    with hub.down(), pytest.raises(ModelError, match=r"cannot be reached.*nor is there a folder runs/mien here"):
        resolve("runs/mien")


def test_a_private_model_needs_a_token(hub: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add("user/model", model_files(saved(tmp_path)), private=True)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(ModelError, match="HF_TOKEN"):
        pull("user/model")
    monkeypatch.setenv("HF_TOKEN", READER)
    assert load(pull("user/model"))[1] == tuple(LABELS)


def test_a_repository_of_pickled_weights_is_refused_with_the_reason(hub: Loopback, tmp_path: Path) -> None:
    files = model_files(saved(tmp_path))
    del files[WEIGHTS]
    hub.add("user/model", {**files, "pytorch_model.bin": pickle.dumps({})})
    with pytest.raises(ModelError, match="pickled weights are never read"):
        load(pull("user/model"))


def test_a_repository_without_a_model_is_refused(hub: Loopback) -> None:
    hub.add("user/model", {"README.md": b"nothing here"})
    with pytest.raises(ModelError, match="holds none of"):
        pull("user/model")
