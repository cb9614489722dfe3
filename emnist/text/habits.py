"""How people write each character: in how many strokes, and how high beside others.

Of the 147 writers of UNIPEN that `train.images.strokes` trains on; `python -m train.results.texts --habits` counts it.
"""

import math
from collections.abc import Sequence

import numpy as np

from emnist.labels import fold
from emnist.picture.arrays import Doubles

# Character, per cent of the writers' drawings in one, two, three and more strokes, and the median height in per cent of
# that of their tall characters.
TABLE = """
0 93 7 0 0 82  1 89 9 2 0 92  2 100 0 0 0 85  3 98 1 0 0 96  4 15 84 1 0 105
5 33 65 2 0 95  6 99 1 0 0 98  7 67 31 2 0 97  8 90 9 1 0 102  9 95 5 0 0 108
A 18 59 22 1 107  B 41 58 1 0 113  C 98 2 0 0 89  D 26 74 0 0 108  E 14 18 49 20 99
F 1 44 54 0 111  G 73 23 4 0 107  H 5 15 80 0 105  I 48 6 44 2 94  J 25 74 0 0 108
K 7 73 19 0 104  L 99 1 0 0 100  M 76 16 3 5 101  N 67 20 12 0 100  O 99 1 0 0 85
P 45 54 0 0 112  Q 16 81 3 0 113  R 56 43 2 0 106  S 97 2 0 1 101  T 11 87 2 0 100
U 95 5 0 0 89  V 94 6 0 0 99  W 92 4 2 3 96  X 1 98 0 0 99  Y 21 74 4 1 120
Z 65 35 1 0 95  a 94 5 0 0 58  b 91 9 0 0 101  c 97 2 0 0 62  d 89 11 1 0 105
e 97 1 2 0 62  f 32 66 1 0 127  g 92 8 0 1 121  h 95 5 0 0 103  i 11 87 1 0 92
j 14 85 2 0 149  k 30 59 11 0 103  l 98 2 0 0 103  m 98 2 1 0 58  n 98 2 0 0 58
o 99 1 0 0 56  p 71 28 1 0 108  q 88 10 3 0 123  r 96 3 1 0 61  s 97 3 0 0 71
t 4 94 2 0 97  u 97 3 0 0 57  v 96 4 0 0 65  w 93 3 3 0 57  x 5 93 1 0 70
y 67 32 1 0 117  z 69 30 1 0 74
"""
RARE = 0.01  # added to each share: hands differ
_FIELDS = TABLE.split()
_ROWS = {_FIELDS[i]: [int(field) / 100 for field in _FIELDS[i + 1 : i + 6]] for i in range(0, len(_FIELDS), 6)}
HEIGHTS = {character: row[4] for character, row in _ROWS.items()}


def strokes(labels: Sequence[str]) -> Doubles:
    """Return the log of the share (C, 4) in which each label is written in one, two, three or more strokes.

    A label that stands for both cases counts their mean; one that nobody wrote counts nothing, 0.
    """
    table = np.zeros((len(labels), 4))
    for index, label in enumerate(labels):
        if rows := [_ROWS[character][:4] for character in _cases(label, labels)]:
            table[index] = np.log(np.mean(rows, axis=0) + RARE)
    return table


def heights(labels: Sequence[str]) -> tuple[Doubles, Doubles]:
    """Return the logs of the least and greatest usual height (C,) of each label, in heights of tall characters.

    They differ for a label that stands for both cases, and are −inf and inf for one that nobody wrote.
    """
    usual = [[math.log(HEIGHTS[character]) for character in _cases(label, labels)] for label in labels]
    least = [min(logs, default=-math.inf) for logs in usual]
    return np.array(least), np.array([max(logs, default=math.inf) for logs in usual])


def _cases(label: str, labels: Sequence[str]) -> list[str]:
    """Return the known characters that `label` stands for."""
    return [c for c in {label, label.swapcase()} if c in _ROWS and fold(c, labels) == label]
