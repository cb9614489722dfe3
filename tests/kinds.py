"""What the preparation makes of each kind of picture: `python -m tests.kinds STROKES [--save FILE] [--before FILE]`.

STROKES is the file of pen strokes; only those of validation writers are drawn.  A fault is a picture that is read
wrongly where the bare drawing is read rightly, or that becomes something else (correlation of both 28×28 images below
0.8).
`--show FOLDER` writes twelve pictures of each kind, faults first, over what they and the bare drawing became.
"""

import json
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from emnist import Recognizer, terminal
from emnist.errors import NoInkError
from emnist.labels import fold, lookalikes
from emnist.picture import Steps, convert, prepare
from emnist.picture.pens import even_pen
from tests import forms, papers
from tests.papers import SIDE, Floats, Hand, picture
from train.images.strokes import Drawing, draw, read

ALIKE = 0.8  # least correlation of two images that show the same
PENS = (0.06, 0.14)  # pen width over the drawing's longer side
KINDS = (*papers.KINDS, *forms.KINDS, *papers.NEW, *forms.NEW)
WIDE = 0.6  # width over height above which an i or j has a wide hook
Kind = Callable[[Hand], Floats]


@dataclass(frozen=True)
class Reading:
    """One picture: whether it and the bare drawing are read rightly, and how alike both images are."""

    right: bool
    right_bare: bool
    alike: float

    @property
    def fault(self) -> bool:
        return self.alike < ALIKE or (self.right_bare and not self.right)


def name(kind: Kind) -> str:
    return kind.__name__.replace("_", " ")


def suits(kind: Kind, drawing: Drawing) -> bool:
    """Tell whether `drawing` is of the characters that show what is hard about `kind`."""
    if kind is papers.i_with_a_wide_hook:
        wide, high = np.ptp(max(drawing.strokes, key=len), axis=0)
        return drawing.label in "ij" and len(drawing.strokes) > 1 and bool(WIDE * high < wide < high)
    return kind not in papers.THIN or drawing.label in "A74KNMEZY"


def choose(kind: Kind, drawings: Sequence[Drawing], count: int, random: np.random.Generator) -> list[Drawing]:
    """Return `count` of `drawings` that suit: digits, capitals and small letters in turn."""
    mixed = [drawings[i] for i in random.permutation(len(drawings)) if suits(kind, drawings[i])]
    sorts = [[d for d in mixed if is_sort(d.label)] for is_sort in (str.isdigit, str.isupper, str.islower)]
    return [drawing for turn in zip_longest(*sorts) for drawing in turn if drawing][:count]


def look(recognizer: Recognizer, kind: Kind, drawing: Drawing, random: np.random.Generator) -> tuple[Floats, Reading]:
    """Return a picture of `kind`, with what it and the bare drawing become below it, and how it is read."""
    hand = Hand(drawing.strokes, random.uniform(*PENS), random)
    pixels = kind(hand)
    known = convert.emnist(even_pen(draw(hand.strokes, SIDE, hand.pen * SIDE)))
    try:
        steps = prepare(picture(pixels))
    except NoInkError:
        steps = Steps(*[np.zeros((28, 28), np.uint8)] * 5)
    label = fold(drawing.label, recognizer.labels) or drawing.label
    right, right_bare = (
        recognizer.read(replace(steps, image=image)).label in lookalikes(label) + label
        for image in (steps.image, known)
    )
    alike = float(np.corrcoef(steps.image.ravel(), known.ravel())[0, 1]) if steps.image.any() else 0.0
    return sheet(pixels, steps.image, known), Reading(right, right_bare, alike)


def sheet(pixels: Floats, *images: NDArray[np.uint8]) -> Floats:
    """Return `pixels` 200 px high and wide above the `images` they became."""
    grey = np.full((310, 200, 3), 128.0)
    shown = picture(pixels)
    if shown.mode == "RGBA":
        shown = Image.alpha_composite(Image.new("RGBA", shown.size, (255, 255, 255, 255)), shown)
    shown.thumbnail((200, 200))
    grey[: shown.height, : shown.width] = np.asarray(shown.convert("RGB"))
    for i, image_ in enumerate(images):
        grey[204:304, 100 * i : 100 * i + 96] = np.asarray(Image.fromarray(image_).resize((96, 100), 0))[..., None]
    return grey


def main(
    strokes: Annotated[Path, typer.Argument(help="UNIPEN strokes (unipen.jsonl.gz)")],
    model: Annotated[str | None, typer.Option(help="Directory, user/repo or user/repo@revision.")] = None,
    pictures: Annotated[int, typer.Option(min=1, help="Of each kind.")] = 24,
    seed: Annotated[int, typer.Option(min=0, help="Another one draws others.")] = 0,
    only: Annotated[str, typer.Option(help="Kinds whose name holds this.")] = "",
    save: Annotated[Path | None, typer.Option(help="Write the counts as JSON.")] = None,
    before: Annotated[Path | None, typer.Option(help="Counts saved before, to be shown beside these.")] = None,
    show: Annotated[Path | None, typer.Option(help="Folder for pictures.")] = None,
) -> None:
    """Print how often each kind of picture is read wrongly, or becomes something else."""
    kinds = [kind for kind in KINDS if only in name(kind)]
    if not kinds:
        raise ValueError(f"no kind's name holds {only!r}")
    recognizer = Recognizer.from_pretrained(model)
    drawings = list(read(strokes, "validation"))
    known = json.loads(before.read_text()) if before else {}
    if show:
        show.mkdir(parents=True, exist_ok=True)
    table = {}
    print(f"{'faults and misread of ' + str(pictures):40}{'before':>10}{'now':>10}")
    for kind in tqdm(kinds, unit=" kinds", disable=None, leave=False):
        random = np.random.default_rng([seed, zlib.crc32(kind.__name__.encode())])
        chosen = choose(kind, drawings, pictures, random)
        looks = [look(recognizer, kind, drawing, random) for drawing in chosen]
        table[name(kind)] = [sum(r.fault for _, r in looks), sum(not r.right for _, r in looks)]
        was = known.get(name(kind))
        tqdm.write(
            f"{name(kind):40}{f'{was[0]} {was[1]:3}' if was else '':>10}{'{} {:3}'.format(*table[name(kind)]):>10}"
        )
        if show:
            ordered = np.concatenate(
                [shown for shown, _ in sorted(looks, key=lambda pair: not pair[1].fault)][:12], axis=1
            )
            picture(ordered).save(show / f"{name(kind)}.png")
    means = [
        np.mean([values for key, values in part.items() if key in table], axis=0) for part in (known, table) if part
    ]
    print(f"{'mean':40}" + "".join(f"{'{:.2f} {:.2f}'.format(*mean):>10}" for mean in means))
    if save:
        save.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    sys.exit(terminal.run_one(main))
