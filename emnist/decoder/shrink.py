"""Make a large picture smaller: photographs are averaged; in computer drawings thin strokes are kept."""

from functools import reduce

from PIL import Image, ImageChops

SAMPLE = 100  # pixels each way, which tell a drawing program's canvas
ONE_COLOUR = 0.6  # of them have exactly the colour of the canvas


def fit(image: Image.Image, side: int) -> Image.Image:
    """Return a copy of an RGB or RGBA `image` with the longer side at most `side`."""
    if max(image.size) > side and (ground := _ground(image)) is not None:
        image = _strokes_kept(image, side, ground)
    scale = min(1.0, side / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)


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
    mode, shrunk = image.mode, image.convert("RGBa") if image.mode == "RGBA" else image
    while max(shrunk.size) > side and min(shrunk.size) > 2:
        step = 2 if max(shrunk.size) >= 2 * side else 1
        width, height = ((length - 1) // step for length in shrunk.size)
        boxes = [(x, y, x + step * width, y + step * height) for x in (0, 1) for y in (0, 1)]
        shrunk = reduce(unlike, [shrunk.resize((width, height), Image.Resampling.NEAREST, box) for box in boxes])
        if step == 1:
            break
    return shrunk.convert(mode)
