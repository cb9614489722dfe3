"""What adapting the built-in model brings, on pictures drawn from pen strokes.

python -m tests.adapt unipen.jsonl.gz EMNIST [WRITERS] prints how one writer's other characters are read after 5, 20 and
100 of that writer's pictures, adapted and from nothing, and what it does to other writers; then how three new symbols
are learnt beside the 47 classes.  The built-in model never learnt from any of them: writers and images are those of
validation.  Of the writers with enough characters the first WRITERS are taken, or else 3.  By proportion it takes about
half an hour on two free cores.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from emnist import hub, store, terminal
from emnist.errors import NoInkError
from emnist.model import CharacterNet
from emnist.odds import as_drawn
from emnist.picture import prepare
from emnist.text.drawing import unit
from train import loop
from train.config import RECIPES, FitConfig, recipe
from train.images import data, sources, strokes
from train.images.data import Images
from train.images.sources import Sources
from train.images.strokes import Drawing
from train.results.scores import predict

Stroke = NDArray[np.float64]
LEAST = 250  # fewest drawings of a writer who is adapted to
LEARNT, TESTED, OTHERS = 100, 400, 80  # most drawings of such a writer to learn from and to test; of each other writer
EACH = 60  # pictures of each new symbol to learn from, and as many to test
WRITERS = 3
SEEDS = 2
SIDE = 280  # px: side of a canvas
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


def right(model: CharacterNet, images: Images, scanned: bool = False) -> NDArray[np.bool_]:
    """Tell which of `images` are read right: as pictures are read, or as scanned forms are."""
    scaled = (predict(model, images.pixels)[0] / model.config.temperature).numpy()
    found: NDArray[np.bool_] = (scaled if scanned else as_drawn(scaled, model.config)).argmax(
        1
    ) == images.labels.numpy()
    return found


def change(after: NDArray[np.bool_], before: NDArray[np.bool_]) -> str:
    """Return by how many points more is read right, with the standard error of such a difference on the same images."""
    difference = 100 * (after * 1.0 - before)
    return f"{difference.mean():+.2f} ± {difference.std() / len(difference) ** 0.5:.2f}"


def fitted(out: Path, there: Sources, learn: Images, **options: Any) -> CharacterNet:
    """Train on `learn`, with all else of `there`, and return what came of it."""
    options = {"data": out.parent, "checkpoint_seconds": 1e9, **options}
    loop.fit(FitConfig(out=out, **options), sources=replace(there, train=learn, validation=learn))
    return store.load(out)[0]


def beside(root: Path, learn: Images, labels: tuple[str, ...], emnist: Path | None) -> Sources:
    """Return what is learnt beside pictures of one's own; `root` is the folder that stands for these."""
    config = FitConfig(out=root, data=root, **_adapt(emnist))
    replay = sources.replayed(config, labels) if emnist else None
    return sources.complete(config, labels, (learn, learn), "own", False, replay)


def new_symbols(root: Path, file: Path, emnist: Path) -> None:
    """Print how three symbols are learnt beside the old classes."""
    before, known = store.load(hub.PRETRAINED)
    labels = (*known, *SYMBOLS)
    drawn = seen(list(strokes.read(file, "validation", known)), labels, 2)
    whole = data.read(emnist, FitConfig.split, "train")
    scans = data.split_validation(whole, FitConfig.split, FitConfig.seed)[1]
    old = right(before, drawn), right(before, scans, scanned=True)
    print(f"seed; EMNIST replayed; new symbols; change of {len(drawn):,} drawings, of {len(scans):,} EMNIST images")
    for seed in range(SEEDS):
        random = np.random.default_rng(seed)
        learn, test = (seen(_new(file, part, random), labels, seed) for part in ("train", "test"))
        for replay in (None, emnist):
            there = beside(root, learn, labels, replay)
            adapted = fitted(root / f"{seed}{replay is None}", there, learn, **_adapt(replay), seed=seed)
            new = right(adapted, test).mean()
            changes = change(right(adapted, drawn), old[0]), change(right(adapted, scans, scanned=True), old[1])
            print(seed, replay is not None, f"{new:.1%}", *changes, sep="; ", flush=True)


