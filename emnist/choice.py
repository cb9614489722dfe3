"""What `only` says: the characters to choose from, as the name of a set or one by one."""

import string
from collections.abc import Sequence

from emnist.labels import fold, graphemes

SETS = {
    "digits": string.digits,
    "letters": string.ascii_letters,
    "upper": string.ascii_uppercase,
    "lower": string.ascii_lowercase,
}
ALIASES = {"digit": "digits", "numbers": "digits", "letter": "letters", "uppercase": "upper", "lowercase": "lower"}


def named(only: str) -> list[str]:
    """Return the characters that `only` names: those of a set, whose name may be in any case, or its own.

    Raises:
        ValueError: `only` is no text.
    """
    if not isinstance(only, str):
        raise ValueError(f"only is {only!r}, but must be text: {', '.join(SETS)}, or characters such as 'abc123'")
    name = only.strip().lower()
    return graphemes(SETS.get(ALIASES.get(name, name), only))


def allowed(only: str | None, labels: Sequence[str]) -> list[int]:
    """Return the places in `labels` of those that `only` allows; None allows all.

    Raises:
        ValueError: there are none.
    """
    if only is None:
        return list(range(len(labels)))
    wanted = {fold(character, labels) for character in named(only)}
    places = [i for i, label in enumerate(labels) if label in wanted]
    if not places:
        known = "".join(labels)
        raise ValueError(f"no character of this model is in {only!r}; use {', '.join(SETS)} or some of {known}")
    return places
