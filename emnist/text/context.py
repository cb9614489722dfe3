"""Context: digits stand beside digits, letters beside letters, small ones beside tall ones.

A network of 47 classes has one class for c and C.  The neighbours of a character may tell which of the two it is: by
their heights, by how far they hang below the line, and by their own case.  There is no dictionary.
"""

from collections.abc import Sequence

import numpy as np

from emnist.labels import fold
from emnist.picture.arrays import Doubles
from emnist.text import habits
from emnist.text.candidates import Line
from emnist.text.marks import height

REACH = 4.0  # distance in marks along the line at which a neighbour's weight falls to 1/e, about a third
KINDS = 3  # number of kinds: digits, capitals, small letters, in this order below
# Log-probabilities that a kind (row) is followed by another (column), within a word, over a space; of the first kind.
WITHIN = np.log([[0.90, 0.06, 0.04], [0.06, 0.82, 0.12], [0.05, 0.05, 0.90]])
BETWEEN = np.log([[0.60, 0.22, 0.18], [0.25, 0.42, 0.33], [0.15, 0.25, 0.60]])
FIRST = np.log([0.34, 0.42, 0.24])
SCALES = np.linspace(-0.7, 0.7, 15)  # possible logs of the line's true height over its measured one
SPREAD = 0.22  # standard deviation of the log of a character's height about its usual one
HANG = 0.15  # standard deviation of the depth of a character's foot, in heights of tall characters
DEEP = dict.fromkeys("gpqyj", 0.35)  # usual depth of the foot below the line, in the same heights; 0 for all others
LEAST = -80.0  # floor of a log-probability
ODD = -4.5  # floor of the log-likelihood of a size, and of that of a place: some hands keep no line
SLIMMEST = -3.0  # floor of log(width / height): thinner strokes differ by chance


def digits(seen: Doubles, labels: Sequence[str]) -> Doubles:
    """Return what each candidate (G,) is: −1 for a letter to 1 for a digit; `seen` (G, C) are log-probabilities."""
    sign = np.array([1.0 if label.isdigit() else -1.0 for label in labels])
    kinds: Doubles = np.exp(seen) @ sign
    return kinds


def agreement(line: Line, chosen: Sequence[int], kinds: Doubles) -> Doubles:
    """Return how well each candidate (G,) suits the `chosen` ones around it, from −1 to 1; `digits` returns `kinds`."""
    places = np.array([np.mean(group) for group in line.groups])
    near = np.exp(-np.abs(places[:, None] - places[list(chosen)]) / REACH)  # (G, N)
    atoms = np.zeros((len(line.groups), line.atoms), bool)
    for index, group in enumerate(line.groups):
        atoms[index, list(group)] = True
    near *= ~(atoms @ atoms[list(chosen)].T)  # candidates that share an atom are no neighbours
    agree: Doubles = kinds * (near @ kinds[list(chosen)]) / (near.sum(1) + 1)
    return agree


