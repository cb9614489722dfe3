"""Kinds of pictures people send of one character, made by code: pens and papers, light and cameras, apps.

Each kind is a function of a `Hand`; `tests.forms` holds those with lines, boxes, tables and windows.
"""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage

from train.images.strokes import draw

Floats = NDArray[np.float64]
Colour = tuple[float, float, float]

SIDE = 400  # px: side of most pictures
SMOOTH = 3  # strokes are drawn so many times larger and reduced, which smooths their edges
BLUE, BLACK, PENCIL = (35, 45, 120), (25, 25, 30), (95, 95, 100)
PAPER = (236, 233, 226)


@dataclass(frozen=True)
class Hand:
    """Somebody who draws one character: its strokes in 0…1, the pen's width as a share of them, and what varies."""

    strokes: tuple[Floats, ...]
    pen: float
    random: np.random.Generator

    def cover(
        self, wide: int = SIDE, high: int = SIDE, extent: float = 0.5, pen: float = 0, stray: float = 0.1
    ) -> Floats:
        """Return how much ink covers each pixel (high, wide), 0 to 1.

        `extent` is the character's longer side as a share of the shorter one of the picture, `pen` the pen's width in
        px, if not this hand's own, and `stray` how far from the middle it may lie, a share of the picture.
        """
        side = extent * min(wide, high)
        mask = draw(self.strokes, round(SMOOTH * side), max(SMOOTH * (pen or self.pen * side), 1))
        sheet = Image.new("L", (SMOOTH * wide, SMOOTH * high))
        middle = [SMOOTH * length * (0.5 + self.random.uniform(-stray, stray)) for length in (wide, high)]
        place = (round(middle[0] - mask.shape[1] / 2), round(middle[1] - mask.shape[0] / 2))
        sheet.paste(255, place, Image.fromarray(mask))
        return np.asarray(sheet.resize((wide, high), Image.Resampling.BOX), np.float64) / 255

    def written(self, ink: Colour = BLUE, paper: Colour = PAPER, **how: float) -> Floats:
        """Return the character (H, W, 3) in `ink` on even `paper`; `how` goes to `cover`."""
        return inked(np.ones((SIDE, SIDE, 3)) * paper, self.cover(**how), ink)


def inked(paper: Floats, cover: Floats, ink: Colour) -> Floats:
    """Return `paper` (H, W, 3) with `ink` where `cover` (H, W) says so."""
    return paper + cover[..., None] * (np.asarray(ink, np.float64) - paper)


