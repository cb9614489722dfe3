"""Printed words on forms: small print in the fields, and headings beside them."""

import numpy as np

from emnist.picture.arrays import Doubles, Mask

SMALL = 0.45  # of the height of the writing: small print is lower
FEWEST = 3  # letters of small print, beside each other on one line: fewer may be dots and bars
MOST = 2000  # small marks: more are dirt, and would take long
UNEVEN = 0.1  # of their height, and a pixel, between the feet of two of them
SPACE = 1.5  # times their height, between two of its words
STRAIGHT = (0.5, 0.005)  # px and heights, from a line along the feet, and one along the tops, of most letters of type
HEADING = 5  # letters of a line of type as large as writing: the feet of fewer may be on one line by chance


def small_print(boxes: Doubles, high: float) -> Mask:
    """Tell which marks, x0, y0, x1, y1 (N, 4), are small print beside writing that is `high` px high."""
    from scipy.sparse.csgraph import connected_components  # few pictures need it: not when the library starts

    height = boxes[:, 3] - boxes[:, 1]
    small = np.flatnonzero(height < SMALL * high)
    found = np.zeros(len(boxes), bool)
    if FEWEST <= len(small) <= MOST:
        left, right, foot = boxes[small][:, [0, 2, 3]].T
        larger = np.maximum(height[small][:, None], height[small])
        gaps = np.maximum(left[:, None], left) - np.minimum(right[:, None], right)
        beside = (np.abs(foot[:, None] - foot) <= 1 + UNEVEN * larger) & (gaps < SPACE * larger)
        _, line = connected_components(beside, directed=False)
        found[small] = np.bincount(line)[line] >= FEWEST
    return found


def is_type(boxes: Doubles) -> bool:
    """Tell whether a line of marks (N, 4) is printed: most end on two straight lines, above and below."""
    from scipy.stats import siegelslopes  # as above

    if len(boxes) < HEADING:
        return False
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    most = STRAIGHT[0] + STRAIGHT[1] * float(np.median(boxes[:, 3] - boxes[:, 1]))
    ends = [boxes[:, 1], boxes[:, 3]]
    lines = [siegelslopes(end, middle) for end in ends]
    return all(
        np.median(np.abs(end - first - slope * middle)) <= most for end, (slope, first) in zip(ends, lines, strict=True)
    )
