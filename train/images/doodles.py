"""Line drawings that are no character, as lists of polylines (points, 2) of x, y, y down, in any unit.

Each function draws one at random; `negatives` puts a pen to them.  None may be read as a character: a ring or a polygon
of more than four corners is an O, three half periods of a wave are an M, N, W or Z.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Line = NDArray[np.float64]
Random = np.random.Generator


def scribble(random: Random) -> list[Line]:
    """Draw a smooth random walk that crosses itself many times."""
    turns = int(random.integers(12, 40))
    knots = np.cumsum(random.normal(0, 1, (turns, 2)), axis=0) if random.random() < 0.5 else random.random((turns, 2))
    steps = np.linspace(0, turns - 1, turns * 8)
    return [np.stack([ndimage.map_coordinates(knots[:, axis], [steps], order=3) for axis in (0, 1)], axis=1)]


def tick(random: Random) -> list[Line]:
    """Draw a tick: a short stroke down, a long one up, sharp or round where they meet, sometimes twice."""
    short, long = random.uniform(0.2, 0.5), 1.0
    down, up = np.deg2rad(random.uniform(25, 65)), np.deg2rad(random.uniform(35, 65))
    corner = np.array([short * np.cos(down), short * np.sin(down)])
    tip = corner + np.array([long * np.cos(up), -long * np.sin(up)])
    way = np.concatenate([np.linspace((0, 0), corner, 10), np.linspace(corner, tip, 20)[1:]])
    bow = np.linspace(0, 1, len(way))[:, None] ** 2 * random.uniform(-0.15, 0.15)
    line = ndimage.gaussian_filter1d(way + bow, random.uniform(0.1, 1.5), axis=0, mode="nearest")
    again = line + np.array([random.uniform(0.3, 0.7), random.uniform(-0.1, 0.1)])
    return [line, again] if random.random() < 0.15 else [line]


def mark(random: Random) -> list[Line]:
    """Draw a dash, an equals sign, or one to three dots: what is left of a character, or stands between two."""
    slope = random.uniform(-0.25, 0.25)
    dash = np.array([[0.0, 0.0], [1.0, slope]])
    if random.random() < 0.5:
        return [dash] if random.random() < 0.6 else [dash, dash + np.array([0, random.uniform(0.25, 0.7)])]
    step = np.array([1, slope]) if random.random() < 0.6 else np.array([slope, 1])
    return [i * step[None] for i in range(int(random.integers(1, 4)))]  # a ring would be an O


def plot(random: Random) -> list[Line]:
    """Draw axes, with arrows or without, and in them one or two curves, or bars."""
    width, height = random.uniform(0.8, 1.8), 1.0
    left = 0.0 if random.random() < 0.7 else random.uniform(0.3, 0.6) * width  # the axes' corner, or a cross of axes
    base = height if random.random() < 0.7 else height * random.uniform(0.4, 0.7)
    lines = [np.array([[left, 0.0], [left, height]]), np.array([[0.0, base], [width, base]])]
    if random.random() < 0.6:
        barb = random.uniform(0.05, 0.12)
        lines += [np.array([[left - barb, barb], [left, 0], [left + barb, barb]])]
        lines += [np.array([[width - barb, base - barb], [width, base], [width - barb, base + barb]])]
    if random.random() < 0.25:
        for x in np.linspace(0.15, 0.8, int(random.integers(2, 5))) * width:
            top, side = base - random.uniform(0.15, 0.9) * height, 0.1 * width
            lines.append(np.array([[x, base], [x, top], [x + side, top], [x + side, base]]))
        return lines
    return lines + [_curve(random, width, height) for _ in range(int(random.integers(1, 3)))]


def _curve(random: Random, width: float, height: float) -> Line:
    """Draw a line, a parabola, a wave, a growth or a smooth random course across a plot."""
    x = np.linspace(random.uniform(0, 0.15), random.uniform(0.8, 1), 40)
    rough = ndimage.gaussian_filter1d(random.normal(0, 1, 40), random.uniform(1, 6), mode="reflect")
    y = [x, (x - 0.5) ** 2, np.sin(x * random.uniform(4, 14)), np.exp(4 * x), rough][int(random.integers(5))]
    y = (y - y.min()) / max(float(np.ptp(y)), 1e-6) * random.uniform(0.4, 0.9)
    y = y if random.random() < 0.7 else 0.95 - y
    return np.stack([x * width, (0.95 - y) * height], axis=1)


def shape(random: Random) -> list[Line]:
    """Draw one of: polygon, star, spiral, zigzag, wave, grid, arrow, house, face, heart, person, crossed-out box."""
    return SHAPES[int(random.integers(len(SHAPES)))](random)


def _polygon(random: Random) -> list[Line]:
    return [_around(int(random.integers(3, 5)), 1, random)]


def _star(random: Random) -> list[Line]:
    corners = int(random.choice([5, 7]))
    return [_around(corners, corners // 2, random)]


def _around(corners: int, skip: int, random: Random) -> Line:
    angles = np.arange(corners + 1) * (2 * np.pi / corners) * skip + random.uniform(0, 2 * np.pi)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _spiral(random: Random) -> list[Line]:
    angle, turn = np.linspace(0, random.uniform(2.2, 5) * 2 * np.pi, 120), random.uniform(0, 2 * np.pi)
    return [np.stack([angle * np.cos(angle + turn), angle * np.sin(angle + turn)], axis=1)]


def _zigzag(random: Random) -> list[Line]:
    x = np.linspace(0, 1, 120)
    phase = x * random.uniform(2.5, 6)  # five half periods at the least
    y = np.abs((phase % 1) - 0.5) * 2 if random.random() < 0.5 else np.sin(phase * 2 * np.pi)
    return [np.stack([x * random.uniform(1, 4), y], axis=1)]


def _grid(random: Random) -> list[Line]:
    count = int(random.integers(3, 5))
    bars = np.arange(count) / (count - 1)
    return [np.array([[b, 0.0], [b, 1.0]]) for b in bars] + [np.array([[0.0, b], [1.0, b]]) for b in bars]


def _arrow(random: Random) -> list[Line]:
    lines = [np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[0.7, -0.25], [1.0, 0.0], [0.7, 0.25]])]
    return lines + ([np.array([[0.3, -0.25], [0.0, 0.0], [0.3, 0.25]])] if random.random() < 0.5 else [])


def _house(random: Random) -> list[Line]:
    top = random.uniform(0.3, 0.5)
    wall = np.array([[0.0, 1.0], [0.0, top], [0.5, 0.0], [1.0, top], [1.0, 1.0], [0.0, 1.0]])
    return [wall, np.array([[0.0, top], [1.0, top]])]


def _ellipse(x: float, y: float, wide: float, high: float, first: float = 0.0, last: float = 2 * np.pi) -> Line:
    angle = np.linspace(first, last, 40)
    return np.stack([x + wide * np.cos(angle), y + high * np.sin(angle)], axis=1)


def _face(random: Random) -> list[Line]:
    eyes, mouth = random.uniform(0.2, 0.5), random.uniform(0.3, 0.6)
    bend = (0.15 * np.pi, 0.85 * np.pi) if random.random() < 0.7 else (1.15 * np.pi, 1.85 * np.pi)
    parts = [_ellipse(x, -0.3, 0.06, random.uniform(0.06, 0.15)) for x in (-eyes, eyes)]
    return [_ellipse(0, 0, 1, random.uniform(0.8, 1.2)), *parts, _ellipse(0, 0.2, mouth, 0.35, *bend)]


def _heart(random: Random) -> list[Line]:
    t = np.linspace(0, 2 * np.pi, 60)
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return [np.stack([random.uniform(0.8, 1.2) * 16 * np.sin(t) ** 3, -y], axis=1)]


def _person(random: Random) -> list[Line]:
    arms, legs = random.uniform(-0.4, 0.4), random.uniform(0.2, 0.6)
    limbs = [[[-0.6, 0.7 + arms], [0, 0.7], [0.6, 0.7 + arms]], [[-legs, 2.2], [0, 1.4], [legs, 2.2]]]
    return [_ellipse(0, 0, 0.4, 0.4), np.array([[0, 0.4], [0, 1.4]]), *(np.array(limb) for limb in limbs)]


def _crossed_box(random: Random) -> list[Line]:
    width = random.uniform(0.7, 1.6)
    box = np.array([[0, 0], [width, 0], [width, 1], [0, 1], [0, 0]], float)
    cross = [np.array([[0, 0], [width, 1]]), np.array([[width, 0], [0, 1]])]
    return [box, *cross[: int(random.integers(1, 3))]]


SHAPES: tuple[Callable[[Random], list[Line]], ...] = (
    *(_polygon, _star, _spiral, _zigzag, _zigzag, _grid, _arrow, _house),
    *(_face, _heart, _person, _crossed_box),
)
