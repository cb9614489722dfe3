"""What stands beside what: digits beside digits, letters beside letters."""

from collections.abc import Sequence

import numpy as np

from emnist.picture.arrays import Doubles
from emnist.text.candidates import Line

REACH = 4.0  # marks along the line after which a neighbour's say is a third


def digits(seen: Doubles, labels: Sequence[str]) -> Doubles:
    """Return from −1 for a letter to 1 for a digit what each candidate is, of log-probabilities `seen` (G, C)."""
    sign = np.array([1.0 if label.isdigit() else -1.0 for label in labels])
    kinds: Doubles = np.exp(seen) @ sign
    return kinds


def agreement(line: Line, chosen: Sequence[int], kinds: Doubles) -> Doubles:
    """Return how well each candidate (G,) suits the `chosen` ones around it, from −1 to 1; `kinds` are of `digits`."""
    places = np.array([np.mean(group) for group in line.groups])
    near = np.exp(-np.abs(places[:, None] - places[list(chosen)]) / REACH)  # (G, N)
    atoms = np.zeros((len(line.groups), line.atoms), bool)
    for index, group in enumerate(line.groups):
        atoms[index, list(group)] = True
    near *= ~(atoms @ atoms[list(chosen)].T)  # nobody is its own neighbour
    agree: Doubles = kinds * (near @ kinds[list(chosen)]) / (near.sum(1) + 1)
    return agree
