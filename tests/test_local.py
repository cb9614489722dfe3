"""The page without a server makes the same 28×28 images as the library, of strokes bit for bit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from drawings import STROKES, photograph
from numpy.typing import NDArray

from emnist import SPLITS
from emnist.choice import allowed
from emnist.picture import Source, prepare, read
from emnist.text.drawing import image
from emnist.text.strokes import lines
from tests import alone
from tests.alone import NODE, run
from train.publish import static

pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
packaged = pytest.mark.skipif(not static.PACKAGE.is_dir(), reason="`npm ci --prefix web` has not been run")


def drawings(count: int) -> list[list[list[list[float]]]]:
    """Return drawings by an unsteady hand: known characters turned, stretched, trembling, with dots and loops added."""
    random = np.random.default_rng(5)
    made = []
    for i in range(count):
        change = np.eye(2) + random.normal(0, 0.3, (2, 2))
        strokes = [np.array(stroke, float) for stroke in list(STROKES.values())[i % len(STROKES)]]
        if i % 5 == 0:
            strokes.append(random.random((1, 2)))
        if i % 7 == 0:
            strokes.append(random.random((30, 2)).cumsum(0) / 30)
        scale = 10 ** random.uniform(-2, 3)
        made.append([((s @ change + random.normal(0, 0.02, s.shape)) * scale).tolist() for s in strokes])
    return made


def test_strokes_become_the_same_bytes() -> None:
    strokes = drawings(500)
    ours = np.stack([image([np.array(stroke) for stroke in drawing]) for drawing in strokes])
    code = "async (all) => { const { image } = await import('LOCAL/drawing.js'); return all.map((d) => [...image(d)]) }"
    theirs = np.array(run(code, strokes), np.uint8).reshape(ours.shape)
    assert (ours == theirs).mean() >= 0.999


@pytest.mark.parametrize("strokes", [[[[3, 3]]], [[[0, 0], [0, 0]]], [[[0, 0], [1, 0]]], [[], [[0, 0], [1, 1]]]])
def test_dots_and_straight_lines_too(strokes: list[list[list[float]]]) -> None:
    ours = image([np.array(stroke, float).reshape(-1, 2) for stroke in strokes])
    code = "async (drawing) => [...(await import('LOCAL/drawing.js')).image(drawing)]"
    assert run(code, strokes) == ours.ravel().tolist()


def written(texts: int) -> list[list[list[list[float]]]]:
    """Return texts of one to three lines by an unsteady hand, their strokes in any order."""
    random, known = np.random.default_rng(9), list(STROKES.values())
    made = []
    for _ in range(texts):
        wide, high = random.integers(1, (7, 4))
        corners = [(1.2 * x, 2.0 * y) for y in range(high) for x in range(wide)]
        drawn = [(corner, stroke) for corner in corners for stroke in known[int(random.integers(len(known)))]]
        strokes = [
            50 * (np.array(stroke) + corner + random.normal(0, 0.02, (len(stroke), 2))) for corner, stroke in drawn
        ]
        made.append([strokes[i].tolist() for i in random.permutation(len(strokes))])
    return made


def test_strokes_stand_in_the_same_lines_and_these_are_drawn_alike() -> None:
    code = """async (all) => {
        const { extent } = await import('LOCAL/drawing.js')
        const { height, rows } = await import('LOCAL/marks.js')
        const { drawn } = await import('LOCAL/sequence.js')
        return all.map((strokes) => rows(strokes.map(extent)).map((row) => {
            const own = row.map((i) => strokes[i])
            const line = drawn(own, height(own.map(extent)))
            return [row, [...(line?.picture.data ?? [])].map((value) => Math.round(255 * value))]
        }))
    }"""
    texts = written(60)
    for strokes, theirs in zip(texts, run(code, texts), strict=True):
        ours = lines([np.array(stroke) for stroke in strokes])
        assert [list(line.places) for line in ours] == [row for row, _ in theirs]
        for line, (_, values) in zip(ours, theirs, strict=True):
            assert line.picture is not None
            assert (np.abs(line.picture.ravel().astype(int) - values) <= 1).mean() >= 0.999


def typeset(text: str) -> list[list[list[float]]]:
    """Return the strokes of `text`, lines below each other."""
    return [
        [[1.1 * x + px, 1.8 * y + py] for px, py in stroke]
        for y, line in enumerate(text.split("\n"))
        for x, character in enumerate(line.replace(" ", "  "))
        for stroke in STROKES.get(character, [])
    ]


@packaged
@pytest.mark.parametrize(
    ("text", "only"),
    [("K247", ""), ("24 78", ""), ("EL\n824\nK7", ""), ("then", ""), ("tin", "letters"), ("480", "digits"), ("A", "")],
)
def test_several_characters_are_read_from_strokes(text: str, only: str) -> None:
    [found] = alone.read([typeset(text)], only=only)
    assert found["text"] == text
    assert len(found["characters"]) == len(text.replace("\n", "").replace(" ", ""))
    assert found["confidence"] > 0.5


@packaged
def test_points_and_taps_are_no_characters() -> None:
    points = [[[2.3, 0.98], [2.32, 1.0]], [[3.6, 0.5]]]
    [found] = alone.read([typeset("AB") + points])
    assert found["text"] == "AB"


@packaged
def test_each_stroke_goes_to_its_character() -> None:
    texts = ["HELLO", "KLT", "HAHN", "THEN", "R2H4", "tHdK"]
    for text, found in zip(texts, alone.read([typeset(text) for text in texts]), strict=True):
        counts = [len(STROKES[character]) for character in text]
        strokes = [character["strokes"] for character in found["characters"]]
        assert strokes == [list(range(sum(counts[:i]), sum(counts[: i + 1]))) for i in range(len(counts))], text


@packaged
def test_where_it_looked_is_shown_of_a_letter_whose_case_its_word_tells() -> None:
    [found] = alone.read([typeset("tin")], only="letters", focus=1, want={"attention": True, "steps": True})
    assert found["characters"][1]["label"] == "i"
    assert found["focus"] == 1
    assert max(found["attention"].values()) > 0


def pixels(source: Source) -> dict[str, Any]:
    """Return a picture as a browser opens it."""
    picture = read(source).convert("RGBA")
    return {"width": picture.width, "height": picture.height, "data": list(picture.tobytes())}


def difference(ours: NDArray[np.uint8], theirs: list[int]) -> float:
    return float(np.abs(ours.ravel().astype(float) - theirs).mean() / 255)


@pytest.mark.parametrize("label", ["A", "8", "e"])
def test_photographs_become_nearly_the_same(label: str) -> None:
    picture = photograph(label)
    code = "async (picture) => [...(await import('LOCAL/pictures.js')).prepare(picture).image]"
    assert difference(prepare(picture).image, run(code, pixels(picture))) < 0.02


@pytest.mark.parametrize("labels", [SPLITS["balanced"], SPLITS["letters"], "0Añあ٣ß+", ("A", "n\u0308", "é", "?")])
def test_a_restriction_allows_the_same_characters_of_any_script(labels: Sequence[str]) -> None:
    asked = ["", "digits", "letters", "upper", "lower", "cñ0"]
    code = """async ({ asked, labels }) => {
        const { choose } = await import('LOCAL/odds.js')
        return asked.map((only) => { try { return choose(only, labels) } catch { return [] } })
    }"""
    assert run(code, {"asked": asked, "labels": list(labels)}) == [places(only or None, labels) for only in asked]


def places(only: str | None, labels: Sequence[str]) -> list[int]:
    try:
        return allowed(only, labels)
    except ValueError:
        return []


def test_a_blank_picture_is_refused_with_what_to_do() -> None:
    code = """async (picture) => {
        const { prepare } = await import('LOCAL/pictures.js')
        try { prepare(picture) } catch (error) { return error.message }
    }"""
    assert "write something" in run(code, pixels(np.full((200, 200), 255, np.uint8)))
    assert "transparent" in run(code, pixels(np.zeros((200, 200, 4), np.uint8)))
