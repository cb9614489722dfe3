"""How people write each character: in how many strokes, how high beside others, and how wide.

Counted over the 147 writers of UNIPEN that `train.images.strokes` trains on, each writer once.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from emnist.labels import fold
from emnist.picture.arrays import Doubles

# Columns: character; per cent of the writers' drawings in one, two, three, and more strokes; median height in per cent
# of their tall characters; median of width over height in per cent; spread of the logarithm of that, times 100.
TABLE = """
0 93 7 0 0 82 86 31  1 89 9 2 0 92 22 78  2 100 0 0 0 85 89 31  3 98 1 0 0 96 68 27
4 15 84 1 0 105 68 30  5 33 65 2 0 95 81 28  6 99 1 0 0 98 59 27  7 67 31 2 0 97 74 29
8 90 9 1 0 102 65 28  9 95 5 0 0 108 57 25  A 18 59 22 1 107 72 30  B 41 58 1 0 113 71 27
C 98 2 0 0 89 81 29  D 26 74 0 0 108 81 27  E 14 18 49 20 99 78 27  F 1 44 54 0 111 77 25
G 73 23 4 0 107 77 27  H 5 15 80 0 105 72 28  I 48 6 44 2 94 52 102  J 25 74 0 0 108 83 34
K 7 73 19 0 104 77 28  L 99 1 0 0 100 76 32  M 76 16 3 5 101 99 30  N 67 20 12 0 100 86 31
O 99 1 0 0 85 82 33  P 45 54 0 0 112 68 26  Q 16 81 3 0 113 78 26  R 56 43 2 0 106 73 26
S 97 2 0 1 101 73 24  T 11 87 2 0 100 101 25  U 95 5 0 0 89 82 29  V 94 6 0 0 99 76 26
W 92 4 2 3 96 106 30  X 1 98 0 0 99 81 28  Y 21 74 4 1 120 61 28  Z 65 35 1 0 95 94 29
a 94 5 0 0 58 115 34  b 91 9 0 0 101 59 32  c 97 2 0 0 62 92 33  d 89 11 1 0 105 65 32
e 97 1 2 0 62 95 31  f 32 66 1 0 127 51 33  g 92 8 0 1 121 55 30  h 95 5 0 0 103 60 34
i 11 87 1 0 92 30 78  j 14 85 2 0 149 39 41  k 30 59 11 0 103 65 35  l 98 2 0 0 103 42 84
m 98 2 1 0 58 154 33  n 98 2 0 0 58 112 39  o 99 1 0 0 56 97 28  p 71 28 1 0 108 57 38
q 88 10 3 0 123 53 31  r 96 3 1 0 61 98 34  s 97 3 0 0 71 85 29  t 4 94 2 0 97 67 36
u 97 3 0 0 57 106 35  v 96 4 0 0 65 88 35  w 93 3 3 0 57 138 29  x 5 93 1 0 70 93 34
y 67 32 1 0 117 56 33  z 69 30 1 0 74 91 46
"""
KEPT = 16  # sets of labels whose tables are kept: building them takes a twentieth of the time of a word
RARE = 0.01  # added to each share of strokes, so that none is 0: hands differ
_FIELDS = TABLE.split()
_ROWS = {_FIELDS[i]: [int(field) / 100 for field in _FIELDS[i + 1 : i + 8]] for i in range(0, len(_FIELDS), 8)}
HEIGHTS = {character: row[4] for character, row in _ROWS.items()}


@lru_cache(KEPT)
def strokes(labels: tuple[str, ...]) -> Doubles:
    """Return the logs (C, 4) of how often each label is written in one, two, three, or more strokes.

    A label that stands for both cases gets the mean of both.  A label that nobody wrote gets 0.
    """
    table = np.zeros((len(labels), 4))
    for index, label in enumerate(labels):
        if rows := [_ROWS[character][:4] for character in _cases(label, labels)]:
            table[index] = np.log(np.mean(rows, axis=0) + RARE)
    return table


@lru_cache(KEPT)
def heights(labels: tuple[str, ...]) -> tuple[Doubles, Doubles]:
    """Return the logs of the least and greatest usual height (C,) of each label, in heights of tall characters.

    The two differ only for a label that stands for both cases.  They are −inf and inf for a label that nobody wrote.
    """
    usual = [[math.log(HEIGHTS[character]) for character in _cases(label, labels)] for label in labels]
    least = [min(logs, default=-math.inf) for logs in usual]
    return np.array(least), np.array([max(logs, default=math.inf) for logs in usual])


def slim(characters: Sequence[str], shape: Doubles) -> Doubles:
    """Return log-likelihoods (N, M): how well each log of width over height in `shape` (N,) suits each character."""
    rows = [_ROWS.get(character, [0] * 5 + [1.0, 10.0])[5:] for character in characters]
    usual, spread = np.array(rows).T
    off = (shape[:, None] - np.log(usual)) / spread
    suits: Doubles = -off * off / 2 - np.log(spread)
    return suits


def _cases(label: str, labels: Sequence[str]) -> list[str]:
    """Return the known characters that `label` stands for."""
    return [c for c in {label, label.swapcase()} if c in _ROWS and fold(c, labels) == label]
