"""Training in several processes, with a teacher, and by recipe."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from commands import command
from idx import images
from models import SMALL, network

from emnist import store
from train import loop, teacher
from train.config import FitConfig
from train.images import sources as images_of
from train.images.batches import Batches
from train.images.data import Images
from train.results import classic
from train.results.calibrate import drawn
from train.results.record import read_metrics

ROOT = Path(__file__).parents[1]
TRAIN = shlex.split("fit --split digits --batch 32 --epochs 3 --widths 4 8 8 8 --hidden 16 --precision float32")
pytestmark = pytest.mark.usefixtures("few_negatives")


def log(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def in_two_processes(data: Path, out: Path) -> None:
    code = "from train.images import sources; sources.NEGATIVES = 100; from train.__main__ import app; app()"
    (out.parent / "start.py").write_text(code)
    words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    options = ["--data", str(data), "--out", str(out), "--threads", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*words, str(out.parent / "start.py"), *TRAIN, *options], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "parallel.py" not in done.stderr  # as a warning would name it


def test_two_processes_learn_what_one_learns_from_the_same_batches(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(monkeypatch, *TRAIN, "--data", str(data), "--out", str(tmp_path / "1"), "--threads", "1") == 0
    in_two_processes(data, tmp_path / "2")
    one, two = log(tmp_path / "1"), log(tmp_path / "2")
    assert [row["loss"] for row in two] == pytest.approx([row["loss"] for row in one], rel=1e-3)
    weights, others = (store.load(tmp_path / name)[0].state_dict() for name in ("1", "2"))
    assert all(torch.allclose(weights[name].float(), others[name].float(), atol=2e-2) for name in weights)


def options(data: Path, out: Path, **more: object) -> FitConfig:
    small = {"split": "digits", "batch": 32, "epochs": 1.0, "widths": (4, 8, 8, 8), "hidden": 16, "threads": 1}
    return FitConfig(**{**small, "data": data, "out": out, **more})  # type: ignore[arg-type]


def test_teachers_change_what_is_learnt_and_the_run_says_how_they_were_trained(data: Path, tmp_path: Path) -> None:
    for name, more in (("first", {}), ("second", {"lr": 0.002})):
        loop.fit(options(data, tmp_path / name, **more))
    loop.fit(options(data, tmp_path / "taught", teacher=[tmp_path / "first", tmp_path / "second"]))
    assert log(tmp_path / "taught")[0]["loss"] != log(tmp_path / "first")[0]["loss"]
    training = read_metrics(tmp_path / "taught")["training"]
    assert "--teacher first --teacher second" in training["command"]
    assert "--lr 0.002" in training["earlier"]["second"]["command"]


def test_what_teachers_say_of_the_changed_images_is_learnt_as_the_mean_of_their_probabilities(
    data: Path, tmp_path: Path
) -> None:
    config = options(data, tmp_path, teaching=1.0, sketch_share=0.5, balance=1.0, precision="float32")
    sources = images_of.load(config)
    batches = Batches.plan(config, replace(sources, sketches=sources.train))
    batch = batches.batch(0, batches.order(0))
    networks = [network(seed, replace(SMALL, classes=10, temperature=0.5 + seed)) for seed in (1, 2)]
    each = [(model(batch.images)[0] / model.config.temperature).softmax(1) for model in networks]
    mean = torch.stack(each).mean(0) * batch.shares
    targets = teacher.taught(batch, networks, config).targets
    sketches, negatives = batches.parts[1].size, batches.negatives
    assert (sketches, negatives) == (16, 2)
    assert torch.allclose(targets[:-negatives], (mean / mean.sum(1, keepdim=True))[:-negatives], atol=1e-5)
    assert not targets[-negatives:].any()


def test_a_run_begins_with_the_weights_of_an_earlier_one(data: Path, tmp_path: Path) -> None:
    first = loop.fit(options(data, tmp_path / "first"))
    second = loop.fit(options(data, tmp_path / "second", initial=str(tmp_path / "first"), lr=1e-9))
    saved, begun = (dict(model.named_parameters()) for model in (first.average, second.model))
    others = [name for name in saved if not name.startswith("accept")]  # that layer is calibrated after training
    assert all(torch.allclose(saved[name], begun[name], atol=1e-6) for name in others)
    assert "--initial first" in read_metrics(tmp_path / "second")["training"]["command"]


def test_a_run_has_the_size_of_the_model_it_begins_with(data: Path, tmp_path: Path) -> None:
    loop.fit(options(data, tmp_path / "first"))
    usual = {"widths": FitConfig.widths, "hidden": FitConfig.hidden}
    second = loop.fit(options(data, tmp_path / "second", initial=str(tmp_path / "first"), **usual))
    assert second.model.config.hidden == 16
    with pytest.raises(ValueError, match="--initial brings its own size; leave out --widths, --hidden"):
        loop.fit(options(data, tmp_path / "third", initial=str(tmp_path / "first"), hidden=8))


def test_a_start_that_is_not_there_leaves_no_folder(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no model 'gone'"):
        loop.fit(options(data, tmp_path / "second", initial="gone"))
    assert not (tmp_path / "second").exists()


def test_a_teacher_that_has_seen_the_images_held_out_is_refused(data: Path, tmp_path: Path) -> None:
    loop.fit(options(data, tmp_path / "teacher", seed=5))
    with pytest.raises(ValueError, match="--seed 0"):
        loop.fit(options(data, tmp_path / "taught", teacher=[tmp_path / "teacher"]))


def test_tracking_without_tensorboard_says_what_to_install(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="pip install tensorboard"):
        loop.fit(options(data, tmp_path / "run", track=True))


def test_the_classic_network_learns_and_its_single_outputs_look_better_than_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(classic, "EPOCHS", 10)
    torch.manual_seed(0)
    pixels, labels = images("0123456789", 30, seed=0)
    shown = Images(torch.from_numpy(pixels), torch.from_numpy(labels).long())
    model = classic.network()
    classic.learn(model, shown)
    top1, _, single = classic.accuracies(model, shown)
    assert 0.3 < top1 < single


def test_a_recipe_sets_what_is_not_said(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, more in (("fast", []), ("said", ["--epochs", "1"])):
        words = [*TRAIN[:5], *TRAIN[7:], "--threads", "1", "--data", str(data), "--out", str(tmp_path / name)]
        assert command(monkeypatch, *words, "--recipe", "fast", *more) == 0
    fast, said = (json.loads((tmp_path / name / "fit.json").read_text()) for name in ("fast", "said"))
    assert (fast["epochs"], said["epochs"]) == (6, 1)
    assert fast["lr"] == said["lr"] == 0.0085
    assert fast["widths"] == [4, 8, 8, 8]  # said by TRAIN


def test_an_unknown_recipe_is_refused(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "fit", "--recipe", "slow", "--out", str(tmp_path / "run")) == 2
    assert "fast" in capsys.readouterr().err


def test_biases_for_drawings_even_out_a_class_that_is_overlooked() -> None:
    labels = torch.arange(2).repeat(50)
    logits = torch.stack([torch.full((100,), 2.0), torch.randn(100, generator=torch.Generator().manual_seed(0))], 1)
    bias = drawn(logits, labels, torch.ones(100))
    assert bias[1] - bias[0] == pytest.approx(2.0, abs=0.5)
    assert bias.sum().abs() < 1e-5
