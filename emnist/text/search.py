"""Which marks make which character: the best of all ways to part a line into groups.

A line holds atoms (pen strokes, or pieces of ink) in order, numbered from 0.  A group is a set of atoms that may be
one character.  A cover takes every atom exactly once; its score is the sum of the scores of its groups and of the
joints between a group and the next.  Groups may interleave, so that a crossbar can belong to the letter before the
last.  Scores are log-odds: the share of a cover is exp(score) over the sum of that over all covers.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Sequence
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

Group = tuple[int, ...]  # atoms, ascending
State = tuple[int, int]  # the atoms covered so far as bits, and the last group; -1 before the first
Arc = tuple[State, State]  # the second state's last group is what the step adds
Way = tuple[float, int, "Way | None"]  # to a state: its score, its last group, and the way to the state before

START: State = (0, -1)
BEAM = 64  # states kept at each atom; a line of writing has about five


def lattice(
    count: int,
    groups: Sequence[Group],
    scores: NDArray[np.floating],
    joints: NDArray[np.floating],
) -> list[Arc]:
    """Return the steps of all covers of the atoms 0 … `count` − 1, those from the same state together, in order.

    Each step covers the first atom that is still free.  Of many states with the same first free atom, the BEAM best
    go on.  `scores` (G,) are those of the groups, `joints` (G, G) those of a group followed by another.
    """
    starting: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for index, group in enumerate(groups):
        starting[group[0]].append((index, sum(1 << atom for atom in group)))
    waiting: list[dict[State, float]] = [{} for _ in range(count + 1)]  # by first free atom: state and best score
    waiting[0][START] = 0.0
    arcs: list[Arc] = []
    for free in range(count):
        states = sorted(waiting[free].items(), key=lambda item: -item[1])[:BEAM]
        for (covered, last), reached in states:
            for index, bits in starting[free]:
                if covered & bits:
                    continue
                state = (covered | bits, index)
                score = reached + float(scores[index]) + (float(joints[last, index]) if last >= 0 else 0.0)
                ahead = waiting[_first_free(state[0])]
                ahead[state] = max(score, ahead.get(state, -math.inf))
                arcs.append(((covered, last), state))
    return arcs


def covers(
    count: int,
    groups: Sequence[Group],
    scores: NDArray[np.floating],
    joints: NDArray[np.floating],
    most: int = 1,
) -> list[tuple[float, list[int]]]:
    """Return the best covers, at `most` so many, the best first: the score of each, and its groups by their first atom.

    Every atom must be a group by itself too, so that there is a cover.
    """
    best: dict[State, list[Way]] = defaultdict(list)
    best[START] = [(0.0, -1, None)]
    for source, target in lattice(count, groups, scores, joints):
        step = float(scores[target[1]]) + (float(joints[source[1], target[1]]) if source[1] >= 0 else 0.0)
        ways = best[target] + [(way[0] + step, target[1], way) for way in best[source]]
        best[target] = heapq.nlargest(most, ways, key=itemgetter(0))
    ends = [way for (covered, _), ways in best.items() if covered == (1 << count) - 1 for way in ways]
    return [(way[0], _groups(way)) for way in heapq.nlargest(most, ends, key=itemgetter(0))]


def _groups(way: Way) -> list[int]:
    found = []
    step: Way | None = way
    while step is not None and step[1] >= 0:
        found.append(step[1])
        step = step[2]
    return found[::-1]


def _first_free(covered: int) -> int:
    return (~covered & (covered + 1)).bit_length() - 1
