"""Numbers, codes and words composed from single characters of one writer: what `emnist.text` is fitted and scored on.

The characters are those of `train.images.strokes`, in the sizes that their writer gave them.  Where they stand is drawn
by chance: gaps as between separated characters, some touching or overlapping a little, an unsteady base line, crossbars
and dots set after the word.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.images.strokes import characters

Stroke = NDArray[np.float64]
Random = np.random.Generator

TALL, LOW, DEEP = "ABDEGHKMNRSTUVWZ0123456789bdhkl", "aceimnorsuvwxz", "gpqyj"
SMALL = 0.6  # height of low letters over that of tall ones, where a writer has only one kind
GAP = (0.06, 0.4)  # usual gap between the characters of a text, in heights of the tall ones
SPACE = (0.8, 1.4)  # what a space adds to a gap, in the same heights
TOUCH, TOUCHING = 0.08, (-0.06, 0.03)  # share of the gaps that nearly close or overlap; their width, below 0 an overlap
PITCH = (1.7, 2.4)  # from line to line, in the same heights
CLIMB = 0.04  # standard deviation of the slope of a line
SHAKE = 0.04  # standard deviation of the height at which a character stands, in the same heights
LATE = 0.25  # share of texts in which the further strokes of CROSSED come after all others
CROSSED = "tTijfAHxX"  # characters whose strokes after the first may come late
SMALL_LETTERS, CAPITALISED = 0.65, 0.3  # shares of words by chance in small letters, and of these after a capital
KINDS = ("number", "code", "word", "capitals")  # kinds of texts, each as often as the others
LINES = 0.15  # share of texts of two or three lines
_WORDS = """
name date street city phone total amount order house garden summer winter north south train paper water light river
bridge market school doctor letter number yellow orange green black white bread sugar coffee apple lemon monday friday
april august berlin london paris madrid boston vienna quick brown jumps over lazy dog zebra judge cow mouse voice cousin
music ocean pocket skip swim onyx vows
"""
WORDS = _WORDS.split()
_DOTTED = """
light fight high did lid ill fill limit little still sixth fifth ninth eight visit island fish dish thin hill jail
join juice major india italia tired title bottle film child which while until build built iris taxi kilo radio piano
video hidden jinx khaki held help hello half health thigh flight kitchen list lift tilt knit finish delhi lisbon
dublin helsinki sofia vilnius nice lille
"""
DOTTED = _DOTTED.split()


@dataclass(frozen=True)
class Text:
    """A composed drawing: `strokes` in the order of writing, and for each the place of its character in `text`.

    `text` includes spaces and line breaks; places count the characters without them.  `kind` says what was written.
    """

    text: str
    kind: str
    writer: str
    strokes: tuple[Stroke, ...]
    owners: tuple[int, ...]

    @property
    def characters(self) -> str:
        """The text without spaces and line breaks."""
        return "".join(self.text.split())

    def alone(self, place: int) -> list[Stroke]:
        """Return the strokes of one character."""
        return [stroke for stroke, owner in zip(self.strokes, self.owners, strict=True) if owner == place]


Hand = dict[str, list[list[Stroke]]]  # of one writer: the drawings of each character, in heights of the tall ones


def hands(file: Path, part: str, coarse: Sequence[str] = ()) -> dict[str, Hand]:
    """Return the hand of each writer of `part`, by name; `coarse` is that of `strokes.characters`."""
    found: dict[str, Hand] = defaultdict(lambda: defaultdict(list))
    for drawing in characters(file, part, coarse):
        found[drawing.writer][drawing.label].append(list(drawing.strokes))
    return {writer: _scaled(hand) for writer, hand in sorted(found.items())}


def _height(strokes: Sequence[Stroke]) -> float:
    y = np.concatenate(strokes)[:, 1]
    return float(y.max() - y.min())


def _scaled(hand: Hand) -> Hand:
    """Return `hand` with its tall characters about 1 high."""
    tall = [_height(s) for label in TALL for s in hand.get(label, [])]
    low = [_height(s) for label in LOW for s in hand.get(label, [])]
    size = float(np.median(tall)) if tall else float(np.median(low)) / SMALL
    return {label: [[stroke / size for stroke in s] for s in drawings] for label, drawings in hand.items()}


def texts(
    known: Mapping[str, Hand], count: int, seed: int, touch: float = TOUCH, kinds: Sequence[str] = KINDS
) -> Iterator[Text]:
    """Yield `count` texts of the writers `known`, always the same for the same seed; each writer in turn.

    `touch` is the share of the gaps that nearly close or overlap.  `kinds` may also name "dotted": words that are rich
    in i and j, and in what looks like a part of them; "letters": letters by chance, in one case or after a capital;
    "any": characters by chance, half of the time in one case; "one": a single character.
    """
    random = np.random.default_rng(seed)
    made = 0
    while made < count:
        for writer, hand in known.items():
            kind, wanted = _wanted(hand, random, kinds)
            if wanted and made < count:
                made += 1
                yield compose(wanted, kind, writer, hand, random, touch)


def _wanted(hand: Hand, random: Random, kinds: Sequence[str]) -> tuple[str, str]:
    """Return one of `kinds` and a text of it that `hand` can write; "" if there is none."""
    ways = {"number": _number, "code": _code, "word": _word, "capitals": _capitals}
    ways |= {"dotted": _dotted, "letters": _letters, "any": _any, "one": _one}
    kind = str(random.choice(list(kinds)))
    lines = int(random.integers(2, 4)) if random.random() < LINES else 1
    text = "\n".join(filter(None, (ways[kind](hand, random) for _ in range(1 if kind == "one" else lines))))
    return kind, text


def _number(hand: Hand, random: Random) -> str:
    known = [c for c in "0123456789" if c in hand]
    return _spaced("".join(random.choice(known, int(random.integers(2, 11)))), random) if len(known) > 5 else ""


def _code(hand: Hand, random: Random) -> str:
    known = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c in hand]
    digits = [c for c in "0123456789" if c in hand]
    if len(known) < 10 or len(digits) < 5:
        return ""
    letters, numbers = int(random.integers(1, 5)), int(random.integers(1, 5))
    blocks = ["".join(random.choice(known, letters)), "".join(random.choice(digits, numbers))]
    random.shuffle(blocks)
    return (" " if random.random() < 0.3 else "").join(blocks)


def _dotted(hand: Hand, random: Random) -> str:
    return _word(hand, random, DOTTED)


def _word(hand: Hand, random: Random, of: Sequence[str] = WORDS) -> str:
    known = [w for w in of if set(w) <= set(hand)]
    if len(known) < 4:
        return ""
    words = [str(w) for w in random.choice(known, int(random.choice([1, 1, 2])))]
    return " ".join(w.capitalize() if w[0].upper() in hand and random.random() < 0.4 else w for w in words)


def _letters(hand: Hand, random: Random) -> str:
    lower, upper = ([c for c in hand if c.isalpha() and wanted(c)] for wanted in (str.islower, str.isupper))
    if min(len(lower), len(upper)) < 5:
        return ""
    case = lower if random.random() < SMALL_LETTERS else upper
    words = ["".join(random.choice(case, int(random.integers(2, 9)))) for _ in range(int(random.choice([1, 1, 2])))]
    if case is lower and random.random() < CAPITALISED:
        words[0] = str(random.choice(upper)) + words[0]
    return " ".join(words)


def _any(hand: Hand, random: Random) -> str:
    known = sorted(c for c in hand if c.isalnum())
    wanted = (str.islower, str.isupper, str.isalnum, str.isalnum)[int(random.integers(4))]
    case = [c for c in known if wanted(c)]
    chosen = case if len(case) > 4 else known
    return "".join(random.choice(chosen, int(random.integers(2, 10)))) if len(known) > 7 else ""


def _one(hand: Hand, random: Random) -> str:
    return str(random.choice(sorted(c for c in hand if c.isalnum())))


def _capitals(hand: Hand, random: Random) -> str:
    known = [w.upper() for w in WORDS if set(w.upper()) <= set(hand)]
    return str(random.choice(known)) if len(known) > 3 else ""


def _spaced(digits: str, random: Random) -> str:
    """Return `digits` in groups of two to four, as people write telephone numbers, or as they are."""
    size = int(random.integers(2, 5))
    grouped = random.random() < 0.3 and len(digits) > 5
    return " ".join(digits[i : i + size] for i in range(0, len(digits), size)) if grouped else digits


def compose(text: str, kind: str, writer: str, hand: Hand, random: Random, touch: float = TOUCH) -> Text:
    """Return `text` as `writer` might write it, each character once more as it stands in `hand`."""
    low = [_height(s) for label in LOW for s in hand.get(label, [])]
    small = float(np.median(low)) if low else SMALL
    wide, climb, pitch = random.uniform(*GAP), random.normal(0, CLIMB), random.uniform(*PITCH)
    placed: list[tuple[int, int, Stroke]] = []  # place, number within its character, stroke
    place, base = 0, 0.0
    for line in text.split("\n"):
        x = random.uniform(0, 0.5)
        for character in line:
            if character == " ":
                x += random.uniform(*SPACE)
                continue
            drawings = hand[character]
            strokes = _at(drawings[int(random.integers(len(drawings)))], character, small, random)
            left, right = min(s[:, 0].min() for s in strokes), max(s[:, 0].max() for s in strokes)
            shift = np.array([x - left, base + climb * x])
            placed += [(place, number, stroke + shift) for number, stroke in enumerate(strokes)]
            gap = random.uniform(*TOUCHING) if random.random() < touch else wide * random.uniform(0.6, 1.5)
            x += right - left + gap
            place += 1
        base += pitch
    if random.random() < LATE:
        flat = "".join(text.split())
        placed.sort(key=lambda item: flat[item[0]] in CROSSED and item[1] > 0)
    size = random.uniform(30, 300)  # units a height: pads differ
    sized = tuple(stroke * size for _, _, stroke in placed)
    return Text(text, kind, writer, sized, tuple(owner for owner, _, _ in placed))


def _at(strokes: Sequence[Stroke], character: str, small: float, random: Random) -> list[Stroke]:
    """Return one character standing on the line y = 0, or hanging below it, in a slightly different size."""
    scale = np.exp(random.normal(0, 0.05))
    points = np.concatenate(strokes)
    low, high = points[:, 1].min(), points[:, 1].max()
    deep = character in DEEP and high - low > small
    foot = low + (small if character != "j" else 1.0) if deep else high
    lift = random.normal(0, SHAKE)
    return [(stroke - [0, foot]) * scale + [0, lift] for stroke in strokes]
