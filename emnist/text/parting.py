"""How a line is parted: of the covers that its candidates suggest, that which the line as a whole makes likeliest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emnist.constants import PARTING
from emnist.picture.arrays import Doubles, Mask
from emnist.text import sequence
from emnist.text.candidates import Line, Network, clues, scores
from emnist.text.context import agreement, digits
from emnist.text.search import covers

WAYS = 16  # most covers of a line among which the network that sees it as a whole decides
# Longest side, in heights of the line, below which a mark is no character: a slip of the pen, a stray dot.
SPECK: float = PARTING["SPECK"]


@dataclass(frozen=True)
class Reader:
    """What reads the candidates, and what it may answer.

    Attributes:
        network: gives the log-probabilities of `labels`.
        labels: the classes of the network.
        accept: the least score, in [0, 1], with which a mark counts as a character.
        characters: those that `labels` stand for: a class of both cases stands for two.
        context: whether neighbours count; without, each character is read by itself, as one of `labels`.
    """

    network: Network
    labels: Sequence[str]
    accept: float
    characters: Sequence[str]
    context: bool = True


@dataclass(frozen=True)
class Found:
    """The best cover of one line: its candidates from left to right, and its share among the best covers.

    `along` (places, 1 + C) is what `sequence.see` returns for the line, None if it was not asked; `likely` is the
    logarithm of how likely it makes this cover.
    """

    line: Line
    chosen: list[int]
    share: float
    along: Doubles | None = None
    likely: float = 0.0

    @property
    def boxes(self) -> Doubles:
        """The boxes (N, 4) of the chosen candidates."""
        return self.line.boxes[self.chosen]

    def parts(self, candidate: int) -> tuple[int, ...]:
        """Return the indices of the strokes of `candidate` in the source."""
        return tuple(sorted(self.line.places[atom] for atom in self.line.groups[candidate] if self.line.places))

    def ink(self, candidate: int) -> Mask:
        """Return the ink (h, w) of `candidate` in its box, (0, 0) if there are strokes."""
        return self.line.ink(self.line.groups[candidate])


def cover(lines: Sequence[Line], reader: Reader) -> list[Found]:
    """Return the best cover of each line; the network reads all candidates of all lines once."""
    seen, character = reader.network(np.concatenate([line.images for line in lines]), True)
    ends = np.cumsum([len(line.groups) for line in lines])[:-1]
    each = zip(lines, np.split(seen, ends), np.split(character, ends), strict=True)
    return [_cover(line, own, one, reader) for line, own, one in each]


def _cover(line: Line, seen: Doubles, odds: Doubles, reader: Reader) -> Found:
    """Return the best cover of one line, given what the network answers for its candidates, as `ways` takes it."""
    scores, found = zip(*ways(line, seen, odds, reader), strict=True)
    readings = [_characters(line, from_left(line, chosen)) for chosen in found]
    total, likely, along = np.array(scores), np.zeros(len(scores)), None
    if line.picture is not None and sequence.knows(reader.labels):
        along = sequence.see(line.picture, reader.labels)
        likely = sequence.likely(along, [np.exp(seen[one]) for one in readings])
        total += line.weights.line * likely
    best = int(total.argmax())
    share = float(np.exp(total[best] - np.logaddexp.reduce(total)))
    return Found(line, readings[best], share, along, float(likely[best]))


def ways(line: Line, seen: Doubles, odds: Doubles, reader: Reader) -> list[tuple[float, list[int]]]:
    """Return the best covers of `line` but for what it looks like as a whole: score, groups by their first atom.

    `seen` (G, C) and `odds` (G,) are what the network answers for the candidates.
    """
    own, joints = scores(line, columns(line, seen, odds, reader))
    return covers(line.atoms, line.groups, own, joints, WAYS)


def columns(line: Line, seen: Doubles, odds: Doubles, reader: Reader) -> Doubles:
    """Return all clues (G, 4 + F) for each candidate, as `ways` takes them: of the network, of neighbours, its own.

    Neighbours are those of the best cover without them, if `context` counts.
    """
    found, agree = clues(line, seen, odds, reader.labels), np.zeros(len(seen))
    if reader.context and line.weights.agree and len(line.groups) > line.atoms:
        [(_, chosen)] = covers(line.atoms, line.groups, *scores(line, np.column_stack([found, agree, line.features])))
        agree = agreement(line, chosen, digits(seen, reader.labels))
    return np.column_stack([found, agree, line.features])


def from_left(line: Line, chosen: Sequence[int]) -> list[int]:
    """Return the candidates `chosen` of a line from left to right."""
    across = line.boxes[:, 0] + line.boxes[:, 2]
    return sorted(chosen, key=lambda one: float(across[one]))


def _characters(line: Line, chosen: list[int]) -> list[int]:
    """Return those of the `chosen` candidates that are large enough to be characters."""
    long = (line.boxes[:, 2:] - line.boxes[:, :2]).max(axis=1)
    least = SPECK * min(line.height, long[chosen].max())  # one at least is kept, also of dots alone
    return [one for one in chosen if long[one] >= least]


def with_evidence(found: Found, seen: Doubles) -> Doubles:
    """Return the log-probabilities `seen` (N, C) of the characters of a line, with what the line as a whole shows."""
    if found.along is None:
        return seen
    both = seen + found.line.weights.evidence * sequence.evidence(found.along, np.exp(seen))
    weighed: Doubles = both - np.logaddexp.reduce(both, axis=1, keepdims=True)
    return weighed
