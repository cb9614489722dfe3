"""A drawn page as a scanner or a camera hands it over."""

import io
from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist.picture.arrays import Mask

Random = np.random.Generator
Canvas = NDArray[np.float64]

COVERS = 0.3  # share of a pixel that a layer's ink must cover for the pixel to belong to that layer
TURN = 0.8  # degrees: standard deviation of the angle by which a page is turned
ASKEW = 0.12  # share of the pages that are turned by up to 5 degrees instead
PHOTOGRAPHED = 0.3  # share of the pages; the others are scanned
TABLE = 0.3  # share of the photographs that show what is around the page
BLACK_AND_WHITE = 0.15  # share of the scans


def sent(
    ground: Image.Image,
    layers: Sequence[tuple[Image.Image, Sequence[float], int]],
    places: Image.Image,
    random: Random,
) -> tuple[Image.Image, NDArray[np.uint8], Mask]:
    """Return the picture that a scanner or a camera hands over, whose ink is where in it, and where its `places` are.

    Each of the `layers` is ink, its colour and its number; as large as `ground` or a whole number of times larger.  The
    second result (H, W) is the number of the uppermost layer that covers a pixel, 0 for none; the third a mask (H, W).
    """
    size = np.array(ground.size, float)
    photographed = random.random() < PHOTOGRAPHED
    corners, targets = _corners(size, photographed, random)
    table = photographed and random.random() < TABLE
    around = tuple(int(v) for v in random.uniform(20, 210, 3)) if table else ground.getpixel((0, 0))
    pixels = np.asarray(moved(ground, corners, targets, around), float)
    owners = np.zeros(pixels.shape[:2], np.uint8)
    for layer, colour, number in layers:
        if not layer.getbbox():
            continue
        fine = layer.width // ground.width
        cover = np.asarray(moved(layer, fine * corners, fine * targets, 0).reduce(fine), float)[..., None] / 255
        pixels = pixels + cover * (np.asarray(colour, float) - pixels)
        owners[cover[..., 0] > COVERS] = number
    where = np.asarray(moved(places, corners, targets, 0)) > 127
    return _captured(pixels, random, photographed), owners, where


def _corners(size: Canvas, photographed: bool, random: Random) -> tuple[Canvas, Canvas]:
    """Return the corners (4, 2) of a page and where they are in the picture."""
    corners = np.array(list(product((0, 1), (0, 1)))) * size
    turn = np.radians(random.uniform(-5, 5) if random.random() < ASKEW else random.normal(0, TURN))
    targets = (corners - size / 2) @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]] + size / 2
    if photographed:
        targets = (targets - size / 2) * random.uniform(0.75, 1.05) + size / 2
        targets += random.uniform(-0.04, 0.04, (4, 2)) * size
    return corners, targets


def moved(
    image: Image.Image,
    corners: Canvas,
    targets: Canvas,
    outside: object,
    method: Image.Resampling = Image.Resampling.BILINEAR,
) -> Image.Image:
    """Return `image` with what is at `corners` (4, 2) brought to `targets`; the colour `outside` comes in."""
    rows = [
        row
        for (u, v), (x, y) in zip(corners, targets, strict=True)
        for row in ([x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y])
    ]
    numbers = np.linalg.solve(np.array(rows), corners.ravel()).tolist()
    way = Image.Transform.PERSPECTIVE
    return image.transform(image.size, way, numbers, method, fillcolor=outside)  # type: ignore[arg-type]


def _captured(pixels: Canvas, random: Random, photographed: bool) -> Image.Image:
    """Return `pixels` blurred, in uneven light, with noise, as a JPEG or, of some scans, in black and white."""
    y, x = np.mgrid[-1 : 1 : pixels.shape[0] * 1j, -1 : 1 : pixels.shape[1] * 1j]
    towards, fall = random.uniform(0, 2 * np.pi), random.uniform(0.1, 0.5) if photographed else 0.05
    across = x * np.cos(towards) + y * np.sin(towards)
    light = 1 - fall * (0.5 + 0.35 * across)
    if photographed and random.random() < 0.25:
        light *= np.where(across > random.uniform(-0.6, 0.6), random.uniform(0.55, 0.9), 1)
    blur = random.uniform(0.2, 1.1)
    pixels = ndimage.gaussian_filter(pixels * light[..., None], (blur, blur, 0))
    pixels = pixels + random.normal(0, random.uniform(0.5, 8), pixels.shape)
    pixels = 255 - pixels if random.random() < 0.03 else pixels
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    if not photographed and random.random() < BLACK_AND_WHITE:
        level = random.uniform(150, 200)
        return image.convert("L").point(lambda value: 255 * (value > level)).convert("1")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(random.integers(45, 97)))
    return Image.open(file).convert("RGB")
