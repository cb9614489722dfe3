"""The page without a server makes the same 28×28 images as the library, of strokes bit for bit."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from drawings import STROKES, photograph, ruled
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from emnist import SPLITS
from emnist.choice import allowed
from emnist.picture import Source, prepare, read
from emnist.text import marks
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


SHARES = [0.6, 0.1, 0.08, 0.08, 0.07, 0.07]  # characters, strokes, points, commas, hyphens, lines


def boxes(count: int) -> list[list[list[float]]]:
    """Return the boxes of marks of texts that climb or fall, some of them points, hyphens or long lines, by chance."""
    random = np.random.default_rng(4)
    made = []
    for _ in range(count):
        many = int(random.integers(2, 9))
        size = random.choice([(0.7, 1.0), (0.2, 0.9), (0.1, 0.1), (0.1, 0.3), (0.4, 0.08), (3, 0.05)], many, p=SHARES)
        x = np.arange(many) * random.uniform(0.9, 1.6)
        foot = random.normal(1, 0.05, many) + random.choice([0, random.normal(0, 0.6)]) * x
        made.append(np.stack([x, foot - size[:, 1], x + size[:, 0], foot], axis=1).tolist())
    return made


def test_points_hyphens_long_lines_and_lines_that_climb_are_told_alike() -> None:
    code = """async (all) => {
        const { levelled, lines, punctuation, rows } = await import('LOCAL/marks.js')
        return all.map((boxes) => [levelled(boxes), lines(boxes), punctuation(boxes), rows(boxes)])
    }"""
    texts = boxes(400)
    kinds = np.zeros(3, int)
    for given, theirs in zip(texts, run(code, texts), strict=True):
        marks_ = np.array(given)
        level, lines_, points = marks.levelled(marks_), marks.lines(marks_), marks.punctuation(marks_)
        np.testing.assert_allclose(theirs[0], level, atol=1e-9)
        assert theirs[1:] == [lines_.tolist(), points.tolist(), marks.rows(marks_)]
        kinds += [(level != marks_).any(), lines_.any(), points.any()]
    assert kinds.min() > 10


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
def test_strokes_of_a_line_that_climbs_or_is_underlined_are_read() -> None:
    level = typeset("K247 HAT")
    climbing = [[[x, y - 0.4 * x] for x, y in stroke] for stroke in level]
    underlined = [*level, [[-0.1, 1.2], [9, 1.25]]]
    parted = [*typeset("12 34"), [[2.5, 0.5], [2.9, 0.5]], [[5.7, 1.0], [5.7, 1.03]]]
    found = alone.read([level, climbing, underlined, parted])
    assert [one["text"].replace(" ", "") for one in found] == ["K247HAT", "K247HAT", "K247HAT", "1234"]
    for one in found[:2]:
        boxes = [character["box"] for character in one["characters"]]
        assert all(low[0] < high[0] for low, high in pairwise(boxes))


def pictured(text: str, ink: int = 30, paper: int = 240, spacing: int = 0, high: int = 70) -> Image.Image:
    """Return `text` as a picture, with ruled lines if they have a `spacing`."""
    strokes = typeset(text)
    points = np.concatenate([np.array(stroke) for stroke in strokes])
    wide, tall = (high * (points.max(axis=0) + 2)).astype(int).tolist()
    picture = Image.new("L", (wide, tall), paper)
    canvas = ImageDraw.Draw(picture)
    for y in range(spacing // 2, tall, spacing) if spacing else []:
        canvas.line([(0, y), (wide, y)], 150, 2)
    for stroke in strokes:
        canvas.line([(high * (1 + x), high * (1 + y)) for x, y in stroke], ink, 7, "curve")
    return picture


@packaged
@pytest.mark.parametrize(
    "ground", [{}, {"spacing": 70}, {"ink": 250, "paper": 20}, {"high": 300}], ids=["plain", "ruled", "dark", "large"]
)
def test_several_characters_are_read_from_a_picture(ground: dict[str, Any]) -> None:
    texts = ["K247", "24 HAT", "EL\n824\nK7"]
    pictures = [pictured(text, **ground) for text in texts]
    for text, picture, found in zip(texts, pictures, alone.read_pictures(pictures), strict=True):
        assert found["text"] == text
        for character, (x, y) in zip(found["characters"], corners(text), strict=True):
            high = ground.get("high", 70)
            corner = np.array(character["box"][:2]) * picture.size / high - 1
            assert np.abs(corner - (x, y)).max() < 0.6


def corners(text: str) -> list[tuple[float, float]]:
    """Return the left upper corner of each character of `text` as `typeset` places it."""
    lines_ = enumerate(text.split("\n"))
    return [(1.1 * x, 1.8 * y) for y, line in lines_ for x, c in enumerate(line.replace(" ", "  ")) if c != " "]


@packaged
def test_characters_that_touch_in_a_picture_are_cut_apart() -> None:
    strokes = [[[0.8 * x, y] for x, y in stroke] for stroke in typeset("8L3")]
    picture = Image.new("L", (330, 210), 240)
    for stroke in strokes:
        ImageDraw.Draw(picture).line([(70 * (1 + x), 70 * (1 + y)) for x, y in stroke], 30, 9, "curve")
    [found] = alone.read_pictures([picture])
    assert found["text"] == "8L3"


def boxed(text: str, side: int = 90, gap: int = 0, thick: int = 3, across: float = 0.0) -> Image.Image:
    """Return `text`, a space being an empty box, in boxes `gap` px apart, moved `across` px in them."""
    rows, step = text.split("\n"), side + gap
    picture = Image.new("L", (60 + step * max(map(len, rows)), 60 + step * len(rows)), 240)
    canvas = ImageDraw.Draw(picture)
    for row, line in enumerate(rows):
        for column, character in enumerate(line):
            x, y = 30 + step * column, 30 + step * row
            canvas.rectangle((x, y, x + side, y + side), outline=60, width=thick)
            for stroke in STROKES.get(character, []):
                points = [(x + across + side * (0.2 + 0.6 * u), y + side * (0.2 + 0.6 * v)) for u, v in stroke]
                canvas.line(points, 30, round(0.07 * side), "curve")
    return picture


@packaged
@pytest.mark.parametrize(
    "kind",
    [{}, {"across": 14}, {"side": 60, "gap": 10, "thick": 1}, {"side": 60, "gap": 10, "thick": 5}],
    ids=["in a row", "at the line", "apart", "in thick lines"],
)
def test_boxes_of_a_form_hold_one_character_each(kind: dict[str, Any]) -> None:
    texts = ["HATK58 24L7\nK2 47E8A3H5", "K2 47", "ABK7\n82H3\nK5 4"]
    for text, found in zip(texts, alone.read_pictures([boxed(text, **kind) for text in texts]), strict=True):
        assert found["text"].replace(" ", "") == text.replace(" ", "")


@packaged
@pytest.mark.parametrize(("text", "stem"), [("KAYE29", 0.5), ("KAPE29", 0.29)])
def test_the_end_of_a_stroke_that_leaves_its_box_is_no_character(text: str, stem: float) -> None:
    picture, side = boxed(text, side=110, thick=2), 110
    x, y = 30 + side * (2 + stem), 30 + side
    ImageDraw.Draw(picture).line((x, y - 0.25 * side, x, y + 18), 30, 8)
    [found] = alone.read_pictures([picture])
    assert found["text"] == text


@packaged
def test_a_sheet_full_of_boxes_is_read_though_it_is_blank_as_one_character() -> None:
    text = "\n".join(["X" * 12] * 12)
    [found] = alone.read_pictures([boxed(text, side=34, gap=6, thick=2)])
    assert found["text"] == text


@packaged
def test_of_a_picture_on_ruled_paper_one_character_is_read() -> None:
    pictures = [ruled(character, 40, grid, pen=14) for character in "K8" for grid in (False, True)]
    found = alone.read_pictures(pictures)
    assert [one["text"] for one in found] == ["K", "K", "8", "8"]
    assert all(one["characters"][0]["isCharacter"] for one in found)


@packaged
@pytest.mark.parametrize(
    "ground", [{}, {"ink": 250, "paper": 20}, {"ink": 250, "paper": 20, "high": 300}], ids=["light", "dark", "large"]
)
def test_the_steps_of_one_of_several_begin_with_its_paper(ground: dict[str, Any]) -> None:
    [found] = alone.read_pictures([pictured("K24", **ground)], focus=1, want={"steps": True})
    assert found["text"] == "K24"
    assert abs(np.median(list(found["steps"][0]["values"].values())) - ground.get("paper", 240)) < 20


@packaged
def test_a_picture_without_a_text_is_answered_as_one_character() -> None:
    blob = Image.new("L", (1000, 1000), 255)
    ImageDraw.Draw(blob).ellipse((100, 100, 900, 900), 0)
    [found] = alone.read_pictures([blob])
    assert not found["characters"][0]["isCharacter"]


@packaged
def test_a_picture_that_begins_like_the_last_one_is_read_anew() -> None:
    whole = pictured("24\n38")
    wide = Image.new("L", (400, whole.height), 240)
    wide.paste(whole)
    upper = wide.crop((0, 0, 400, 170))
    assert [one["text"] for one in alone.read_pictures([upper, wide])] == ["24", "24\n38"]


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
