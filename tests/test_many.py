"""Many pictures read at once: as one by one, in order, with errors as values, however many processes prepare them."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import run

import pytest
from drawings import draw
from PIL import Image

from emnist import NoInkError, Recognizer


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.from_pretrained()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with more pictures than a pass reads, one of them blank and one torn."""
    for i in range(40):
        draw("4TLZ7"[i % 5]).resize((60 + i, 60 + i)).save(tmp_path / f"{i:02}.png")
    Image.new("L", (60, 60), 255).save(tmp_path / "40.png")
    (tmp_path / "41.png").write_bytes(b"no picture")
    return tmp_path


@pytest.mark.parametrize("jobs", [None, 2])
def test_many_are_read_as_one_by_one(recognizer: Recognizer, folder: Path, jobs: int | None) -> None:
    files = sorted(folder.iterdir())
    together = list(recognizer.predict_many(files, jobs=jobs))
    for file, found in zip(files[:40:7], together[:40:7], strict=True):
        assert not isinstance(found, Exception)
        assert found.probabilities == pytest.approx(recognizer.predict(file).probabilities, abs=1e-5)
    assert isinstance(together[40], NoInkError)
    assert isinstance(together[41], ValueError)
    assert len(together) == 42


def test_pictures_are_taken_a_few_at_a_time(recognizer: Recognizer) -> None:
    taken = 0

    def endless() -> Iterator[object]:
        nonlocal taken
        while True:
            taken += 1
            yield draw("4")

    found = recognizer.predict_many(endless())  # type: ignore[arg-type]
    assert next(found).label == "4"  # type: ignore[union-attr]
    assert taken < 100


def test_what_no_class_stands_for_is_refused_before_anything_is_read(recognizer: Recognizer) -> None:
    with pytest.raises(ValueError, match="no character of this model"):
        recognizer.predict_many([Path("gone.png")], only="?")


def test_the_command_line_reads_with_several_processes_as_with_one(folder: Path) -> None:
    words = [sys.executable, "-m", "emnist", "predict", str(folder), "--json", "--jobs"]
    one, two = (run([*words, jobs], capture_output=True, text=True, check=False) for jobs in "12")
    assert (one.returncode, two.returncode) == (1, 1)
    answers = [[json.loads(line) for line in told.stdout.splitlines()] for told in (one, two)]
    assert [row.get("label") for row in answers[0]] == [row.get("label") for row in answers[1]]
    assert [row["file"] for row in answers[0]] == [str(file) for file in sorted(folder.iterdir())]
