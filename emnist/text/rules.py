"""Printed lines on forms, tables and ruled paper, whether they cross all of the picture or only a part of it."""

from dataclasses import replace

import numpy as np
from scipy import ndimage

from emnist.picture.arrays import Floats, Mask, connected, weighted_median
from emnist.picture.lines import pen_width, run_heights
from emnist.text import combs
from emnist.text.ruled import Printed, Rule, candidates, straight

LONGER = 2.2  # times the height of the writing: a line is at least so long
CLOSE = 0.12  # of the distance between two lines: how near to both of them a divider ends
WRITTEN_OVER = 1.2  # times the height of a box: so much may be missing at the end of a line that is written over
THINNER = 0.75  # of the pen's width: a divider so thin is no stroke
ALIKE = 0.12  # standard deviation of the distances between dividers over their mean, from which they are none
FEWEST = 3  # dividers that are told by their distances
THICKER = 1.5  # px: where ink is thicker than a line by more, a stroke crosses it or lies along it
DARKER = 1.5  # times as dark as a line in most places: what lies on it and is darker is a stroke along it
MANY = 4  # dividers as fine as the lines that they run between are told by their number


def find(even: Floats, ink: Mask, traces: Mask) -> Printed:
    """Return the printed lines of a picture, in `traces` (H, W): the `ink` and what is fainter."""
    pen = pen_width(ink)
    level, upright = (straight(mask, max(3.0, 1.2 * pen)) for mask in (traces, traces.T))
    across = candidates(level, ink.shape)
    down = candidates(upright, ink.T.shape)
    height, width = _writing(erase(even, ink, across, down))
    long_across = [line for line in across if line.length > LONGER * width or line.crosses(ink.shape[1])]
    long_down = [line for line in down if line.length > LONGER * height or line.crosses(ink.shape[0])]
    short = [line for line in down if line not in long_down]
    upright_lines = long_down + _dividers(short, long_across, pen)
    found = Printed([_reaching(line, upright_lines) for line in long_across], upright_lines, [], [])
    steps = {line: combs.add(found, line, traces) for line in found.across}
    if known := [step for step in steps.values() if step]:
        for line in (line for line, step in steps.items() if not step):
            combs.add(found, line, traces, known)
    return found


def erase(even: Floats, ink: Mask, across: list[Rule], down: list[Rule]) -> Mask:
    """Return `ink` (H, W) without the lines, except where strokes cross them or are darker in the contrast `even`.

    Where two lines cross, each looks like a stroke across the other; what is left there alone is none.
    """
    crossings = np.ones_like(ink)
    for lines in (across, down):
        covered, beside = _covered(even, ink, lines)
        ink, even, crossings = (ink & ~covered).T, even.T, (crossings & beside).T
    if crossings.any():
        labels, count = connected(ink)
        ink = ink & (np.bincount(labels.ravel(), ~crossings.ravel(), count + 1) > 0)[labels]
    return ink


def _covered(even: Floats, ink: Mask, lines: list[Rule]) -> tuple[Mask, Mask]:
    """Return the pixels of `ink` (H, W) that are lines across it, and no stroke that crosses one; and all beside."""
    covered, beside = np.zeros_like(ink), np.zeros_like(ink)
    if not lines:
        return covered, beside
    heights = run_heights(ink)
    for line in lines:
        on = 2 * round(line.thickness) + 1  # to where lines meet: pieces end before that
        columns = np.arange(max(0, round(line.start) - on), min(ink.shape[1], round(line.stop) + on + 1))
        reach = int(line.thickness / 2 + 2)
        rows = np.rint(line.along(columns)).astype(np.intp) + np.arange(-reach, reach + 1)[:, None]  # (rows, columns)
        inside = (rows >= 0) & (rows < ink.shape[0])
        rows = rows.clip(0, ink.shape[0] - 1)
        beside[rows, columns] = True
        runs = inside * heights[rows, columns]
        thickness = line.thickness
        if line.crosses(ink.shape[1]):  # writing stands on it and lies along it, and in the ink it is thinner
            thickness = min(thickness, float(np.median(runs.max(axis=0))))
        dark = even[rows, columns] * inside
        darkest, own = dark.max(axis=0), (columns >= line.start) & (columns < line.stop)
        if line.length < 2 * on and own.any():  # a tick: most of these columns lie beyond it
            darkest = darkest[own]
        line_alone = dark <= DARKER * np.median(darkest)
        covered[rows, columns] |= line_alone & (runs > 0) & (runs <= thickness + THICKER)
    return covered & ink, beside


def _writing(ink: Mask) -> tuple[float, float]:
    """Return the typical height and width, px, of the parts of `ink`, each counted by its size; 0, 0 without ink."""
    labels, count = connected(ink)
    if not count:
        return 0.0, 0.0
    sizes = np.bincount(labels.ravel())[1:]
    spans = ndimage.find_objects(labels)
    order = [[(span[axis].stop - span[axis].start) for span in spans] for axis in (0, 1)]
    high, wide = (weighted_median(np.array(lengths), sizes) for lengths in order)
    return high, max(wide, high)


def _dividers(lines: list[Rule], across: list[Rule], pen: float) -> list[Rule]:
    """Return those of the short `lines` down the picture that divide rows of boxes.

    They run from one of the lines `across` to another, and are thinner than the pen, evenly apart, or many and fine.
    """
    found = []
    ordered = sorted(across, key=lambda line: line.at((line.start + line.stop) / 2))
    for i, upper in enumerate(ordered):
        for lower in ordered[i + 1 :]:
            between = [line for line in lines if _divides(line, upper, lower)]
            even = len(between) >= FEWEST and _are_even([line.at(line.start) for line in between])
            fine = 1.3 * max(upper.thickness, lower.thickness) + 0.5
            many = sum(line.thickness < fine for line in between) >= MANY
            most = np.inf if even else max(fine if many else 0.0, THINNER * pen)
            found += [line for line in between if line.thickness < most and line not in found]
    return found


def _divides(line: Rule, upper: Rule, lower: Rule) -> bool:
    middle = line.at((line.start + line.stop) / 2)
    top, bottom = upper.at(middle), lower.at(middle)
    slack = 3 + WRITTEN_OVER * (bottom - top)
    if not max(upper.start, lower.start) - slack <= middle <= min(upper.stop, lower.stop) + slack:
        return False
    near = CLOSE * (bottom - top) + 2
    return abs(line.start - top) < near and abs(line.stop - bottom) < near


def _reaching(line: Rule, down: list[Rule]) -> Rule:
    """Return a `line` across, continued to those `down` that end at it: its own end may be written over."""
    start, stop = line.start, line.stop
    for other in down:
        slack = WRITTEN_OVER * other.length
        for end in (other.start, other.stop):
            place = other.at(end)
            beside = line.start - slack < place < line.stop + slack
            if beside and abs(end - line.at(place)) < CLOSE * other.length + 2:
                start, stop = min(start, place), max(stop, place)
    return replace(line, start=start, stop=stop)


def _are_even(places: list[float]) -> bool:
    gaps = np.diff(np.sort(places))
    return bool(gaps.min() > 0 and gaps.std() < ALIKE * gaps.mean())
