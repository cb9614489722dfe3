"""A line as a whole: a network tells how likely a reading of it is, and what stands where."""

from collections.abc import Sequence
from itertools import groupby, product
from pathlib import Path

import numpy as np
import pytest

from emnist.text import sequence, strokes
from tests.drawings import STROKES
from tests.test_strokes import written
from train.images.words import Hand, compose
from train.text import examples, learn_sequence

HAND: Hand = {label: [[np.array(stroke, float) for stroke in drawn]] for label, drawn in STROKES.items()}


def reading(text: str, labels: Sequence[str]) -> np.ndarray:
    return np.array([[float(label == character) for label in labels] for character in text])


def seen_of(text: str) -> np.ndarray:
    [line] = strokes.lines([np.array(stroke, float) for stroke in written(text)])
    assert line.picture is not None
    return sequence.see(line.picture, sequence.CLASSES)


@pytest.mark.parametrize("text", ["A", "AA", "AB", "ABA"])
def test_the_likelihood_of_a_reading_is_that_of_all_answers_that_stand_for_it(text: str) -> None:
    random = np.random.default_rng(0)
    chances = random.dirichlet(np.ones(3), 5)  # places × blank, A, B
    wanted = 0.0
    for answer in product(range(3), repeat=5):
        if "".join(" AB"[one] for one, _ in groupby(answer) if one) == text:
            wanted += float(np.prod(chances[range(5), answer]))
    found = sequence.likely(np.log(chances), [reading(text, "AB"), reading("BABA", "AB")])
    assert found[0] == pytest.approx(np.log(wanted))


@pytest.mark.parametrize("text", ["E4", "K2478", "WEHN"])
def test_what_is_written_is_the_likeliest_reading_of_its_length_and_of_others(text: str) -> None:
    others = [text[1:], text[:-1], text + "1", text[::-1], "I" + text[1:]]
    found = sequence.likely(seen_of(text), [reading(one, sequence.CLASSES) for one in (text, *others)])
    assert found.argmax() == 0


def test_each_character_has_evidence_where_it_stands() -> None:
    found = sequence.evidence(seen_of("K247"), np.full((4, len(sequence.CLASSES)), 1 / len(sequence.CLASSES)))
    assert "".join(sequence.CLASSES[best] for best in found.argmax(axis=1)) == "K247"


def test_a_reading_for_which_the_line_is_too_short_is_unlikely_and_without_evidence() -> None:
    seen = np.log(np.full((3, 3), 1 / 3))
    short, long = sequence.likely(seen, [reading("AB", "AB"), reading("ABAB", "AB")])
    assert np.isfinite(long)
    assert long < short
    assert not sequence.evidence(seen, reading("ABAB", "AB")).any()


def test_of_a_label_that_the_network_does_not_know_nothing_is_said() -> None:
    seen = sequence.see(np.zeros((sequence.SIDE, 40), np.uint8), (*sequence.CLASSES, "ñ", "c"))
    assert seen[:, -2] == pytest.approx(seen[:, 1:-2].max(axis=1))
    assert seen[:, -1] == pytest.approx(seen[:, 1 + sequence.CLASSES.index("C")])
    assert sequence.knows("ABCñ")
    assert not sequence.knows("Aßñ")


def test_a_line_that_is_far_too_long_or_high_is_not_looked_at() -> None:
    assert sequence.draw(np.ones((2, 10_000), bool), 2) is None
    assert sequence.draw(np.ones((99, 200), bool), 20) is None
    far = [np.array([[0.0, 0.0], [0.0, 1.0]]), np.array([[1e9, 0.0], [1e9, 1.0]])]
    assert [line.picture for line in strokes.lines(far)] == [None]


def test_a_network_learns_from_lines_and_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    texts = [compose(text, "code", "someone", HAND, random) for text in ("EK247", "WEN 38", "7\n4E")]
    known = [line for text in texts for line in examples.drawn(text, random)]
    assert [sequence.SIDE] * len(known) == [len(picture) for picture, _ in known]
    learn_sequence.learn(known, 2, tmp_path / "sequence.safetensors")
    monkeypatch.setattr(sequence, "FILE", tmp_path / "sequence.safetensors")
    seen = sequence.see(known[0][0], "ABC")
    assert seen.shape == (known[0][0].shape[1] // sequence.STEP, 4)


def test_scans_side_by_side_are_learnt_as_what_stands_there() -> None:
    random = np.random.default_rng(1)
    bar = np.zeros((5, 28, 28), np.uint8)
    bar[:, 4:24, 12:16] = 255
    found = [line for _ in range(9) for line in examples.glued({"1": bar, "I": bar, "n": bar}, random)]
    assert {picture.shape[0] for picture, _ in found} == {sequence.SIDE}
    assert {sequence.CLASSES[one - 1] for _, classes in found for one in classes} == {"1", "I", "n"}
    for picture, classes in found:  # as many bars as characters, but for those that touch
        bars = np.diff((picture.max(axis=0) > 128).astype(int)).clip(0).sum()
        assert 1 <= bars <= len(classes)


def test_type_is_learnt_as_what_stands_there() -> None:
    random = np.random.default_rng(1)
    for picture, classes in [line for _ in range(9) for line in examples.typed(random)]:
        assert 2 <= len(classes) <= 8
        right, wrong = np.eye(len(sequence.CLASSES))[classes - 1], np.eye(len(sequence.CLASSES))[classes - 2]
        likely = sequence.likely(sequence.see(picture, sequence.CLASSES), [right, wrong])
        assert likely[0] > likely[1]


def test_what_is_learnt_is_what_is_written() -> None:
    random = np.random.default_rng(5)
    for text in ("EK247", "WEN 38"):
        [(_, classes)] = examples.drawn(compose(text, "code", "someone", HAND, random, touch=0), random)
        assert "".join(sequence.CLASSES[one - 1] for one in classes) == text.replace(" ", "")
