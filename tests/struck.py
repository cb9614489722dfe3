"""What becomes of a character that is struck out: `python -m tests.struck unipen.jsonl.gz` prints a table.

Words of five capitals of validation writers, one struck out, from pen strokes, drawn as pictures, and in boxes:
how often all marks are taken for characters, and how often the confidence of the whole is above one half.
"""

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image, ImageDraw

from emnist import NoInkError, Recognizer, terminal
from train.images import pages, struck
from train.images.words import Random, Text, compose, hands

LETTERS, LEAST = 5, 13  # letters of a word; fewest different capitals of a writer
HIGH, PEN, SIDE, MARGIN = 60, 5.0, 90, 30  # px: of letters, of the pen, of boxes, of the paper around
INK, PRINTED, PAPER = 20, 120, 250


def words(file: Path, count: int, random: Random) -> list[Text]:
    """Return `count` words, each writer's in turn."""
    known = {name: hand for name, hand in hands(file, "validation").items() if sum(map(str.isupper, hand)) >= LEAST}
    found = []
    for number in range(count):
        name, hand = list(known.items())[number % len(known)]
        word = "".join(random.choice([c for c in hand if c.isupper()], LETTERS))
        found.append(compose(word, "capitals", name, hand, random, touch=0))
    return found


def picture(text: Text, boxed: bool) -> Image.Image:
    """Return `text` in ink on paper, with `boxed` each letter in a box."""
    scale, places = HIGH / pages.tall(text), range(LETTERS)
    middles = [(p.min(axis=0) + p.max(axis=0)) / 2 for p in (np.concatenate(text.alone(place)) for place in places)]
    top = [MARGIN + SIDE * np.array([place + 0.5, 0.5]) for place in places]
    low = np.concatenate(text.strokes).min(axis=0)
    placed = [
        (stroke - middles[own]) * scale + top[own] if boxed else (stroke - low) * scale + MARGIN
        for stroke, own in zip(text.strokes, text.owners, strict=True)
    ]
    size = np.ceil(np.concatenate(placed).max(axis=0)).astype(int) + MARGIN
    sheet = Image.new("L", tuple((np.array([LETTERS, 1]) * SIDE + 2 * MARGIN if boxed else size).tolist()), PAPER)
    for place in places if boxed else ():
        left = MARGIN + SIDE * place
        ImageDraw.Draw(sheet).rectangle((left, MARGIN, left + SIDE, MARGIN + SIDE), outline=PRINTED, width=2)
    sheet.paste(INK, mask=Image.fromarray((255 * pages.covered(placed, PEN, np.array(sheet.size))).astype(np.uint8)))
    return sheet


def main(
    file: Annotated[Path, typer.Argument(help="UNIPEN strokes (unipen.jsonl.gz)")],
    count: Annotated[int, typer.Option(min=1, help="Words.")] = 40,
) -> None:
    """Print how characters that are struck out are read."""
    recognizer, random = Recognizer.from_pretrained(), np.random.default_rng(1)
    texts = [(text, int(random.integers(LETTERS))) for text in words(file, count, random)]
    print(f"{count} words: all are characters, confidence above 0.5; from strokes; in pictures; in boxes")
    for way in ("not struck out", *struck.WAYS):
        found = []
        for text, place in texts:
            made = struck.out(text, place, way, random) if way in struck.WAYS else text
            for source in ([s.tolist() for s in made.strokes], picture(made, False), picture(made, True)):
                try:
                    said = recognizer.transcribe(source)
                    found.append((all(one.is_character for one in said.characters), said.confidence > 0.5))
                except NoInkError:
                    found.append((False, False))
        shares = np.reshape(found, (count, 3, 2)).mean(axis=0)
        print(f"{way:18}" + "".join(f"{one:6.0%} {sure:4.0%}" for one, sure in shares), flush=True)


if __name__ == "__main__":
    sys.exit(terminal.run_one(main))