def grid(shape: tuple[int, ...] = (SIDE, SIDE)) -> tuple[Floats, Floats]:
    """Return x and y of each pixel, from -1 to 1."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return x, y


def grain(hand: Hand, sigma: float, shape: tuple[int, ...] = (SIDE, SIDE)) -> Floats:
    """Return smooth noise with standard deviation 1."""
    noise = ndimage.gaussian_filter(hand.random.normal(0, 1, shape), sigma)
    return noise / noise.std()


def lit(hand: Hand, pixels: Floats, fall: float = 0.12, noise: float = 2.5, blur: float = 0.7) -> Floats:
    """Return `pixels` as a camera sees them: light that falls off to one side, blur, noise."""
    x, y = grid(pixels.shape)
    turn = hand.random.uniform(0, 2 * np.pi)
    pixels = pixels * (1 - fall * (0.5 + 0.35 * (x * np.cos(turn) + y * np.sin(turn))))[..., None]
    return ndimage.gaussian_filter(pixels, (blur, blur, 0)) + hand.random.normal(0, noise, pixels.shape)


def bare(hand: Hand) -> Floats:
    return hand.written((0, 0, 0), (255, 255, 255), pen=max(hand.pen * SIDE / 2, 4))


def ballpoint(hand: Hand) -> Floats:
    return lit(hand, hand.written(pen=hand.random.uniform(4, 8)))


def pencil(hand: Hand) -> Floats:
    tooth = np.clip(0.75 + 0.35 * grain(hand, 0.8), 0, 1)
    return lit(
        hand, inked(np.ones((SIDE, SIDE, 3)) * PAPER, hand.cover(pen=hand.random.uniform(6, 11)) * tooth, PENCIL)
    )


def faint_pencil(hand: Hand) -> Floats:
    tooth = np.clip(0.75 + 0.3 * grain(hand, 0.8), 0, 1)
    return lit(hand, inked(np.ones((SIDE, SIDE, 3)) * PAPER, hand.cover(pen=9) * tooth, (178, 178, 178)))


def whiteboard(hand: Hand) -> Floats:
    x, y = grid()
    ink = ((190, 40, 50), (30, 120, 70), (30, 60, 160), (40, 40, 45))[hand.random.integers(4)]
    board = np.ones((SIDE, SIDE, 3)) * (205, 210, 214)
    board = board + 45 * np.exp(-((x - hand.random.uniform(-1, 1)) ** 2 + (y + 0.6) ** 2) / 0.15)[..., None]
    smear = np.clip(grain(hand, 25), 0, 3)[..., None] * 4
    return lit(hand, inked(board - smear, hand.cover(pen=14), ink), 0.25)


def chalk(hand: Hand) -> Floats:
    board = np.ones((SIDE, SIDE, 3)) * (45, 70, 58) + 8 * grain(hand, 20)[..., None] + 5 * grain(hand, 1)[..., None]
    return lit(hand, inked(board, hand.cover(pen=15) * np.clip(0.75 + 0.4 * grain(hand, 1), 0, 1), (225, 225, 215)))


def shadow_of_a_telephone(hand: Hand) -> Floats:
    shade = Image.new("L", (SIDE, SIDE), 255)
    left, top = hand.random.integers(90, 200), hand.random.integers(120, 220)
    ImageDraw.Draw(shade).rectangle([(left, top), (left + 170, 600)], fill=int(hand.random.integers(135, 175)))
    shade = shade.rotate(hand.random.uniform(-30, 30), fillcolor=255)
    shade = shade.filter(ImageFilter.GaussianBlur(hand.random.uniform(2, 7)))
    return lit(hand, hand.written(pen=13) * (np.asarray(shade) / 255)[..., None], 0.05)


def shadow_with_a_wavy_edge(hand: Hand) -> Floats:
    x, y = grid()
    edge = x + 0.3 * y + 0.15 * np.sin(6 * y + hand.random.uniform(0, 6)) + hand.random.uniform(-0.3, 0.3)
    shade = np.where(edge > 0.1, hand.random.uniform(0.5, 0.65), 1)
    return lit(hand, hand.written(pen=13) * shade[..., None], 0.05)


def shadow_with_corners(hand: Hand) -> Floats:
    shade = Image.new("L", (SIDE, SIDE), 255)
    for _ in range(2):
        corners = [tuple(point) for point in hand.random.uniform(0, SIDE, (3, 2)).tolist()]
        ImageDraw.Draw(shade).polygon(corners, fill=int(hand.random.integers(165, 200)))
    return lit(
        hand, hand.written(pen=13) * (np.asarray(shade.filter(ImageFilter.GaussianBlur(2))) / 255)[..., None], 0.05
    )


def lamp_at_one_side(hand: Hand) -> Floats:
    return lit(hand, hand.written(pen=10), 0.75)


def dark_corners(hand: Hand) -> Floats:
    x, y = grid()
    return lit(hand, hand.written(pen=10) * (1 - 0.3 * (x**2 + y**2))[..., None])


def crumpled(hand: Hand) -> Floats:
    x, y = grid()
    shade = 1 + 0.04 * grain(hand, 12)
    for _ in range(7):
        turn, at = hand.random.uniform(0, np.pi), hand.random.uniform(-0.8, 0.8)
        away = x * np.cos(turn) + y * np.sin(turn) - at
        shade -= hand.random.uniform(0.05, 0.18) * np.where(away > 0, np.exp(-away / 0.12), np.exp(away / 0.008))
    return lit(hand, hand.written(pen=11) * shade[..., None])


def folded(hand: Hand) -> Floats:
    pixels = hand.written(pen=10)
    column, row = hand.random.integers(80, 320, 2)
    pixels[:, column:] *= 0.85
    pixels[row:] *= 0.9
    pixels[:, column - 1 : column + 2] *= 0.8
    return lit(hand, pixels)


def fibres(hand: Hand) -> Floats:
    return lit(hand, hand.written(pen=10) * (1 + 0.07 * grain(hand, 1.2))[..., None])


def brown_paper(hand: Hand) -> Floats:
    return lit(hand, hand.written(BLACK, (176, 140, 98), pen=11) * (1 + 0.05 * grain(hand, 2))[..., None])


def coloured_pen_on_coloured_paper(hand: Hand) -> Floats:
    pairs = (((200, 40, 40), (60, 150, 80)), ((250, 235, 70), (40, 60, 140)), ((230, 120, 40), (240, 225, 150)))
    return lit(hand, hand.written(*pairs[hand.random.integers(3)], pen=14))


def highlighter(hand: Hand) -> Floats:
    return lit(hand, hand.written((232, 240, 90), pen=22), 0.1)


def shown_through(hand: Hand) -> Floats:
    back = ndimage.gaussian_filter(hand.cover(extent=0.6, pen=9, stray=0.2)[:, ::-1], 1.5)
    return lit(hand, inked(hand.written(pen=9), 0.15 * back, BLUE))


def specks(hand: Hand) -> Floats:
    pixels = hand.written(pen=11)
    for x, y in hand.random.integers(5, SIDE - 5, (25, 2)):
        pixels[y : y + hand.random.integers(2, 6), x : x + hand.random.integers(2, 6)] = BLACK
    return lit(hand, pixels)


def blurred(hand: Hand) -> Floats:
    return lit(hand, hand.written(pen=12), blur=4)


def shaken(hand: Hand) -> Floats:
    return ndimage.uniform_filter1d(lit(hand, hand.written(pen=12)), 13, axis=int(hand.random.integers(2)))


def noisy(hand: Hand) -> Floats:
    return lit(hand, hand.written(pen=11) * 0.6, noise=22, blur=0)


def compressed(hand: Hand) -> Floats:
    file = io.BytesIO()
    picture(lit(hand, hand.written(pen=10))).save(file, "JPEG", quality=6)
    return np.asarray(Image.open(file).convert("RGB"), np.float64)


def of_32_pixels(hand: Hand) -> Floats:
    return reduced(lit(hand, hand.written(pen=max(22, hand.pen * SIDE / 2), extent=0.65), noise=8), 32)


def of_60_pixels(hand: Hand) -> Floats:
    return reduced(lit(hand, hand.written(pen=14, extent=0.6), noise=8), 60)


def reduced(pixels: Floats, side: int) -> Floats:
    return np.asarray(picture(pixels).resize((side, side), Image.Resampling.BOX), np.float64)


def white_on_black(hand: Hand) -> Floats:
    return hand.written((255, 255, 255), (0, 0, 0))


def grey_on_grey(hand: Hand) -> Floats:
    return hand.written((190, 190, 190), (215, 215, 215))


def transparent(hand: Hand) -> Floats:
    ink = ((0, 0, 0), (255, 255, 255), (230, 40, 40))[hand.random.integers(3)]
    return np.concatenate([np.ones((SIDE, SIDE, 3)) * ink, 255 * hand.cover()[..., None]], axis=2)


def cropped_closely(hand: Hand) -> Floats:
    cover = hand.cover(pen=26, stray=0)
    rows, columns = np.flatnonzero(cover.any(1)), np.flatnonzero(cover.any(0))
    cover = np.pad(cover[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 3)
    return inked(np.ones((*cover.shape, 3)) * 255.0, cover, (0, 0, 0))


def bold(hand: Hand) -> Floats:
    return hand.written((0, 0, 0), (255, 255, 255), pen=38, extent=0.6)


def calligraphy(hand: Hand) -> Floats:
    cover = hand.cover(pen=5)
    nib = np.zeros((19, 19))
    nib[np.arange(19), 18 - np.arange(19)] = 1
    return inked(np.full((SIDE, SIDE, 3), 255.0), ndimage.grey_dilation(cover, footprint=nib > 0), (0, 0, 0))


def dashed(hand: Hand) -> Floats:
    x, y = grid()
    cover = hand.cover(pen=13) * ((np.sin(45 * (x + y)) > -0.75) | (np.sin(45 * (x - y)) > 0))
    return inked(np.full((SIDE, SIDE, 3), 255.0), cover, (0, 0, 0))


def spray(hand: Hand) -> Floats:
    density = np.clip(ndimage.gaussian_filter(hand.cover(pen=16), 7) * 0.55, 0, 1)
    dots = ndimage.maximum_filter((hand.random.random((SIDE, SIDE)) < density).astype(float), 2)
    return inked(np.full((SIDE, SIDE, 3), 255.0), dots, (20, 20, 20))


def outlined(hand: Hand) -> Floats:
    cover = hand.cover(pen=34, extent=0.6)
    edge = ndimage.maximum_filter(cover, 5) - ndimage.minimum_filter(cover, 5)
    return inked(np.full((SIDE, SIDE, 3), 255.0), edge, (0, 0, 0))


def hard_pixels_of_one(hand: Hand) -> Floats:
    return thin(hand, 1, 800, 560)


def hard_pixels_of_two(hand: Hand) -> Floats:
    return thin(hand, 2, 800, 560)


def hard_pixels_of_two_on_1600(hand: Hand) -> Floats:
    return thin(hand, 2, 1600, 1100)


def thin(hand: Hand, pen: int, wide: int, high: int) -> Floats:
    """Return the character as Paint's pencil draws it: black or white, `pen` px wide."""
    side = hand.random.uniform(0.5, 0.8) * high
    canvas = Image.new("L", (wide, high), 255)
    low = [np.concatenate(hand.strokes)[:, axis].max() * side for axis in (0, 1)]
    left, top = (
        (length - size) * hand.random.uniform(0.3, 0.7) for length, size in zip((wide, high), low, strict=True)
    )
    for stroke in hand.strokes:
        ImageDraw.Draw(canvas).line([(left + side * x, top + side * y) for x, y in stroke.tolist()], fill=0, width=pen)
    return np.asarray(canvas.convert("RGB"), np.float64)


