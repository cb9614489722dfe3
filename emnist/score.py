"""How well a recognizer reads pictures of known characters."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emnist.errors import NoInkError
from emnist.labels import NOT_A_CHARACTER, fold, graphemes, lookalikes
from emnist.picture import Source
from emnist.recognizer import Recognizer

BINS = 15  # bins of confidence for the calibration error


@dataclass(frozen=True)
class Score:
    """What `evaluate` found; shares are in [0, 1] and None where there was nothing to count.

    Attributes:
        images: characters that were scored; a picture in which no ink was found counts as misread.
        skipped: rows left out: a file that cannot be read, or a label that no class stands for.
        top1, top3: share of the images whose label is the best, or among the best three; a label that the label map
            merges (c → C) counts as its merged class.
        top1_lookalikes_merged: as top1, but an answer that looks like the label (O for 0) counts as right.
        in_label_set: images whose label is itself a class.
        top1_in_label_set, top3_in_label_set: the same shares of those alone.
        accepted: share of the images taken for one character.
        ece: expected calibration error of the best probability (15 bins).
        others: pictures labelled as no character, which none of the shares above counts.
        turned_away: share of these that are not taken for one, a blank one among them.
        failures: the skipped rows with the reason.
    """

    images: int
    skipped: int
    top1: float | None
    top3: float | None
    top1_lookalikes_merged: float | None
    in_label_set: int
    top1_in_label_set: float | None
    top3_in_label_set: float | None
    accepted: float | None
    ece: float | None
    others: int = 0
    turned_away: float | None = None
    failures: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return all but the failures as JSON values."""
        return {key: value for key, value in asdict(self).items() if key != "failures"}


def evaluate(
    recognizer: Recognizer,
    rows: Iterable[tuple[Source, str]],
    only: str | None = None,
    prior: bool = False,
    jobs: int | None = None,
) -> Score:
    """Read every picture of `rows` (picture, label) and compare; all else as in `Recognizer.predict_many`."""
    failures: list[tuple[str, str]] = []
    asked: deque[tuple[Source, str, str]] = deque()
    read: list[_Row] = []
    away: list[bool] = []

    def known() -> Iterator[Source]:
        for source, label in rows:
            target = label if label == NOT_A_CHARACTER else fold(label, recognizer.labels)
            if target is None:
                several = "; for several characters, call the column text" if len(graphemes(label)) > 1 else ""
                failures.append((str(source), f"no class of this model stands for {label!r}{several}"))
            else:
                asked.append((source, label, target))
                yield source

    for found in recognizer.predict_many(known(), only, prior, jobs, brief=True):
        source, label, target = asked.popleft()
        if isinstance(found, Exception) and not isinstance(found, NoInkError):
            failures.append((str(source), str(found)))
        elif label == NOT_A_CHARACTER:
            away.append(isinstance(found, NoInkError) or not found.is_character)
        elif isinstance(found, NoInkError):
            read.append(_Row(len(recognizer.labels), False, target == label, 0.0, False))
        else:
            rank = [character for character, _ in found.top(len(recognizer.labels))].index(target)
            alike = lookalikes(found.label) == lookalikes(target)
            read.append(_Row(rank, alike, target == label, found.confidence, found.is_character))
    return _summary(read, away, failures)


class _Row(NamedTuple):
    """How a picture was read: the place of its label among the answers, from 0; the other fields as in Score."""

    rank: int
    alike: bool
    own: bool
    confidence: float
    accepted: bool


def _summary(read: Sequence[_Row], away: Sequence[bool], failures: list[tuple[str, str]]) -> Score:
    ranks = np.array([row.rank for row in read])
    own = np.array([row.own for row in read], bool)

    def share(values: NDArray[np.bool_]) -> float | None:
        return float(values.mean()) if len(values) else None

    return Score(
        images=len(read),
        skipped=len(failures),
        top1=share(ranks < 1),
        top3=share(ranks < 3),
        top1_lookalikes_merged=share(np.array([row.alike for row in read], bool)),
        in_label_set=int(own.sum()),
        top1_in_label_set=share(ranks[own] < 1),
        top3_in_label_set=share(ranks[own] < 3),
        accepted=share(np.array([row.accepted for row in read], bool)),
        ece=calibration_error(np.array([row.confidence for row in read]), ranks < 1) if read else None,
        others=len(away),
        turned_away=share(np.array(away, bool)),
        failures=tuple(failures),
    )


def reliability(
    confidences: NDArray[np.floating], hits: NDArray[np.bool_], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return (BINS, 3): share of the weight, mean confidence and accuracy in each bin of confidence."""
    share = np.full(len(hits), 1 / len(hits)) if weights is None else weights / weights.sum()
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    mass, confidence, hit = (np.bincount(bins, share * values, BINS) for values in (1, confidences, hits))
    filled = np.where(mass > 0, mass, 1)
    return np.stack([mass, confidence / filled, hit / filled], axis=1)


def calibration_error(
    confidences: NDArray[np.floating], hits: NDArray[np.bool_], weights: NDArray[np.float64] | None = None
) -> float:
    """Return the expected calibration error in [0, 1] (Naeini et al. 2015): the mean gap of confidence and accuracy."""
    mass, confidence, accuracy = reliability(confidences, hits, weights).T
    return float((mass * np.abs(confidence - accuracy)).sum())
