"""The fits of what the search for several characters weighs: they print constants to put into `emnist/text`.

python -m train.text.fit KIND unipen.jsonl.gz [options]

The kinds `groups`, `scenes`, `sequence` and `layers` train small networks instead, and write their weights.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from scipy.optimize import minimize

from emnist import terminal
from emnist.errors import NoInkError
from emnist.picture.arrays import Doubles, Mask
from emnist.recognizer import Recognizer
from emnist.text import free, layers, pictures, pieces, scenes, sequence, sheets, strokes
from emnist.text.context import alphabet
from emnist.text.parting import Reader
from emnist.text.reading import against, read_lines
from emnist.text.score import folded
from train.images import pages, struck
from train.images.words import KINDS, TOUCH, Text, hands, texts
from train.text import covers, examples, learn_layers, learn_scenes, learn_sequence, truth

RIDGE = 1e-5  # ridge penalty on the weights of a logistic function
COARSE = ("apa", "app")  # contributors whose coarse digitisers are fine enough to teach which strokes belong together
TOUCHING = 0.25  # share of the gaps that nearly close or overlap in the texts that the networks of scenes learn from
VARIOUS = 10  # fewest different characters of a writer who fills in forms
SPOILT = 10  # one text in so many has a character that is struck out, and counts as misread
OTHERS = 0.17  # share of the parts that hold one character and are cut all the same

File = Annotated[Path, typer.Argument(help="UNIPEN strokes (unipen.jsonl.gz)")]
Count = Annotated[int, typer.Option(min=1, help="texts to compose")]
Seed = Annotated[int, typer.Option(min=0, help="of what is drawn by chance")]
Steps = Annotated[int, typer.Option(min=1, help="steps of training")]
Epochs = Annotated[float, typer.Option(min=0.01, help="how often each example is learnt from")]
Folder = Annotated[Path, typer.Option(exists=True, file_okay=False, help="where to write the weights")]
Further = Annotated[bool, typer.Option("--further", help="go on from the weights that are there")]
Model = Annotated[str | None, typer.Option(help="directory or user/repo[@revision]")]
app = terminal.commands()


def logistic(clues: Doubles, true: Mask) -> list[float]:
    """Return the weights of `clues` (N, F) under which a logistic function tells best what is `true` (N,)."""

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        odds = clues @ weights
        off = 1 / (1 + np.exp(-odds)) - true
        value = np.mean(np.logaddexp(0, odds) - true * odds) + RIDGE * weights @ weights
        return float(value), clues.T @ off / len(true) + 2 * RIDGE * weights

    found = minimize(loss, np.zeros(clues.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x
    return [round(float(weight), 2) for weight in found]


def as_page(text: Text, number: int, seed: int) -> pages.Page:
    """Draw `text`, the same way for the same number and seed."""
    return pages.draw(text, np.random.default_rng([seed, number]))


def _check(further: bool, *files: Path) -> None:
    """Refuse to go on from weights that are not there, before anything is composed."""
    if further and not all(file.is_file() for file in files):
        raise ValueError(f"--further goes on from {' and '.join(map(str, files))}: not all of that is there")


@app.command("groups")
def fit_groups(
    file: File, count: Count = 40_000, seed: Seed = 5001, epochs: Epochs = 4, folder: Folder = scenes.FOLDER
) -> None:
    """Write strokes.safetensors of emnist/text/scenes.py."""
    kinds = (*KINDS, "dotted", "any", "any", "any", "one", "one")
    written = terminal.watched(texts(hands(file, "train", COARSE), count, seed, kinds=kinds), "texts", count)
    random = np.random.default_rng(seed)
    seen = [learn_scenes.groups(text, random) for text in written]
    learn_scenes.learn(scenes.CANDIDATES, seen, epochs, folder / "strokes.safetensors")


@app.command("scenes")
def fit_scenes(
    file: File,
    count: Count = 14_500,
    seed: Seed = 2001,
    epochs: Epochs = 4,
    further: Further = False,
    folder: Folder = scenes.FOLDER,
) -> None:
    """Write borders.safetensors, then candidates.safetensors, whose cuts it chooses, of emnist/text/scenes.py."""
    files = [folder / f"{name}.safetensors" for name in ("borders", "candidates")]
    _check(further, *files)
    random = np.random.default_rng(seed)
    seams = [
        learn_scenes.sides(list(truth.parts(pieces.find(sheet.ink), own)), random)
        for _, sheet, own in _sheets(file, "train", count, seed, TOUCHING)
    ]
    learn_scenes.learn(scenes.BORDERS, seams, epochs, files[0], further)
    found = []
    for _, sheet, own in _sheets(file, "train", count, seed, TOUCHING):
        rows = pieces.find(sheet.ink)
        held = [len(part.characters) > 1 or random.random() < OTHERS for part in truth.parts(rows, own)]
        ends = np.cumsum([len(row.parts) for row in rows])[:-1]
        cut = [pieces.cut(row, chosen.tolist()) for row, chosen in zip(rows, np.split(held, ends), strict=True)]
        found.append(learn_scenes.candidates(sheet, cut, own))
    learn_scenes.learn(scenes.CANDIDATES, found, epochs, files[1], further)


def _sheets(
    file: Path, part: str, count: int, seed: int, touch: float = TOUCH
) -> Iterator[tuple[Text, sheets.Sheet, truth.Owners]]:
    """Yield texts of the writers of `part`, each with the sheet it is drawn on, and with whose ink each pixel is."""
    for number, text in enumerate(terminal.watched(texts(hands(file, part), count, seed, touch), "texts", count)):
        page = as_page(text, number, seed)
        sheet = sheets.separate(page.picture)
        yield text, sheet, truth.owners(page, sheet)


@app.command("sequence")
def fit_sequence(
    file: File,
    emnist: Annotated[Path, typer.Option("--data", help="folder of EMNIST ByMerge, as of `python -m train fit`")],
    count: Count = 140_000,
    seed: Seed = 103,
    steps: Steps = 14_000,
    folder: Folder = scenes.FOLDER,
) -> None:
    """Write sequence.safetensors of emnist/text/sequence.py."""
    scans = examples.scans(emnist)
    random = np.random.default_rng(seed)
    written = texts(hands(file, "train", COARSE), count, seed, TOUCHING, examples.KINDS)
    drawn = [line for text in terminal.watched(written, "texts", count) for line in examples.drawn(text, random)]
    for _ in terminal.watched(range(count // 4), "lines of scans"):
        drawn += examples.glued(scans, random)
    for _ in terminal.watched(range(count // 15), "lines of type"):
        drawn += examples.typed(random)
    learn_sequence.learn(drawn, steps, folder / sequence.FILE.name)


@app.command("layers")
def fit_layers(
    file: File,
    count: Count = 4000,
    seed: Seed = 21,
    steps: Steps = 12_000,
    further: Further = False,
    folder: Folder = scenes.FOLDER,
) -> None:
    """Write layers.safetensors of emnist/text/layers.py."""
    _check(further, folder / layers.FILE.name)
    known = {writer: hand for writer, hand in hands(file, "train").items() if len(hand) >= VARIOUS}
    drawn = []
    for number, text in enumerate(terminal.watched(texts(known, count, seed), "texts", count)):
        page = learn_layers.page(known[text.writer], text, np.random.default_rng([seed, number]))
        drawn += [page] if page else []
    learn_layers.learn(drawn, steps, folder / layers.FILE.name, further)


@app.command("parts")
def fit_parts(file: File, count: Count = 400, seed: Seed = 31, model: Model = None) -> None:
    """Print SEVERAL of emnist/text/free.py, on writers that no network learnt from."""
    recognizer = Recognizer.from_pretrained(model)
    pairs = []
    for _, sheet, own in _sheets(file, "validation", count, seed):
        pairs += truth.suspects(sheet, pieces.find(sheet.ink), own, recognizer.look)
    clues, true = zip(*pairs, strict=True)
    print(f"SEVERAL = {tuple(logistic(np.array(clues), np.array(true)))}")


@app.command("strokes")
def fit_strokes(file: File, count: Count = 1500, seed: Seed = 3, model: Model = None) -> None:
    """Print WEIGHTS of emnist/text/strokes.py, fitted on writers that the network has not learnt from."""
    reader = _reader(model)
    data: list[covers.Example] = []
    written = texts(hands(file, "validation"), count, seed, kinds=(*KINDS, "dotted", "dotted"))  # dotted: hardest
    for text in terminal.watched(written, "texts", count):
        lines = strokes.lines(text.strokes)
        data += covers.examples(lines, [truth.right_strokes(text, line) for line in lines], text, reader)
    print(f"WEIGHTS = {covers.fit(data, strokes.WEIGHTS)}")


@app.command("pictures")
def fit_pictures(file: File, count: Count = 400, seed: Seed = 51, model: Model = None) -> None:
    """Print FREE of emnist/text/free.py, on writers that no network learnt from."""
    reader = _reader(model)
    data: list[covers.Example] = []
    for text, sheet, own in _sheets(file, "validation", count, seed):
        rows = free.rows(sheet, pieces.find(sheet.ink), reader.network)
        lines = [free.line(sheet, row) for row in rows]
        rights = truth.right(rows, [line.groups for line in lines], own, text)
        data += covers.examples(lines, rights, text, reader)
    print(f"FREE = {covers.fit(data, free.FREE)}")


def _reader(model: str | None) -> Reader:
    recognizer = Recognizer.from_pretrained(model)
    labels = recognizer.labels
    return Reader(recognizer.look, labels, recognizer.config.accept, alphabet(labels))


@app.command("confidence")
def fit_confidence(file: File, count: Count = 300, seed: Seed = 7, model: Model = None) -> None:
    """Print `whole` of the weights of strokes and of pictures, on writers that the network has not learnt from."""
    reader = _reader(model)
    for name in ("strokes", "pictures"):
        clues, true = [], []
        random = np.random.default_rng(seed)
        written = texts(hands(file, "validation"), count, seed)
        for number, text in enumerate(terminal.watched(written, "texts", count)):
            spoilt = number % SPOILT == SPOILT - 1
            if spoilt:
                place, way = int(random.integers(len(text.characters))), str(random.choice(struck.CLEAR))
                text = struck.out(text, place, way, random)
            try:
                found, doubts = _read(reader, text, as_page(text, number, seed) if name == "pictures" else None)
            except NoInkError:
                continue
            clues.append([1.0, *doubts])
            true.append(not spoilt and found == folded(text.text, reader.labels))
        print(f"{name}: whole={tuple(logistic(np.array(clues), np.array(true)))}")


def _read(reader: Reader, text: Text, page: pages.Page | None) -> tuple[str, list[float]]:
    """Return what `text` is read as, from its strokes or from `page`, and what speaks against that."""
    lines = pictures.lines(page.picture, reader.network) if page else strokes.lines(text.strokes)
    said, read, found, odds = read_lines(lines, reader)
    return folded(said, reader.labels), against(read, found, odds, reader.labels)


if __name__ == "__main__":
    sys.exit(terminal.run(app))
