"""Combs: ticks evenly apart on a line, between which one character each is to be written."""

from collections.abc import Sequence

import numpy as np

from emnist.picture.arrays import Doubles
from emnist.text.ruled import Pieces, Printed, Rule, joined

TICKS = 4  # of a comb at least, so many that nobody's strokes stand like that by chance
TICKS_KNOWN = 2  # of one whose ticks are as far apart as those of another
SEEN = 0.6  # of the ticks of a comb must be found: others are written over
STRAYS = 0.07  # of the distance from tick to tick: how far one may be from its place
TALL = 1.4  # times that distance: the space for a character over a comb


def add(printed: Printed, line: Rule, upright: Pieces, known: Sequence[float] = ()) -> float:
    """Add to `printed` the ticks that stand evenly apart on a `line` across, and walls between the boxes they mean.

    Return their distance, 0 if it is no comb.  Of ticks as far apart as in `known` combs, a few will do.
    """
    across = upright.offset + upright.slope * upright.stop
    places = line.offset + line.slope * across
    stands = (np.abs(upright.stop - places) < 1.5 * line.thickness + 2) & (upright.thickness < 1.5 * line.thickness + 1)
    stands &= (across > line.start - 3) & (across < line.stop + 3)
    ticks = np.flatnonzero(stands)
    if any(_meets(other, line) for other in printed.down):
        return 0.0
    first, step = even_ticks(across[ticks], line, known)
    if not step:
        return 0.0
    at = np.arange(first, line.stop + STRAYS * step, step)
    near = ticks[np.abs(across[ticks][:, None] - at).min(axis=1) < STRAYS * step + 1]
    printed.down.extend(joined(upright, near[[i]]) for i in range(len(near)))
    above = [line.offset - other.offset for other in printed.across if 0.6 * step < line.offset - other.offset]
    tall = min([TALL * step, *above])
    printed.walls_across.append(Rule(line.start, line.stop, line.slope, line.offset - tall, line.thickness))
    for x in at:
        foot = line.at(float(x))
        printed.walls_down.append(Rule(foot - tall, foot, -line.slope, float(x) + line.slope * foot, line.thickness))
    return step


def _meets(upright: Rule, line: Rule) -> bool:
    """Tell whether a line down the picture ends at or crosses `line`: then there are boxes already."""
    place = line.at(upright.at(upright.stop))
    return upright.start < place - 2 and upright.stop > place - 2 * line.thickness - 3


def even_ticks(places: Doubles, line: Rule, known: Sequence[float] = ()) -> tuple[float, float]:
    """Return the first of the even ticks along all of `line` that most of `places` are, and their distance; or 0, 0.

    If distances are `known`, it is one of these.
    """
    best, found, fewest = 0.0, (0.0, 0.0), TICKS_KNOWN if known else TICKS
    for one in places:
        for step in places[places > one] - one:
            if known and min(abs(step / each - 1) for each in known) > STRAYS:
                continue
            if not known and not 3 * line.thickness + 3 < step < line.length / 2:
                continue
            first = one - step * np.floor((one - line.start + STRAYS * step) / step)
            wanted = np.arange(first, line.stop + STRAYS * step, step)
            seen = np.abs(wanted[:, None] - places).min(axis=1) < STRAYS * step + 1
            astray = np.abs(wanted[:, None] - places).min(axis=0) > STRAYS * step + 1
            score = float(2 * seen.sum() - len(wanted) - astray.sum())
            if len(wanted) >= fewest and seen.mean() >= SEEN and score > best:
                best, found = score, (float(first), float(step))
    return found
