"""The fit of what each clue of a line counts: under its weights the right covers shall be the most probable."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from emnist.labels import fold
from emnist.picture.arrays import Doubles
from emnist.text import sequence
from emnist.text.candidates import Line, Weights
from emnist.text.parting import Reader, columns, from_left, ways
from train.images.words import Text

RIDGE = 1e-3  # ridge penalty on the weights, beside the mean loss of a line
GREATEST = 2.0  # weight of evidence up to which the best is looked for


@dataclass(frozen=True)
class Example:
    """A line with its best covers, of which one is right, ready for the fit.

    Attributes:
        clues: (K, W) of each cover, in the order of `vector`.
        right: which cover is right.
        seen, evidence: (N, C) log-probabilities of the labels of its characters: alone, and by the line as a whole.
        classes: (N,) the right labels.
    """

    clues: Doubles
    right: int
    seen: Doubles
    evidence: Doubles
    classes: list[int]


def examples(
    lines: Sequence[Line], rights: Sequence[list[int] | None], text: Text, reader: Reader
) -> Iterator[Example]:
    """Yield the `lines` of `text`, the uppermost first, with their `rights`, groups in order; none if one is None."""
    known = [right for right in rights if right is not None]
    if len(known) < len(lines) or sum(map(len, known)) != len(text.characters):
        return
    start = 0
    for line, right in zip(lines, known, strict=True):
        if line.picture is not None:
            yield example(line, right, text.characters[start : start + len(right)], reader)
        start += len(right)


def example(line: Line, right: list[int], text: str, reader: Reader) -> Example:
    """Return a `line` that has a picture, with its `right` groups by their first atom, whose characters are `text`."""
    seen, odds = reader.network(line.images, True)
    found = [chosen for _, chosen in ways(line, seen, odds, reader)]
    found += [] if right in found else [right]
    assert line.picture is not None
    along = sequence.see(line.picture, reader.labels)
    likely = sequence.likely(along, [np.exp(seen[from_left(line, chosen)]) for chosen in found])
    own = columns(line, seen, odds, reader)
    clues = [np.append(own[chosen].sum(0), _joints(line, chosen)) for chosen in found]
    alone = reader.network(line.images[from_left(line, right)], False)[0]
    return Example(
        np.column_stack([clues, likely]),
        found.index(right),
        alone,
        sequence.evidence(along, np.exp(alone)),
        [list(reader.labels).index(str(fold(character, reader.labels))) for character in text],
    )


def _joints(line: Line, chosen: Sequence[int]) -> Doubles:
    pairs = [line.joints[:, one, other] for one, other in pairwise(chosen)]
    return np.sum(pairs, axis=0) if pairs else np.zeros(len(line.joints))


def loss(weights: Doubles, data: Sequence[Example]) -> tuple[float, Doubles]:
    """Return the mean of −log(share of the right cover among the best ones), and its gradient."""
    value, slope = 0.0, np.zeros(len(weights))
    for one in data:
        share = _log_shares(one.clues @ weights)
        value -= share[one.right]
        slope += np.exp(share) @ one.clues - one.clues[one.right]
    count = len(data)
    return float(value / count + RIDGE * weights @ weights), slope / count + 2 * RIDGE * weights


def _log_shares(scores: Doubles) -> Doubles:
    found: Doubles = scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True)
    return found


def vector(weights: Weights) -> Doubles:
    """Return `weights` as those of the columns of `Example.clues`."""
    first = weights.label, weights.character, weights.size, weights.agree
    return np.array([*first, *weights.shape, *weights.joint, weights.line])


def fit(data: Sequence[Example], start: Weights) -> Weights:
    """Return the weights under which what is right is the most probable: of covers first, then of labels."""
    found = minimize(loss, vector(start), args=(data,), jac=True, method="L-BFGS-B").x
    label, character, size, agree, *rest, line = [round(float(weight), 2) for weight in found]
    shape = len(start.shape)
    return replace(
        start,
        label=label,
        character=character,
        shape=tuple(rest[:shape]),
        joint=tuple(rest[shape:]),
        size=size,
        agree=agree,
        line=line,
        evidence=_least(lambda weight: _unlikely(data, weight)),
    )


def _unlikely(data: Sequence[Example], weight: float) -> float:
    """Return the mean of −log(probability of the right label) if evidence counts `weight`."""
    each = [_log_shares(one.seen + weight * one.evidence)[range(len(one.classes)), one.classes] for one in data]
    return -float(np.mean(np.concatenate(each)))


def _least(loss: Callable[[float], float]) -> float:
    return round(float(minimize_scalar(loss, bounds=(0, GREATEST), method="bounded").x), 2)
