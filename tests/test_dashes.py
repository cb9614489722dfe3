"""Printed lines of dots and dashes, and strokes printed between boxes, are not read; writing in dots is."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from emnist import Recognizer
from emnist.picture import prepare
from tests.drawings import BLACK, STROKES, WHITE, alike, draw
from tests.test_written import PRINTED, boxes, caption, read, sheet

DOTS, LONG_DASHES, SHORT_DASHES = (2.0, 4.0), (8.0, 5.0), (4.0, 3.0)
BROKEN = pytest.mark.parametrize("broken", [DOTS, LONG_DASHES, SHORT_DASHES])
Line = tuple[float, float, float, float]


def in_dashes(lines: list[Line], broken: tuple[float, float]) -> list[Line]:
    """Return the dashes of `lines`: how long one is, and the gap after it, px."""
    dash, gap = broken
    found = []
    for x0, y0, x1, y1 in lines:
        long = np.hypot(x1 - x0, y1 - y0)
        x, y = (x1 - x0) / long, (y1 - y0) / long
        for at in np.arange(0, long, dash + gap):
            end = min(at + dash, long)
            found.append((x0 + x * at, y0 + y * at, x0 + x * end, y0 + y * end))
    return found


@BROKEN
@pytest.mark.parametrize("row", [150.0, 165.0], ids=["that it touches", "below it"])
def test_a_word_over_a_broken_line(recognizer: Recognizer, broken: tuple[float, float], row: float) -> None:
    line = in_dashes([(40, row, 660, row + 4)], broken)
    assert read(recognizer, sheet([("K2487", (80, 100), 50, 70)], line)) == ["K2487"]


@BROKEN
def test_a_row_of_boxes_with_broken_lines(recognizer: Recognizer, broken: tuple[float, float]) -> None:
    picture = sheet([("K2 47", (52, 105), 40, 60)], in_dashes(boxes(40, 100, 60, 5), broken))
    assert read(recognizer, picture) == ["K247"]


@BROKEN
def test_boxes_apart_with_broken_lines(recognizer: Recognizer, broken: tuple[float, float]) -> None:
    lines = [line for left in range(40, 500, 80) for line in boxes(left, 100, 60, 1)]
    assert read(recognizer, sheet([("K2 478", (52, 105), 40, 80)], in_dashes(lines, broken))) == ["K2478"]


@BROKEN
@pytest.mark.parametrize("character", "A5eTO")
def test_a_character_in_a_box_with_broken_lines(character: str, broken: tuple[float, float]) -> None:
    picture = draw(character, pen=16, extent=0.4)
    for line in in_dashes(boxes(50, 50, 180, 1), broken):
        ImageDraw.Draw(picture).line(line, BLACK, 2)
    assert alike(draw(character, pen=24), picture) > 0.95


@pytest.mark.parametrize("character", "AKTZ")
def test_a_character_of_dots_or_dashes_is_written(character: str) -> None:
    picture = Image.new("RGB", (280, 280), WHITE)
    for stroke in STROKES[character]:
        points = [(70 + 140 * x, 70 + 140 * y) for x, y in stroke]
        lines = [(*one, *other) for one, other in pairwise(points)]
        for line in in_dashes(lines, (9, 6)):
            ImageDraw.Draw(picture).line(line, BLACK, 3)
    assert prepare(picture).mask.sum() > 0.6 * (np.asarray(picture.convert("L")) < 128).sum()


def test_strokes_and_points_printed_between_boxes_are_not_read(recognizer: Recognizer) -> None:
    lines = [line for left in (40, 105, 200, 265, 360, 425) for line in boxes(left, 100, 60, 1)]
    picture = sheet([("K2", (52, 105), 40, 65), ("47", (212, 105), 40, 65), ("8E", (372, 105), 40, 65)], lines)
    caption(picture, "/", (175, 108), 40)
    ImageDraw.Draw(picture).line([(336, 130), (350, 130)], PRINTED, 4)
    assert read(recognizer, picture) == ["K2478E"]


def test_what_is_written_where_a_box_is_missing_is_read(recognizer: Recognizer) -> None:
    lines = [line for left in (40, 120, 280, 360) for line in boxes(left, 100, 60, 1)]
    assert read(recognizer, sheet([("K2478", (55, 112), 36, 80)], lines)) == ["K2478"]
