"""The fit of what each clue of the search counts: under its weights the right covers shall be the most probable."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from emnist.picture.arrays import Doubles
from emnist.text.candidates import Line, Weights, clues
from emnist.text.context import agreement, digits
from emnist.text.search import START, State, lattice

RIDGE = 1e-3  # ridge penalty on the weights, beside the mean loss of a line


@dataclass(frozen=True)
class Example:
    """A line with its right cover, ready for the fit: the clues of each candidate and joint, and the steps.

    Attributes:
        unary: (G, U) clues of each candidate; pairs: (J, G, G).
        states: the steps as (from, to) numbers of states, in order; groups: (A, 2) the groups before and after.
        ends: numbers of the states that cover everything.
        right: the groups of the right cover.
    """

    unary: Doubles
    pairs: NDArray[np.float32]
    states: list[tuple[int, int]]
    groups: NDArray[np.intp]
    ends: list[int]
    right: list[int]


def example(line: Line, right: list[int], seen: Doubles, character: Doubles, labels: Sequence[str]) -> Example:
    """Return `line` with its `right` groups, given what the network answers for its candidates."""
    agree = agreement(line, right, digits(seen, labels))
    unary = np.column_stack([clues(line, seen, character, labels), agree, line.features])
    zero = np.zeros((len(line.groups), len(line.groups)))
    arcs = lattice(line.atoms, line.groups, zero[0], zero, beam=10**9)
    numbers: dict[State, int] = {START: 0}
    for _, target in arcs:
        numbers.setdefault(target, len(numbers))
    full = (1 << line.atoms) - 1
    return Example(
        unary,
        line.joints,
        [(numbers[a], numbers[b]) for a, b in arcs],
        np.array([(a[1], b[1]) for a, b in arcs]),
        [number for (covered, _), number in numbers.items() if covered == full],
        right,
    )


def loss(weights: Doubles, data: Sequence[Example]) -> tuple[float, Doubles]:
    """Return the mean of −log(share of the right cover), and its gradient: a semi-Markov conditional random field.

    Source: Sarawagi and Cohen, "Semi-Markov conditional random fields for information extraction" (2004).
    """
    value, slope = 0.0, np.zeros(len(weights))
    for example in data:
        clues = np.concatenate([example.unary[example.groups[:, 1]], _joint_clues(example)], axis=1)  # (A, W)
        steps = clues @ weights
        total, share = _shares(example, steps.tolist())
        before = [-1, *example.right[:-1]]
        wanted = example.unary[example.right].sum(0)
        joint = sum(
            (example.pairs[:, a, b] for a, b in zip(before, example.right, strict=True) if a >= 0),
            np.zeros(len(example.pairs)),
        )
        right = np.concatenate([wanted, joint])
        value += total - float(right @ weights)
        slope += share @ clues - right
    count = len(data)
    return value / count + RIDGE * float(weights @ weights), slope / count + 2 * RIDGE * weights


def _joint_clues(example: Example) -> Doubles:
    before, after = example.groups.T
    clues: Doubles = example.pairs[:, before, after].T * (before >= 0)[:, None]
    return clues


def _shares(example: Example, steps: list[float]) -> tuple[float, Doubles]:
    """Return the log of the partition function, the sum over all covers, and the marginal probability of each step."""
    size = max(b for _, b in example.states) + 1
    forward, backward = [-math.inf] * size, [-math.inf] * size
    forward[0] = 0.0
    for (a, b), step in zip(example.states, steps, strict=True):
        forward[b] = _add(forward[b], forward[a] + step)
    for end in example.ends:
        backward[end] = 0.0
    for (a, b), step in zip(reversed(example.states), reversed(steps), strict=True):
        backward[a] = _add(backward[a], backward[b] + step)
    through = [
        math.exp(min(forward[a] + step + backward[b] - backward[0], 0.0))
        for (a, b), step in zip(example.states, steps, strict=True)
    ]
    return backward[0], np.array(through)


def _add(a: float, b: float) -> float:
    high, low = (a, b) if a > b else (b, a)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))


def vector(weights: Weights) -> Doubles:
    """Return `weights` as those of the columns of `Example.unary`, then of `Example.pairs`."""
    return np.array([weights.label, weights.character, weights.size, weights.agree, *weights.shape, *weights.joint])


def fit(data: Sequence[Example], start: Weights) -> Weights:
    """Return the weights under which the right covers are the most probable."""
    options = {"maxiter": 100}
    found = minimize(loss, vector(start), args=(data,), jac=True, method="L-BFGS-B", options=options).x
    label, character, size, agree, *rest = [round(float(weight), 2) for weight in found]
    shape = len(start.shape)
    return replace(
        start,
        label=label,
        character=character,
        shape=tuple(rest[:shape]),
        joint=tuple(rest[shape:]),
        size=size,
        agree=agree,
    )
