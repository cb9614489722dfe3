"""How well each kind of form is read: `python -m tests.several STROKES [--save FILE] [--before FILE] [--show FOLDER]`.

STROKES is the file of pen strokes; only validation writers fill in forms.  Of each kind the table says how many forms
have the right number of characters in every row and none besides, how many characters are wrong (edits over those
written, case ignored), and how many were read where nobody wrote.
"""

import json
import sys
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from tqdm import tqdm

from emnist import Recognizer, terminal
from emnist.errors import NoInkError, UnreadableImageError
from emnist.text.score import distance
from tests.printed import KINDS
from train.images.words import Hand, hands

LEAST = 8, 20  # fewest different digits and capitals that a writer has
WHEN = ("before: number", "now: number")


@dataclass(frozen=True)
class Reading:
    """One form: its picture, the characters written, edits between them and those read, and read where nobody wrote.

    `rows` are what was written and what was read in each row.
    """

    picture: Image.Image
    rows: list[tuple[str, str]]
    unwritten: str

    @property
    def right_number(self) -> bool:
        return not self.unwritten and all(len(one) == len(other) for one, other in self.rows)

    @property
    def wrong(self) -> int:
        return len(self.unwritten) + sum(distance(one.lower(), other.lower()) for one, other in self.rows)

    @property
    def characters(self) -> int:
        return sum(len(wanted) for wanted, _ in self.rows)


def writers(strokes: Path) -> list[Hand]:
    """Return the validation writers who have nearly all digits and capitals."""
    known = hands(strokes, "validation").values()
    sorts = (str.isdigit, str.isupper)
    return [
        hand for hand in known if all(sum(map(is_, hand)) >= least for is_, least in zip(sorts, LEAST, strict=True))
    ]


def draw(kind: str, known: Sequence[Hand], seed: int, number: int) -> tuple[Image.Image, NDArray[np.uint8], list[str]]:
    """Return a form, the number of the row (H, W) whose ink is where, and what is written in the rows."""
    random = np.random.default_rng([seed, number, zlib.crc32(kind.encode())])
    sheet = KINDS[kind](known[int(random.integers(len(known)))], random)
    return *sheet.sent(), sheet.rows


def look(recognizer: Recognizer, picture: Image.Image, owners: NDArray[np.uint8], rows: Sequence[str]) -> Reading:
    """Read a form.  A character counts to the row that has most ink in its box, from left to right."""
    try:
        found = recognizer.transcribe(picture).characters
    except (NoInkError, UnreadableImageError):
        found = ()
    read: dict[int, str] = defaultdict(str)
    for one in sorted(found, key=lambda one: one.box[0] + one.box[2]):
        x0, y0, x1, y1 = (max(0, round(value)) for value in one.box)
        ink = np.bincount(owners[y0:y1, x0:x1].ravel(), minlength=2)
        read[int(ink[1:].argmax()) + 1 if ink[1:].any() else 0] += one.label
    return Reading(picture, [(text, read[number]) for number, text in enumerate(rows, 1)], read[0])


def summary(readings: Sequence[Reading]) -> list[int]:
    """Return how many forms there are and have the right number, and characters: written, wrong, and unwritten."""
    counts = [(1, one.right_number, one.characters, one.wrong, len(one.unwritten)) for one in readings]
    return [sum(column) for column in zip(*counts, strict=True)]


def shown(counts: Sequence[int] | None) -> str:
    if not counts:
        return " " * 32
    forms, right, characters, wrong, unwritten = counts
    return f"{right / forms:12.1%}{wrong / characters:10.1%}{unwritten / forms:10.2f}"


def contact(readings: Sequence[Reading]) -> Image.Image:
    """Return up to eight forms below each other, the worst first, with what was read wrongly in them."""
    worst = sorted(readings, key=lambda one: (one.right_number, -one.wrong))[:8]
    pictures = [one.picture.convert("RGB") for one in worst]
    for one in pictures:
        one.thumbnail((900, 420))
    page = Image.new("RGB", (900, sum(one.height + 24 for one in pictures)), (255, 255, 255))
    top = 0
    for reading, small in zip(worst, pictures, strict=True):
        page.paste(small, (0, top + 24))
        said = "  ".join(f"{one}>{other}" if one != other else one for one, other in reading.rows)
        ImageDraw.Draw(page).text((4, top + 4), f"{said}  + {reading.unwritten}", (200, 0, 0))
        top += small.height + 24
    return page


def main(
    strokes: Annotated[Path, typer.Argument(help="UNIPEN strokes (unipen.jsonl.gz)")],
    model: Annotated[str | None, typer.Option(help="Directory, user/repo or user/repo@revision.")] = None,
    forms: Annotated[int, typer.Option(min=1, help="Of each kind.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="Another one draws others.")] = 0,
    only: Annotated[str, typer.Option(help="Kinds whose name holds this.")] = "",
    save: Annotated[Path | None, typer.Option(help="Write the counts as JSON.")] = None,
    before: Annotated[Path | None, typer.Option(help="Counts saved before, to be shown beside these.")] = None,
    show: Annotated[Path | None, typer.Option(help="Folder for pictures of the worst.")] = None,
) -> None:
    """Print how well each kind of form is read."""
    kinds = [kind for kind in KINDS if only in kind]
    if not kinds:
        raise ValueError(f"no kind's name holds {only!r}")
    recognizer, known = Recognizer.from_pretrained(model), writers(strokes)
    earlier = json.loads(before.read_text()) if before else {}
    print(f"{f'{forms} forms of each kind':30}" + "".join(f"{name:>12}{'wrong':>10}{'unwritten':>10}" for name in WHEN))
    table: dict[str, list[int]] = {}
    for kind in tqdm(kinds, unit=" kinds", disable=None, leave=False):
        readings = [look(recognizer, *draw(kind, known, seed, number)) for number in range(forms)]
        table[kind] = summary(readings)
        tqdm.write(f"{kind:30}{shown(earlier.get(kind))}{shown(table[kind])}")
        if show:
            show.mkdir(parents=True, exist_ok=True)
            contact(readings).save(show / f"{kind}.png")
    alls = [np.sum([counts[kind] for kind in table if kind in counts], axis=0).tolist() for counts in (earlier, table)]
    print(f"{'all':30}" + "".join(shown(counts) if counts else " " * 32 for counts in alls))
    if save:
        save.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    sys.exit(terminal.run_one(main))
