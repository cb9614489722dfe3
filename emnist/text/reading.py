"""From lines of candidates to a transcript: the network's answers → the best cover (see `parting`) → context → text."""

import math
from collections.abc import Sequence

import numpy as np

from emnist.constants import READING
from emnist.labels import alike
from emnist.picture.arrays import Doubles, Mask
from emnist.text.candidates import CLIP, Line
from emnist.text.context import shown, weigh
from emnist.text.parting import Found, Reader, cover, with_evidence
from emnist.text.transcript import Character, Transcript

SPACE: float = READING["SPACE"]  # how much wider than the median gap a space is, at least, in heights of the line
WIDE = 1.6  # width over height above which a mark that is no character is likely several that are joined
LOW = 0.5  # height over the highest mark's up to which such a mark is a dash or an equals sign, not joined writing
FEW = 3  # least number of characters joined to the next in a line of joined writing: fewer may be so by chance
MOSTLY = 0.6  # share of a line's characters joined to the next, above which it is joined writing
OVER = 0.5  # intersection over union of two boxes above which one mark is written over the other, as to strike it out
JOINED = "This looks like joined writing; characters written apart are read better."
DOUBTFUL = 4.0  # subtracted from the log-odds that the whole text is right, if it looks like joined writing
LACKING = 4.0  # subtracted from the same, if what was left out as type may be writing


def transcribe(lines: Sequence[Line], reader: Reader) -> Transcript:
    """Return the text in `lines`, of which there is at least one."""
    text, read, found, odds = read_lines(lines, reader)
    doubts = against(read, found, odds, reader.labels)
    wide = too_wide(read, odds)
    remark = JOINED if max(wide, default=0) > LOW or any(cut_apart(one) for one in found) else ""
    whole = np.mean([line.weights.whole for line in lines], axis=0)
    certain = float(whole[0] + whole[1:] @ doubts) - DOUBTFUL * bool(remark or wide)
    certain -= LACKING * any(line.lacking for line in lines)
    return Transcript(text, _sigmoid(certain), tuple(read), remark)


def read_lines(lines: Sequence[Line], reader: Reader) -> tuple[str, list[Character], list[Found], Doubles]:
    """Return the text, its characters, the covers of its lines, and the log-odds (N,) that each is one character."""
    labels, characters = reader.labels, reader.characters
    found = cover(lines, reader)
    seen, odds = reader.network(np.concatenate([one.line.images[one.chosen] for one in found]), False)
    ends = np.cumsum([len(one.chosen) for one in found])[:-1]
    read: list[Character] = []
    number, parted, owners = -1, [], []
    sures = [np.where(struck(one.boxes), -CLIP, own) for one, own in zip(found, np.split(odds, ends), strict=True)]
    for place, (one, own, sure) in enumerate(zip(found, np.split(seen, ends), sures, strict=True)):
        number += not one.line.beside
        gaps = spaces(one)
        names, chances = shown(labels, characters), np.exp(own)
        if reader.context and len(own) > 1:
            own = with_evidence(one, own)
            names, chances = list(characters), weigh(one.line, one.chosen, own, gaps, characters, labels)
        for row, score, candidate in zip(chances.tolist(), sure.tolist(), one.chosen, strict=True):
            probabilities = dict(zip(names, row, strict=True))
            read.append(_character(probabilities, score, reader.accept, one, candidate, number))
        parted += gaps
        owners += [place] * len(gaps)
    order = sorted(range(len(read)), key=lambda i: (read[i].line, read[i].box[0] + read[i].box[2]))
    text = _text([read[i] for i in order], [parted[i] for i in order], [owners[i] for i in order])
    return text, [read[i] for i in order], found, np.concatenate(sures)[order]


def _text(read: Sequence[Character], parted: Sequence[bool], owners: Sequence[int]) -> str:
    """Return the text of characters in its order; spaces stand where they are `parted`, and between two `owners`."""
    text = ""
    for i, one in enumerate(read):
        if i and one.line != read[i - 1].line:
            text += "\n"
        elif i and (parted[i] or owners[i] != owners[i - 1]):
            text += " "
        text += one.label
    return text


def against(read: Sequence[Character], found: Sequence[Found], odds: Doubles, labels: Sequence[str]) -> list[float]:
    """Return four clues against a text, each 0 or less: characters, covers, lines as a whole, least likely character.

    The first three are −√(−log p), where p is the probability that all are right.  Either case of a class is right.
    """
    surely = [sum(p for c, p in one.probabilities.items() if _same(c, one.label, labels)) for one in read]
    unlikely = [-sum(math.log(min(max(p, 1e-9), 1)) for p in ps) for ps in (surely, [one.share for one in found])]
    unlikely.append(-sum(one.likely for one in found))
    return [*(-math.sqrt(max(one, 0.0)) for one in unlikely), min(float(odds.min()), CLIP) - CLIP]


def _same(character: str, other: str, labels: Sequence[str]) -> bool:
    return character == other or (character == other.swapcase() and not {character, other} <= set(labels))


def struck(boxes: Doubles) -> Mask:
    """Tell which of `boxes` (N, 4) nearly coincide with another one, as a letter and the cross that strikes it out."""
    low, high = np.maximum(boxes[:, None, :2], boxes[:, :2]), np.minimum(boxes[:, None, 2:], boxes[:, 2:])
    shared = np.maximum(high - low, 0).prod(axis=2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    np.fill_diagonal(shared, 0)
    over: Mask = (shared > OVER * (area[:, None] + area - shared)).any(axis=1)
    return over


def too_wide(read: Sequence[Character], odds: Doubles) -> list[float]:
    """Return the heights, over that of the highest mark, of those far wider than high that are not one character."""
    sizes = [(box[2] - box[0], box[3] - box[1]) for box in (one.box for one in read)]
    highest = max(max(high for _, high in sizes), 1e-9)
    return [high / highest for (wide, high), sure in zip(sizes, odds, strict=True) if wide > WIDE * high and sure < 0]


def cut_apart(found: Found) -> bool:
    """Tell whether most characters of a line in a picture are connected to the next one, as in joined writing."""
    cuts = sum(found.line.cuts[candidate] for candidate in found.chosen) / 2 if found.line.cuts else 0
    return cuts >= FEW and cuts > MOSTLY * (len(found.chosen) - 1)


def _sigmoid(odds: float) -> float:
    return 1 / (1 + math.exp(-max(min(odds, 50.0), -50.0)))


def spaces(found: Found) -> list[bool]:
    """Tell of each character of a line, from left to right, whether a space stands before it."""
    boxes, line = found.boxes, found.line
    height = max(float(np.quantile(boxes[:, 3] - boxes[:, 1], 0.75)), 1e-9)
    gaps = (boxes[1:, 0] - np.maximum.accumulate(boxes[:-1, 2])) / height
    usual = max(float(np.median(gaps)), 0.0) if len(gaps) else 0.0
    blank = [any(line.blanks[atom] for atom in line.groups[candidate] if line.blanks) for candidate in found.chosen]
    return [False, *(wide or empty for wide, empty in zip((gaps > SPACE + usual).tolist(), blank[1:], strict=True))]


def _character(found: dict[str, float], odds: float, accept: float, one: Found, candidate: int, line: int) -> Character:
    label, score = max(found, key=lambda each: found[each]), _sigmoid(odds)
    box, parts, ink = one.line.box(candidate), one.parts(candidate), one.ink(candidate)
    return Character(label, found[label], found, alike(found), score, score >= accept, box, line, parts, ink)
