"""Pictures that are not one character, drawn by code: what the network learns to turn away.

Scribbles, shapes, ticks, plots, marks, several characters, symbols set in a font, textures, characters struck out;
and where pen strokes are at hand, pieces of characters, pairs, and characters beside a neighbour that is cut off.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from emnist import hub, store
from emnist.errors import NoInkError
from emnist.labels import lookalikes
from emnist.picture import convert
from emnist.picture.arrays import Mask, box
from emnist.picture.pens import even_pen
from emnist.text.drawing import draw, unit
from train.images import doodles, fragments
from train.images.hand import LONG_SIDE, PEN
from train.images.strokes import BATCH, Drawing, workers
from train.images.typeface import FOLDER
from train.results.scores import predict

Random = np.random.Generator
Maker = Callable[[Random], Mask]
Given = tuple[NDArray[np.uint8], Sequence[Drawing], Sequence[Path], Sequence[str]]  # what `kinds` takes

# No circle, cross, bar or angle, and no sign that a hand writes like a character ($ like S, | like 1, ( like C).
SYMBOLS = "&%?#@*=+~§€£¥¿¶÷±√∞:;"
# Labels of one's own that look like a whole kind, which is then no example of what is to be turned away.
ALIKE = {"marks": "-–—=.:…·", "ticks": "✓✔"}
FONTS = tuple(sorted(FOLDER.glob("DejaVuSans[.-]*.ttf")))
OTHER_FONTS = tuple(sorted(FOLDER.glob("DejaVuSansMono*.ttf")))  # for validation
CANVAS = 96  # px, side of the canvas for symbols and textures
READABLE = 0.7  # confidence from which on a piece of a character counts as a character itself


def several(characters: NDArray[np.uint8], random: Random) -> Mask:
    """Put two to six of `characters` (N, 28, 28) side by side, apart or touching."""
    chosen = characters[random.integers(0, len(characters), int(random.choice([2, 2, 2, 3, 4, 6])))] > 127
    parts: list[Mask] = []
    for character in chosen:
        gap = np.zeros((len(character), int(random.integers(0, 14))), bool)
        parts += [np.roll(character[:, box(character)[1]], int(random.integers(-2, 3)), axis=0), gap]
    return np.hstack(parts)


def symbol(random: Random, fonts: Sequence[Path], signs: str = SYMBOLS) -> Mask:
    """Set one of `signs` in one of `fonts`, a little turned."""
    face = ImageFont.truetype(fonts[int(random.integers(len(fonts)))], CANVAS)
    canvas = Image.new("L", (2 * CANVAS, 2 * CANVAS))
    sign = signs[int(random.integers(len(signs)))]
    ImageDraw.Draw(canvas).text(
        (CANVAS, CANVAS), sign, 255, font=face, anchor="mm", stroke_width=int(random.integers(3))
    )
    turned = canvas.rotate(random.uniform(-12, 12), Image.Resampling.BILINEAR)
    left, top, right, bottom = place = turned.getbbox() or (0, 0, 1, 1)
    side = int(random.integers(*LONG_SIDE))
    return np.array(turned.crop(place).resize((side, max(side * (bottom - top) // (right - left), 2)))) > 127


def texture(random: Random) -> Mask:
    """Threshold smooth noise, all over or in one blot: blotches, stripes, paper fibres, a dark edge."""
    grain = ndimage.gaussian_filter(random.normal(0, 1, (CANVAS, CANVAS)), random.uniform(0.7, 9, 2))
    ink_here: Mask = grain > np.quantile(grain, random.uniform(0.4, 0.95))
    if random.random() < 0.3:
        labels, _ = ndimage.label(ink_here)
        blot: Mask = labels == np.bincount(labels.ravel())[1:].argmax() + 1
        if 0.6 < blot.any(0).sum() / blot.any(1).sum() < 1.7:  # a long one is a 1
            return blot
    return ink_here


def struck_out(characters: NDArray[np.uint8], random: Random) -> Mask:
    """Scribble to and fro over one of `characters` (N, 28, 28)."""
    character = Image.fromarray(characters[int(random.integers(len(characters)))]).resize((56, 56))
    times = int(random.integers(3, 9))
    ends = np.stack([np.arange(times) / (times - 1), np.arange(times) % 2], axis=1) + random.normal(0, 0.08, (times, 2))
    ends = ends if random.random() < 0.5 else ends[:, ::-1]
    over = draw([10 + (ends - ends.min(0)) * random.uniform(0.7, 1.1)], 36, random.uniform(3, 7))
    canvas = np.array(character) > 127
    over = over[box(over)][:56, :56]
    top, left = (56 - over.shape[0]) // 2, (56 - over.shape[1]) // 2
    canvas[top : top + over.shape[0], left : left + over.shape[1]] |= over
    return canvas


def _pen(doodle: Callable[[Random], list[doodles.Line]]) -> Maker:
    """Return `doodle` drawn with a random pen."""

    def drawn(random: Random) -> Mask:
        side = int(random.integers(*LONG_SIDE))
        return draw(unit(doodle(random)), side, max(side * random.uniform(*PEN), 1.0))

    return drawn


def kinds(
    characters: NDArray[np.uint8],
    drawings: Sequence[Drawing] = (),
    fonts: Sequence[Path] = FONTS,
    labels: Sequence[str] = (),
) -> dict[str, Maker]:
    """Return what draws each kind, by name; `characters` are uint8 (N, 28, 28), pieces and pairs need `drawings`.

    Nothing is drawn that is one of `labels`: a plus sign is a character where somebody teaches it as one.
    """
    signs = "".join(sign for sign in SYMBOLS if sign not in labels)
    makers: dict[str, Maker] = {
        "scribbles": _pen(doodles.scribble),
        "shapes": _pen(doodles.shape),
        "ticks": _pen(doodles.tick),
        "plots": _pen(doodles.plot),
        "marks": _pen(doodles.mark),
        "several characters": lambda random: several(characters, random),
        "symbols": lambda random: symbol(random, fonts, signs),
        "textures": texture,
        "struck out": lambda random: struck_out(characters, random),
    }
    if drawings:
        makers |= {
            "pairs": lambda random: fragments.pair(drawings, random),
            "cut-off neighbours": lambda random: fragments.neighbour(drawings, random),
            "pieces": lambda random: fragments.piece(drawings, random),
        }
    return {name: make for name, make in makers.items() if not set(ALIKE.get(name, "")) & set(labels)}


class Drawn(Dataset[Tensor]):
    """Pictures of all kinds in turn, uint8 (28, 28); the same seed gives the same ones, in any order."""

    def __init__(self, count: int, seed: int, given: Given) -> None:
        self.count, self.seed, self.given = count, seed, given

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Tensor:
        makers = list(kinds(*self.given).values())
        random = np.random.default_rng([self.seed, index])
        return torch.from_numpy(_drawn(makers[index % len(makers)], random))


def load(
    count: int,
    characters: Tensor,
    drawings: Sequence[Drawing],
    seed: int,
    fonts: Sequence[Path] = FONTS,
    progress: bool = False,
    labels: Sequence[str] = (),
) -> dict[str, Tensor]:
    """Draw about `count` pictures of all kinds in equal shares as EMNIST images, uint8 (N, 28, 28), by kind.

    `characters`, uint8 (N, 28, 28), and the strokes `drawings` are what characters side by side and pieces are made of.
    Nothing is drawn that is one of `labels`.  Pieces that the built-in model reads as a character are left out.
    """
    given = (characters.numpy(), drawings, fonts, labels)
    names = list(kinds(*given))
    drawn = DataLoader(Drawn(count, seed, given), BATCH, num_workers=workers(count))
    bar = tqdm(drawn, desc="drawing what is no character", unit=f"×{BATCH}", disable=not progress, delay=2)
    images = torch.cat(list(bar))
    found = {name: images[i :: len(names)] for i, name in enumerate(names)}
    if "pieces" in found:
        found["pieces"] = found["pieces"][~readable(found["pieces"])]
    return found


def image(mask: Mask) -> NDArray[np.uint8]:
    """Return `mask` as the preparation of pictures would leave it, uint8 (28, 28)."""
    return convert.emnist(even_pen(mask))


def _drawn(make: Maker, random: Random) -> NDArray[np.uint8]:
    while True:
        with suppress(NoInkError):  # a hairline, lost in sampling
            return image(make(random))


def readable(images: Tensor) -> Tensor:
    """Tell which of `images`, uint8 (N, 28, 28), the built-in model reads as a character, look-alikes being one.

    What it says of "is this one character" is not asked, or no model could learn better.
    """
    model, labels = store.load(hub.PRETRAINED)
    groups = torch.tensor([[float(other in lookalikes(label)) for label in labels] for other in labels])
    confidence = ((predict(model, images)[0] / model.config.temperature).softmax(1) @ groups).amax(1)
    return confidence > READABLE
