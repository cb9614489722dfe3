"""The label maps of EMNIST's six splits, what any label is, and the characters that look alike.

Source of the maps: Cohen, Afshar, Tapson, van Schaik, "EMNIST: an extension of MNIST to handwritten letters" (2017).
"""

from collections.abc import Iterable, Mapping
from string import ascii_lowercase, ascii_uppercase, digits
from unicodedata import normalize

import regex

from emnist.constants import LABELS

# Missing here are the 15 lower-case letters that ByMerge and Balanced count as their upper-case forms.
MERGED = digits + ascii_uppercase + "abdefghnqrt"

SPLITS: dict[str, str] = {
    "byclass": digits + ascii_uppercase + ascii_lowercase,
    "bymerge": MERGED,
    "balanced": MERGED,
    "letters": ascii_uppercase,
    "digits": digits,
    "mnist": digits,
}

# A black flag and the region that it stands for, in characters that nobody sees: England, Scotland, Wales
# (emoji tag sequences, Unicode Technical Standard 51).
TAGGED = regex.compile("\\p{Extended_Pictographic}[\U000e0020-\U000e007e]+\U000e007f")

NOT_A_CHARACTER = "not a character"  # label in tables of a picture that is to be turned away

# Characters that one drawing can mean without context.  Groups are disjoint, so merging them is well defined.
# Those of two letters are one shape in two sizes, which matters only where both cases are classes.
LOOKALIKES: tuple[str, ...] = tuple(LABELS["LOOKALIKES"])


def label_map(split: str) -> dict[int, str]:
    """Return {output index: character} of `split`; raise ValueError for a name that is no split."""
    if split not in SPLITS:
        raise ValueError(f"no split {split!r}; choose one of {', '.join(SPLITS)}")
    return dict(enumerate(SPLITS[split]))


def graphemes(text: str) -> list[str]:
    """Return what a reader takes for the single characters of `text`, in Unicode's composed form (NFC).

    An n with a tilde is one, however it is typed; so is a letter with marks, or an emoji of several code points
    (extended grapheme clusters, Unicode Standard Annex 29).
    """
    return regex.findall(r"\X", normalize("NFC", text))


def is_label(text: object) -> bool:
    """Tell whether `text` can be a label: one visible grapheme in composed form."""
    if not isinstance(text, str) or graphemes(text) != [text] or text.isspace():
        return False
    if TAGGED.fullmatch(text):
        return True
    return all(character.isprintable() or character == "\u200d" for character in text)  # U+200D joins emoji


def fold(character: str, labels: Iterable[str]) -> str | None:
    """Return the label among `labels` that stands for `character`, or None.

    A character that is no label itself counts as its other case: c → C in a 47-class map.  Labels are composed (NFC).
    """
    known, composed = set(labels), normalize("NFC", character)
    return next((c for c in (composed, composed.swapcase()) if c in known), None)


def alike(probabilities: Mapping[str, float]) -> str:
    """Return the possible characters that look like the two most probable ones, these included; "" unless they do."""
    best, *others = sorted(probabilities, key=lambda each: -probabilities[each])
    group = lookalikes(best)
    if not others or others[0] not in group:
        return ""
    return "".join(each for each, share in probabilities.items() if each in group and share > 0)


def lookalikes(character: str) -> str:
    """Return the group of characters that `character` is easily mistaken for, itself included."""
    return next((group for group in LOOKALIKES if character in group), character)
