"""No option of a training is taken and then ignored, and the command that a run records asks for that run again."""

import shlex
from pathlib import Path

import pytest
from commands import command
from test_own import folder
from training import SMALL, config

from train import loop
from train.config import RECIPES, FitConfig
from train.facts import options_of
from train.results.record import read_metrics

pytestmark = pytest.mark.usefixtures("few_negatives")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[FitConfig]:
    """Return a list of what trainings are asked for; none begins."""
    found: list[FitConfig] = []

    def fit(options: FitConfig, progress: bool) -> None:
        found.append(options)
        raise loop.Stopped("no training here")

    monkeypatch.setattr(loop, "fit", fit)
    return found


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of pictures with labels."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder(tmp_path / "mine", "LT", each=5)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("--steps 9 --epochs 2", "--epochs has no effect beside --steps"),
        ("--sketch-share 0.3", "--sketch-share has no effect without --sketches"),
        ("--teaching 0.9", "--teaching has no effect without --teacher"),
        ("--replay-share 0.3", "--replay-share has no effect without --replay"),
        ("--recipe score --initial built-in --trunk 0.1", "--trunk has no effect beside --only-score"),
        ("--recipe score --initial built-in --smoothing 0", "--smoothing has no effect beside --only-score"),
        ("--data mine --initial built-in --split digits", "--split has no effect without --replay"),
        ("--data mine --download", "--download has no effect without --replay"),
        ("--data mine --replay-share 0.3", "--replay-share has no effect without --replay"),
        ("--recipe adapt", "keep (also set by --recipe adapt) trains a model further; name it: --initial"),
        ("--recipe score", "only_score (also set by --recipe score) trains a model further; name it: --initial"),
        ("--seed -1", "seed is -1, but must be from"),
        ("--widths 0 8 8 8", "widths is (0, 8, 8, 8), but each must be from 1"),
    ],
)
def test_an_option_that_would_have_no_effect_is_refused(
    asked: list[FitConfig],
    mine: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: str,
    why: str,
) -> None:
    monkeypatch.chdir(mine.parent)
    assert command(monkeypatch, "fit", "--out", "run", *shlex.split(said)) == 2
    assert why in capsys.readouterr().err
    assert asked == []


@pytest.mark.parametrize(
    "said",
    [
        "--sketches unipen.jsonl.gz --sketch-share 0.3",
        "--teacher runs/a --teaching 0.9",
        "--data mine --initial built-in --replay-share 0.3 --teaching 0.9",
        "--data mine --replay data --split digits --download",
        "--data empty/new --download",
        "--data other --download",
    ],
)
def test_options_that_have_an_effect_are_taken(
    asked: list[FitConfig], mine: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.chdir(mine.parent)
    Path("other").mkdir()
    for place in (".", "other"):
        (Path(place) / "unipen.jsonl.gz").touch()
    command(monkeypatch, "fit", "--out", "run", *shlex.split(said))
    assert len(asked) == 1


def test_epochs_that_are_said_count_in_place_of_the_steps_of_a_recipe(
    asked: list[FitConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["fit", "--recipe", "adapt", "--initial", "built-in", "--out", "run"]
    for more in ([], ["--epochs", "2"], ["--steps", "9"]):
        command(monkeypatch, *words, *more)
    assert [(options.steps, options.epochs) for options in asked] == [(150, 8), (0, 2), (9, 8)]


@pytest.mark.parametrize(
    "options",
    [{"epochs": 2.0, "steps": 3}, {**RECIPES["score"], "steps": 3, "initial": "first"}, {"data": Path("mine")}],
    ids=["steps", "score", "pictures"],
)
def test_the_command_that_a_run_records_asks_for_it_again(
    data: Path, mine: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, object]
) -> None:
    monkeypatch.chdir(mine.parent)
    loop.fit(config(data, Path("first"), steps=2))
    done = FitConfig(**{**SMALL, "data": data, "out": Path("run"), **options})  # type: ignore[arg-type]
    loop.fit(done)
    found: list[FitConfig] = []
    monkeypatch.setattr(loop, "fit", lambda again, progress: found.append(again) or loop.Run)
    words = shlex.split(read_metrics(Path("run"))["training"]["command"])[3:]
    monkeypatch.setattr("train.parallel.leads", lambda: False)  # so that nothing is told of a run that was not
    assert command(monkeypatch, *[{"DATA": str(done.data), "RUN": "again"}.get(word, word) for word in words]) == 0
    differing = {key for key, value in options_of(found[0]).items() if value != options_of(done)[key]}
    assert differing <= {"epochs", "sketch_share", "split", "smoothing", "trunk"}  # those that had no effect
    assert SMALL["threads"] == found[0].threads
