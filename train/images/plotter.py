"""Characters as a plotter, a stencil or a drawing program draws them: of straight lines and even bends."""

import numpy as np

from train.images import tidy
from train.images.words import Hand, Random, Stroke

WIDE, SLANT = (0.5, 1.1), (-0.25, 0.35)  # width of a character over that of its grid; tangent of the angle it leans by
STRAIGHT = 0.3  # share of the hands without bends
SQUARES = 6  # of the grid, over the height of a tall character
# Ways to draw each; of each stroke its corners, column and row on a grid of 5 by 9.
CHARACTERS = {
    "0": "10 30 41 45 36 16 05 01 10",
    "1": "11 20 26, 16 36 | 11 20 26 | 20 26",
    "2": "01 10 30 41 42 06 46",
    "3": "01 10 30 41 42 33 13 33 44 45 36 16 05",
    "4": "30 04 44, 32 36 | 20 04 44, 34 36",
    "5": "40 00 03 12 32 43 45 36 16 05",
    "6": "41 30 10 01 05 16 36 45 44 33 13 04",
    "7": "00 40 16 | 00 40 16, 13 33",
    "8": "13 02 01 10 30 41 42 33 13 04 05 16 36 45 44 33",
    "9": "42 33 13 02 01 10 30 41 45 36 16 05",
    "A": "06 20 46, 14 34",
    "B": "00 06, 00 30 41 42 33 03 33 44 45 36 06",
    "C": "41 30 10 01 05 16 36 45",
    "D": "00 06 36 45 41 30 00",
    "E": "40 00 06 46, 03 33",
    "F": "40 00 06, 03 33",
    "G": "41 30 10 01 05 16 36 45 43 23",
    "H": "00 06, 40 46, 03 43",
    "I": "20 26, 10 30, 16 36 | 20 26",
    "J": "40 45 36 16 05",
    "K": "00 06, 40 03 46",
    "L": "00 06 46",
    "M": "06 00 24 40 46",
    "N": "06 00 46 40",
    "O": "10 30 41 45 36 16 05 01 10",
    "P": "06 00 30 41 42 33 03",
    "Q": "10 30 41 45 36 16 05 01 10, 24 46",
    "R": "06 00 30 41 42 33 03, 23 46",
    "S": "41 30 10 01 02 13 33 44 45 36 16 05",
    "T": "00 40, 20 26",
    "U": "00 05 16 36 45 40",
    "V": "00 26 40",
    "W": "00 16 22 36 40",
    "X": "00 46, 40 06",
    "Y": "00 23 40, 23 26",
    "Z": "00 40 06 46",
    "a": "43 32 12 03 05 16 36 45, 42 46",
    "b": "00 06, 03 12 32 43 45 36 16 05",
    "d": "43 32 12 03 05 16 36 45, 40 46",
    "e": "04 44 43 32 12 03 05 16 36 45",
    "f": "40 30 21 26, 03 43",
    "g": "43 32 12 03 04 15 35 44, 42 47 38 18 07",
    "h": "00 06, 03 12 32 43 46",
    "n": "02 06, 03 12 32 43 46",
    "q": "43 32 12 03 04 15 35 44, 42 48",
    "r": "02 06, 04 12 32",
    "t": "20 25 36 45, 02 42",
}


def hand(random: Random) -> Hand:
    """Return how a plotter draws each character, tall ones about 1 high: so wide, leaning and with bends by chance."""
    lean = np.array([[random.uniform(*WIDE), 0], [-random.uniform(*SLANT), 1]]) / SQUARES
    straight = random.random() < STRAIGHT

    def drawn(corners: str) -> Stroke:
        points: Stroke = np.array([[int(digit) for digit in corner] for corner in corners.split()]) @ lean
        return points if straight else tidy.bent(points)

    return {
        label: [[drawn(corners) for corners in strokes.split(",")] for strokes in ways.split("|")]
        for label, ways in CHARACTERS.items()
    }
