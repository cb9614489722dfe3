"""What the networks of `emnist.text.scenes` learn from, pages whose ink is known, and the loop that teaches them."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save
from torch.nn import functional

from emnist import terminal
from emnist.config import ModelConfig
from emnist.files import write
from emnist.model import CharacterNet
from emnist.picture.arrays import Bytes
from emnist.text import cuts, scenes, sheets, strokes
from emnist.text.row import Row
from train.images import hand
from train.images.words import Text
from train.text.truth import Drawn, Owners, shares

# Intersection over union of the inks of a candidate and a character: from NEARLY on it is doubtful whether the
# candidate is that character, from WHOLE on it is.
NEARLY, WHOLE = 0.6, 0.75
# Share of either character's ink on the wrong side of a seam: with less than STRAY the seam is a border, with more than
# ASTRAY it is none.
STRAY, ASTRAY = 0.15, 0.3
SEAMS = 30  # most seams of a part that teach what is no border: there are many
SINGLE = 0.15  # share of the wide parts of one character that teach it, too, each with half as many seams
WIDE = 0.5  # least width of such a part, in heights of the line
VARIED = 0.5  # share of the texts of strokes in which each stroke is changed by itself
BATCH = 256  # scenes in a step
RATE, DECAY = 0.004, 0.05  # peak learning rate, and weight decay
WARM = 0.15  # share of the steps after which the rate has its peak
# Standard deviations of the random changes of a scene: log of the scale, slope, and shift in halves of its side.
STRETCH, SHEAR, SHIFT = 0.08, 0.12, 0.04

Kinds = NDArray[np.int64]
Examples = tuple[Bytes, Kinds]  # scenes (N, 32, 32) and the class of each


def candidates(sheet: sheets.Sheet, rows: Sequence[Row], own: Owners) -> Examples:
    """Return the candidates of the rows of a page that are clearly one character, part of one, or more than that."""
    total = np.bincount(own[sheet.ink])
    images, kinds = [], []
    for row in rows:
        inks = [row.together(group) for group in row.groups(row.apart() / row.height)]
        inside = [np.bincount(own[y0:y1, x0:x1][ink], minlength=len(total)) for ink, (x0, y0, x1, y1) in inks]
        found = np.array([_kind(ink, total) for ink in inside])
        kept = [ink for ink, kind in zip(inks, found, strict=True) if kind >= 0]
        if kept:
            images.append(scenes.draw(sheet.ink, row.height, *zip(*kept, strict=True)))
            kinds.append(found[found >= 0])
    return _joined(images, kinds)


def _kind(inside: NDArray[np.int_], total: NDArray[np.int_]) -> int:
    """Return the class of a candidate with ink `inside` (N,) of each character of `total` (N,) ink; -1 if in doubt."""
    best = float(shares(inside, total).max())
    if best >= WHOLE:
        return scenes.ONE
    if best >= NEARLY:
        return -1
    most = int(inside.argmax())
    pure, complete = inside[most] / inside.sum(), inside[most] / total[most]
    return scenes.PART if pure >= complete else scenes.MORE


def groups(text: Text, random: np.random.Generator) -> Examples:
    """Return the candidates of the strokes of `text`: one character, part of one, or strokes of several.

    In every other text each stroke is changed by itself, so that bars and stems meet less well: hands differ in that.
    """
    high = max(float(np.ptp(np.concatenate(text.alone(place))[:, 1])) for place in range(len(text.characters)))
    varied = high > 0 and random.random() < VARIED
    drawn = [hand.vary_one(stroke / high, random) * high for stroke in text.strokes] if varied else text.strokes
    images, kinds = [], []
    for places in strokes.rows(drawn):
        own = [drawn[place] for place in places]
        found, height, _ = strokes.groups(own)
        images.append(scenes.draw_groups(own, found, height))
        owners = [[text.owners[places[atom]] for atom in group] for group in found]
        kinds.append(np.array([_kind_of_strokes(group, text) for group in owners]))
    return _joined(images, kinds)


def _kind_of_strokes(owners: Sequence[int], text: Text) -> int:
    if len(set(owners)) > 1:
        return scenes.MORE
    return scenes.ONE if len(owners) == text.owners.count(owners[0]) else scenes.PART


def sides(parts: Sequence[Drawn], random: np.random.Generator) -> Examples:
    """Return seams through the connected `parts` of a page, of which some are borders of two characters."""
    images, kinds = [], []
    for part in parts:
        mask, high = part.row.parts[part.number].mask, part.row.height
        several = len(part.characters) > 1
        if not several and (mask.shape[1] < WIDE * high or random.random() > SINGLE):
            continue
        ways = cuts.looked(mask, high, part.row.pen)
        stray = np.array([_stray(part, seam) for seam in ways])
        border = np.flatnonzero(stray < STRAY)
        other = random.permutation(np.flatnonzero(stray > ASTRAY))[: SEAMS if several else SEAMS // 2]
        chosen = [(ways[i].columns, ways[i].middle) for i in (*border, *other)]
        if chosen:
            images.append(scenes.draw_sides(mask, high, chosen))
            kinds.append(np.repeat([1, 0], [len(border), len(other)]))
    return _joined(images, kinds)


def _stray(part: Drawn, seam: cuts.Seam) -> float:
    """Return the larger share of ink of two neighbours on the wrong side of `seam`, for the pair it parts best; 0…1."""
    beyond = np.arange(part.owners.shape[1]) >= seam.columns[:, None]
    inks = [part.owners == character for character in part.characters]
    right = [float((ink & beyond).sum() / ink.sum()) for ink in inks]
    return min((max(left, 1 - after) for left, after in pairwise(right)), default=1.0)


def _joined(images: list[Bytes], kinds: list[Kinds]) -> Examples:
    if not images:
        return np.zeros((0, scenes.SIDE, scenes.SIDE), np.uint8), np.zeros(0, np.int64)
    return np.concatenate(images), np.concatenate(kinds)


def learn(config: ModelConfig, data: Sequence[Examples], epochs: float, file: Path, further: bool = False) -> None:
    """Train a network of `config` on `data` and write its weights to `file`; with `further` go on from those there."""
    images, kinds = (torch.from_numpy(np.concatenate(each)) for each in zip(*data, strict=True))
    torch.manual_seed(0)
    network = CharacterNet(config).to(memory_format=torch.channels_last)
    if further:
        network.load_state_dict(load_file(file))
    groups: list[dict[str, Any]] = [
        {"params": [weight for weight in network.parameters() if weight.ndim > 1], "weight_decay": DECAY},
        {"params": [weight for weight in network.parameters() if weight.ndim < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups)
    steps = max(round(epochs * len(images) / BATCH), 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE / (1 + further), total_steps=steps, pct_start=WARM)
    order = torch.cat([torch.randperm(len(images)) for _ in range(int(epochs) + 2)])
    for step in terminal.watched(range(steps), "steps"):
        chosen = order[step * BATCH : (step + 1) * BATCH]
        seen = _changed(images[chosen].float()[:, None] / 255).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            logits, _ = network(seen)
        loss = functional.cross_entropy(logits.float(), kinds[chosen])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    write(file, save({name: value.contiguous() for name, value in network.state_dict().items()}))


def _changed(seen: torch.Tensor) -> torch.Tensor:
    """Return scenes (B, 1, 32, 32) a little stretched, sheared and shifted, each in its own way."""
    count = len(seen)
    change = torch.zeros(count, 2, 3)
    change[:, [0, 1], [0, 1]] = torch.exp(STRETCH * torch.randn(count, 2))
    change[:, 0, 1] = SHEAR * torch.randn(count)
    change[:, :, 2] = SHIFT * torch.randn(count, 2)
    grid = functional.affine_grid(change, list(seen.shape), align_corners=False)
    return functional.grid_sample(seen - 0.5, grid, align_corners=False) + 0.5