def alphabet(labels: Sequence[str], allowed: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return all characters that `labels` stand for: themselves, and small letters that share a class with capitals.

    With `allowed`, return only the characters that it names: if it names one case of a class, the other is left out.
    """
    both = [*labels, *(c for c in habits.HEIGHTS if c not in labels and fold(c, labels) is not None)]
    return tuple(c for c in both if allowed is None or c in allowed)


def shown(labels: Sequence[str], characters: Sequence[str]) -> list[str]:
    """Return what each of `labels` is shown as: itself, or its other case where `characters` holds only that."""
    shown_as = {fold(character, labels): character for character in reversed(characters)}  # the label wins
    return [shown_as.get(label, label) for label in labels]


def weigh(
    line: Line,
    chosen: Sequence[int],
    seen: Doubles,
    spaces: Sequence[bool],
    characters: Sequence[str],
    labels: Sequence[str],
) -> Doubles:
    """Return the probabilities (N, M) of `characters` for the `chosen` candidates of a line, given their neighbours.

    `seen` (N, C) are the log-probabilities of `labels` for each candidate by itself; `spaces` tells whether a space
    stands before it.
    """
    evidence = _evidence(line, chosen, seen, characters, labels)  # (K, N, M) for each of SCALES
    kinds = np.array([0 if c.isdigit() else 2 if c.islower() else 1 for c in characters])
    by_kind = np.stack([_total(evidence[..., kinds == kind]) for kind in range(KINDS)], axis=2)  # (K, N, 3)
    around, whole = _neighbours(by_kind, spaces)
    scale = np.exp(whole - _total(whole))  # (K,)
    alone = np.exp(evidence - by_kind[..., kinds])  # probability of each character, given its kind
    mean = np.einsum("k,knm,knm->nm", scale, alone, around[..., kinds])
    weighed: Doubles = mean / mean.sum(1, keepdims=True)
    return weighed


def _evidence(
    line: Line, chosen: Sequence[int], seen: Doubles, characters: Sequence[str], labels: Sequence[str]
) -> Doubles:
    """Return the logarithms (K, N, M) of how well each character suits its mark, for each scale of the line."""
    of = [labels.index(fold(c, labels) or c) for c in characters]
    boxes = line.boxes[list(chosen)]
    wide, high = np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-9).T
    found = np.maximum(seen[:, of], LEAST) + _cases(line, chosen, np.log(wide / high), characters, of)
    unit = line.height or height(boxes)
    usual = np.log([habits.HEIGHTS.get(c, 1.0) for c in characters])
    off = (np.log(high / unit)[:, None] - usual - SCALES[:, None, None]) / SPREAD  # (K, N, M)
    deep = np.array([DEEP.get(c, 0.0) for c in characters])
    low = ((boxes[:, 3] - np.median(boxes[:, 3]))[:, None] / unit - deep) / HANG
    evidence: Doubles = found + np.maximum(-off * off / 2, ODD) + np.maximum(-low * low / 2, ODD)
    return evidence


def _cases(line: Line, chosen: Sequence[int], shape: Doubles, characters: Sequence[str], of: Sequence[int]) -> Doubles:
    """Return the logarithms (N, M) of how the characters of one class `of` (M,) share it: by strokes and by shape.

    An l is slimmer than an L, an i has two strokes.
    """
    suits = np.maximum(habits.slim(characters, np.maximum(shape, SLIMMEST)), LEAST)
    if line.counts:
        suits += habits.strokes(tuple(characters)).T[np.minimum([line.counts[group] for group in chosen], 4) - 1]
    share = np.zeros_like(suits)
    for index in set(of):
        same = np.flatnonzero(np.array(of) == index)
        if len(same) > 1:
            share[:, same] = suits[:, same] - _total(suits[:, same])[:, None]
    return share


def _neighbours(by_kind: Doubles, spaces: Sequence[bool]) -> tuple[Doubles, Doubles]:
    """Return the probability (K, N, 3) of each kind at each place, and the logarithm (K,) of that of the whole line."""
    steps = [BETWEEN if space else WITHIN for space in spaces]
    forward, backward = np.empty_like(by_kind), np.zeros_like(by_kind)
    forward[:, 0] = FIRST + by_kind[:, 0]
    for place in range(1, len(steps)):
        forward[:, place] = by_kind[:, place] + _total(forward[:, place - 1, :, None] + steps[place], axis=1)
    for place in range(len(steps) - 2, -1, -1):
        ahead = by_kind[:, place + 1] + backward[:, place + 1]
        backward[:, place] = _total(steps[place + 1] + ahead[:, None], axis=2)
    whole = _total(forward[:, -1])
    return np.exp(forward + backward - whole[:, None, None]), whole


def _total(logarithms: Doubles, axis: int = -1) -> Doubles:
    """Return the logarithm of the sum of what `logarithms` stand for, −inf for none."""
    if not logarithms.shape[axis]:
        return np.full(np.delete(logarithms.shape, axis), -np.inf)
    total: Doubles = np.logaddexp.reduce(logarithms, axis=axis)
    return total
