"""Lines of candidates to a transcript: the network's answers → the best cover → context → text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from emnist.labels import lookalikes
from emnist.picture.arrays import Bytes, Doubles
from emnist.text.candidates import Line, clues, scores
from emnist.text.context import agreement, digits
from emnist.text.search import segment
from emnist.text.transcript import Character, Transcript

# Images (N, 28, 28), and whether one look at each will do → log-probabilities (N, C), log-odds of a character (N,).
Network = Callable[[Bytes, bool], tuple[Doubles, Doubles]]

SPACE = 0.6  # a gap so wide, in heights of the line, parts words, if it is also wider than most
JOINED = "This looks like joined writing; characters written apart are read better."


@dataclass(frozen=True)
class Found:
    """The best cover of one line: its candidates, their boxes (N, 4), and its share among all covers."""

    line: Line
    chosen: list[int]
    share: float

    @property
    def boxes(self) -> Doubles:
        """The boxes (N, 4) of the chosen candidates."""
        return self.line.boxes[self.chosen]


def transcribe(
    lines: Sequence[Line], network: Network, labels: Sequence[str], accept: float, context: bool
) -> Transcript:
    """Return the text in `lines`: `network` answers for `labels`; scores of at least `accept` are of characters."""
    found = cover(lines, network, labels, context)
    label, character = network(np.concatenate([f.line.images[f.chosen] for f in found]), False)
    sure = 1 / (1 + np.exp(-character))
    characters: list[Character] = []
    text: list[str] = []
    for number, one in enumerate(found):
        gaps = spaces(one.boxes)
        for place, candidate in enumerate(one.chosen):
            at = len(characters)
            box = one.line.box(candidate)
            parts = tuple(sorted(one.line.places[a] for a in one.line.groups[candidate])) if one.line.places else ()
            characters.append(_character(np.exp(label[at]), float(sure[at]), accept, labels, box, number, parts))
            text.append((" " if gaps[place] else "") + characters[-1].label)
        text.append("\n")
    whole = float(np.prod([c.confidence for c in characters]) * np.prod([one.share for one in found]))
    return Transcript("".join(text).strip(), whole, tuple(characters), "")


def cover(lines: Sequence[Line], network: Network, labels: Sequence[str], context: bool) -> list[Found]:
    """Return the best cover of each line; the network looks once at each candidate of all of them."""
    seen, character = network(np.concatenate([line.images for line in lines]), True)
    ends = np.cumsum([len(line.groups) for line in lines])[:-1]
    each = zip(lines, np.split(seen, ends), np.split(character, ends), strict=True)
    return [_cover(line, own, clues(line, own, one, labels), labels, context) for line, own, one in each]


def _cover(line: Line, seen: Doubles, found: Doubles, labels: Sequence[str], context: bool) -> Found:
    """Return the best cover of one line; with `context` that which it suggests is weighed in a second search."""
    agree = np.zeros(len(seen))
    chosen, share = segment(line.atoms, line.groups, *scores(line, found, agree))
    if context and line.weights.agree and len(line.groups) > line.atoms:
        agree = agreement(line, chosen, digits(seen, labels))
        chosen, share = segment(line.atoms, line.groups, *scores(line, found, agree))
    return Found(line, chosen, share)


def spaces(boxes: Doubles) -> list[bool]:
    """Tell of each character of a line, boxes (N, 4) from left to right, whether a space stands before it."""
    height = max(float(np.quantile(boxes[:, 3] - boxes[:, 1], 0.75)), 1e-9)
    gaps = (boxes[1:, 0] - np.maximum.accumulate(boxes[:-1, 2])) / height
    usual = max(float(np.median(gaps)), 0.0) if len(gaps) else 0.0
    return [False, *(gaps > SPACE + usual).tolist()]


def _character(
    probabilities: Doubles,
    sure: float,
    accept: float,
    labels: Sequence[str],
    box: tuple[float, float, float, float],
    line: int,
    parts: tuple[int, ...],
) -> Character:
    found = dict(zip(labels, probabilities.tolist(), strict=True))
    (label, confidence), (second, _) = sorted(found.items(), key=lambda pair: -pair[1])[:2]
    group = lookalikes(label)
    alike = "".join(c for c in labels if c in group and found[c] > 0) if second in group else ""
    return Character(label, confidence, found, alike, sure, sure >= accept, box, line, parts)
