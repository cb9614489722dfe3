"""The models that answer: they load while the page is already there, and only a working model replaces one of them."""

import re
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emnist import Recognizer, terminal
from emnist.files import quality
from emnist.hub import newest, repository, resolve

BUILT_IN = "built-in model"
COMMIT = 40  # hex digits of a commit in full, a revision that never changes
NOTICE = 300  # most characters of what the page says about a model
FOLDERS = re.compile(r"(?<![\w./\\])(?:[A-Za-z]:)?[/\\](?:[^\s'\"/\\]+[/\\])+")  # folders of a path on this computer


@dataclass(frozen=True)
class Model:
    """A recogniser, its name, and what else is known about it.

    Attributes:
        commit: the Hub commit it was loaded from.
        quality: as `emnist.files.quality`.
    """

    name: str
    recognizer: Recognizer
    commit: str | None = None
    quality: tuple[float, ...] = ()


class Models:
    """One model for each source, in the order given; the built-in one replaces those that cannot be loaded."""

    def __init__(self, sources: Sequence[str] = ()) -> None:
        """Take directories and Hub models ("user/repo" or "user/repo@revision"); none for the built-in one."""
        self._sources = list(dict.fromkeys(sources))
        self._models: list[Model] = []
        self._loaded = threading.Event()
        self._notices: dict[str, str] = {}  # what visitors should know, by source
        self.error: Exception | None = None  # why there is no model at all, not even the built-in one

    @property
    def notices(self) -> list[str]:
        """What visitors should know about the models that answer now."""
        return list(self._notices.values())

    def start(self, refresh: float = 0.0) -> None:
        """Load in the background, then look every `refresh` minutes for newer revisions; 0: never."""
        threading.Thread(target=self._run, args=(refresh,), name="models", daemon=True).start()

    def get(self) -> list[Model]:
        """Return the models, waiting for the first load."""
        self._loaded.wait()
        return self._models

    def refresh(self) -> None:
        """Replace models that have a newer commit, and the built-in one if the model it stands in for can be loaded."""
        for i, source in enumerate(self._sources):
            model, commit = self._models[i], _newest(source)
            if model.name != BUILT_IN and commit in (None, model.commit):
                if commit:
                    self._notices.pop(source, None)
                continue
            try:
                model = _load(source)
            except Exception as error:
                if model.name != BUILT_IN:
                    self._say(source, f"{source} has a newer revision that cannot be used: {error}")
                continue
            self._models = [*self._models[:i], model, *self._models[i + 1 :]]
            self._notices.pop(source, None)

    def _run(self, refresh: float) -> None:
        terminal.take_one_thread()  # visitors share the cores; an answer is too small to be worth splitting
        try:
            self._models = [self._first(source) for source in self._sources] or [_load(None)]
        except Exception as error:
            self.error = error
            return signal.raise_signal(signal.SIGTERM)
        self._loaded.set()
        while refresh:
            time.sleep(refresh * 60)
            self.refresh()

    def _first(self, source: str) -> Model:
        silent = _follows(source) and _newest(source) is None
        try:
            model = _load(source)
        except Exception as error:  # of any kind: the page must not wait for ever
            self._say(source, f"{source} cannot be had ({error}), so the {BUILT_IN} answers.")
            return _load(None)
        if silent:
            self._say(source, f"The Hub does not answer; this is {source} as it was when it last did.")
        return model

    def _say(self, source: str, notice: str) -> None:
        """Tell visitors something about a model, without the places of files, and the log all of it."""
        print(notice, file=sys.stderr)
        for place in (str(Path(source).resolve()), source) if repository(source) is None else ():
            notice = notice.replace(place, _name(source))
        notice = FOLDERS.sub("", notice)
        self._notices[source] = notice if len(notice) <= NOTICE else notice[:NOTICE] + "…"


def _follows(source: str) -> bool:
    """Return whether `source` is a Hub model without a fixed revision."""
    named = repository(source)
    return named is not None and len(named[1] or "") != COMMIT


def _newest(source: str) -> str | None:
    """Return the commit that a Hub model without a fixed revision has now, if the Hub says so."""
    named = repository(source) if _follows(source) else None
    return named and newest(*named)


def _load(source: str | None) -> Model:
    """Return a model that has passed its self-check, which also takes care of the first, slow, answers."""
    directory = resolve(source)
    recognizer = Recognizer.from_pretrained(directory)
    recognizer.check()
    # The Hub's cache has a folder for each commit, with its name.
    commit = directory.name if source and repository(source) else None
    return Model(_name(source), recognizer, commit, quality(directory))


def _name(source: str | None) -> str:
    """Return what the page calls a model: not where it lies on this computer."""
    if source is None:
        return BUILT_IN
    return source if repository(source) else Path(source).resolve().name
