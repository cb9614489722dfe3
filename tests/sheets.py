"""A printed form as people fill it in and send it: lines, boxes and captions, and whose ink is where.

`tests.printed` holds the kinds of forms that are drawn with it.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from tests.papers import BLUE, PAPER, Colour, Floats, inked, picture
from train.images import press
from train.images.camera import moved
from train.images.press import FINE, Box, Press
from train.images.words import WORDS, Hand, Random, Stroke, compose

COLOURS = ((25, 25, 30), (25, 25, 30), (110, 110, 115), (160, 160, 165), (70, 95, 170), (190, 70, 70), (70, 140, 90))
PENS = (BLUE, (20, 20, 25), (20, 20, 25), (40, 60, 170))
SIDE = (26, 85)  # px: least and greatest side of boxes
LINE = (1, 5)  # px: least and greatest thickness of printed lines; at most about an eighth of a box's side
EMPTY = 0.12  # share of the boxes that stay empty
TOUCHES = 0.08  # share of the characters in boxes that touch a line or reach over it
TURN = 0.7  # degrees: standard deviation of a form's rotation
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
CAPTIONS = ("Name", "First name", "Street and number", "City", "Telephone", "Date of birth", "Order no.", "Account")


@dataclass
class Sheet(Press):
    """A form that somebody fills in; all lengths are px.

    Attributes:
        hand, random: who writes, and what varies.
        lines, written: (FINE · H, FINE · W), where there is ink.
        owners: (H, W), the number of the row, from 1, that was written where.
        ground: (H, W, 3), the paper.
        rows: what is written in each row.
        thick, colour: how thick the printed lines are, and what colour.
        pen, ink: the same of what is written.
        broken: how long the dashes and the gaps of printed lines are, if they are.
    """

    hand: Hand
    random: Random
    lines: Image.Image
    written: Image.Image
    owners: Image.Image
    ground: Image.Image
    thick: float
    colour: Colour
    pen: float
    ink: Colour
    turn: float
    rows: list[str] = field(default_factory=list)
    photographed: bool = False
    broken: tuple[float, float] | None = None

    @classmethod
    def blank(cls, hand: Hand, random: Random, wide: float, high: float, side: float) -> "Sheet":
        """Return an empty sheet for boxes whose lower side is about `side` px."""
        small = round(wide), round(high)
        fine = [Image.new("L", (FINE * small[0], FINE * small[1])) for _ in range(2)]
        paper = tuple(round(v) for v in (PAPER if random.random() < 0.5 else (255, 255, 255)))
        line = random.uniform(LINE[0], min(LINE[1], max(side / 8, 1.5)))
        colour, ink = (some[int(random.integers(len(some)))] for some in (COLOURS, PENS))
        pen = max(1.5, side * random.uniform(0.045, 0.09))
        empty = Image.new("L", small), Image.new("RGB", small, paper)
        return cls(hand, random, *fine, *empty, line, colour, pen, ink, random.normal(0, TURN))

    def caption(self, x: float, y: float, high: float, text: str = "") -> float:
        """Print a text that is about `high` px high, its foot at `y`; return where it ends."""
        text = text or str(self.random.choice(CAPTIONS))
        font = ImageFont.load_default(max(9.0, 1.35 * high) * FINE)
        ImageDraw.Draw(self.lines).text((FINE * x, FINE * y), text, 255, font, anchor="ls")
        return x + font.getlength(text) / FINE

    def signs(self, count: int, empty: float = EMPTY) -> str:
        """Return as many characters that this hand can write: digits, capitals or both; spaces for empty boxes."""
        known = [c for c in SIGNS if c in self.hand]
        kind = (str.isdigit, str.isupper, str.isalnum)[int(self.random.integers(3))]
        signs = self.random.choice([c for c in known if kind(c)], count)
        kept = self.random.random(count) >= empty
        kept[self.random.integers(count)] = True
        return "".join(sign if keep else " " for sign, keep in zip(signs, kept, strict=True))

    def word(self) -> str:
        """Return a word in capitals or as it is, or a number, that this hand can write."""
        known = [w for word in WORDS for w in (word, word.upper()) if set(w) <= set(self.hand)]
        number = self.signs(int(self.random.integers(2, 7)), 0)
        return str(self.random.choice(known)) if known and self.random.random() < 0.5 else number

    def fill(self, boxes: Sequence[Box], text: str, size: tuple[float, float] = (0.5, 0.75)) -> None:
        """Write a character of `text`, a new row, in each box; its height is `size` of the boxes'."""
        self.rows.append(text.replace(" ", ""))
        tall = self.random.uniform(*size)
        for box, label in zip(boxes, text, strict=True):
            if label != " ":
                self._write_in(box, label, tall)

    def _write_in(self, box: Box, label: str, tall: float) -> None:
        drawings, corner, room = self.hand[label], np.array(box[:2]), np.array(box[2:])
        strokes = drawings[int(self.random.integers(len(drawings)))]
        low = np.concatenate(strokes).min(axis=0)
        size = np.ptp(np.concatenate(strokes), axis=0)
        scale = min(tall * room[1] / max(1.0, size[1]), 0.8 * room[0] / max(float(size[0]), 1e-6))
        spare = room - scale * size - self.thick - self.pen
        place = (spare + self.thick + self.pen) / 2 + spare * self.random.normal(0, 0.12, 2).clip(-0.45, 0.45)
        if self.random.random() < TOUCHES:  # a line at the left, right, top or bottom
            over, axis = self.random.uniform(0, 0.08) * room[1], int(self.random.integers(2))
            place[axis] = (-over, room[axis] - scale * size[axis] + over)[int(self.random.integers(2))]
        self._ink([corner + place + scale * (stroke - low) for stroke in strokes])

    def write(self, text: str, x: float, foot: float, high: float) -> float:
        """Write free characters as a new row, tall ones `high` px high; return where they end."""
        self.rows.append(text.replace(" ", ""))
        line = compose(text, "", "", self.hand, self.random, touch=0)
        tall = np.quantile([np.ptp(np.concatenate(line.alone(i))[:, 1]) for i in range(len(line.characters))], 0.75)
        points = np.concatenate(line.strokes)
        start = np.array([points[:, 0].min(), points[:, 1].max()])  # its left end and its lowest point
        self._ink([np.array([x, foot]) + (stroke - start) * high / tall for stroke in line.strokes])
        return x + float(np.ptp(points[:, 0])) * high / float(tall)

    def _ink(self, strokes: Sequence[Stroke]) -> None:
        for stroke in strokes:
            points = [(float(x), float(y)) for x, y in stroke]
            press.stroke(self.written, stroke, self.pen)
            ImageDraw.Draw(self.owners).line([*points, points[-1]], len(self.rows), max(1, round(self.pen)))

    def sent(self) -> tuple[Image.Image, NDArray[np.uint8]]:
        """Return the picture as a scanner or camera hands it over, and its owners (H, W)."""
        random, size = self.random, np.array(self.owners.size, float)
        corners = np.array(list(product((0, 1), (0, 1)))) * size
        turn = np.radians(self.turn)
        turned = (corners - size / 2) @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]] + size / 2
        if self.photographed:
            turned += random.uniform(-0.03, 0.03, (4, 2)) * size
        ground = moved(self.ground, corners, turned, self.ground.getpixel((0, 0)))
        owners = moved(self.owners, corners, turned, 0, Image.Resampling.NEAREST)
        printed, written = (
            np.asarray(moved(one, FINE * corners, FINE * turned, 0).reduce(FINE), float) / 255
            for one in (self.lines, self.written)
        )
        pixels = inked(inked(np.asarray(ground, float), printed, self.colour), written, self.ink)
        return _captured(pixels, random, self.photographed), np.asarray(owners)


def _captured(pixels: Floats, random: Random, photographed: bool) -> Image.Image:
    """Return `pixels` blurred, in uneven light, with noise, as a JPEG or, of some scans, in black and white."""
    y, x = np.mgrid[-1 : 1 : pixels.shape[0] * 1j, -1 : 1 : pixels.shape[1] * 1j]
    towards, fall = random.uniform(0, 2 * np.pi), random.uniform(0.1, 0.5) if photographed else 0.05
    pixels = pixels * (1 - fall * (0.5 + 0.35 * (x * np.cos(towards) + y * np.sin(towards))))[..., None]
    blur = random.uniform(0.3, 1)
    pixels = ndimage.gaussian_filter(pixels, (blur, blur, 0)) + random.normal(0, random.uniform(1, 8), pixels.shape)
    if not photographed and random.random() < 0.15:
        return picture(pixels).convert("L").point(lambda value: 255 * (value > 185)).convert("1")
    file = io.BytesIO()
    picture(pixels).save(file, "JPEG", quality=int(random.integers(50, 96)))
    return Image.open(file).convert("RGB")
