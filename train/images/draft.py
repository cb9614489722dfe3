"""A draft of a page: what is printed on it so far, what is written by hand, and where single characters go."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from emnist.text.boxes import SHRUNK
from train.images import doodles, press
from train.images.press import FINE, Box, Press
from train.images.tidy import Tidy
from train.images.typeface import Typeface
from train.images.words import WORDS, Hand, Random, Stroke, compose

HIGH = (12.0, 200.0)  # px: height of tall characters
SIDES = (300, 900)  # px: side of a page; longer where the writing is large
LOW, STRIP = (11.0, 32.0), ((9.0, 30.0), (1.5, 3.0))  # the same in a strip; its width and height, in these heights
PEN = (0.04, 0.24)  # pen width over the height of tall characters
LARGE, HEAVY, WIDEST = (12.0, 320.0), (0.03, 0.45), 1500  # px: the first on blank paper, its pen, and its width at most
THICK = (0.6, 5.0)  # px: thickness of printed lines
DOODLES = (doodles.scribble, doodles.shape, doodles.mark, doodles.tick)
STEADY = 0.5  # share of the pages whose hand draws a character always alike, as type is
BLUNT = 0.3  # share of the pages whose strokes have no round ends, as on some screens
BROKEN = 0.25  # share of the pages that have dotted or dashed lines
TOUCHES = 0.15  # share of the characters in boxes that reach over a line


@dataclass
class Draft(Press):
    """A page in the making; all lengths are px.

    Attributes:
        hand, random: who writes, and what varies.
        ground: (H, W, 3), the paper.
        lines, letters, written: (FINE · H, FINE · W), where lines and type are printed, and what is written by hand.
        marks: (FINE · H, FINE · W), what the hand draws around and below its writing.
        places: (H, W), the middles of the boxes for one character each.
        high, pen: how high and how thick the writing is.
        thick, broken: how thick printed lines are, and how long their dashes and gaps if they have any.
        typeface: of type.
        blunt: whether strokes have no round ends, as on some screens.
        tidy: how strokes are tidied; None if they are as the hand makes them.
    """

    hand: Hand
    random: Random
    ground: Image.Image
    lines: Image.Image
    letters: Image.Image
    written: Image.Image
    marks: Image.Image
    places: Image.Image
    high: float
    pen: float
    thick: float
    typeface: Typeface
    blunt: bool
    tidy: Tidy | None
    broken: tuple[float, float] | None = None

    def place(self, box: Box) -> None:
        """Note that one character is to be written in `box`."""
        x, y, wide, high = box
        inner = (x + SHRUNK * wide, y + SHRUNK * high, x + (1 - SHRUNK) * wide, y + (1 - SHRUNK) * high)
        ImageDraw.Draw(self.places).rectangle(inner, 255)

    def print(self, text: str, x: float, foot: float, high: float) -> float:
        """Print `text` in letters about `high` px high; return where it ends."""
        size = max(6, round(1.35 * high * FINE))
        return x + self.typeface.print(self.letters, text, round(FINE * x), round(FINE * foot), size) / FINE

    def write(self, text: str, x: float, foot: float, high: float) -> float:
        """Write `text`, tall characters `high` px high; return where it ends."""
        line = compose(text, "", "", self.hand, self.random)
        tall = np.quantile([np.ptp(np.concatenate(line.alone(i))[:, 1]) for i in range(len(line.characters))], 0.75)
        points = np.concatenate(line.strokes)
        start, scale = np.array([points[:, 0].min(), points[:, 1].max()]), high / max(float(tall), 1e-6)
        self.ink([np.array([x, foot]) + (stroke - start) * scale for stroke in line.strokes])
        return x + float(np.ptp(points[:, 0])) * scale

    def put(self, strokes: Sequence[Stroke], box: Box, tall: float) -> None:
        """Write one character, `tall` of its box high, somewhere in it."""
        corner, room = np.array(box[:2]), np.array(box[2:])
        points = np.concatenate(strokes)
        low, size = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-6)
        scale = min(tall * room[1] / size[1], 0.85 * room[0] / size[0])
        spare = room - scale * size
        place = spare * (0.5 + self.random.normal(0, 0.13, 2).clip(-0.45, 0.45))
        if self.random.random() < TOUCHES:
            axis, over = int(self.random.integers(2)), self.random.uniform(0, 0.1) * room[1]
            place[axis] = -over if self.random.random() < 0.5 else spare[axis] + over
        self.ink([corner + place + scale * (stroke - low) for stroke in strokes])

    def ink(self, strokes: Sequence[Stroke]) -> None:
        """Draw strokes with the pen."""
        for one in strokes:
            press.stroke(self.written, self.tidy.drawn(one) if self.tidy else one, self.pen, blunt=self.blunt)

    def mark(self, line: Stroke) -> None:
        """Draw a line (points, 2) that is no character with the pen."""
        press.stroke(self.marks, line, self.pen)

    def text(self) -> str:
        """Return a word, a number or a code that this hand can write."""
        random = self.random
        known = [w for word in WORDS for w in (word, word.upper()) if set(w) <= set(self.hand)]
        if known and random.random() < 0.5:
            return " ".join(str(w) for w in random.choice(known, int(random.integers(1, 4))))
        return self.signs(int(random.integers(1, 9)))

    def signs(self, count: int) -> str:
        """Return so many characters that this hand can write."""
        kind = (str.isdigit, str.isupper, str.isalnum)[int(self.random.integers(3))]
        known = [c for c in self.hand if kind(c)] or list(self.hand)
        return "".join(self.random.choice(known, count))

    def drawing(self) -> list[Stroke]:
        """Return a character of this hand, now and then a doodle."""
        if self.random.random() < 0.06:
            return DOODLES[int(self.random.integers(len(DOODLES)))](self.random)
        drawings = self.hand[self.signs(1)]
        return drawings[int(self.random.integers(len(drawings)))]


def blank(hand: Hand, random: Random) -> Draft:
    """Return an empty page of a size, with a pen and a print by chance."""
    high = float(np.exp(random.uniform(*np.log(HIGH))))
    wide, tall = np.clip(random.uniform(*SIDES, 2), 5 * high, max(SIDES[1], 5 * high)).astype(int).tolist()
    return _empty(hand, random, high, wide, tall)


def strip(hand: Hand, random: Random) -> Draft:
    """Return an empty strip, as one line that is cut out of a page of low resolution."""
    high = float(np.exp(random.uniform(*np.log(LOW))))
    wide, tall = (high * random.uniform(*sides) for sides in STRIP)
    return _empty(hand, random, high, round(wide), round(tall))


def canvas(hand: Hand, random: Random) -> Draft:
    """Return blank paper for a few characters, often large or bold, as people draw on a screen."""
    high = float(np.exp(random.uniform(*np.log(LARGE))))
    wide = min(high * random.uniform(2, 9), WIDEST)
    page = _empty(hand, random, high, round(wide), round(high * random.uniform(1.3, 5)))
    page.pen = max(1.2, high * float(np.exp(random.uniform(*np.log(HEAVY)))))
    return page


def _empty(hand: Hand, random: Random, high: float, wide: int, tall: int) -> Draft:
    paper = tuple(int(v) for v in 255 - random.uniform(0, 40) * random.random(3) * (random.random() < 0.6))
    lines, letters, written, marks = (Image.new("L", (FINE * wide, FINE * tall)) for _ in range(4))
    thick = float(np.exp(random.uniform(*np.log((THICK[0], min(THICK[1], max(high / 7, 1.5)))))))
    pen = max(1.2, high * float(np.exp(random.uniform(*np.log(PEN)))))
    ground, places = Image.new("RGB", (wide, tall), paper), Image.new("L", (wide, tall))
    if random.random() < STEADY:
        hand = {label: [drawings[int(random.integers(len(drawings)))]] for label, drawings in hand.items()}
    typeface, blunt, neat = Typeface.by_chance(random), bool(random.random() < BLUNT), Tidy.by_chance(high, random)
    page = Draft(hand, random, ground, lines, letters, written, marks, places, high, pen, thick, typeface, blunt, neat)
    if random.random() < BROKEN:
        page.broken = (_dots, _dashes)[int(random.integers(2))](thick, random)
    return page


def _dots(thick: float, random: Random) -> tuple[float, float]:
    return thick, thick * random.uniform(1, 3)


def _dashes(thick: float, random: Random) -> tuple[float, float]:
    return max(2, thick) * random.uniform(2.5, 9), max(1.5, thick) * random.uniform(1.2, 4)
