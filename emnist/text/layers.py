"""Which ink on a sheet is what: a network of its own tells writing from type and from lines, and sees boxes.

It is a small U-Net (Ronneberger, Fischer, Brox, MICCAI 2015): the picture is halved five times, and the features of
each size, which show the surroundings, go on to the next finer size.  The network learnt from pages that code draws
(`train.images.forms`).
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from emnist.picture.arrays import Floats, Mask
from emnist.text.convolutions import Answer, Library, Value, graph, opened

WIDTHS = (16, 32, 48, 64, 96)  # channels at a half, a quarter … of the size
DEPTHS = (1, 2, 2, 2, 3)  # number of convolutions there
LINES, TYPE, WRITING, BOXES = range(4)  # channels of the answer; the first three exclude each other
DARKEST = 1.5  # greatest contrast that is seen, in contrasts of ink; what is darker looks as dark as that
FILE = Path(__file__).with_name("layers.safetensors")


@dataclass(frozen=True)
class Layers:
    """Which pixels (H, W) are written by hand, if they are ink, or are type; and the middles of one-character boxes.

    `odds` are the log-odds that ink there is type, not writing.
    """

    writing: Mask
    type: Mask
    boxes: Mask
    odds: Floats


def see(contrast: Floats) -> Layers:
    """Return the layers of a sheet by its `contrast` (H, W), 0 for paper and 1 for most ink."""
    high, wide = contrast.shape
    seen = np.pad(contrast.clip(0, DARKEST), ((0, -high % 32), (0, -wide % 32)), "edge")
    logits = _network(FILE)(seen[None, None])[0, :, :high, :wide]
    best = logits[:BOXES].argmax(axis=0)
    return Layers(best == WRITING, best == TYPE, logits[BOXES] > 0, logits[TYPE] - logits[WRITING])


def shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape of each of the network's weights, by name."""
    found: dict[str, tuple[int, ...]] = {}

    def convolution(name: str, inputs: int, outputs: int, side: int = 3) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = (outputs, inputs, side, side), (outputs,)

    for level, (before, wide) in enumerate(pairwise((1, *WIDTHS))):
        for number in range(DEPTHS[level]):
            convolution(f"down.{level}.{number}", wide if number else before, wide)
    for level, (finer, wide) in enumerate(pairwise(WIDTHS)):
        convolution(f"up.{level}", wide, 4 * finer, 1)
        convolution(f"mix.{level}", finer, finer)
    convolution("out", WIDTHS[0], 16, 1)
    return found


def forward(library: Library[Value], x: Value) -> Value:
    """Return the logits (1, 4, H, W) of a sheet `x` (1, 1, H, W) as `library` computes them."""
    kept: list[Value] = []
    for level, depth in enumerate(DEPTHS):
        for number in range(depth):
            x = library.relu(library.convolve(x, f"down.{level}.{number}", 1 if number else 2))
        kept.append(x)
    for level in reversed(range(len(WIDTHS) - 1)):
        x = library.relu(library.add(library.shuffle(library.convolve(x, f"up.{level}", pads=(0, 0))), kept[level]))
        x = library.relu(library.convolve(x, f"mix.{level}"))
    return library.shuffle(library.convolve(x, "out", pads=(0, 0)))


def onnx() -> bytes:
    """Return the network as an ONNX file: `picture` (1, 1, H, W), as `see` pads it, to logits (1, 4, H, W)."""
    return graph(FILE, shapes(), forward)


@cache
def _network(file: Path) -> Answer:
    return opened(file, shapes(), forward)
