"""Texts composed from one writer's characters, drawn as pictures, and the fits of what the search weighs."""

import numpy as np
import pytest

from emnist import Recognizer
from emnist.text import pictures, pieces, strokes
from emnist.text.score import folded
from tests.drawings import STROKES
from train.images import pages
from train.images.words import Hand, Text, compose
from train.results import covers, drawn
from train.results.fits import logistic

HAND: Hand = {label: [[np.array(stroke, float) for stroke in strokes]] for label, strokes in STROKES.items()}


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.from_pretrained()


def composed(text: str, seed: int) -> Text:
    return compose(text, "code", "someone", HAND, np.random.default_rng(seed))


@pytest.mark.parametrize("style", sorted(set(pages.STYLES)))
def test_a_page_tells_whose_ink_is_where(style: str) -> None:
    page = pages.draw(composed("EK 247\nLZ8", 1), np.random.default_rng(1), style)
    assert page.picture.size == page.owners.shape[::-1]
    assert set(np.unique(page.owners)) == set(range(9))
    rows = [np.nonzero(page.owners == place)[0].mean() for place in range(1, 9)]
    assert max(rows[:5]) < min(rows[5:])  # the second line stands below the first


def test_the_characters_of_a_page_are_among_the_candidates_and_are_read(recognizer: Recognizer) -> None:
    text = composed("EK247", 3)
    page = pages.draw(text, np.random.default_rng(3), "plain")
    sheet = pictures.prepare(page.picture)
    rows = pictures.rows(sheet, pieces.find(sheet.ink), recognizer.look)
    lines = [pictures.line(sheet, row) for row in rows]
    (right,) = drawn.right(rows, [line.groups for line in lines], drawn.owners(page, sheet), text)
    assert right is not None
    assert len(right) == 5
    assert folded(recognizer.transcribe(page.picture).text, recognizer.labels) == "EK247"


def test_a_fit_makes_right_covers_more_probable(recognizer: Recognizer) -> None:
    data = []
    for seed in (1, 2):
        text = composed("EK247", seed)
        (line,) = strokes.lines(text.strokes)
        right = covers.of_strokes(text, line)
        assert right is not None
        data.append(covers.example(line, right, *recognizer.look(line.images, once=True), recognizer.labels))
    start = line.weights
    fitted = covers.fit(data, start)
    values = [covers.loss(covers.vector(weights), data)[0] for weights in (start, fitted)]
    assert values[1] < values[0]


def test_a_logistic_fit_finds_what_tells() -> None:
    clue = np.linspace(-1, 1, 200)
    constant, slope = logistic(np.stack([np.ones(200), clue], axis=1), clue > 0)
    assert slope > 10 * abs(constant)
