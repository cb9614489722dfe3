"""What is true of a composed text: which candidates are its characters, and which parts of its ink are several."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist.picture.arrays import Doubles
from emnist.text import free, sheets
from emnist.text.candidates import Line, Network
from emnist.text.row import Row
from emnist.text.search import Group, covers
from train.images.pages import Page
from train.images.words import Text

MATCH = 0.6  # intersection over union of its ink and a character's above which a candidate is that character
# A character is in a connected part of the ink if it has more than this share of that ink; where more than two have
# some of it, of that ink divided by half their number.
HELD = 0.1

Owners = NDArray[np.int32]


def owners(page: Page, sheet: sheets.Sheet) -> Owners:
    """Return the place, from 1, of the character whose ink is nearest to each pixel (H, W) of `sheet`."""
    own = page.owners
    if own.shape != sheet.ink.shape:
        own = np.asarray(Image.fromarray(own).resize(sheet.ink.shape[::-1], Image.Resampling.NEAREST))
    nearest = ndimage.distance_transform_edt(own == 0, return_distances=False, return_indices=True)
    found: Owners = own[tuple(nearest)]
    return found


def right_strokes(text: Text, line: Line) -> list[int] | None:
    """Return which groups of `line`, a line of the strokes of `text`, are characters; None if one is no candidate."""
    owners: dict[int, list[int]] = {}
    for atom, place in enumerate(line.places):
        owners.setdefault(text.owners[place], []).append(atom)
    wanted = [tuple(atoms) for atoms in owners.values()]
    whole = all(len(atoms) == text.owners.count(owner) for owner, atoms in owners.items())
    if not whole or not set(wanted) <= set(line.groups):
        return None
    return sorted((line.groups.index(group) for group in wanted), key=lambda group: line.groups[group])


def right(
    rows: Sequence[Row], groups: Sequence[Sequence[Group]], own: Owners, text: Text
) -> Sequence[list[int] | None]:
    """Return for each row which of its `groups` are the characters of `text`; None if no cover comes near to them."""
    count = len(text.characters)
    total = np.bincount(own[_ink(rows, own.shape)], minlength=count + 1)
    chosen: list[list[int] | None] = []
    places: list[int] = []
    for row, candidates in zip(rows, groups, strict=True):
        inks = [row.together(group) for group in candidates]
        inside = [np.bincount(own[y0:y1, x0:x1][ink], minlength=count + 1) for ink, (x0, y0, x1, y1) in inks]
        shared = np.stack([shares(one, total) for one in inside])
        zero = np.zeros((len(candidates), len(candidates)))
        [(_, best)] = covers(len(row.atoms), candidates, shared.max(axis=1) - 0.5, zero)
        chosen.append(sorted(best, key=lambda group: candidates[group]) if shared[best].max(1).min() > MATCH else None)
        places += shared[best].argmax(axis=1).tolist()
    return chosen if sorted(places) == list(range(1, count + 1)) else [None]


def _ink(rows: Sequence[Row], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    ink = np.zeros(shape, bool)
    for row in rows:
        for part in row.parts:
            x0, y0, x1, y1 = part.box
            ink[y0:y1, x0:x1] |= part.mask
    return ink


def shares(inside: NDArray[np.int_], total: NDArray[np.int_]) -> Doubles:
    """Return for each character how much of its ink and that of a candidate both share, (N,).

    `inside` (N,) is how much ink of each the candidate has, `total` (N,) how much there is.
    """
    shared: Doubles = inside / np.maximum(total + inside.sum() - inside, 1)
    return shared


@dataclass(frozen=True)
class Drawn:
    """A connected part of a row with `owners` (H, W) of its ink, 0 for paper, and the `characters` in it."""

    row: Row
    number: int
    owners: Owners
    characters: list[int]


def parts(rows: Sequence[Row], own: Owners) -> Iterator[Drawn]:
    """Yield the connected parts of `rows`."""
    for row in rows:
        for number, part in enumerate(row.parts):
            x0, y0, x1, y1 = part.box
            inside = np.where(part.mask, own[y0:y1, x0:x1], 0)
            ink = np.bincount(inside[part.mask])
            held = np.flatnonzero(ink > HELD * ink.sum() / max((ink > 0).sum() / 2, 1))
            yield Drawn(row, number, inside, held.tolist())


def suspects(sheet: sheets.Sheet, rows: Sequence[Row], own: Owners, look: Network) -> list[tuple[Doubles, bool]]:
    """Return the clues of `free.several` for each part of `rows`, and whether it holds several characters."""
    if not rows:
        return []
    clues = free.several(sheet, rows, look)
    return [(one, len(part.characters) > 1) for one, part in zip(clues, parts(rows, own), strict=True)]
