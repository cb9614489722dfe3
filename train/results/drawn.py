"""Texts drawn as pictures: which candidates are the characters, which cuts their borders, which parts are several."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist.text import cuts, pictures, pieces
from emnist.text.candidates import Network
from emnist.text.search import Group, segment
from train.images.pages import Page
from train.images.words import Text

MATCH = 0.6  # of the ink of a candidate and a character together: what both share at least
HELD = 0.1  # of the ink of a part over how many characters are in it: a character with less is not in it
ASTRAY = 0.15  # of the ink of either character: a border has no more on the wrong side

Owners = NDArray[np.int32]
Floats = NDArray[np.float64]


def owners(page: Page, sheet: pictures.Sheet) -> Owners:
    """Return the place, from 1, of the character whose ink is nearest to each pixel (H, W) of `sheet`."""
    own = page.owners
    if own.shape != sheet.ink.shape:
        own = np.asarray(Image.fromarray(own).resize(sheet.ink.shape[::-1], Image.Resampling.NEAREST))
    nearest = ndimage.distance_transform_edt(own == 0, return_distances=False, return_indices=True)
    found: Owners = own[tuple(nearest)]
    return found


def right(
    rows: Sequence[pieces.Row], groups: Sequence[Sequence[Group]], own: Owners, text: Text
) -> Sequence[list[int] | None]:
    """Return for each row which of its `groups` are the characters of `text`; None if no cover comes near to them."""
    count = len(text.characters)
    total = np.bincount(own[_ink(rows, own.shape)], minlength=count + 1)
    chosen: list[list[int] | None] = []
    places: list[int] = []
    for row, candidates in zip(rows, groups, strict=True):
        inks = [row.together(group) for group in candidates]
        shares = np.stack([_shares(own[y0:y1, x0:x1][ink], total) for ink, (x0, y0, x1, y1) in inks])
        zero = np.zeros((len(candidates), len(candidates)))
        best, _ = segment(len(row.atoms), candidates, shares.max(axis=1) - 0.5, zero)
        chosen.append(sorted(best, key=lambda group: candidates[group]) if shares[best].max(1).min() > MATCH else None)
        places += shares[best].argmax(axis=1).tolist()
    return chosen if sorted(places) == list(range(1, count + 1)) else [None]


def _ink(rows: Sequence[pieces.Row], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    ink = np.zeros(shape, bool)
    for row in rows:
        for part in row.parts:
            x0, y0, x1, y1 = part.box
            ink[y0:y1, x0:x1] |= part.mask
    return ink


def _shares(inside: Owners, total: NDArray[np.int_]) -> Floats:
    """Return for each character how much of its ink and that of a candidate both share, (count + 1,)."""
    both = np.bincount(inside, minlength=len(total))
    shares: Floats = both / np.maximum(total + len(inside) - both, 1)
    return shares


@dataclass(frozen=True)
class Drawn:
    """A connected part of a row with `owners` (H, W) of its ink, 0 for paper, and the `characters` in it."""

    row: pieces.Row
    number: int
    owners: Owners
    characters: list[int]

    def borders(self) -> Iterator[tuple[Floats, bool]]:
        """Yield for each seam that is looked at its clues and whether it parts two of the characters."""
        part = self.row.parts[self.number]
        column = np.arange(part.mask.shape[1])
        inks = [self.owners == character for character in self.characters]
        for seam in cuts.looked(part.mask, self.row.height, self.row.pen):
            beyond = column >= seam.columns[:, None]
            shares = [float((ink & beyond).sum() / ink.sum()) for ink in inks]
            yield seam.clues, any(max(left, 1 - after) < ASTRAY for left, after in pairwise(shares))


def parts(sheet: pictures.Sheet, own: Owners) -> Iterator[Drawn]:
    """Yield the connected parts of free writing on `sheet`."""
    for row in pieces.find(sheet.ink):
        for number, part in enumerate(row.parts):
            x0, y0, x1, y1 = part.box
            inside = np.where(part.mask, own[y0:y1, x0:x1], 0)
            ink = np.bincount(inside[part.mask])
            held = np.flatnonzero(ink > HELD * ink.sum() / max((ink > 0).sum() / 2, 1))
            yield Drawn(row, number, inside, held.tolist())


def suspects(sheet: pictures.Sheet, found: Sequence[Drawn], look: Network) -> list[tuple[Floats, bool]]:
    """Return the clues of `pictures.several` for each part, and whether it holds several characters."""
    if not found:
        return []
    images = [pictures.part_glyph(sheet, one.row.parts[one.number]) for one in found]
    seen, odds = look(np.stack(images), True)
    boxes = np.array([one.row.boxes[one.number] / one.row.height for one in found])
    clues = pictures.several(seen.max(axis=1), odds, boxes)
    return [(own, len(one.characters) > 1) for own, one in zip(clues, found, strict=True)]
