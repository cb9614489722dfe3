"""Points, commas, colons and hyphens among characters are left out, from strokes and from pictures alike."""

from itertools import pairwise

import pytest
from PIL import Image, ImageDraw

from emnist import Recognizer
from tests.drawings import BLACK, WHITE
from tests.test_strokes import Strokes, written

MARKS: dict[str, Strokes] = {
    ".": [[[0, 96], [3, 99], [0, 99]]],
    ",": [[[5, 95], [0, 118]]],
    ":": [[[0, 40], [3, 43]], [[0, 90], [3, 93]]],
    "-": [[[0, 56], [40, 54]]],
}


def with_marks(text: str, gap: float = 35) -> Strokes:
    strokes: Strokes = []
    x = 0.0
    for one in text:
        own = MARKS.get(one) or written(one)
        strokes += [[[px + x, py] for px, py in stroke] for stroke in own]
        x = max(px for stroke in strokes for px, _ in stroke) + gap
    return strokes


def picture(strokes: Strokes) -> Image.Image:
    right = max(x for stroke in strokes for x, _ in stroke)
    found = Image.new("L", (int(right) + 80, 200), WHITE[0])
    pen = ImageDraw.Draw(found)
    for stroke in strokes:
        points = [(x + 40, y + 40) for x, y in stroke]
        for one, other in pairwise(points):
            pen.line([one, other], BLACK[0], 8)
        for x, y in points:
            pen.ellipse([x - 4, y - 4, x + 4, y + 4], BLACK[0])
    return found


@pytest.mark.parametrize("as_strokes", [True, False], ids=["strokes", "picture"])
@pytest.mark.parametrize("text", ["3.24", "K.E.", "24:38", "2,498", "324-8792", "K-2", "23.4.78", "-K24"])
def test_punctuation_is_left_out(recognizer: Recognizer, text: str, as_strokes: bool) -> None:
    strokes = with_marks(text)
    found = recognizer.transcribe(strokes if as_strokes else picture(strokes))
    assert "".join(found.text.split()) == "".join(one for one in text if one not in MARKS)
    assert all(one.is_character for one in found.characters)


@pytest.mark.parametrize("as_strokes", [True, False], ids=["strokes", "picture"])
@pytest.mark.parametrize("text", ["did", "nine", "5E", "tEH", "A2", "hi"])
def test_dots_and_bars_of_characters_stay(recognizer: Recognizer, text: str, as_strokes: bool) -> None:
    strokes = with_marks(text)
    found = recognizer.transcribe(strokes if as_strokes else picture(strokes))
    assert len(found.characters) == len(text)
    if as_strokes:
        assert sorted(part for one in found.characters for part in one.parts) == list(range(len(strokes)))


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_alone_is_asked_about(recognizer: Recognizer, mark: str) -> None:
    assert len(recognizer.transcribe(MARKS[mark]).characters) >= 1
