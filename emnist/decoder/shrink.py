"""Make a large picture smaller: photographs are averaged; in computer drawings thin strokes are kept."""

from collections.abc import Callable
from functools import reduce

from PIL import Image, ImageChops

SAMPLE = 100  # px: side of the sample by which a drawing program's canvas is recognised
ONE_COLOUR = 0.6  # least share of the sample that has exactly one colour, that of the canvas
STRIP = 64  # rows of the smaller picture that are made at a time


def fit(image: Image.Image, side: int) -> Image.Image:
    """Return a copy of an RGB or RGBA `image` with the longer side at most `side`."""
    if max(image.size) > side and (ground := _ground(image)) is not None:
        image = _strokes_kept(image, side, ground)
    size = scaled(image.size, min(1.0, side / max(image.size)))
    return image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """Return the `size` in whole pixels, at least one each way, of a picture made `scale` times as large."""
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _ground(image: Image.Image) -> int | None:
    """Return how bright a drawing program's canvas is, 0 to 255 and 0 if it is transparent; None for photographs."""
    sample = image.resize((SAMPLE, SAMPLE), Image.Resampling.NEAREST)
    counts = sample.getcolors(SAMPLE * SAMPLE) or []
    if max(count for count, _ in counts) < ONE_COLOUR * SAMPLE * SAMPLE:
        return None
    shown = sample.convert("RGBa").convert("RGB") if sample.mode == "RGBA" else sample
    return sorted(shown.convert("L").tobytes())[SAMPLE * SAMPLE // 2]


def _strokes_kept(image: Image.Image, side: int, ground: int) -> Image.Image:
    """Return `image` with the longer side below 2 × `side`, each pixel as unlike the `ground` as any it stands for.

    The mean of a line one or two pixels wide and of the ground beside it is too pale where the line runs aslant.
    """
    unlike = ImageChops.darker if ground > 127 else ImageChops.lighter
    shrunk = image
    while max(shrunk.size) >= 2 * side and min(shrunk.size) > 2:
        shrunk = _halved(shrunk, unlike)
    if max(shrunk.size) > side and min(shrunk.size) > 2:
        shrunk = _premultiplied(shrunk)
        for x, y in ((1, 0), (0, 1)):  # beside and below; the result is as large as the smaller of both
            shrunk = unlike(shrunk, shrunk.crop((x, y, *shrunk.size)))
    found = shrunk.convert(image.mode)
    found.info = dict(image.info)  # the EXIF orientation, among others
    return found


def _halved(image: Image.Image, unlike: Callable[[Image.Image, Image.Image], Image.Image]) -> Image.Image:
    """Return of each 2×2 pixels the most `unlike`; in strips, as memory is short beside a large picture."""
    width, height = ((length - 1) // 2 for length in image.size)
    half = _premultiplied(Image.new(image.mode, (width, height)))
    for top in range(0, height, STRIP):
        rows = min(STRIP, height - top)
        boxes = [(x, 2 * top + y, x + 2 * width, 2 * (top + rows) + y) for x in (0, 1) for y in (0, 1)]
        quarters = (image.resize((width, rows), Image.Resampling.NEAREST, box) for box in boxes)
        half.paste(reduce(unlike, map(_premultiplied, quarters)), (0, top))
    return half


def _premultiplied(image: Image.Image) -> Image.Image:
    return image.convert("RGBa") if image.mode == "RGBA" else image
