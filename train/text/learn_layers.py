"""What the network of `emnist.text.layers` learns from, pages whose ink is known, and what it learns in a step."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from emnist.errors import NoInkError
from emnist.picture.arrays import Bytes
from emnist.text import layers, sheets
from train.images import forms, pages
from train.images.words import Hand, Random, Text
from train.text.network import Network, teach

PLAIN = 0.2  # share of the pages that are texts on paper, as in `train.images.pages`; the others are forms
SQUARES = (256, 16), (512, 4)  # px: side of the squares, cut out of pages, that a step learns from; how many
GAIN = (0.8, 1.25)  # factor on the contrast of a square, as the contrast of ink is not always found exactly
PAPER = 0.03  # weight of a pixel that is no ink, beside 1 of one that is
BOXED = 0.4  # weight of the loss of the boxes, beside 1 of that of the ink
FULL = 170  # value of a byte that stands for the contrast of ink
MIDDLE = 4  # added to the layer of a pixel in the middle of a box

Page = tuple[Bytes, Bytes]  # contrast as multiples of 1 / FULL, and the layer of each pixel, both (H, W)


def page(hand: Hand, text: Text, random: Random) -> Page | None:
    """Return a form, or `text` on paper, as the network sees it, and what is where; None if it looks blank."""
    if random.random() < PLAIN:
        drawn = pages.draw(text, random)
        picture, own = drawn.picture, np.where(drawn.owners > 0, layers.WRITING, layers.LINES).astype(np.uint8)
    else:
        picture, own, middles = forms.draw(hand, random)
        own = own + np.uint8(MIDDLE) * middles
    try:
        even, level = sheets.evened(picture.convert("RGB"))
    except NoInkError:
        return None
    seen = (FULL * (even / level).clip(0, layers.DARKEST)).astype(np.uint8)
    return seen, np.asarray(Image.fromarray(own).resize(seen.shape[::-1], Image.Resampling.NEAREST))


def learn(drawn: Sequence[Page], steps: int, file: Path, further: bool = False) -> None:
    """Train the network on the pages `drawn` and write its weights to `file`; with `further` go on from those there."""
    random = np.random.default_rng(0)
    areas = np.array([max(seen.size, SQUARES[0][0] ** 2) for seen, _ in drawn], float)

    def loss(network: Network) -> Tensor:
        side, count = SQUARES[int(random.integers(len(SQUARES)))]
        chosen = random.choice(len(drawn), count, p=areas / areas.sum())
        seen, own = zip(*(_square(drawn[i], side, random) for i in chosen), strict=True)
        return _loss(network, torch.from_numpy(np.stack(seen)), torch.from_numpy(np.stack(own)))

    teach(layers.shapes(), layers.forward, loss, steps, file, further)


def _square(whole: Page, side: int, random: Random) -> Page:
    """Return a square of a page by chance, rather one with ink; what is beyond a small page is paper."""
    seen, own = (np.pad(layer, [(0, max(0, side - length)) for length in layer.shape]) for layer in whole)
    for _ in range(4):
        y, x = (int(random.integers(length - side + 1)) for length in seen.shape)
        place = slice(y, y + side), slice(x, x + side)
        if (seen[place] > FULL * sheets.TRACES).mean() > 0.005:
            break
    return seen[place], own[place]


def _loss(network: Network, seen: Tensor, own: Tensor) -> Tensor:
    x = seen.float()[:, None] / FULL * torch.empty(len(seen), 1, 1, 1).uniform_(*GAIN)
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(x.contiguous(memory_format=torch.channels_last))
    logits, own = logits.float(), own.long()
    weight = torch.where(x[:, 0] > sheets.TRACES, 1.0, PAPER)
    each = functional.cross_entropy(logits[:, : layers.BOXES], own % MIDDLE, reduction="none")
    boxes = functional.binary_cross_entropy_with_logits(logits[:, layers.BOXES], (own >= MIDDLE).float())
    return (each * weight).sum() / weight.sum() + BOXED * boxes
