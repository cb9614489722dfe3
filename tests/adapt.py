"""What adapting the built-in model brings, on pictures drawn from pen strokes.

python -m tests.adapt unipen.jsonl.gz EMNIST prints how three new symbols are learnt beside the 47 classes; then how one
writer's characters are read after 5, 20 and 100 of that writer's pictures, adapted and from nothing; and what it does
to other writers.  The built-in model never learnt from any of them.
"""

import csv
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from emnist import Recognizer
from emnist.score import evaluate, read_table
from emnist.text.drawing import unit
from train import loop
from train.config import RECIPES, FitConfig
from train.images import strokes
from train.images.strokes import Drawing

Stroke = NDArray[np.float64]
WRITERS = 6  # with the most characters among those held out
EACH = 60  # pictures of each new symbol to learn from, and as many to test
SIDE = 280  # px, of a canvas


def symbols(letters: Sequence[Drawing], random: np.random.Generator) -> Iterator[Drawing]:
    """Yield a plus sign, an equals sign and an n with a tilde for each of `letters`, which are n."""

    def line(x: float, y: float, u: float, v: float) -> Stroke:
        t = np.linspace(0, 1, 12)[:, None]
        bow = random.normal(0, 0.03) * np.sin(np.pi * t)
        points: Stroke = np.hstack([x + (u - x) * t + bow, y + (v - y) * t + bow]) + random.normal(0, 0.008, (12, 2))
        return points

    for n in letters:
        wide, high = random.uniform(0.6, 1, 2)
        yield Drawing("+", "", unit([line(0, high / 2, wide, high / 2), line(wide / 2, 0, wide / 2, high)]))
        gap = random.uniform(0.2, 0.45)
        yield Drawing("=", "", unit([line(0, 0, wide, random.normal(0, 0.04)), line(0, gap, wide, gap)]))
        t = np.linspace(0, 1, 14)[:, None]
        low = min(stroke[:, 1].min() for stroke in n.strokes) - random.uniform(0.15, 0.3)
        wave = low - random.uniform(0.05, 0.1) * np.sin(2 * np.pi * t)
        yield Drawing("ñ", "", unit([*n.strokes, np.hstack([0.1 + random.uniform(0.5, 0.7) * t, wave])]))


def written(folder: Path, drawings: Sequence[tuple[Drawing, str]], seed: int) -> Path:
    """Draw the characters on canvases below `folder`, and return the table of them with their parts."""
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as lines:
        table = csv.writer(lines)
        table.writerow(("file", "label", "split"))
        for i, (drawing, part) in enumerate(drawings):
            picture = strokes.on_canvas(drawing, SIDE, random.uniform(0.03, 0.08), random)
            picture.save(folder / f"{i}.png")
            table.writerow((f"{i}.png", drawing.label, part))
    return folder / "labels.csv"


def read(recognizer: Recognizer, table: Path) -> float:
    """Return which share of the pictures of `table` is read right; a label that the model does not know never is."""
    found = evaluate(recognizer, read_table(table))
    return (found.top1 or 0) * found.images / (found.images + found.skipped)


def fitted(data: Path, out: Path, **options: object) -> tuple[Recognizer, float]:
    """Train on `data` and return what came of it, and the minutes it took."""
    began = time.monotonic()
    loop.fit(FitConfig(out=out, data=data, **options))  # type: ignore[arg-type]
    return Recognizer.from_pretrained(out), (time.monotonic() - began) / 60


def _new(file: Path, part: str, random: np.random.Generator) -> list[tuple[Drawing, str]]:
    """Return EACH of the symbols as the writers of `part` might write them."""
    letters = [drawing for drawing in strokes.read(file, part) if drawing.label == "n"]
    chosen = random.choice(len(letters), EACH, replace=False)
    return [(drawing, part) for drawing in symbols([letters[i] for i in chosen], random)]


def new_symbols(root: Path, file: Path, emnist: Path) -> None:
    """Print how three symbols are learnt beside the old classes."""
    random = np.random.default_rng(0)
    learn, test = (written(root / part, _new(file, part, random), seed) for seed, part in enumerate(("train", "test")))
    others = written(root / "old", [(d, "test") for d in list(strokes.read(file, "validation", None))[::20]], 2)
    adapted, minutes = fitted(learn, root / "run", initial="built-in", replay=emnist, **RECIPES["adapt"])
    before = Recognizer.from_pretrained()
    print(f"three symbols, {3 * EACH} pictures, {minutes:.1f} minutes")
    print(f"  new pictures of them     {read(adapted, test):7.2%}")
    print(f"  drawings of the 47       {read(before, others):7.2%} -> {read(adapted, others):7.2%}")
    print((root / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1])


def one_writer(root: Path, file: Path, part: str = "test") -> None:
    """Print how well a writer's other characters are read, by how many are learnt, from nothing and adapted."""
    before = Recognizer.from_pretrained()
    by_writer: dict[str, list[Drawing]] = defaultdict(list)
    for drawing in strokes.read(file, part, before.labels):
        by_writer[drawing.writer].append(drawing)
    chosen = sorted(by_writer, key=lambda writer: -len(by_writer[writer]))[:WRITERS]
    rest = [(d, "test") for writer in by_writer if writer not in chosen for d in by_writer[writer][::40]]
    others = written(root / "others", rest, 3)
    print("writer, pictures; of that writer: built-in, adapted, from nothing; of others: built-in, adapted")
    for writer in chosen:
        folder = root / writer.replace("/", "-")
        mixed = [by_writer[writer][i] for i in np.random.default_rng(0).permutation(len(by_writer[writer]))]
        own = written(folder / "test", [(d, "test") for d in mixed[100:400]], 4)
        for count in (5, 20, 100):
            taught = {drawing.label for drawing in mixed[:count]}
            watched = [(d, "validation") for d in mixed[400:] if d.label in taught][:20]
            learn = written(folder / f"learn{count}", [(d, "train") for d in mixed[:count]] + watched, 5)
            adapted = fitted(learn, folder / f"run{count}", initial="built-in", **RECIPES["adapt"])[0]
            fresh = fitted(learn, folder / f"fresh{count}", **{**RECIPES["fast"], "batch": 64, "steps": 200})[0]
            shares = [read(model, own) for model in (before, adapted, fresh)]
            shares += [read(model, others) for model in (before, adapted)]
            print(f"{writer:20} {count:4}", *(f"{share:7.2%}" for share in shares), flush=True)


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        new_symbols(Path(name) / "a", Path(sys.argv[1]), Path(sys.argv[2]))
        one_writer(Path(name) / "b", Path(sys.argv[1]))
