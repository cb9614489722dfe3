"""The table of forms: each kind is drawn with its writing where it says, and what is read is counted row by row."""

import sys
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from emnist import Recognizer, terminal
from emnist.errors import NoInkError
from tests import adapt, kinds, several, struck
from tests.drawings import STROKES
from tests.printed import KINDS
from train.images.struck import WAYS, out
from train.images.words import Hand, compose

HAND: Hand = {label: [[np.array(stroke) for stroke in strokes]] for label, strokes in STROKES.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_holds_lines_that_nobody_wrote_and_rows_that_somebody_did(kind: str) -> None:
    picture, owners, rows = several.draw(kind, [HAND], 3, 0)
    grey = np.asarray(picture.convert("L"), float)
    assert grey.shape == owners.shape
    assert set(np.unique(owners)) == set(range(len(rows) + 1))
    assert all(rows)
    paper = np.median(grey)
    assert (grey[owners > 0] < paper - 20).mean() > 0.8
    assert (grey[owners == 0] < paper - 10).sum() > 100


def test_the_same_seed_draws_the_same_form() -> None:
    one, other, third = (several.draw("combs", [HAND], 3, number) for number in (0, 0, 1))
    assert one[0].tobytes() == other[0].tobytes() != third[0].tobytes()
    assert one[2] == other[2]


def reading(*found: tuple[str, int, int]) -> several.Reading:
    """Return how characters at places 10 px wide, read on a sheet with "AB" above "C", are counted."""
    owners = np.zeros((60, 60), np.uint8)
    owners[10:20, [12, 32]] = 1
    owners[40:50, 12] = 2
    characters = [SimpleNamespace(label=label, box=(x, y, x + 10, y + 10)) for label, x, y in found]
    recognizer = SimpleNamespace(transcribe=lambda _: SimpleNamespace(characters=characters))
    picture = several.draw("date", [HAND], 0, 0)[0]
    return several.look(cast(Recognizer, recognizer), picture, owners, ["AB", "C"])


def test_each_row_is_compared_from_left_to_right_ignoring_case() -> None:
    right = reading(("C", 10, 40), ("b", 30, 10), ("A", 10, 10))
    assert (right.right_number, right.wrong, right.characters) == (True, 0, 3)


def test_what_is_read_where_nobody_wrote_counts_apart_and_as_wrong() -> None:
    more = reading(("A", 10, 10), ("B", 30, 10), ("C", 10, 40), ("1", 48, 30))
    assert (more.right_number, more.wrong, more.unwritten) == (False, 1, "1")


def test_a_form_in_which_nothing_is_found_is_all_wrong() -> None:
    def blank(_: object) -> None:
        raise NoInkError("blank")

    picture, owners, rows = several.draw("date", [HAND], 0, 0)
    nothing = several.look(cast(Recognizer, SimpleNamespace(transcribe=blank)), picture, owners, rows)
    assert nothing.wrong == nothing.characters == 8


@pytest.mark.parametrize("way", WAYS)
def test_what_strikes_a_character_out_belongs_to_it_and_lies_over_it_alone(way: str) -> None:
    random = np.random.default_rng(0)
    text = compose("EKLTZ", "capitals", "someone", HAND, random, touch=0)
    made = out(text, 2, way, random)
    assert all(made.alone(place) == text.alone(place) for place in (0, 1, 3, 4))
    assert len(made.alone(2)) > len(text.alone(2))
    for axis in range(2):
        within, over = (np.concatenate(one.alone(2))[:, axis] for one in (text, made))
        assert np.ptp(over) < 1.5 * max(np.ptp(within), 1)
    plain, boxed = (np.asarray(struck.picture(made, boxed)) for boxed in (False, True))
    assert plain.min() == boxed.min() == struck.INK
    assert (boxed == struck.PRINTED).any()


def test_a_kind_that_there_is_none_of_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for tool in (kinds, several):
        monkeypatch.setattr(sys, "argv", ["tool", "gone.jsonl.gz", "--only", "papyrus"])
        assert terminal.run_one(tool.main) == 2
        assert capsys.readouterr().err == "error: no kind's name holds 'papyrus'\n"


def test_a_file_of_strokes_that_is_not_there_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for tool, more in ((kinds, []), (several, []), (struck, []), (adapt, ["EMNIST"])):
        monkeypatch.setattr(sys, "argv", ["tool", "gone.jsonl.gz", *more])
        assert terminal.run_one(tool.main) == 2
        assert capsys.readouterr().err == "error: gone.jsonl.gz: No such file or directory\n"
