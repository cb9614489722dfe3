"""Checks the parts behind the page: which models answer, what the sketchpad may send, and what its examples are."""

import base64
import io
from pathlib import Path
from typing import Any

import drawings
import pytest
from loopback import Loopback

from emnist.hub import FILES, PRETRAINED, load, save
from web.examples import EXAMPLES
from web.handlers import Handlers
from web.models import BUILT_IN, Models
from web.sketchpad import MAX_URL, Sketch, parse


def files() -> dict[str, bytes]:
    return {name: (PRETRAINED / name).read_bytes() for name in FILES}


def started(*sources: str) -> Models:
    found = Models(sources)
    found.start()
    found.get()
    return found


@pytest.fixture(scope="module")
def built_in() -> Models:
    return started()


def png(character: str) -> str:
    file = io.BytesIO()
    drawings.draw(character).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def test_without_a_source_the_built_in_model_answers(built_in: Models) -> None:
    assert [model.name for model in built_in.get()] == [BUILT_IN]
    assert not built_in.notices


def test_a_directory_is_called_by_its_name_and_not_by_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, content in files().items():
        (folder / name).write_bytes(content)
    assert [model.name for model in started(str(folder)).get()] == ["mine"]


def test_several_models_answer_side_by_side(hub: Loopback) -> None:
    hub.add("user/model", files())
    answer = Handlers(started("user/model", str(PRETRAINED)), None).read({"turn": 1, "picture": png("T")}, "", False)
    assert [model["name"] for model in answer["models"]] == ["user/model", "pretrained"]


def test_a_newer_revision_is_taken_once_it_has_loaded(hub: Loopback) -> None:
    hub.add("user/model", files())
    found = started("user/model")
    [before] = found.get()
    commit = hub.change("user/model", {"README.md": b"a new card"})
    found.refresh()
    [after] = found.get()
    assert before.commit != after.commit == commit


def test_a_newer_revision_that_is_damaged_changes_nothing_but_is_told(hub: Loopback) -> None:
    hub.add("user/model", files())
    found = started("user/model")
    before = found.get()
    hub.change("user/model", {"model.safetensors": b"damaged"})
    found.refresh()
    assert found.get() == before
    assert "newer revision" in found.notices[0]


def test_a_fixed_revision_stays(hub: Loopback) -> None:
    commit = hub.add("user/model", files()).refs["main"]
    found = started(f"user/model@{commit}")
    before = found.get()
    hub.change("user/model", {"model.safetensors": b"damaged"})
    found.refresh()
    assert found.get() == before
    assert not found.notices


def test_a_model_whose_label_map_is_not_the_one_it_learned_does_not_answer(tmp_path: Path) -> None:
    network, labels = load(PRETRAINED)
    save(tmp_path / "mixed", network, labels[::-1], {})
    found = started(str(tmp_path / "mixed"))
    assert [model.name for model in found.get()] == [BUILT_IN]
    assert "misreads" in found.notices[0]


def test_the_sketchpad_may_send_a_picture_or_nothing() -> None:
    assert parse({"turn": 4, "picture": None}) == Sketch(4, None)
    assert parse({"turn": 5, "picture": "data:image/png;base64,AAAA"}) == Sketch(5, b"\0\0\0")


@pytest.mark.parametrize("picture", ["data:image/png;base64," + "A" * MAX_URL, "data:image/png;base64,A", "x" * 9])
def test_the_sketchpad_may_send_nothing_else(picture: str) -> None:
    with pytest.raises(ValueError, match="picture"):
        parse({"turn": 1, "picture": picture})


def test_a_restriction_reaches_the_answer(built_in: Models) -> None:
    answer = Handlers(built_in, None).read({"turn": 1, "picture": png("O")}, "digits", False)
    shares: dict[str, Any] = dict(zip(answer["labels"], answer["models"][0]["probabilities"], strict=True))
    assert sum(p for label, p in shares.items() if not label.isdigit()) == 0


def test_the_examples_are_what_they_are_called(built_in: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    for example in EXAMPLES:
        name = str(example["name"])
        monkeypatch.setitem(drawings.STROKES, "example", example["strokes"])
        found = built_in.get()[0].recognizer.predict(drawings.draw("example", extent=1.0, pen=20))
        if len(name) == 1:
            assert found.label == name
        else:
            assert not found.is_character
