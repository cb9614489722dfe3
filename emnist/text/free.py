"""Free writing on a sheet: parts that may be several touching characters are cut; candidates are runs of pieces."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emnist.errors import UnreadableImageError
from emnist.picture.arrays import Doubles, Mask
from emnist.text import marks, pieces, scenes, sequence
from emnist.text.candidates import CLIP, Line, Network, Weights
from emnist.text.row import Row
from emnist.text.search import Group
from emnist.text.sheets import Sheet, glyph

CERTAIN = 4.0  # cap on the log-odds of one border inside a candidate: beyond it, a cut is no more certain
FREE = Weights(
    label=0.71,
    character=0.32,
    shape=(1.11, -1.56, -0.49, 0.19),
    joint=(-1.25, -0.66),
    size=0.12,
    agree=0.88,
    line=0.39,
    evidence=0.7,
    whole=(5.65, 3.15, 0.08, 0.92, 0.23),
)  # shape weighs 1, the cuts around a candidate, the log-odds of borders in it, those of one character by its scene.
# The fit says 0.94 for evidence; lines of EMNIST scans, by other hands, are read with too much confidence then.

# Weights of the clues of `several`; the sum is the log-odds of several characters; fitted by `train.text.fit`.
SEVERAL = (-7.91, -0.32, -0.58, 5.68, -1.86, 3.48, 0.43)
UNLIKELY = -4.0  # log-odds of one character, by its scene, up to which a group of several pieces is no candidate
LARGEST = 4.0  # longest side of a candidate, in heights of the line: longer ink is no character, and costly to look at
MOST = 1e8  # px: most area of the boxes of all candidates of a line together, twenty times what large writing has
TOO_DENSE = "too large and too dense for writing: crop the picture to a few lines"
WIDE = 2.0  # cap on the width of a part as a clue, in heights of the line: wider is no more surely several characters
SUSPECT = -4.8  # log-odds of several characters above which a part is cut; 98 % of the parts that are several exceed it
Ink = tuple[Mask, NDArray[np.int64]]  # a mask of what is written, and the box x0, y0, x1, y1 around it


def rows(sheet: Sheet, found: Sequence[Row], look: Network) -> list[Row]:
    """Return the rows `found` with those parts cut that may be several characters; the network `look` judges that.

    Raises:
        UnreadableImageError: there are too many pieces for writing.
    """
    if not found:
        return []
    ends = np.cumsum([len(row.parts) for row in found])[:-1]
    suspect = np.split(several(sheet, found, look) @ SEVERAL > SUSPECT, ends)
    cut: list[Row] = []
    for row, own in zip(found, suspect, strict=True):
        cut.append(pieces.cut(row, own.tolist()))
        if sum(len(one.atoms) for one in cut) > pieces.MOST:
            raise UnreadableImageError(pieces.TOO_MANY)
    return cut


def several(sheet: Sheet, found: Sequence[Row], look: Network) -> Doubles:
    """Return the clues (parts, 7) by which SEVERAL tells whether each part of `found` is several characters.

    These are 1; the log-odds that the part is one character and the log-probability of its best class, both by `look`;
    its width, the square of its width, its height; and the log-odds that it is several characters, by its scene.
    """
    parts = [part for row in found for part in row.parts]
    seen, odds = look(np.stack([glyph(sheet, part.mask, part.box) for part in parts]), True)
    wide, high = np.concatenate([(row.boxes[:, 2:] - row.boxes[:, :2]) / row.height for row in found]).T
    wide = np.minimum(wide, WIDE)
    kinds = np.concatenate([_placed(sheet, row, [(part.mask, part.box) for part in row.parts]) for row in found])
    apart = kinds[:, scenes.MORE] - kinds[:, scenes.ONE]
    clues = np.ones_like(odds), odds.clip(-CLIP, CLIP), seen.max(axis=1).clip(-5), wide, wide * wide, high, apart
    return np.stack(clues, axis=1)


def _placed(sheet: Sheet, row: Row, inks: Sequence[Ink]) -> Doubles:
    """Return the log-probabilities (N, 3) of what each of `inks` is where it stands, see `scenes.kinds`."""
    seen = [number for number, (own, _) in enumerate(inks) if max(own.shape) <= LARGEST * row.height]
    kinds = np.full((len(inks), 3), math.log(0.5))
    kinds[:, scenes.ONE] = -scenes.CERTAIN
    if seen:
        masks, around = zip(*(inks[number] for number in seen), strict=True)
        kinds[seen] = scenes.kinds(scenes.draw(sheet.ink, row.height, masks, around))
    return kinds


def line(sheet: Sheet, row: Row) -> Line:
    """Return the candidates of one line of free writing."""
    high = row.height
    apart = row.apart() / high
    groups = row.groups(apart)
    if _pixels(row, groups) > MOST:
        raise UnreadableImageError(TOO_DENSE)
    groups, inks, placed = _likely(sheet, row, groups)
    around = np.array([frame for _, frame in inks], float)
    ends, inside = zip(*(_borders(row, group) for group in groups), strict=True)
    return Line(
        atoms=len(row.atoms),
        groups=tuple(groups),
        images=np.stack([glyph(sheet, *ink) for ink in inks]),
        boxes=around,
        features=np.column_stack([np.ones(len(groups)), ends, inside, placed]),
        joints=marks.joints(groups, around / high, apart),
        weights=FREE,
        height=high,
        cuts=ends,
        picture=sequence.draw(row.ink, high),
        ink=row.ink_of,
    )


def _pixels(row: Row, groups: Sequence[Group]) -> float:
    """Return how many pixels the boxes of all `groups` hold."""
    sides = [row.places[list(g), 2:].max(0) - row.places[list(g), :2].min(0) for g in groups]
    return float(np.prod(sides, axis=1).sum())


def _likely(sheet: Sheet, row: Row, groups: Sequence[Group]) -> tuple[list[Group], list[Ink], Doubles]:
    """Return those of `groups` that may be one character where they stand, their ink and boxes, and the log-odds of it.

    Every atom stays.
    """
    inks = [row.together(group) for group in groups]
    odds = scenes.placed(_placed(sheet, row, inks))
    kept = [number for number, group in enumerate(groups) if len(group) == 1 or odds[number] > UNLIKELY]
    return [groups[n] for n in kept], [inks[n] for n in kept], odds[kept]


def _borders(row: Row, group: Group) -> tuple[int, float]:
    """Return how often `group` was cut off, and how sure it is that there are borders in it: their log-odds above 0."""
    ends, inside = 0, 0.0
    for number, (first, last) in row.spans(group).items():
        seams = row.parts[number].seams
        ends += (first > 0) + (last < len(seams))
        inside += sum(min(max(seam.odds, 0.0), CERTAIN) for seam in seams[first:last])
    return ends, inside
