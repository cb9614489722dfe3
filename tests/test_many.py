"""Many pictures read at once: as one by one, in order, with errors as values, however many processes prepare them."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, run

import numpy as np
import pytest
from drawings import draw
from PIL import Image

from emnist import NoInkError, Recognizer, UnreadableImageError, bench, terminal
from emnist.__main__ import app as reading
from emnist.hub import PRETRAINED

WINGS = ("emnist", "train")


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


@pytest.mark.parametrize("jobs", [None, 2])
def test_brief_answers_are_the_same_without_the_large_pictures(
    recognizer: Recognizer, folder: Path, jobs: int | None
) -> None:
    (found,) = recognizer.predict_many([folder / "00.png"], jobs=jobs, brief=True)
    alone = recognizer.predict(folder / "00.png")
    assert not isinstance(found, Exception)
    assert found.probabilities == pytest.approx(alone.probabilities, abs=1e-5)
    assert np.array_equal(found.steps.image, alone.steps.image)
    assert found.steps.picture.size == found.steps.contrast.size == found.steps.mask.size == 0 < alone.steps.mask.size


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


def test_the_command_line_reads_with_several_processes_as_one_does(recognizer: Recognizer, folder: Path) -> None:
    words = [sys.executable, "-m", "emnist", "predict", str(folder), "--json", "--jobs", "2"]
    told = run(words, capture_output=True, text=True, check=False)
    answers, files = [json.loads(line) for line in told.stdout.splitlines()], sorted(folder.iterdir())
    assert told.returncode == 1
    assert [row["file"] for row in answers] == [str(file) for file in files]
    alone = recognizer.predict_many(files)
    assert [row.get("label") for row in answers] == [getattr(found, "label", None) for found in alone]


def test_bench_prints_its_rows_and_a_speed_that_can_be_of_a_single_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    draw("4").save(tmp_path / "4.png")
    some = ("import emnist", "predict, one picture")
    for name, value in {"TOGETHER": 2, "FEWEST": 6, "COMMANDS": {name: bench.COMMANDS[name] for name in some}}.items():
        monkeypatch.setattr(bench, name, value)
    monkeypatch.setattr("emnist.recognizer.TOGETHER", 2)
    asked, model = [], ["--model", str(PRETRAINED)]
    monkeypatch.setattr(bench.subprocess, "run", lambda words, **how: asked.append(words) or run(words, **how))
    monkeypatch.setattr(sys, "argv", ["emnist", "bench", str(tmp_path), *model])
    assert terminal.run(reading) == 0
    assert asked[-1][-2:] == model
    told = capsys.readouterr().out.splitlines()
    for start in ("pictures: 1", "even light", "28×28 image", "network, alone", *some):
        assert sum(line.startswith(start) for line in told) == 1, start
    with_one_job = next(line for line in told if line.startswith("1  "))
    assert 1 < float(with_one_job.split()[1]) < 20_000  # pictures a second


def test_the_pictures_that_bench_draws_can_be_read(recognizer: Recognizer, tmp_path: Path) -> None:
    files = bench.drawn(tmp_path)
    assert [recognizer.predict(file).label for file in files[1:3]] == ["L", "T"]


def test_help_pages_and_the_package_do_without_torch() -> None:
    help_page = "import sys; from emnist import terminal; from {}.__main__ import app; sys.argv[1:] = ['--help']; "
    codes = ["import emnist; ", *(help_page.format(name) + "assert not terminal.run(app); " for name in WINGS)]
    for code in codes:
        words = [sys.executable, "-c", code + "import sys; assert 'torch' not in sys.modules"]
        assert run(words, stdout=DEVNULL, check=False).returncode == 0, code


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_ctrl_c_ends_all_processes_without_a_traceback(folder: Path) -> None:
    words = [sys.executable, "-m", "emnist", "predict", *[str(folder)] * 20, "--json", "--jobs", "2"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    with Popen(words, stdout=PIPE, stderr=PIPE, text=True, start_new_session=True) as reading:
        assert reading.stdout is not None
        assert reading.stdout.readline()  # long before the end, though this is a pipe
        os.killpg(reading.pid, signal.SIGINT)
        _, complaint = reading.communicate(timeout=120)
    assert (reading.returncode, complaint.strip()) == (130, "")


def test_a_single_picture_is_not_taken_for_a_list(recognizer: Recognizer, tmp_path: Path) -> None:
    for one in ("photo.jpg", tmp_path / "photo.jpg", b"photo", Image.new("L", (50, 50))):
        with pytest.raises(ValueError, match="`predict` reads one"):
            recognizer.predict_many(one)  # type: ignore[arg-type]


@pytest.mark.parametrize("jobs", [None, 2])
def test_what_cannot_be_sent_to_a_process_is_refused_in_its_place(
    recognizer: Recognizer, folder: Path, jobs: int | None
) -> None:
    whole = folder / "00.png"
    (folder / "torn.png").write_bytes(whole.read_bytes()[:-40])
    with whole.open("rb") as handle, Image.open(folder / "torn.png") as torn:
        found = list(recognizer.predict_many([whole, handle, torn, whole], jobs=jobs))  # type: ignore[list-item]
    read = [getattr(each, "label", type(each)) for each in found]
    assert read == ["4", UnreadableImageError, UnreadableImageError, "4"]


class Deadly:
    """Ends the process that it is sent to."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (1,)


def test_a_process_that_ends_is_told_in_a_sentence(recognizer: Recognizer) -> None:
    with pytest.raises(ChildProcessError, match="ask for fewer"):
        list(recognizer.predict_many([Deadly()], jobs=2))  # type: ignore[list-item]


def test_what_is_no_list_is_refused_at_once(recognizer: Recognizer) -> None:
    for nothing in (None, 5):
        with pytest.raises(ValueError, match="takes a list of pictures"):
            recognizer.predict_many(nothing)  # type: ignore[arg-type]


def test_jobs_is_a_whole_number_from_one_on(recognizer: Recognizer) -> None:
    for jobs in ("2", 1.5, float("nan"), [], 0, -1):
        with pytest.raises(ValueError, match="whole number of processes"):
            recognizer.predict_many([], jobs=jobs)  # type: ignore[arg-type]
