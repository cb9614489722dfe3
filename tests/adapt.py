"""What adapting the built-in model brings, on pictures drawn from pen strokes.

python -m tests.adapt unipen.jsonl.gz EMNIST prints how three new symbols are learnt beside the 47 classes; then how one
writer's other characters are read after 5, 20 and 100 of that writer's pictures, adapted and from nothing; and what it
does to other writers.  The built-in model never learnt from any of them.  It takes about an hour on two cores.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from emnist import hub
from emnist.errors import NoInkError
from emnist.model import CharacterNet
from emnist.picture import prepare
from emnist.recognizer import as_drawn
from emnist.text.drawing import unit
from train import loop
from train.config import RECIPES, FitConfig
from train.images import sources, strokes
from train.images.data import Images
from train.images.sources import Sources
from train.images.strokes import Drawing
from train.results.scores import predict

Stroke = NDArray[np.float64]
LEAST = 250  # characters of a writer who is adapted to
LEARNT, TESTED, OTHERS = 100, 400, 80  # of such a writer; and of each other writer
EACH = 60  # pictures of each new symbol to learn from, and as many to test
SEEDS = 3
SIDE = 280  # px, of a canvas
SYMBOLS = "+=ñ"


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


def seen(drawings: Sequence[Drawing], labels: Sequence[str], seed: int) -> Images:
    """Draw the characters on canvases and prepare them as the recognizer does."""
    random, pixels, indices = np.random.default_rng(seed), [], []
    for drawing in drawings:
        with suppress(NoInkError):
            picture = strokes.on_canvas(drawing, SIDE, random.uniform(0.03, 0.08), random)
            pixels.append(prepare(picture).image)
            indices.append(labels.index(drawing.label))
    return Images(torch.from_numpy(np.stack(pixels)), torch.tensor(indices))


def right(model: CharacterNet, images: Images) -> NDArray[np.bool_]:
    """Tell which of `images` are read right, as pictures are read."""
    scaled = (predict(model, images.pixels)[0] / model.config.temperature).numpy()
    found: NDArray[np.bool_] = as_drawn(scaled, model.config).argmax(1) == images.labels.numpy()
    return found


def fitted(out: Path, there: Sources, learn: Images, **options: Any) -> CharacterNet:
    """Train on `learn`, with all else of `there`, and return what came of it."""
    options = {"data": out.parent, "checkpoint_seconds": 1e9, **options}
    loop.fit(FitConfig(out=out, **options), sources=replace(there, train=learn, validation=learn))
    return hub.load(out)[0]


def beside(root: Path, learn: Images, labels: tuple[str, ...], emnist: Path | None) -> Sources:
    """Return what is learnt beside pictures of one's own; `root` is the folder that stands for these."""
    config = FitConfig(out=root, data=root, initial="built-in", replay=emnist, **RECIPES["adapt"])
    replay = sources.replayed(config, labels) if emnist else None
    return sources.complete(config, labels, (learn, learn), "own", False, replay)


def new_symbols(root: Path, file: Path, emnist: Path) -> None:
    """Print how three symbols are learnt beside the old classes."""
    before, known = hub.load(hub.PRETRAINED)
    labels = (*known, *SYMBOLS)
    old = seen(list(strokes.read(file, "validation", known)), labels, 2)
    print("seed, EMNIST replayed; new symbols; drawings of the 47 before and after; EMNIST, mean recall, after")
    for seed in range(SEEDS):
        random = np.random.default_rng(seed)
        learn, test = (seen(_new(file, part, random), labels, seed) for part in ("train", "test"))
        for replay in (None, emnist):
            there = beside(root, learn, labels, replay)
            adapted = fitted(root / f"{seed}{replay is None}", there, learn, **_adapt(replay), seed=seed)
            shares = [right(model, images).mean() for model, images in ((adapted, test), (before, old), (adapted, old))]
            print(seed, replay is not None, *(f"{share:7.2%}" for share in shares), flush=True)


def _new(file: Path, part: str, random: np.random.Generator) -> list[Drawing]:
    """Return EACH of the symbols as the writers of `part` might write them."""
    letters = [drawing for drawing in strokes.read(file, part) if drawing.label == "n"]
    chosen = random.choice(len(letters), EACH, replace=False)
    return list(symbols([letters[i] for i in chosen], random))


def _adapt(replay: Path | None) -> dict[str, Any]:
    return {"initial": "built-in", "replay": replay, **RECIPES["adapt"]}


def one_writer(root: Path, file: Path, emnist: Path, part: str = "validation") -> None:
    """Print how well a writer's other characters are read, by how many are learnt, from nothing and adapted."""
    before, labels = hub.load(hub.PRETRAINED)
    by_writer: dict[str, list[Drawing]] = defaultdict(list)
    for drawing in strokes.read(file, part, labels):
        by_writer[drawing.writer].append(drawing)
    drawn = {writer: _mixed(drawings) for writer, drawings in by_writer.items()}
    others = {writer: seen(drawings[-OTHERS:], labels, 3) for writer, drawings in drawn.items()}
    hits = {writer: right(before, images) for writer, images in others.items()}
    print("writer, pictures; of that writer: built-in, adapted, with EMNIST, from nothing; of others, change: both")
    for writer in sorted(drawn, key=lambda writer: -len(drawn[writer])):
        if len(drawn[writer]) < LEAST:
            continue
        folder = root / writer.replace("/", "-")
        folder.mkdir(parents=True)
        learn = seen(drawn[writer][:LEARNT], labels, 4)
        test = seen(drawn[writer][LEARNT : LEARNT + TESTED], labels, 5)
        places = [beside(folder, learn, labels, replay) for replay in (None, emnist)]
        for count in (5, 20, LEARNT):
            some = learn[torch.arange(min(count, len(learn)))]
            adapted = [
                fitted(folder / f"{count}{i}", places[i], some, **_adapt(replay))
                for i, replay in enumerate((None, emnist))
            ]
            fast = {**RECIPES["fast"], "batch": 64, "steps": 200, "negative_share": 0.0}
            fresh = fitted(folder / f"{count}fresh", places[0], some, **fast)
            own = [right(model, test).mean() for model in (before, *adapted, fresh)]
            change = [
                np.mean(np.concatenate([right(model, others[o]) * 1 - hits[o] * 1 for o in others if o != writer]))
                for model in adapted
            ]
            print(f"{writer:20} {count:4}", *(f"{share:7.2%}" for share in (*own, *change)), flush=True)


def _mixed(drawings: Sequence[Drawing]) -> list[Drawing]:
    return [drawings[i] for i in np.random.default_rng(0).permutation(len(drawings))]


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        for place in ("a", "b"):
            (Path(name) / place).mkdir()
            (Path(name) / place / "own").touch()
        new_symbols(Path(name) / "a", Path(sys.argv[1]), Path(sys.argv[2]))
        one_writer(Path(name) / "b", Path(sys.argv[1]), Path(sys.argv[2]))
