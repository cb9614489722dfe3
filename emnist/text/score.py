"""How well several characters are read: whole texts, characters, and whether their number is right."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emnist.errors import NoInkError, UnreadableImageError, UnreadableStrokesError
from emnist.labels import fold, graphemes
from emnist.table import records

if TYPE_CHECKING:
    from emnist.recognizer import Recognizer

Pair = tuple[list[str], list[str]]  # a text and what was read, as characters: one may be of several code points


@dataclass(frozen=True)
class TextScore:
    """What `evaluate` found; shares are None where there was nothing to count.

    Spaces and line breaks do not count.  A character that the label map merges (c → C) counts as its class.

    Attributes:
        images: rows that were scored; a source in which no ink was found counts as read as "".
        skipped: rows left out: a file that cannot be read, or a text without a character.
        characters: how many the texts have together.
        exact, exact_ignoring_case: share of the texts that are right in every character.
        cer, cer_ignoring_case: character error rate: insertions, deletions and replacements over `characters`.
        right_count: share of the texts for which the right number of characters was found.
        failures: the skipped rows with the reason.
    """

    images: int
    skipped: int
    characters: int
    exact: float | None
    exact_ignoring_case: float | None
    cer: float | None
    cer_ignoring_case: float | None
    right_count: float | None
    failures: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return all but the failures as JSON values."""
        return {key: value for key, value in asdict(self).items() if key != "failures"}


def evaluate(
    recognizer: "Recognizer", rows: Iterable[tuple[Path, str]], only: str | None = None, context: bool = True
) -> TextScore:
    """Read every file of `rows` (file, text) and compare; `only` and `context` are those of `transcribe`."""
    pairs: list[Pair] = []
    failures: list[tuple[str, str]] = []
    for source, text in rows:
        if not "".join(text.split()):
            failures.append((str(source), "its text holds no character"))
            continue
        try:
            found = recognizer.transcribe(source, only, context).text
        except NoInkError:
            found = ""
        except (UnreadableImageError, UnreadableStrokesError, OSError) as error:
            failures.append((str(source), str(error)))
            continue
        wanted, seen = (graphemes(folded(one, recognizer.labels)) for one in (text, found))
        pairs.append((wanted, seen))
    return _summary(pairs, failures)


def _summary(pairs: list[Pair], failures: list[tuple[str, str]]) -> TextScore:
    length = sum(len(text) for text, _ in pairs)
    caseless = [([c.casefold() for c in a], [c.casefold() for c in b]) for a, b in pairs]

    def share(hits: Iterable[bool]) -> float | None:
        return sum(hits) / len(pairs) if pairs else None

    def errors(compared: list[Pair]) -> float | None:
        return sum(distance(*pair) for pair in compared) / length if pairs else None

    return TextScore(
        images=len(pairs),
        skipped=len(failures),
        characters=length,
        exact=share(a == b for a, b in pairs),
        exact_ignoring_case=share(a == b for a, b in caseless),
        cer=errors(pairs),
        cer_ignoring_case=errors(caseless),
        right_count=share(len(a) == len(b) for a, b in pairs),
        failures=tuple(failures),
    )


def folded(text: str, labels: Iterable[str]) -> str:
    """Return `text` without spaces and line breaks, each character as the label that stands for it, if there is one."""
    known = tuple(labels)
    return "".join(fold(character, known) or character for character in graphemes("".join(text.split())))


def distance(text: Sequence[str], found: Sequence[str]) -> int:
    """Return the least number of insertions, deletions and replacements from `text` to `found` (Levenshtein 1965)."""
    row = list(range(len(found) + 1))
    for i, wanted in enumerate(text, 1):
        above, row = row, [i]
        for j, seen in enumerate(found, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (wanted != seen)))
    return row[-1]


def holds_texts(file: Path) -> bool:
    """Tell whether `file` is a table with a column text; raise as `records` does if it is no table of files."""
    return "text" in records(file, "file", wanted="file,label or file,text")[0]
