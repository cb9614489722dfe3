"""The models that answer: loaded while the page already stands, and replaced only by ones that loaded and work."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from emnist import ModelError, Recognizer
from emnist.hub import REPOSITORY, newest

BUILT_IN = "built-in model"
COMMIT = 40  # hex digits of a full commit, which never changes


@dataclass(frozen=True)
class Model:
    """A recogniser, the name it was asked for by, and the Hub commit it is of, where that is known."""

    name: str
    recognizer: Recognizer
    commit: str | None = None


class Models:
    """One model a source, in the order given; the built-in one stands in for those that cannot be had."""

    def __init__(self, sources: Sequence[str] = ()) -> None:
        """Take directories and Hub models ("user/repo" or "user/repo@revision"); none for the built-in one."""
        self._sources = list(dict.fromkeys(sources))
        self._models: list[Model] = []
        self._loaded = threading.Event()
        self.notices: list[str] = []
        self.error: ModelError | None = None  # why there is no model at all, not even the built-in one

    @property
    def several(self) -> bool:
        """Whether models answer side by side."""
        return len(self._sources) > 1

    def start(self, refresh: float = 0.0) -> None:
        """Load in the background, then look every `refresh` minutes for newer revisions; 0: never."""
        threading.Thread(target=self._run, args=(refresh,), name="models", daemon=True).start()

    def get(self) -> list[Model]:
        """Return the models, waiting for the first load."""
        self._loaded.wait()
        return self._models

    def refresh(self) -> None:
        """Replace the models of Hub repositories that have a newer commit."""
        for i, source in enumerate(self._sources):
            commit = _newest(source)
            if commit is None or commit == self._models[i].commit:
                continue
            try:
                model = _load(source, commit)
            except ModelError as error:
                self._say(f"{source} has a newer revision that cannot be used: {error}")
                continue
            self._models = [*self._models[:i], model, *self._models[i + 1 :]]

    def _run(self, refresh: float) -> None:
        torch.set_num_threads(1)  # visitors share the cores; an answer is too small to be worth splitting
        try:
            self._models = [self._first(source) for source in self._sources] or [_load(None)]
        except ModelError as error:
            self.error = error
            return signal.raise_signal(signal.SIGTERM)
        self._loaded.set()
        while refresh:
            time.sleep(refresh * 60)
            self.refresh()

    def _first(self, source: str) -> Model:
        try:
            return _load(source, _newest(source))
        except ModelError as error:
            self._say(f"{source} cannot be had ({error}), so the {BUILT_IN} answers.")
            return _load(None)

    def _say(self, notice: str) -> None:
        if notice not in self.notices:
            self.notices.append(notice)
            print(notice, file=sys.stderr)


def _newest(source: str) -> str | None:
    """Return the commit that a Hub model without a fixed revision has now."""
    match = REPOSITORY.fullmatch(source)
    if match is None or len(match["revision"] or "") == COMMIT:
        return None
    return newest(match["repo"], match["revision"])


def _load(source: str | None, commit: str | None = None) -> Model:
    """Return a model that has passed its self-check, which also takes care of the first, slow, answers."""
    if source is None:
        recognizer = Recognizer.from_pretrained()
    else:
        recognizer = Recognizer.from_pretrained(source.partition("@")[0] if commit else source, commit)
    recognizer.check()
    return Model(_name(source), recognizer, commit)


def _name(source: str | None) -> str:
    """Return what the page calls a model: not where it lies on this computer."""
    if source is None:
        return BUILT_IN
    return Path(source).resolve().name if Path(source).is_dir() else source
