"""Combs: ticks evenly apart on a line, between which one character each is to be written."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from emnist.picture.arrays import Doubles, Mask
from emnist.text.ruled import Printed, Rule

TICKS = 4  # of a comb at least, so many that nobody's strokes stand like that by chance
TICKS_KNOWN = 2  # of one whose ticks are as far apart as those of another
SEEN = 0.6  # of the ticks of a comb must be found: others are written over
STRAYS = 0.07  # of the distance from tick to tick: how far one may be from its place
TALL = 1.4  # times that distance: the space for a character over a comb
LEAST = 2  # px, that a tick stands out of the line


def add(printed: Printed, line: Rule, traces: Mask, known: Sequence[float] = ()) -> float:
    """Add to `printed` the ticks that stand evenly apart on a `line` across, and walls between the boxes they mean.

    Return their distance, 0 if it is no comb.  `traces` (H, W) is all ink.  Of ticks as far apart as in `known` combs,
    a few will do.
    """
    if any(_meets(other, line) for other in printed.down):
        return 0.0
    places, high, beyond = _ticks(traces, line)
    first, step = _even_ticks(places, line, known)
    if not step:
        return 0.0
    at = np.arange(first, line.stop + _slack(line, step), step)
    own = np.abs(places[:, None] - at).min(axis=1) < STRAYS * step + 1
    if np.mean(beyond[own] < 0.9 * step) > 0.5:
        return 0.0  # these are dashes of the sides of boxes
    usual = float(np.median(high[own])) + line.thickness / 2
    above = [line.offset - other.offset for other in printed.across if 0.6 * step < line.offset - other.offset]
    tall = min([TALL * step, *above])
    printed.walls_across.append(Rule(line.start, line.stop, line.slope, line.offset - tall, line.thickness))
    for x in at.tolist():
        foot, offset = line.at(x), x + line.slope * line.at(x)
        printed.down.append(Rule(foot - usual, foot, -line.slope, offset, line.thickness))
        printed.walls_down.append(Rule(foot - tall, foot, -line.slope, offset, line.thickness))
    return step


def _ticks(traces: Mask, line: Rule) -> tuple[Doubles, Doubles, Doubles]:
    """Return where fine strokes in `traces` (H, W) stand on a line and do not cross it, how high they are, px.

    And in what height more ink follows over each.
    """
    columns = np.arange(max(0, int(line.start) - 3), min(traces.shape[1], int(line.stop) + 4))
    upwards = np.arange(len(traces) // 2)[:, None]
    rows = np.rint(line.along(columns) - line.thickness / 2 - 2).astype(np.intp) - upwards
    above = traces[rows.clip(0, len(traces) - 1), columns] & (rows >= 0)  # (rows, columns), the lowest first
    high = np.logical_and.accumulate(above).sum(axis=0)
    below = np.rint(line.along(columns) + line.thickness / 2 + 3).astype(np.intp).clip(0, len(traces) - 1)
    labels, _ = ndimage.label((high >= LEAST) & ~traces[below, columns])
    spans = [x for (x,) in ndimage.find_objects(labels) if x.stop - x.start < 1.5 * line.thickness + 2]
    over = [int(high[x].max()) + 1 for x in spans]
    more = [up + int(np.append(above[up:, x].any(axis=1), True).argmax()) for up, x in zip(over, spans, strict=True)]
    middles = [columns[0] + (x.start + x.stop - 1) / 2 for x in spans]
    return np.array(middles), np.array([np.median(high[x]) for x in spans]), np.array(more, float)


def _meets(upright: Rule, line: Rule) -> bool:
    """Tell whether a line down the picture ends at or crosses `line`: then there are boxes already."""
    place = line.at(upright.at(upright.stop))
    return upright.start < place - 2 and upright.stop > place - 2 * line.thickness - 3


def _slack(line: Rule, step: float) -> float:
    """Return how far beyond the ends of `line` a tick may stand: those at its ends hide it."""
    return STRAYS * step + line.thickness


def _even_ticks(places: Doubles, line: Rule, known: Sequence[float] = ()) -> tuple[float, float]:
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
            first = one - step * np.floor((one - line.start + _slack(line, step)) / step)
            wanted = np.arange(first, line.stop + _slack(line, step), step)
            seen = np.abs(wanted[:, None] - places).min(axis=1) < STRAYS * step + 1
            astray = np.abs(wanted[:, None] - places).min(axis=0) > STRAYS * step + 1
            score = float(2 * seen.sum() - len(wanted) - astray.sum())
            if len(wanted) >= fewest and seen.mean() >= SEEN and score > best:
                best, found = score, (float(first), float(step))
    return found
