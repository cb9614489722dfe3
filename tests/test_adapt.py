"""From pictures of one's own to a published model: fit, evaluate, report, push, and what is honest to say of it."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import command
from drawings import coverage
from idx import dataset
from loopback import Loopback
from PIL import Image
from training import config

from emnist import Recognizer
from emnist.store import load
from train import loop
from train.config import RECIPES, FitConfig
from train.publish import push
from train.results.card import card
from train.results.evaluate import evaluate
from train.results.record import read_metrics
from train.results.report import report

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # huggingface_hub's own
MARK = "ñ"  # a label that EMNIST does not know; drawn as a Z, which no digit is


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a table of drawn 4s, 7s and marks of six writers, as the page keeps corrections."""
    root = tmp_path_factory.mktemp("own")
    with (root / "corrections.csv").open("w", newline="", encoding="utf-8") as lines:
        table = csv.writer(lines)
        table.writerow(("file", "label", "writer", "time"))
        for i in range(60):
            label, shape = ((MARK, "Z"), ("4", "4"), ("7", "7"))[i % 3]
            random = np.random.default_rng(i)
            cover = coverage(shape, size=64, pen=random.uniform(4, 8), extent=random.uniform(0.5, 0.8))
            Image.fromarray(255 - np.asarray(cover)).convert("L").save(root / f"{i}.png")
            table.writerow((f"{i}.png", label, f"w{i // 10}", "now"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        yield root / "corrections.csv"


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folder of a small EMNIST, and a run that knows its digits."""
    root = dataset(tmp_path_factory.mktemp("data"), each=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("train.images.sources.NEGATIVES", 30)
        loop.fit(config(root, root / "digits", epochs=6.0))
    return root, root / "digits"


def adapted(own: Path, out: Path, digits: tuple[Path, Path], **options: object) -> FitConfig:
    recipe = {**RECIPES["adapt"], "steps": 30, "batch": 32, "lr": 0.01, "trunk": 1.0}
    return FitConfig(out=out, data=own, initial=str(digits[1]), split="digits", **{**recipe, **options})  # type: ignore[arg-type]


def test_new_characters_are_learnt_beside_the_old_ones(
    own: Path, digits: tuple[Path, Path], tmp_path: Path, hub: Loopback
) -> None:
    run = tmp_path / "run"
    loop.fit(adapted(own, run, digits, replay=digits[0]))
    assert hub_labels(run) == tuple(f"0123456789{MARK}")
    training = read_metrics(run)["training"]
    assert training["data"] | {"sha256": ""} == {
        "name": "corrections.csv", "sha256": "", "pictures": 60, "left_out": 0, "writers": 6,
        "train": 40, "validation": 10, "test": 10, "not_a_character": 0, "not_validated": [],
    }  # fmt: skip
    result = evaluate(run, own)[0]
    assert result["status"] == "own"
    assert result["images"] == 10
    assert result["top1"] > 0.5
    assert result["top1_interval"][0] < result["top1"] <= result["top1_interval"][1]
    assert evaluate(run, digits[0])[0]["status"] == "redrawn"  # same split and seed: honest
    with pytest.raises(ValueError, match="answers once"):
        evaluate(run, own)
    names = {file.name for file in report(run)}
    assert {"confusion.png", "curves.png"} <= names
    outcome = push.push(run, "user/adapted")
    assert outcome.changed
    text = card(run, "user/adapted")
    assert "Adapted from `digits`" in text
    assert training["data"]["sha256"] in text
    assert Recognizer.from_pretrained("user/adapted").labels[-1] == MARK


def hub_labels(run: Path) -> tuple[str, ...]:
    return load(run)[1]


def test_each_test_set_that_is_named_is_scored_beside_pictures_added_later(
    own: Path,
    digits: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run, photos = tmp_path / "run", ["--photos", str(own)]
    loop.fit(adapted(own, run, digits, replay=digits[0], steps=2))
    assert command(monkeypatch, "evaluate", str(run), "--data", str(own)) == 0
    assert command(monkeypatch, "evaluate", str(run), "--data", str(digits[0]), *photos) == 0
    told = capsys.readouterr().out
    assert "EMNIST digits test" in told
    assert "Pictures of" in told


def test_without_emnist_the_recipe_is_shorter_and_warns_and_more_can_be_kept_later(
    own: Path,
    digits: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("train.images.sources.FEWER", 30)
    words = ["--data", str(own), "--initial", str(digits[1]), "--recipe", "adapt", "--batch", "16", "--threads", "1"]
    for name, more in (("alone", []), ("held", ["--replay", str(digits[0]), "--split", "digits"])):
        assert command(monkeypatch, "fit", *words, *more, "--out", str(tmp_path / name)) == 0
        assert ("--replay EMNIST holds them" in capsys.readouterr().out) == (name == "alone")
    steps = [read_metrics(tmp_path / name)["training"]["steps"] for name in ("alone", "held")]
    assert steps == [150, 300]
    begun, before = (load(run)[0].dense[1].weight for run in (digits[1], tmp_path / "alone"))
    assert command(monkeypatch, "fit", *words, "--out", str(tmp_path / "alone"), "--resume", "--keep", "0.5") == 0
    after = load(tmp_path / "alone")[0].dense[1].weight
    assert torch.allclose((after - begun) * 0.85, (before - begun) * 0.5, atol=1e-5)  # the recipe keeps 0.15
    assert not torch.allclose(before, begun, atol=1e-4)


def test_an_emnist_score_of_a_run_whose_ancestors_learnt_another_draw_is_marked_seen(
    own: Path, digits: tuple[Path, Path], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    loop.fit(adapted(own, run, digits, seed=4, steps=2))
    result = evaluate(run, digits[0])[0]
    assert result["status"] == "seen"
    assert result["seen"] == [{"split": "digits", "seed": 0}]
    shown = card(run)
    assert "no score" in shown
    assert "metric_value" not in shown.split("---")[1]
    assert "results: []" in shown


def test_pictures_other_than_those_learnt_are_not_scored_as_the_test(
    own: Path, digits: tuple[Path, Path], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    loop.fit(adapted(own, run, digits, steps=2))
    other = own.with_name("fewer.csv")
    other.write_text("".join(own.read_text("utf-8").splitlines(keepends=True)[:-3]), "utf-8")
    with pytest.raises(ValueError, match="there is no data; name the pictures that"):
        evaluate(run, Path("data"))  # the command's default
    with pytest.raises(ValueError, match="is not what"):
        evaluate(run, other)
    with pytest.raises(ValueError, match="other pictures"):  # else those would pass for what it was trained on
        loop.fit(adapted(other, run, digits, steps=2, resume=True))


def test_a_network_begins_from_nothing_on_own_pictures(own: Path, digits: tuple[Path, Path], tmp_path: Path) -> None:
    options = config(own, tmp_path / "run", epochs=3.0)
    loop.fit(options)
    assert hub_labels(tmp_path / "run") == ("4", "7", MARK)
    known = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))["training"]
    assert known["split"] is None
    assert known["exposed"] == []
    with pytest.raises(ValueError, match="never saw EMNIST"):
        evaluate(tmp_path / "run", digits[0])


def test_what_is_for_own_pictures_alone_is_refused_for_emnist(digits: tuple[Path, Path], tmp_path: Path) -> None:
    for option in ({"labels": "01"}, {"replay": digits[0]}):
        with pytest.raises(ValueError, match="leave them out"):
            loop.fit(config(digits[0], tmp_path / "run", **option))
    with pytest.raises(FileNotFoundError, match=r"there is no .*pictrues"):
        loop.fit(config(tmp_path / "pictrues", tmp_path / "run", labels="AB"))
    with pytest.raises(ValueError, match="say --initial"):
        loop.fit(config(own_folder(tmp_path), tmp_path / "run", teacher=[digits[1]]))


def own_folder(root: Path) -> Path:
    for label in "AB":
        (root / "mine" / label).mkdir(parents=True)
        (root / "mine" / label / "a.png").write_bytes(b"")
    return root / "mine"
