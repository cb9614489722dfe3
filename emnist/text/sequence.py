"""A line of free writing seen as a whole: a network says which character stands where, without any parting before.

It learnt by connectionist temporal classification (CTC; Graves, Fernández, Gomez, Schmidhuber, ICML 2006): from
pictures of lines and from what is written there, but not where.  At each place along a line it answers with one of its
classes or with a blank; repeated answers count once.  How likely it finds a reading tells which of several ways to part
the line is right.  It learnt characters in any order, so it knows no words.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from emnist.constants import SEQUENCE
from emnist.labels import fold
from emnist.picture.arrays import Bytes, Doubles, Mask
from emnist.text.convolutions import Answer, Library, Value, graph, opened

CLASSES = tuple(SEQUENCE["CLASSES"])  # of the network, after the blank
HIGH: int = SEQUENCE["HIGH"]  # px: height of most characters in the picture of a line
SIDE: int = SEQUENCE["SIDE"]  # px: height of the picture
LOWEST: int = SEQUENCE["LOWEST"]  # px: least height of the characters there
MARGIN: int = SEQUENCE["MARGIN"]  # px: blank paper at either end of the line
LONGEST: int = SEQUENCE["LONGEST"]  # px: longest picture of a line; a page of letters 11 px high is as wide
STEM, WIDTHS, COLUMN = 32, (48, 64, 64, 128), 192  # channels of the convolutions in two dimensions, and along the line
HALVED = (0, 2)  # which of WIDTHS end with half as many rows
SPREADS = (1, 2, 4, 1, 2, 4, 8, 1, 2)  # dilations of those along the line
STEP: int = SEQUENCE["STEP"]  # px from one place to the next
MOST = 2_000_000  # most states that are looked at together, of all readings at all places: 0.05 GB
LEAST = 1e-12  # least probability of a character at a place
FILE = Path(__file__).with_name("sequence.safetensors")


def draw(ink: Mask, high: float) -> Bytes | None:
    """Return the picture (56, W) of a line whose characters are mostly `high` px high.

    None if the line is too long, or so much higher than its characters that they would be small: it climbs steeply.
    """
    scale = min(HIGH / high, (SIDE - 4) / len(ink))
    size = [max(1, round(side * scale)) for side in ink.shape]
    if size[1] > LONGEST or scale * high < LOWEST:
        return None
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    small = Image.fromarray(ink.astype(np.float32)).resize((size[1], size[0]), method)
    top = (SIDE - size[0]) // 2
    around = (top, SIDE - size[0] - top), (MARGIN, MARGIN + size[1] % STEP)
    picture: Bytes = np.pad((255 * np.asarray(small)).clip(0, 255).astype(np.uint8), around)
    return picture


def knows(labels: Sequence[str]) -> bool:
    """Tell whether the network has learnt most of `labels`; it may take a character of another script for several."""
    return 2 * sum(fold(label, CLASSES) is not None for label in labels) > len(labels)


def see(picture: Bytes, labels: Sequence[str]) -> Doubles:
    """Return the log-probabilities (places, 1 + C) of a blank and of each of `labels` along a line.

    A label that the network does not know is as likely as the likeliest of those that it knows: nothing is said of it.
    """
    logits = _network(FILE)(picture[None, None] * np.float32(1 / 255))[0, :, 0].T.astype(np.float64)
    logs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    known = [fold(label, CLASSES) for label in labels]
    each = [logs[:, 1:].max(axis=1) if label is None else logs[:, 1 + CLASSES.index(label)] for label in known]
    found: Doubles = np.stack([logs[:, 0], *each], axis=1)
    return found


def likely(seen: Doubles, readings: Sequence[Doubles]) -> Doubles:
    """Return how likely each of `readings` is, the logarithm (R,), given what is `seen` (places, 1 + C) of the line.

    A reading (N, C) holds the probabilities of the labels of its characters.  One for which the line has too few places
    is as unlikely as one of which nothing is seen.
    """
    ends = np.array([2 * len(reading) for reading in readings])
    together = max(1, MOST // (len(seen) * int(ends.max() + 1)))
    parts = [_last(seen, readings[i : i + together]) for i in range(0, len(readings), together)]
    last = [one[end - 1 : end + 1] for one, end in zip((row for part in parts for row in part), ends, strict=True)]
    found: Doubles = np.maximum(np.logaddexp.reduce(last, axis=1), len(seen) * np.log(LEAST))
    return found


def _last(seen: Doubles, readings: Sequence[Doubles]) -> Doubles:
    """Return the logarithm (R, S) of the probability of each state of `readings` at the end of the line."""
    last: Doubles = _forward(*_states(seen, readings))[-1]
    return last


def evidence(seen: Doubles, reading: Doubles) -> Doubles:
    """Return the log-probabilities (N, C) of the labels of each character where the line shows it; 0 if nowhere."""
    states, leap = _states(seen, [reading])
    back = np.roll(leap[:, ::-1], 2, axis=1)
    through = _forward(states, leap) + _forward(states[::-1, :, ::-1], back)[::-1, :, ::-1] - states
    own = through[:, 0, 1::2]  # (places, N)
    total = np.logaddexp.reduce(own, axis=0)
    if not np.isfinite(total).all():  # the line has fewer places than characters
        return np.zeros_like(reading)
    share = np.exp(own - total)
    found: Doubles = share.T @ np.maximum(seen[:, 1:], np.log(LEAST))
    return found


def _states(seen: Doubles, readings: Sequence[Doubles]) -> tuple[Doubles, Mask]:
    """Return the log-probabilities (places, R, S) of the states of each reading, and whether one may be leapt to.

    The states of a reading are a blank, its first character, a blank … and a blank; those of shorter readings are
    impossible beyond.  A character may follow another one without a blank between them unless they are the same.
    """
    size = 2 * max(len(reading) for reading in readings) + 1
    states = np.full((len(seen), len(readings), size), -np.inf)
    leap = np.zeros((len(readings), size), bool)
    chances = np.exp(seen[:, 1:])
    for number, reading in enumerate(readings):
        end = 2 * len(reading) + 1
        states[:, number, 0:end:2] = seen[:, :1]
        states[:, number, 1:end:2] = np.log(np.maximum(chances @ reading.T, LEAST))
        same = (reading[1:] * reading[:-1]).sum(axis=1) > 0.5
        leap[number, 3:end:2] = ~same
    return states, leap


def _forward(states: Doubles, leap: Mask) -> Doubles:
    """Return the logarithm (places, R, S) of the probability of all ways to each state, itself included."""
    places, count, size = states.shape
    found = np.full((places, count, 2 + size), -np.inf)  # two impossible states stand before the first one
    found[0, :, 2:4] = states[0, :, :2]
    for place in range(1, places):
        before = found[place - 1]
        two = np.where(leap, before[:, :-2], -np.inf)
        found[place, :, 2:] = np.logaddexp(np.logaddexp(before[:, 2:], before[:, 1:-1]), two) + states[place]
    ways: Doubles = found[:, :, 2:]
    return ways


def shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape of each of the network's weights, by name."""
    found: dict[str, tuple[int, ...]] = {}

    def convolution(name: str, inputs: int, outputs: int, *sides: int) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = (outputs, inputs, *sides), (outputs,)

    convolution("stem", 1, STEM, 5, 5)
    for number, (before, wide) in enumerate(pairwise((STEM, *WIDTHS))):
        convolution(f"down.{number}", before, wide, 3, 3)
    convolution("refine", WIDTHS[-1], WIDTHS[-1], 3, 3)
    convolution("column", WIDTHS[-1], COLUMN, SIDE // 8, 1)
    for number in range(len(SPREADS)):
        convolution(f"along.{number}", COLUMN, COLUMN, 1, 3)
    convolution("out", COLUMN, 1 + len(CLASSES), 1, 1)
    return found


def forward(library: Library[Value], x: Value) -> Value:
    """Return the logits (B, 48, 1, places) of pictures `x` (B, 1, 56, W) as `library` computes them."""
    x = library.relu(library.convolve(x, "stem", 2, (2, 2)))
    for number in range(len(WIDTHS)):
        x = library.relu(library.convolve(x, f"down.{number}"))
        x = library.halve(x) if number in HALVED else x
    x = library.add(x, library.relu(library.convolve(x, "refine")))
    x = library.relu(library.convolve(x, "column", pads=(0, 0)))
    for number, spread in enumerate(SPREADS):
        x = library.add(x, library.relu(library.convolve(x, f"along.{number}", pads=(0, spread), spread=spread)))
    return library.convolve(x, "out", pads=(0, 0))


def onnx() -> bytes:
    """Return the network as an ONNX file: `picture` (1, 1, 56, W), ink 1 on 0, to logits (1, 48, 1, places)."""
    return graph(FILE, shapes(), forward)


@cache
def _network(file: Path) -> Answer:
    return opened(file, shapes(), forward)
