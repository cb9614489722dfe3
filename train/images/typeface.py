"""What is printed in type on drafts of pages: words, numbers and codes, in typefaces, stretched or slanting."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont

from train.images.words import WORDS, Random

FOLDER = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FONTS = (  # all come with matplotlib
    *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSerif", "DejaVuSerif-Bold"),
    *("DejaVuSerif-Italic", "STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "cmr10", "cmb10", "cmss10", "cmtt10"),
)
STRETCH = (0.8, 1.15)  # least and greatest width over that of the typeface
SLANTED, SLANT = 0.25, (0.1, 0.3)  # share of the typefaces that are made to slant, and the tangent of the angle
NUMBERS = 0.4  # share of what is printed that is a number or a code
SIGNS = ("$", "$", "€", "£", "#", "No.", "+", "=", "%", "&", "*", "•")  # what stands alone before writing
DIGITS, CAPITALS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Typeface:
    """A font, one of FONTS, so many times as wide, slanting by the tangent of an angle."""

    font: str
    stretch: float = 1.0
    slant: float = 0.0

    @classmethod
    def by_chance(cls, random: Random) -> "Typeface":
        """Return one of FONTS, now and then slanting."""
        slant = random.uniform(*SLANT) * (random.random() < SLANTED)
        return cls(str(random.choice(FONTS)), random.uniform(*STRETCH), slant)

    def print(self, layer: Image.Image, text: str, x: int, foot: int, size: int) -> float:
        """Print `text` in a `layer`, `size` px from line to line; return how long it is, px."""
        font = loaded(self.font, size)
        long, tall = font.getlength(text), 2 * size
        upright = Image.new("L", (round(long) + tall, tall))
        ImageDraw.Draw(upright).text((0, size), text, 255, font, anchor="ls")
        wide = round(self.stretch * long) + tall
        source = (1 / self.stretch, self.slant, -self.slant * size, 0, 1, 0)  # the foot of the letters stays in place
        drawn = upright.transform((wide, tall), Image.Transform.AFFINE, source, Image.Resampling.BILINEAR)
        layer.paste(255, (x, foot - size), drawn)
        return self.stretch * long


@cache
def loaded(font: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a font of matplotlib by its name; `size` px from line to line."""
    return ImageFont.truetype(str(FOLDER / f"{font}.ttf"), size)


def said(random: Random) -> str:
    """Return a few words, a number or a code."""
    return number(random) if random.random() < NUMBERS else _words(random)


def number(random: Random) -> str:
    """Return a number, a code, or what stands before an item of a list."""
    known = DIGITS if random.random() < 0.7 else DIGITS + CAPITALS
    signs = [str(sign) for sign in random.choice(list(known), int(random.integers(1, 11)))]
    kind = random.random()
    if kind < 0.2:
        signs = list(" ".join(signs))
    elif kind < 0.5:
        signs.insert(int(random.integers(len(signs) + 1)), str(random.choice(list(" -./:,"))))
    before, after = random.choice(["", "", "No. ", "#", "$"]), random.choice(["", "", "", ".", ")", ":"])
    return f"{before}{''.join(signs)}{after}"


def sign(random: Random) -> str:
    """Return a sign, a digit or a letter that stands alone, as before a number or an item of a list."""
    if random.random() < 0.5:
        return str(random.choice(SIGNS))
    return str(random.choice(list(DIGITS + CAPITALS))) + str(random.choice(["", ".", ")", ":"]))


def _words(random: Random) -> str:
    chosen = [str(w) for w in random.choice(WORDS, int(random.integers(1, 6)))]
    kind = random.random()
    if kind < 0.3:
        chosen = [w.upper() for w in chosen]
    elif kind < 0.7:
        chosen[0] = chosen[0].capitalize()
    if random.random() < 0.3:
        chosen.append(str(random.integers(0, 10 ** int(random.integers(1, 6)))))
    return " ".join(chosen) + str(random.choice(["", "", ":", ".", " (*)"]))