def thin_and_smooth(hand: Hand) -> Floats:
    cover = hand.cover(800, 560, extent=hand.random.uniform(0.5, 0.8), pen=1.5)
    return inked(np.full((560, 800, 3), 255.0), cover, (0, 0, 0))


def pasted_small_on_a_white_page(hand: Hand) -> Floats:
    photo = picture(lit(hand, hand.written(paper=(190, 186, 178), pen=14, stray=0.03), 0.3))
    page = Image.new("RGB", (SIDE, SIDE), (255, 255, 255))
    side = int(hand.random.integers(110, 200))
    page.paste(
        photo.resize((side, side), Image.Resampling.BOX), tuple(hand.random.integers(90, 390 - side, 2).tolist())
    )
    return np.asarray(page, np.float64)


def dithered_fax(hand: Hand) -> Floats:
    pixels = hand.written(BLACK, (hand.random.uniform(150, 225),) * 3, pen=max(10, hand.pen * SIDE / 2), extent=0.6)
    return np.asarray(picture(pixels).convert("1").convert("RGB"), np.float64)


def faint_stroke_on_transparent(hand: Hand) -> Floats:
    return np.concatenate([np.zeros((SIDE, SIDE, 3)), 40 * hand.cover()[..., None]], axis=2)


def i_with_a_wide_hook(hand: Hand) -> Floats:
    return bare(hand)


def picture(pixels: Floats) -> Image.Image:
    """Return `pixels` (H, W, 3 or 4) in 0…255 as a picture."""
    return Image.fromarray(np.rint(pixels).clip(0, 255).astype(np.uint8))


KINDS = (
    *(bare, ballpoint, pencil, faint_pencil, whiteboard, chalk, highlighter, brown_paper),
    *(coloured_pen_on_coloured_paper, shadow_of_a_telephone, shadow_with_a_wavy_edge, shadow_with_corners),
    *(
        lamp_at_one_side,
        dark_corners,
        crumpled,
        folded,
        fibres,
        shown_through,
        specks,
        blurred,
        shaken,
        noisy,
        compressed,
    ),
    *(of_32_pixels, of_60_pixels, white_on_black, grey_on_grey, transparent, cropped_closely, bold, calligraphy),
    *(dashed, spray, outlined),
)
THIN = (hard_pixels_of_one, hard_pixels_of_two, hard_pixels_of_two_on_1600, thin_and_smooth)
NEW = (*THIN, pasted_small_on_a_white_page, dithered_fax, faint_stroke_on_transparent, i_with_a_wide_hook)
