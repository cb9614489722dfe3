"""What a table of texts does not show: a sheet of those that were misread, by cause, and how far confidences hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from emnist.decoder.shrink import scaled
from emnist.score import reliability
from emnist.text.transcript import Box

TILE = (420, 150)  # px: width and height of a tile
COLUMNS, ROWS = 3, 8  # most tiles across and down a sheet
CAPTION = 30  # px: height of the words at the foot of a tile
COLOURS = ((214, 39, 40), (31, 119, 180), (44, 160, 44), (255, 127, 14), (148, 103, 189))


@dataclass(frozen=True)
class Misread:
    """A text that was misread: its picture, the boxes of the characters found, and the words under it."""

    cause: str
    picture: Image.Image
    boxes: Sequence[Box]
    caption: str


def cause(text: str, read: str) -> str:
    """Return what went wrong with a text: the number of its characters, or what they are."""
    if len(text) == len(read):
        return "misread characters"
    return "parted too often" if len(read) > len(text) else "parted too seldom"


def sheets(found: Sequence[Misread], folder: Path) -> list[Path]:
    """Write a PNG for each cause into `folder`, of the first texts misread by it; return the files."""
    files = []
    for name in sorted({one.cause for one in found}):
        files.append(folder / f"{name.replace(', ', '-').replace(' ', '-')}.png")
        _sheet([one for one in found if one.cause == name][: COLUMNS * ROWS]).save(files[-1])
    return files


def _sheet(found: Sequence[Misread]) -> Image.Image:
    rows = -(-len(found) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE[0], rows * TILE[1]), "white")
    for place, one in enumerate(found):
        left, top = place % COLUMNS * TILE[0], place // COLUMNS * TILE[1]
        sheet.paste(_tile(one), (left, top))
        ImageDraw.Draw(sheet).text((left + 4, top + TILE[1] - CAPTION), one.caption, "black")
    return sheet


def _tile(one: Misread) -> Image.Image:
    picture = one.picture.convert("RGB")
    pencil = ImageDraw.Draw(picture)
    for number, box in enumerate(one.boxes):
        pencil.rectangle(box, outline=COLOURS[number % len(COLOURS)])
    scale = min((TILE[0] - 6) / picture.width, (TILE[1] - CAPTION - 4) / picture.height)
    return picture.resize(scaled(picture.size, scale))


def curve(confidences: Sequence[float], right: Sequence[bool], file: Path) -> Path:
    """Draw which share of the texts of some confidence is right, and how many of all those are; return `file`."""
    share, sure, hits = reliability(np.array(confidences), np.array(right)).T
    filled = np.flatnonzero(share)
    figure = Figure(figsize=(4.2, 4.0), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="#c9ced6")
    axes.plot(sure[filled], hits[filled], "o-", color="#2f6fde")
    for one in filled:
        place = (float(sure[one]), float(hits[one]))
        axes.annotate(f"{share[one]:.0%}", place, textcoords="offset points", xytext=(4, -10), fontsize=7)
    axes.set(xlabel="confidence of a text", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1.02))
    figure.savefig(file, dpi=150)
    return file