def _new(file: Path, part: str, random: np.random.Generator) -> list[Drawing]:
    """Return EACH of the symbols as the writers of `part` might write them."""
    letters = [drawing for drawing in strokes.read(file, part) if drawing.label == "n"]
    chosen = random.choice(len(letters), EACH, replace=False)
    return list(symbols([letters[i] for i in chosen], random))


def _adapt(replay: Path | None) -> dict[str, Any]:
    return {"initial": "built-in", "replay": replay, **recipe("adapt", replay is not None)}


def one_hand(root: Path, file: Path, emnist: Path, writers: int) -> None:
    """Print how well a writer's other characters are read, by how many are learnt, from nothing and adapted."""
    before, labels = store.load(hub.PRETRAINED)
    by_writer: dict[str, list[Drawing]] = defaultdict(list)
    for drawing in strokes.read(file, "validation", labels):
        by_writer[drawing.writer].append(drawing)
    drawn = {writer: _mixed(drawings) for writer, drawings in sorted(by_writer.items())}
    others = {writer: seen(drawings[-OTHERS:], labels, 3) for writer, drawings in drawn.items()}
    chosen = [writer for writer in drawn if len(drawn[writer]) >= LEAST][:writers]
    places = [beside(root, others[chosen[0]], labels, replay) for replay in (None, emnist)]
    print(
        "writer; pictures; of that writer's others read: from nothing, built-in, adapted; errors cut; change of others"
    )
    for writer in chosen:
        learn = seen(drawn[writer][:LEARNT], labels, 4)
        test = seen(drawn[writer][LEARNT : LEARNT + TESTED], labels, 5)
        rest = _together([images for other, images in others.items() if other != writer])
        base = right(before, test), right(before, rest)
        for count in (5, 20, LEARNT):
            some, name = learn[torch.arange(min(count, len(learn)))], f"{writer.replace('/', '-')}{count}"
            fast = {**RECIPES["fast"], "batch": 64, "steps": 200, "negative_share": 0.0}
            fresh = right(fitted(root / f"{name}-fresh", places[0], some, **fast), test).mean()
            for place, replay in zip(places, (None, emnist), strict=True):
                if count < LEARNT and replay is None:
                    continue  # without EMNIST, only LEARNT pictures are tried
                model = fitted(root / f"{name}{replay is None}", place, some, **_adapt(replay))
                own = right(model, test).mean()
                cut = (own - base[0].mean()) / (1 - base[0].mean())
                shares = (f"{share:.1%}" for share in (fresh, base[0].mean(), own, cut))
                beside_it = change(right(model, rest), base[1])
                print(writer, count, "with EMNIST" if replay else "alone", *shares, beside_it, sep="; ", flush=True)


def _mixed(drawings: Sequence[Drawing]) -> list[Drawing]:
    return [drawings[i] for i in np.random.default_rng(0).permutation(len(drawings))]


def _together(several: Sequence[Images]) -> Images:
    return Images(torch.cat([images.pixels for images in several]), torch.cat([images.labels for images in several]))


def main(
    file: Annotated[Path, typer.Argument(help="UNIPEN strokes (unipen.jsonl.gz)", metavar="STROKES")],
    emnist: Annotated[Path, typer.Argument(help="folder that holds EMNIST/raw")],
    writers: Annotated[int, typer.Argument(min=1, help="who are adapted to")] = WRITERS,
) -> None:
    """Print what adapting to a writer, and to new symbols, brings."""
    with TemporaryDirectory() as name:
        for place in ("a", "b"):
            (Path(name) / place).mkdir()
            (Path(name) / place / "own").touch()
        one_hand(Path(name) / "b", file, emnist, writers)
        new_symbols(Path(name) / "a", file, emnist)


if __name__ == "__main__":
    sys.exit(terminal.run_one(main))
