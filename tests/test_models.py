"""Checks which models answer on the page when the Hub, its cache or a folder is not as it should be."""

from pathlib import Path

import pytest
from loopback import Loopback
from pages import files, started

from web.models import BUILT_IN, Models


def names(models: Models) -> list[str]:
    return [model.name for model in models.get()]


def test_without_the_hub_the_copy_of_the_last_start_answers_and_the_page_says_so(hub: Loopback) -> None:
    commit = hub.add("user/model", files()).refs["main"]
    assert not started("user/model").notices
    with hub.down():
        found = started("user/model")
        [model] = found.get()
    assert (model.name, model.commit) == ("user/model", commit)
    assert found.notices == ["The Hub does not answer; this is user/model as it was when it last did."]


def test_a_notice_goes_when_the_hub_is_back(hub: Loopback) -> None:
    commit = hub.add("user/model", files()).refs["main"]
    started("user/model")
    with hub.down():
        found, nothing = started("user/model"), started("user/other")
    hub.add("user/other", files())
    for models in (found, nothing):
        assert models.notices
        models.refresh()
        assert not models.notices
    assert [model.commit for model in found.get()] == [commit]
    assert names(nothing) == ["user/other"]


@pytest.mark.parametrize("body", [b"<html>Please log in</html>", b"null", b"[]"])
def test_a_portal_in_the_place_of_the_hub_leaves_the_built_in_model(hub: Loopback, body: bytes) -> None:
    hub.add("user/model", files())
    running = started("user/model")
    before = running.get()
    hub.impersonate(body)
    running.refresh()
    assert running.get() == before
    hub.reset()
    hub.impersonate(body)
    found = started("user/nothing")
    assert names(found) == [BUILT_IN]
    assert "user/nothing cannot be had" in found.notices[0]
    found.refresh()
    assert names(found) == [BUILT_IN]


@pytest.mark.parametrize("name", ["x" * 300, "user/" + "x" * 300, "", "no such/folder/anywhere"])
def test_a_name_that_no_model_has_leaves_the_built_in_model(hub: Loopback, name: str) -> None:
    found = started(name)
    assert names(found) == [BUILT_IN]
    assert len(found.notices[0]) <= 301


def test_a_file_that_cannot_be_read_leaves_the_built_in_model_and_its_place_is_not_told(tmp_path: Path) -> None:
    folder = tmp_path / "my models" / "mine"
    folder.mkdir(parents=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to("/proc/self/mem")  # a file that nobody can read
    found = started(str(folder))
    assert names(found) == [BUILT_IN]
    assert "mine" in found.notices[0]
    assert str(tmp_path) not in found.notices[0]
    assert "my models" not in found.notices[0]


def test_a_notice_has_an_end(tmp_path: Path) -> None:
    for name, content in files().items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "metrics.json").unlink()
    (tmp_path / "config.json").write_text(str({f"key {i}": i for i in range(10_000)}).replace("'", '"'))
    assert len(started(str(tmp_path)).notices[0]) <= 301


def test_a_folder_whose_name_a_repository_could_have_is_no_question_to_the_hub(
    hub: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs" / "fast").mkdir(parents=True)
    for name, content in files().items():
        (tmp_path / "runs" / "fast" / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    found = started("runs/fast")
    found.refresh()
    assert names(found) == ["fast"]
    assert not hub.requests
