"""Recognizer: a picture in, the probabilities of all characters out."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from emnist import choice, hub, odds, store
from emnist.attention import attention
from emnist.check import check
from emnist.config import ModelConfig
from emnist.engine import Engine, computing, ensure_finite
from emnist.files import WEIGHTS, vouched
from emnist.labels import alike, is_label
from emnist.picture import Source, Steps, many, prepare
from emnist.picture.arrays import Floats
from emnist.prediction import Prediction
from emnist.text import Transcript, pictures, reading, strokes
from emnist.text.candidates import Line, Network
from emnist.text.context import alphabet
from emnist.text.parting import Reader
from emnist.text.strokes import Strokes

if TYPE_CHECKING:
    from emnist.model import CharacterNet

BATCH = 128  # most images of a forward pass: enough for full speed, little memory
TOGETHER = 32  # most pictures that are read in one pass, with all their steps in memory
BEYOND = 2.0  # value, where ink is 1, that no image in EMNIST's form comes near: ink may be 255, or values normalised


class Recognizer:
    """A network, its label map, and the way from a picture to its input."""

    def __init__(self, model: "CharacterNet | Engine", labels: Sequence[str]) -> None:
        if not isinstance(getattr(model, "config", None), ModelConfig):
            raise ValueError(f"cannot read with a {type(model).__name__}; `Recognizer.from_pretrained` loads a model")
        self.config: ModelConfig = model.config
        self.labels = tuple(labels)
        if len({*filter(is_label, self.labels)}) != self.config.classes or len(self.labels) != self.config.classes:
            known = f"{self.config.classes} different characters, in the order of the model's outputs"
            raise ValueError(f"labels is {labels!r:.60}, but must be {known}")
        self.engine = model if isinstance(model, Engine) else _by_torch(model)

    @classmethod
    def from_pretrained(cls, source: str | Path | None = None, revision: str | None = None) -> Self:
        """Load the built-in model, or the model in a directory or a Hub repository "user/repo[@revision]".

        If metrics.json holds no checksums of the other files, the model must pass `check`.

        Raises:
            ModelError: there is no such model, or its files are damaged or do not belong together.
        """
        directory = hub.resolve(source, revision)
        config, labels, weights = store.read(directory)
        network = computing(config, weights)
        ensure_finite(network, directory / WEIGHTS)
        recognizer = cls(network, labels)
        if not vouched(directory):
            recognizer.check()
        return recognizer

    def predict(self, picture: Source, only: str | None = None, prior: bool = False) -> Prediction:
        """Read one character from a picture: path, PIL image, or array (H, W), (H, W, 3) or (H, W, 4).

        Args:
            picture: what to read, of any size and colour; it is turned upright as its EXIF tag says.
            only: "digits", "letters", "upper", "lower", several of these ("upper,digits"), or the characters to choose
                from ("abc123"); None for all.
            prior: weigh the classes by their frequency in the training images, rather than equally.

        Raises:
            UnreadableImageError: `picture` cannot be read as a picture.
            NoInkError: the picture is blank.
            ValueError: `only` names no class of this model, or the model has no `prior`.
        """
        return self.read(prepare(picture), only, prior)

    def predict_many(
        self,
        pictures: Iterable[Source],
        only: str | None = None,
        prior: bool = False,
        jobs: int | None = None,
        brief: bool = False,
    ) -> Iterator[Prediction | ValueError | OSError]:
        """Yield what `predict` returns for each of `pictures`, in order; errors are yielded, not raised.

        Several threads may call this at once.  With `jobs`, the other processes are spawned, not forked, so this
        process may have threads.  After an `os.fork`, only the parent may go on with an iterator begun before it.

        Args:
            pictures: what to read, any number; only a few are in memory at a time.
            only: as in `predict`.
            prior: as in `predict`.
            jobs: number of processes that prepare pictures; None or 1 for this process alone.  The others import the
                calling script, so the call must be under `if __name__ == "__main__":` there.
            brief: leave the large pictures out of the answers' `steps`, as `Steps.brief` does; then several processes
                are a quarter faster.

        Raises:
            ValueError: as `choose`; or `pictures` is a single one, or `jobs` no whole number from 1 on.
            ChildProcessError: one of the other processes ended, as when memory is short; raised, not yielded.
        """
        self.choose(only)  # an `only` that fits nothing is refused before anything is read
        one = isinstance(pictures, str | Path | bytes | Image.Image)  # a path would be taken for a list of its letters
        if one or not isinstance(pictures, Iterable):
            raise ValueError("predict_many takes a list of pictures; `predict` reads one")
        if not isinstance(jobs, int | np.integer | None) or (jobs is not None and jobs < 1):
            raise ValueError(f"jobs is {jobs!r}, but must be a whole number of processes from 1 on, or None")
        outcomes = many.prepared(pictures, jobs or 1, brief)
        parts = iter(lambda: list(islice(outcomes, TOGETHER)), [])
        return (found for part in parts for found in self._read_some(part, only, prior))

    def read(self, steps: Steps, only: str | None = None, prior: bool = False) -> Prediction:
        """Read the character in a prepared picture, as `predict` does; several recognizers can share the picture."""
        return self._read([steps], only, prior)[0]

    def _read_some(
        self, outcomes: Sequence[many.Outcome], only: str | None, prior: bool
    ) -> Iterator[Prediction | ValueError | OSError]:
        read = iter(self._read([steps for steps in outcomes if isinstance(steps, Steps)], only, prior))
        return (next(read) if isinstance(outcome, Steps) else outcome for outcome in outcomes)

    def _read(self, prepared: Sequence[Steps], only: str | None, prior: bool) -> list[Prediction]:
        if not prepared:
            return []
        allowed = self.choose(only)
        scaled, character = self._scaled(np.stack([steps.image for steps in prepared]))
        scaled = odds.as_drawn(scaled, self.config)
        scores = 1 / (1 + np.exp(-character.astype(np.float64)))
        rows = zip(odds.shares(scaled, self.config, allowed, prior).tolist(), scores.tolist(), strict=True)
        return [self._prediction(*row, steps) for row, steps in zip(rows, prepared, strict=True)]

    def _prediction(self, probabilities: Sequence[float], score: float, steps: Steps) -> Prediction:
        found = dict(zip(self.labels, probabilities, strict=True))
        label = max(found, key=lambda each: found[each])
        group = alike(found)
        together = sum(found[each] for each in group)
        return Prediction(label, found[label], found, group, together, score, score >= self.config.accept, steps)

    def transcribe(self, source: Source | Strokes, only: str | None = None, context: bool = True) -> Transcript:
        """Read all the separated characters of a picture, or of pen strokes as they were drawn.

        Args:
            source: a picture, as `predict` takes them; or strokes, each a list of [x, y] with y down, in any unit; or a
                .json file of these.
            only: the characters to choose from, as in `predict`.
            context: use the neighbours of each character: digits stand beside digits, letters beside letters.

        Raises:
            UnreadableStrokesError, UnreadableImageError: `source` cannot be read as strokes or as a picture.
            NoInkError: `source` is blank.
            ValueError: `only` names no class of this model.
        """
        named = None if only is None else choice.named(only, self.labels)
        characters = alphabet(self.labels, named)
        look = partial(self.look, only=only)
        reader = Reader(look, self.labels, self.config.accept, characters, context)
        return reading.transcribe(_lines(source, look), reader)

    def look(
        self, images: NDArray[np.uint8], once: bool = False, only: str | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return log-probabilities (N, C) and log-odds of "one character" (N,) of drawn images (N, 28, 28), ink 255.

        With `once`, each image is read without its turned views, in a third of the time.  `only` is as in `predict`.
        """
        scaled, character = self._scaled(images, turns=(0.0,) if once else ())
        found = odds.shares(odds.as_drawn(scaled, self.config), self.config, self.choose(only))
        with np.errstate(divide="ignore"):  # log 0 for the classes that `only` does not allow
            return np.log(found.astype(np.float64)), character.astype(np.float64)

    def probabilities(self, images: ArrayLike, only: str | None = None, prior: bool = False) -> NDArray[np.float32]:
        """Return the probabilities (N, C) of images (N, 28, 28) in EMNIST form: upright, ink on 0.

        `images` is uint8 with ink 255 or float with ink 1.  `only` and `prior` are those of `predict`.
        EMNIST's files and `torchvision.datasets.EMNIST` hold each image transposed, and nothing here can detect that:
        pass `images.transpose(0, 2, 1)` for them.

        Raises:
            ValueError: another shape or type, or values that are not finite or far from 0 to 1.
        """
        scaled, _ = self._scaled(images)
        return odds.shares(scaled, self.config, self.choose(only), prior)

    def choose(self, only: str | None) -> list[int]:
        """Return the indices of the classes that `only` allows; raise ValueError if there are none."""
        return choice.allowed(only, self.labels)

    def attention(self, image: NDArray[np.uint8], label: str) -> NDArray[np.float32]:
        """Return where the network looked in `image` (28, 28) to see `label`: float (28, 28) in [0, 1].

        Each value tells how much the log probability falls when the ink around that pixel is erased.

        Raises:
            ValueError: `label` is no class of this model.
        """
        if label not in self.labels:
            raise ValueError(f"{label!r} is no class of this model; its classes are {' '.join(self.labels):.100}")
        place = self.labels.index(label)

        def score(images: NDArray[np.uint8]) -> Floats:
            scaled, _ = self._scaled(images, turns=(0.0,))
            found: Floats = scaled[:, place] - odds.logsumexp(scaled)[:, 0]
            return found

        self._seen([image])
        return attention(np.asarray(image), score)

    def check(self) -> None:
        """Read a few drawings with known answers; raise ModelError if more than half of them come out wrong."""
        check(self)

    def maps(self, image: NDArray[np.uint8]) -> list[Floats]:
        """Return the network's maps (channels, side, side) after the stem and each stage, for `image` (28, 28)."""
        return self.engine.maps(self._seen([image])[0])

    def _seen(self, images: ArrayLike) -> Floats:
        """Return images (N, 28, 28), uint8 with ink 255 or float with ink 1, as float; ValueError for others."""
        side, given = self.config.image_size, np.asarray(images)
        if given.ndim != 3 or given.shape[1:] != (side, side) or given.dtype.kind not in "uf":
            raise ValueError(f"expected uint8 or float images (N, {side}, {side}), got {given.dtype} {given.shape}")
        seen: Floats = np.asarray(given, np.float32) / np.float32(255 if given.dtype.kind == "u" else 1)
        if not (abs(seen) < BEYOND).all():  # false for NaN as well
            raise ValueError("the images hold values that are not finite, or more than ink: 255 in uint8, 1 in float")
        return seen

    def _scaled(self, images: ArrayLike, turns: Sequence[float] = ()) -> tuple[Floats, Floats]:
        """Return class logits (N, C) over the temperature, and character logits (N,): means over `turns` or its own."""
        x = self._seen(images)
        parts = [self.engine.logits(x[i : i + BATCH], turns or self.config.turns) for i in range(0, len(x) or 1, BATCH)]
        logits: Floats = np.concatenate([logits for logits, _ in parts])
        return logits / self.config.temperature, np.concatenate([character for _, character in parts])


def _by_torch(model: "CharacterNet") -> Engine:
    from emnist.eager import Eager  # imported here, for reading characters needs no torch

    return Eager(model)


def _lines(source: Source | Strokes, look: Network) -> list[Line]:
    """Return the candidates in a picture, in strokes or in a .json file of strokes."""
    if isinstance(source, str | Path) and Path(source).suffix.lower() == ".json":
        return strokes.lines(strokes.parse(source))
    if not isinstance(source, str | Path | bytes | Image.Image | np.ndarray):
        return strokes.lines(strokes.parse(source))
    return pictures.lines(source, look)
