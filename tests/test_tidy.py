"""The strokes of a tidy hand stay near those of the hand, with few corners, on a grid, straight or in even bends."""

from itertools import pairwise

import numpy as np
import pytest

from train.images import plotter
from train.images.tidy import Tidy
from train.images.words import Stroke

WAY = np.linspace(0, np.pi, 90)
BOW: Stroke = 50 * np.stack([1 - np.cos(WAY), np.sin(WAY)], axis=1)
CORNER: Stroke = np.concatenate([np.linspace((0, 0), (0, 90), 40), np.linspace((0, 90), (60, 90), 30)])


@pytest.mark.parametrize("stroke", [BOW, CORNER, BOW[:1], BOW[:2], np.concatenate([BOW, -BOW[::-1]])])
def test_a_straightened_stroke_has_few_corners_and_stays_near(stroke: Stroke) -> None:
    found = Tidy(far=5, pitch=0, straight=True).drawn(stroke)
    between = np.concatenate([np.linspace(one, other, 200) for one, other in pairwise(found)])
    assert len(found) < 12
    assert np.hypot(*(stroke[:, None] - between).T).min(axis=0).max() < 5.5


def test_corners_lie_on_a_grid() -> None:
    found = Tidy(far=5, pitch=10, straight=True).drawn(BOW + 3)
    assert np.allclose(found % 10, 0)


def test_a_bow_bends_evenly_and_a_corner_stays() -> None:
    bow, corner = (Tidy(far=5, pitch=0, straight=False).drawn(stroke) for stroke in (BOW, CORNER))
    come, go = np.diff(bow, axis=0)[:-1], np.diff(bow, axis=0)[1:]
    turns = np.degrees(np.arccos((come * go).sum(1) / np.hypot(*come.T) / np.hypot(*go.T)))
    assert turns.max() < 20
    assert [0, 90] in corner.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_a_plotter_draws_every_class_as_high_as_it_is_tall(seed: int) -> None:
    drawn = plotter.hand(np.random.default_rng(seed))
    heights = {label: np.ptp(np.concatenate(way)[:, 1]) for label, ways in drawn.items() for way in ways}
    assert len(drawn) == 47
    assert all(0.9 < heights[label] < 1.3 for label in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZbdfhgq")
    assert all(0.5 < heights[label] < 0.8 for label in "aenr")
