"""Test pictures drawn in code: characters as strokes of a round pen, and papers to draw them on."""

from math import cos, pi, sin
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from emnist.picture import Source, prepare

Point = tuple[float, float]
Colour = tuple[int, int, int]

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
SMOOTH = 4  # each picture is drawn so many times larger and reduced, which smooths its edges


def arc(x: float, y: float, wide: float, high: float, start: float, end: float) -> list[Point]:
    """Return points on an ellipse around (x, y); angles in turns, clockwise from the right."""
    turns = [start + (end - start) * k / 24 for k in range(25)]
    return [(x + wide * cos(2 * pi * t), y + high * sin(2 * pi * t)) for t in turns]


# Strokes in the unit square, x to the right, y down.
STROKES: dict[str, list[list[Point]]] = {
    "0": [arc(0.5, 0.5, 0.33, 0.5, -0.25, 0.75)],
    "1": [[(0.5, 0), (0.5, 1)]],
    "2": [[*arc(0.5, 0.28, 0.33, 0.28, -0.5, 0.1), (0.15, 1), (0.85, 1)]],
    "3": [arc(0.4, 0.25, 0.35, 0.25, -0.4, 0.25) + arc(0.4, 0.75, 0.4, 0.25, -0.25, 0.4)],
    "4": [[(0.5, 0), (0.1, 0.6), (0.85, 0.6)], [(0.65, 0.3), (0.65, 1)]],
    "5": [[(0.8, 0), (0.25, 0), (0.2, 0.45), *arc(0.45, 0.69, 0.37, 0.31, -0.35, 0.4)]],
    "6": [[(0.65, 0), (0.25, 0.5), *arc(0.5, 0.73, 0.3, 0.27, 0.45, 1.45)]],
    "7": [[(0.1, 0), (0.9, 0), (0.4, 1)]],
    "8": [arc(0.5, 0.24, 0.28, 0.24, 0.25, 1.25) + arc(0.5, 0.74, 0.33, 0.26, -0.25, 0.75)],
    "9": [[*arc(0.5, 0.28, 0.3, 0.28, 0, 1), (0.7, 1)]],
    "A": [[(0.05, 1), (0.5, 0), (0.95, 1)], [(0.22, 0.65), (0.78, 0.65)]],
    "B": [
        [(0.15, 0), (0.15, 1)],
        [(0.15, 0), *arc(0.45, 0.24, 0.3, 0.24, -0.25, 0.25), *arc(0.45, 0.74, 0.38, 0.26, -0.25, 0.25), (0.15, 1)],
    ],
    "C": [arc(0.55, 0.5, 0.45, 0.5, -0.12, -0.88)],
    "E": [[(0.85, 0), (0.15, 0), (0.15, 1), (0.85, 1)], [(0.15, 0.5), (0.7, 0.5)]],
    "H": [[(0.1, 0), (0.1, 1)], [(0.9, 0), (0.9, 1)], [(0.1, 0.5), (0.9, 0.5)]],
    "K": [[(0.15, 0), (0.15, 1)], [(0.85, 0), (0.15, 0.55), (0.9, 1)]],
    "L": [[(0.15, 0), (0.15, 1), (0.85, 1)]],
    "M": [[(0, 1), (0.1, 0), (0.5, 0.7), (0.9, 0), (1, 1)]],
    "N": [[(0.1, 1), (0.1, 0), (0.9, 1), (0.9, 0)]],
    "O": [arc(0.5, 0.5, 0.5, 0.5, -0.25, 0.75)],
    "P": [[(0.15, 0), (0.15, 1)], [(0.15, 0), *arc(0.45, 0.26, 0.35, 0.26, -0.25, 0.25), (0.15, 0.52)]],
    "R": [
        [(0.15, 0), (0.15, 1)],
        [(0.15, 0), *arc(0.45, 0.26, 0.35, 0.26, -0.25, 0.25), (0.15, 0.52), (0.5, 0.52), (0.9, 1)],
    ],
    "T": [[(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]],
    "U": [[(0.1, 0), (0.1, 0.6), *arc(0.5, 0.65, 0.4, 0.35, 0.5, 0), (0.9, 0)]],
    "V": [[(0, 0), (0.5, 1), (1, 0)]],
    "W": [[(0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0)]],
    "X": [[(0, 0), (1, 1)], [(1, 0), (0, 1)]],
    "Y": [[(0, 0), (0.5, 0.5), (1, 0)], [(0.5, 0.5), (0.5, 1)]],
    "Z": [[(0.05, 0), (0.95, 0), (0.05, 1), (0.95, 1)]],
    "d": [[(0.8, 0), (0.8, 1)], arc(0.48, 0.7, 0.3, 0.28, 0, 1)],
    "e": [[(0.1, 0.5), (0.9, 0.5), *arc(0.5, 0.5, 0.4, 0.45, 0, -0.85)]],
    "h": [[(0.15, 0), (0.15, 1)], [*arc(0.5, 0.7, 0.35, 0.25, -0.5, 0), (0.85, 1)]],
    "i": [[(0.5, 0.35), (0.5, 1)], [(0.5, 0), (0.5, 0.03)]],
    "j": [[(0.6, 0.3), (0.6, 0.8), *arc(0.4, 0.8, 0.2, 0.2, 0, 0.4)], [(0.6, 0), (0.6, 0.03)]],
    "n": [[(0.1, 0), (0.1, 1)], [*arc(0.5, 0.4, 0.4, 0.4, -0.5, 0), (0.9, 1)]],
    "t": [[(0.45, 0), (0.45, 0.8), *arc(0.65, 0.8, 0.2, 0.18, 0.5, 0.1)], [(0.1, 0.3), (0.85, 0.3)]],
}


def coverage(
    character: str, size: int = 280, pen: float = 16, extent: float = 0.6, centre: Point = (0.5, 0.5)
) -> Image.Image:
    """Return how much ink covers each pixel (mode L) of a square picture `size` px wide.

    `pen` is the width of the stroke in px, `extent` the side of the character's square and `centre` its middle, both as
    parts of the picture.
    """
    side = size * SMOOTH
    picture = Image.new("L", (side, side))
    canvas = ImageDraw.Draw(picture)
    radius = pen * SMOOTH / 2
    for stroke in STROKES[character]:
        points = [tuple(side * (c + extent * (v - 0.5)) for v, c in zip(p, centre, strict=True)) for p in stroke]
        canvas.line(points, fill=255, width=round(2 * radius))
        for x, y in points:
            canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return picture.resize((size, size), Image.Resampling.BOX)


def draw(character: str, ink: Colour = BLACK, paper: Colour = WHITE, **shape: Any) -> Image.Image:
    """Return `character` as an RGB picture; `shape` goes to `coverage`."""
    cover = coverage(character, **shape)
    return Image.composite(Image.new("RGB", cover.size, ink), Image.new("RGB", cover.size, paper), cover)


def sketch(character: str, ink: Colour = BLACK, **shape: Any) -> Image.Image:
    """Return `character` as RGBA: ink on a fully transparent ground, as a sketchpad's layer holds it."""
    cover = coverage(character, **shape)
    picture = Image.new("RGBA", cover.size, (*ink, 0))
    picture.putalpha(cover)
    return picture


def photograph(character: str, **shape: Any) -> Image.Image:
    """Return `character` as if photographed: uneven light, a shadow's edge, grain and blur."""
    random = np.random.default_rng(0)
    cover = np.asarray(coverage(character, **shape), dtype=np.float64) / 255
    across, down = np.meshgrid(np.linspace(0, 1, cover.shape[1]), np.linspace(0, 1, cover.shape[0]))
    light = 0.9 - 0.3 * across - 0.1 * down
    light[:, int(0.72 * cover.shape[1]) :] *= 0.75
    pixels = 255 * light * (1 - 0.75 * cover) + random.normal(0, 4, cover.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1)).convert("RGB")


