"""Checks the parts behind the page: which models answer, what the page may ask, what it is answered."""

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import drawings
import numpy as np
import pytest
from loopback import Loopback
from pages import files, started
from PIL import Image, ImageColor, ImageDraw
from test_written import sheet

from emnist import NoInkError, UnreadableImageError
from emnist.decoder import formats
from emnist.hub import PRETRAINED
from emnist.labels import NOT_A_CHARACTER
from emnist.picture import prepare
from emnist.picture.arrays import Bytes
from emnist.store import load, save
from emnist.text.reading import JOINED
from web.answer import PARTS, sentence, shares
from web.corrections import Corrections
from web.handlers import Handlers
from web.limits import BUSY, TOO_MANY
from web.models import BUILT_IN, Models
from web.question import MAX_URL, WISHES, Question, parse
from web.routes import STATIC


@pytest.fixture(scope="module")
def built_in() -> Models:
    return started()


def png(character: str) -> str:
    return url(drawings.draw(character))


def url(picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG")
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
    handlers = Handlers(started("user/model", str(PRETRAINED)), None)
    assert handlers.welcome()["names"] == ["user/model", "pretrained"]
    answer = handlers.read({"turn": 1, "picture": png("T")})
    assert [other["name"] for other in answer["others"]] == ["pretrained"]
    assert answer["others"][0]["characters"] == answer["characters"]


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


def test_a_question_holds_strokes_or_a_picture() -> None:
    assert parse({"turn": 4, "strokes": [[[1, 2.5]]]}) == Question(4, [[(1.0, 2.5)]])
    assert parse({"turn": 5, "picture": "data:image/png;base64,AAAA"}) == Question(5, picture=b"\0\0\0")
    for wrong in ({"turn": 1}, {"turn": 1, "strokes": [[[1, 2]]], "picture": "data:image/png;base64,AAAA"}):
        with pytest.raises(ValueError, match="either"):
            parse(wrong)


@pytest.mark.parametrize("picture", ["data:image/png;base64," + "A" * MAX_URL, "data:image/png;base64,A", "x" * 9])
def test_a_question_holds_no_other_picture(picture: str) -> None:
    with pytest.raises(ValueError, match="picture"):
        parse({"turn": 1, "picture": picture})


def test_a_restriction_reaches_the_answer(built_in: Models) -> None:
    answer = Handlers(built_in, None).read({"turn": 1, "picture": png("O"), "only": "digits"})
    found: dict[str, int] = dict(zip(answer["labels"], answer["characters"][0]["shares"], strict=True))
    assert sum(share for label, share in found.items() if not label.isdigit()) == 0
    assert sum(found.values()) == pytest.approx(PARTS, abs=10)


def test_strokes_are_read_as_numbers_in_less_than_two_kilobytes(built_in: Models) -> None:
    strokes = [[[round(400 * x), round(400 * y)] for x, y in stroke] for stroke in drawings.STROKES["T"]]
    question = {"turn": 1, "strokes": strokes, "several": True}
    assert len(json.dumps(question)) < 1000
    answer = Handlers(built_in, None).read(question)
    assert answer["text"] == "T"
    assert len(json.dumps(answer, separators=(",", ":"))) < 2000


@pytest.mark.parametrize("only", ["", "letters", "HKLO"])
def test_the_shares_of_each_of_several_characters_are_those_of_the_classes(built_in: Models, only: str) -> None:
    places = {"H": (0, 0, 100), "O": (100, 45, 55), "L": (170, 0, 100), "K": (260, 0, 100)}
    strokes = [
        [[left + 0.7 * size * x, top + size * y] for x, y in stroke]
        for character, (left, top, size) in places.items()
        for stroke in drawings.STROKES[character]
    ]
    answer = Handlers(built_in, None).read({"turn": 1, "strokes": strokes, "several": True, "only": only})
    assert answer["text"] in ("HoLK", "HOLK")
    for label, character in zip("HOLK", answer["characters"], strict=True):
        found: dict[str, int] = dict(zip(answer["labels"], character["shares"], strict=True))
        assert found[label] == max(found.values())
        assert sum(found.values()) == pytest.approx(PARTS, abs=len(found))  # each is rounded


def test_what_is_certain_is_all_and_what_is_impossible_nothing() -> None:
    assert shares({"a": 1.0, "b": 0.0}) == [PARTS, 0]
    assert shares({"a": 1 - 1e-9, "b": 1e-9}) == [PARTS - 1, 1]


def test_pictures_come_when_they_are_asked_for(built_in: Models) -> None:
    strokes = [[list(point) for point in stroke] for stroke in drawings.STROKES["T"]]
    plain = Handlers(built_in, None).read({"turn": 1, "strokes": strokes})
    full = Handlers(built_in, None).read({"turn": 2, "strokes": strokes, "want": list(WISHES)})
    assert not {"steps", "attention", "maps"} & set(plain)
    assert [step["name"] for step in full["steps"]] == ["picture", "pen", "image"]
    assert [layer["channels"] for layer in full["maps"]] == list(built_in.get()[0].recognizer.config.widths)
    assert [layer["side"] for layer in full["maps"]][2:] == [full["maps"][0]["side"] // 2, 3]
    assert len(base64.b64decode(full["attention"])) == 28 * 28


L_UNDER_T = [(60, 60), (60, 220), (165, 220)], [(110, 60), (270, 60)], [(200, 60), (200, 220)]


@pytest.mark.parametrize(("ink", "paper"), [("black", "white"), ("white", "black")], ids=["paper", "blackboard"])
def test_the_steps_of_one_of_several_characters_in_a_picture_show_its_ink_alone(
    built_in: Models, ink: str, paper: str
) -> None:
    sheet = Image.new("RGB", (330, 280), paper)
    for stroke in L_UNDER_T:
        ImageDraw.Draw(sheet).line(stroke, ink, 14)
    for focus in (0, 1):
        asked = {"turn": 1, "picture": url(sheet), "several": True, "focus": focus, "want": ["steps"]}
        answer = Handlers(built_in, None).read(asked)
        assert answer["text"] == "LT"
        for step in answer["steps"]:
            seen = _pixels(step)
            high, wide = seen.shape
            bar, foot = seen[: high // 2, wide // 2 :], seen[high * 2 // 3 :, : wide // 3]
            assert np.ptp(seen) > 200
            assert np.ptp(foot if focus else bar) < 64, step["name"]


@pytest.mark.parametrize(
    ("ink", "paper"),
    [("black", "white"), ("white", "black"), ("#282878", "#c8beaa")],
    ids=["paper", "blackboard", "blue on brown"],
)
def test_heavy_letters_that_fill_most_of_what_is_around_one_are_not_taken_for_the_paper(
    built_in: Models, ink: str, paper: str
) -> None:
    sheet = Image.new("RGB", (290, 170), paper)
    for place, character in enumerate("1B1"):
        for stroke in drawings.STROKES[character]:
            points = [(40 + 70 * (place + x), 40 + 90 * y) for x, y in stroke]
            ImageDraw.Draw(sheet).line(points, ink, 40, "curve")
            for x, y in points:
                ImageDraw.Draw(sheet).ellipse((x - 20, y - 20, x + 20, y + 20), ink)
    asked = {"turn": 1, "picture": url(sheet), "several": True, "focus": 1, "want": ["steps"]}
    answer = Handlers(built_in, None).read(asked)
    assert len(answer["text"]) == 3
    picture, even, mask, *_ = map(_pixels, answer["steps"])
    light = int(ImageColor.getcolor(ink, "L")) > int(ImageColor.getcolor(paper, "L"))  # type: ignore[arg-type]
    for seen, lighter in ((picture, light), (even, True)):
        inside, outside = seen[mask > 200].mean(), seen[mask < 50].mean()
        assert abs(inside - outside) > 90
        assert (inside > outside) == lighter


@pytest.mark.parametrize("text", ["K247", "K24", "K2"])
def test_a_text_that_is_not_sure_is_shown_if_the_picture_is_no_character_either(built_in: Models, text: str) -> None:
    sheet = Image.new("L", (640, 300), "white")
    pen = ImageDraw.Draw(sheet)
    for place, character in enumerate(text):
        for stroke in drawings.STROKES[character]:
            pen.line([(190 + 80 * place + 42 * x, 120 + 60 * y) for x, y in stroke], "black", 14, "curve")
    around = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radii = np.where(np.arange(40) % 2, 18, 24)
    pen.polygon([(100 + r * np.cos(a), 150 + r * np.sin(a)) for r, a in zip(radii, around, strict=True)], "black")
    answer = Handlers(built_in, None).read({"turn": 1, "picture": url(sheet), "several": True})
    assert answer["text"].upper().endswith(text)
    assert answer["confidence"] < 0.5


HASH = [[(150, 60), (146, 120)], [(172, 60), (168, 120)], [(140, 78), (180, 78)], [(140, 102), (180, 102)]]
SLIP = [[(150, 90), (160, 96), (154, 109), (166, 104), (156, 100)]]


@pytest.mark.parametrize(("beside", "marks"), [(HASH, 2), (SLIP, 1)], ids=["a sign", "a slip of the pen"])
@pytest.mark.parametrize("character", ["K", "7"])
def test_a_character_beside_what_is_none_is_a_text_if_that_is_as_large(
    built_in: Models, character: str, beside: list[list[tuple[int, int]]], marks: int
) -> None:
    paper = sheet([(character, (60, 60), 60, 80)], size=(260, 180))
    for stroke in beside:
        ImageDraw.Draw(paper).line(stroke, (20, 20, 40), 8)
    answer = Handlers(built_in, None).read({"turn": 1, "picture": url(paper), "several": True})
    assert len(answer["characters"]) == marks
    assert answer["text"][0] == character


def squared(text: str, high: int) -> Image.Image:
    """Return `text` on finely squared paper, on which the picture as one character seems blank."""
    squares = [(x, 0, x, 260) for x in range(7, 500, 14)] + [(0, y, 500, y) for y in range(7, 260, 14)]
    page = sheet(
        [(text, (150, 90), high, 1.2 * high)], squares, (500, 260), ((20, 20, 40), (170, 190, 220), (250,) * 3)
    )
    with pytest.raises(NoInkError):
        prepare(page)
    return page


@pytest.mark.parametrize(("text", "high", "only"), [("K", 28, ""), ("E", 40, ""), ("EK", 28, "digits")])
def test_writing_on_squared_paper_is_shown_though_as_one_character_the_picture_seems_blank(
    built_in: Models, text: str, high: int, only: str
) -> None:
    asked = {"turn": 1, "picture": url(squared(text, high)), "several": True, "only": only}
    answer = Handlers(built_in, None).read(asked)
    assert len(answer.get("characters", ())) == len(text)
    assert only or answer["text"] == text


def test_a_text_is_shown_though_another_model_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any) -> None:
        raise NoInkError("nothing")

    for name in ("first", "second"):
        save(tmp_path / name, *load(PRETRAINED), {})
    models = started(str(tmp_path / "first"), str(tmp_path / "second"))
    monkeypatch.setattr(models.get()[1].recognizer, "transcribe", nothing)
    answer = Handlers(models, None).read({"turn": 1, "picture": url(squared("K", 28)), "several": True})
    assert answer["text"] == "K"
    [other] = answer["others"]
    assert other["name"] == "second"
    assert other["note"].startswith("The picture is blank")


def _pixels(step: dict[str, Any]) -> Bytes:
    return np.frombuffer(base64.b64decode(step["values"]), np.uint8).reshape(step["height"], step["width"])


def test_the_same_correction_twice_is_kept_once(built_in: Models, tmp_path: Path) -> None:
    handlers = Handlers(built_in, Corrections(tmp_path))
    told = [handlers.correct({"turn": 1, "picture": png("T")}, label) for label in "JJK"]
    assert all(not each for each in told)
    assert len(list((tmp_path / "pictures").iterdir())) == 2
    assert len((tmp_path / "corrections.csv").read_text("utf-8").splitlines()) == 3


def test_what_is_no_character_is_kept_under_the_label_that_training_turns_away(
    built_in: Models, tmp_path: Path
) -> None:
    handlers = Handlers(built_in, Corrections(tmp_path))
    assert not handlers.correct({"turn": 1, "strokes": [[[0, 0], [9, 5], [2, 7]]]}, NOT_A_CHARACTER)
    assert (tmp_path / "corrections.csv").read_text("utf-8").splitlines()[1].split(",")[1] == NOT_A_CHARACTER


def test_a_restriction_may_name_characters_of_several_code_points() -> None:
    only = "ñn\u0308あ+👩\u200d🔬"
    assert parse({"turn": 1, "strokes": [[[0, 0]]], "only": only}).only == only


def test_the_page_is_told_how_well_a_model_reads_where_that_is_known(built_in: Models, tmp_path: Path) -> None:
    top1, merged = Handlers(built_in, None).welcome()["quality"]
    assert 0.8 < top1 < merged < 1
    good = {"images": 900, "top1": 0.9, "top1_lookalikes_merged": 0.9}
    for strange in ({"top1": "<b>"}, {"images": 9}, {"status": "seen"}):
        save(tmp_path / "mine", *load(PRETRAINED), {"results": [{**good, **strange}]})
        assert not Handlers(started(str(tmp_path / "mine")), None).welcome()["quality"]


def test_what_a_visitor_may_be_told_is_in_the_dictionary_of_the_page(tmp_path: Path) -> None:
    words = (STATIC / "words.js").read_text("utf-8")
    known = [re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) for text in re.findall(r"said\w+:\s*'(.+?)',\n", words)]
    blank = Image.new("RGB", (100, 100), "white")
    for picture in (blank, blank.resize((2, 2)), Image.new("RGBA", (100, 100)), b"no picture"):
        with pytest.raises((NoInkError, UnreadableImageError)) as caught:
            prepare(picture)
        assert any(re.fullmatch(each, sentence(str(caught.value))) for each in known), caught.value
    for text in (sentence(formats.COSTLY), JOINED, Corrections(tmp_path).promise, TOO_MANY, BUSY):
        assert any(re.fullmatch(each, text) for each in known), text
