"""What `only` says: the characters to choose from, as the name of a set or one by one."""

import re
import string
from collections.abc import Callable, Sequence

from emnist.labels import fold, graphemes

# Each set is a test of a character's first code point; combining marks may follow it, where no composed form exists.
SETS: dict[str, Callable[[str], bool]] = {
    "digits": str.isdecimal,
    "letters": str.isalpha,
    "upper": str.isupper,
    "lower": str.islower,
}
SHOWN = 100  # most characters of a list in a message
ALIASES = {"digit": "digits", "numbers": "digits", "letter": "letters", "uppercase": "upper", "lowercase": "lower"}


def named(only: str, labels: Sequence[str]) -> list[str]:
    """Return the characters that `only` names: its own, or those of one or more sets ("upper,digits"), in any case.

    A set holds the characters of ASCII, which `labels` may merge (c into C), and those of `labels` in any script.

    Raises:
        ValueError: `only` is no text, names a set beside something that is none, or looks like a range ("0-9").
    """
    if not isinstance(only, str):
        raise ValueError(f"only is {only!r}, but must be text: {', '.join(SETS)}, or characters such as 'abc123'")
    names = [ALIASES.get(name, name) for name in re.split(r"[\s,;]+", only.lower()) if name]
    strange = [name for name in names if name not in SETS]
    if len(strange) == len(names):
        if "-" in only and "-" not in labels:
            raise ValueError(f"{only!r:.{SHOWN}} is no list of characters: write them all, or name {', '.join(SETS)}")
        return graphemes(only)
    if strange:
        raise ValueError(f"{strange[0]!r:.{SHOWN}} is no set of characters: name {', '.join(SETS)}, or only characters")
    known = (*string.digits, *string.ascii_letters, *labels)
    return [character for character in known if any(SETS[name](character[0]) for name in names)]


def allowed(only: str | None, labels: Sequence[str]) -> list[int]:
    """Return the places in `labels` of those that `only` allows; None allows all.

    Raises:
        ValueError: there are none, or as in `named`.
    """
    if only is None:
        return list(range(len(labels)))
    wanted = {fold(character, labels) for character in named(only, labels)}
    places = [i for i, label in enumerate(labels) if label in wanted]
    if not places:
        known = "".join(labels)
        raise ValueError(
            f"no character of this model is in {only!r:.{SHOWN}}; use {', '.join(SETS)}, several of these with commas, "
            f"or some of {known:.{SHOWN}}"
        )
    return places