def ruled(character: str, spacing: int, grid: bool, **shape: Any) -> Image.Image:
    """Return `character` in dark blue on white paper with light blue lines, or squares if `grid`."""
    cover = coverage(character, **shape)
    paper = Image.new("RGB", cover.size, WHITE)
    canvas = ImageDraw.Draw(paper)
    for at in range(spacing // 2, max(cover.size), spacing):
        canvas.line([(0, at), (cover.width, at)], fill=(150, 180, 220), width=2)
        if grid:
            canvas.line([(at, 0), (at, cover.height)], fill=(150, 180, 220), width=2)
    return Image.composite(Image.new("RGB", cover.size, (20, 30, 90)), paper, cover)


def scribble() -> Image.Image:
    """Return a black scribble on white that is no character."""
    picture = Image.new("RGB", (280, 280), WHITE)
    points = [tuple(point) for point in (280 * np.random.default_rng(0).uniform(0.1, 0.9, (40, 2))).tolist()]
    ImageDraw.Draw(picture).line(points, fill=BLACK, width=12, joint="curve")
    return picture


def alike(first: Source, second: Source) -> float:
    """Return the correlation of what two pictures become."""
    return float(np.corrcoef(prepare(first).image.ravel(), prepare(second).image.ravel())[0, 1])
