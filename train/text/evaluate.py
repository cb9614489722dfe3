"""How well several characters are read from strokes, or from the same strokes drawn as pictures.

python -m train.text.evaluate unipen.jsonl.gz [--pictures] [--part validation] [--count 400] [--sheets DIR]
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from emnist import terminal
from emnist.errors import NoInkError
from emnist.recognizer import Recognizer
from emnist.text.drawing import image
from emnist.text.score import distance, folded
from emnist.text.transcript import Box
from train.images import pages
from train.images.words import Text, hands, texts
from train.text import misread

SMALL = 24  # px: height of tall characters below which a text counts as small


@dataclass(frozen=True)
class Result:
    """One text and what was read.

    Attributes:
        groups: what the text counts to in the table, besides to all.
        text, read, alone: itself, the reading, and its characters read alone, in the model's labels.
        confidence: of the whole.
        boxes: of the characters found, in the picture; empty for strokes.
    """

    groups: tuple[str, ...]
    text: str
    read: str
    alone: str
    confidence: float
    boxes: tuple[Box, ...] = ()


def read(recognizer: Recognizer, text: Text, page: pages.Page | None, context: bool = True) -> Result:
    """Read `text` from its strokes or from `page`, and each of its characters alone."""
    groups: tuple[str, ...] = (text.kind,)
    if page:
        small = f"below {SMALL} px" if page.height < SMALL else f"from {SMALL} px"
        groups = (text.kind, page.style, "touching" if page.touching else "apart", small)
    source = page.picture if page else [stroke.tolist() for stroke in text.strokes]
    try:
        found = recognizer.transcribe(source, context=context)
        said, confidence = found.text, found.confidence
        boxes = tuple(one.box for one in found.characters) if page else ()
    except NoInkError:
        said, confidence, boxes = "", 0.0, ()
    images = np.stack([image(text.alone(place)) for place in range(len(text.characters))])
    alone = "".join(recognizer.labels[best] for best in recognizer.look(images)[0].argmax(1))
    wanted, seen = (folded(one, recognizer.labels) for one in (text.text, said))
    return Result(groups, wanted, seen, alone, confidence, boxes)


def row(name: str, results: Sequence[Result]) -> str:
    """Return one line of the table."""
    length = sum(len(result.text) for result in results)
    count = sum(len(result.text) == len(result.read) for result in results) / len(results)
    exact = sum(result.text == result.read for result in results) / len(results)
    right = 1 - sum(distance(result.text, result.read) for result in results) / length
    alone = sum(a == b for result in results for a, b in zip(result.text, result.alone, strict=True)) / length
    return f"{name:12} {len(results):6} {count:13.1%} {exact:7.1%} {right:17.1%} {alone:7.1%}"


def table(results: Sequence[Result]) -> str:
    """Return how well texts of each kind are read, and how often those of some confidence are right."""
    lines = [f"{'':12} {'texts':>6} {'right number':>13} {'exact':>7} {'characters right':>17} {'alone':>7}"]
    columns = zip(*(result.groups for result in results), strict=True)
    groups = [name for column in columns for name in sorted(set(column))]
    lines += [row(name, [result for result in results if name in result.groups]) for name in groups]
    lines.append(row("all", results))
    for least in (0.5, 0.7, 0.8, 0.9, 0.95):
        sure = [result.text == result.read for result in results if result.confidence >= least]
        if sure:
            lines.append(
                f"confidence ≥ {least}: {len(sure) / len(results):.1%} of the texts, {np.mean(sure):.1%} right"
            )
    return "\n".join(lines)


def main(
    file: Annotated[Path, typer.Argument(help="UNIPEN strokes (unipen.jsonl.gz)")],
    part: Annotated[str, typer.Option(help="writers: validation, or test once at the end")] = "validation",
    count: Annotated[int, typer.Option(min=1, help="texts to compose")] = 400,
    seed: int = 1,
    model: Annotated[str | None, typer.Option(help="directory or user/repo[@revision]")] = None,
    drawn: Annotated[bool, typer.Option("--pictures", help="read them drawn as pictures")] = False,
    context: bool = True,
    sheets: Annotated[
        Path | None, typer.Option(help="folder for PNGs: what is misread, by cause, and the curve of confidence")
    ] = None,
) -> None:
    """Compose texts of single writers, read them and print a table."""
    recognizer = Recognizer.from_pretrained(model)
    composed = terminal.watched(texts(hands(file, part), count, seed), "texts", count)
    results, wrong = [], []
    for number, text in enumerate(composed):
        page = pages.draw(text, np.random.default_rng([seed, number]), None if drawn else "plain")
        results.append(read(recognizer, text, page if drawn else None, context))
        wrong += _misread(results[-1], page) if sheets else []
    print(table(results))
    if sheets:
        _write(sheets, results, wrong)


def _misread(result: Result, page: pages.Page) -> list[misread.Misread]:
    if result.text == result.read:
        return []
    cause = misread.cause(result.text, result.read)
    if page.touching and result.boxes:
        cause += ", touching"
    return [misread.Misread(cause, page.picture, result.boxes, f"{result.text}\n{result.read}")]


def _write(folder: Path, results: Sequence[Result], wrong: Sequence[misread.Misread]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    right = [result.text == result.read for result in results]
    curve = misread.curve([result.confidence for result in results], right, folder / "confidence.png")
    print(*(str(file) for file in [*misread.sheets(wrong, folder), curve]), sep="\n")


if __name__ == "__main__":
    sys.exit(terminal.run_one(main))
