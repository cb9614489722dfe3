"""Training: repeatable, resumable after any kill, and clear about what it refuses."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from idx import images
from training import config

from emnist import store
from train import checkpoint, facts, loop, travel
from train.config import RECIPES
from train.images import sources
from train.images.batch import Batch, smoothed
from train.images.batches import Batches
from train.images.data import Images
from train.loop import fit
from train.optimizer import Muon, learning_rate, orthogonalise
from train.results.evaluate import evaluate
from train.results.record import read_metrics
from train.results.scores import predict
from train.state import start

pytestmark = pytest.mark.usefixtures("few_negatives")


def weights(run: Path) -> dict[str, torch.Tensor]:
    return store.load(run)[0].state_dict()


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def test_a_run_leaves_a_model_directory_with_all_that_repeats_it(data: Path, tmp_path: Path) -> None:
    run = fit(config(data, tmp_path / "run"))
    known = json.loads((tmp_path / "run" / "metrics.json").read_text())["training"]
    assert known["status"] == "partial"
    assert known["images"] == {"train": 90, "validation": 10, "sketches": 0, "negatives": 23}
    assert len(known["checksums"]) == 4
    assert known["steps"] == run.step
    assert known["command"].startswith("python -m train fit --split digits --data DATA --out RUN")
    assert "--epochs 4.0" in known["command"]
    assert len((tmp_path / "run" / "log.jsonl").read_text().splitlines()) == 4
    assert store.load(tmp_path / "run")[1] == tuple("0123456789")


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(data: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        fit(config(data, tmp_path / name, seed=seed, epochs=1.0))
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert not same(weights(tmp_path / "a"), weights(tmp_path / "c"))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_run_is_repeatable_in_either_number_format(data: Path, tmp_path: Path, precision: str) -> None:
    for name in "ab":
        fit(config(data, tmp_path / name, precision=precision, epochs=1.0))
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert json.loads((tmp_path / "a" / "metrics.json").read_text())["training"]["precision"] == precision


def test_an_unknown_number_format_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="auto, float32, bfloat16"):
        fit(config(data, tmp_path / "run", precision="half"))


def test_a_network_learns_32_images_by_heart(tmp_path: Path) -> None:
    pixels, labels = images("01234567", 4, seed=0)
    model = start(
        config(tmp_path, tmp_path), "0123456789", Images(torch.from_numpy(pixels), torch.from_numpy(labels).long())
    )
    x, y = torch.from_numpy(pixels).unsqueeze(1) / 255, torch.from_numpy(labels).long()
    for _ in range(60):
        for optimizer in model.optimizers:
            optimizer.zero_grad()
        loop.loss_of(model.model, Batch(x, smoothed(y, 10, 0.0), torch.ones(32, 10), 32, 32, 32)).backward()
        for optimizer in model.optimizers:
            optimizer.step()
    assert (predict(model.model, torch.from_numpy(pixels))[0].argmax(1) == y).float().mean() == 1


def test_a_run_stopped_by_sigterm_resumes_to_the_same_weights(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit(config(data, tmp_path / "whole"))
    step_once, steps = loop.step_once, iter(range(100))

    def step_then_stop(*arguments: object) -> bool:
        if next(steps) == 6:
            signal.raise_signal(signal.SIGTERM)
        return step_once(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "step_once", step_then_stop)
    with pytest.raises(loop.Stopped, match="--resume"):
        fit(config(data, tmp_path / "cut"))
    monkeypatch.undo()
    monkeypatch.setattr("train.images.sources.NEGATIVES", 100)
    fit(config(data, tmp_path / "cut", resume=True))
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "cut"))


def test_a_damaged_checkpoint_falls_back_to_the_one_before(tmp_path: Path) -> None:
    checkpoint.write(tmp_path, {"x": torch.ones(3)}, {"step": 1})
    checkpoint.write(tmp_path, {"x": torch.zeros(3)}, {"step": 2})
    assert checkpoint.read(tmp_path)[1] == {"step": 2}
    file = tmp_path / checkpoint.NAME
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    assert checkpoint.read(tmp_path)[1] == {"step": 1}
    (tmp_path / checkpoint.PREVIOUS).write_bytes(b"short")
    with pytest.raises(checkpoint.CheckpointError, match="another --out"):
        checkpoint.read(tmp_path)


def test_an_existing_run_folder_is_left_alone(data: Path, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError, match="--resume"):
        fit(config(data, tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_run_folder(data: Path, tmp_path: Path) -> None:
    (tmp_path / "weights").touch()
    for resume in (False, True):
        with pytest.raises(FileExistsError, match="weights is a file; name a folder with --out"):
            fit(config(data, tmp_path / "weights", resume=resume))


def test_resuming_needs_a_run_with_the_same_options(data: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="without --resume"):
        fit(config(data, tmp_path / "none", resume=True))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    with pytest.raises(FileNotFoundError, match="name that of the run with --out"):
        fit(config(data, tmp_path / "mine", resume=True))
    fit(config(data, tmp_path / "run", epochs=0.5))
    with pytest.raises(ValueError, match="another lr"):
        fit(config(data, tmp_path / "run", epochs=0.5, lr=0.1, resume=True))


def test_how_much_is_kept_of_the_weights_begun_with_can_be_said_afterwards(data: Path, tmp_path: Path) -> None:
    fit(config(data, tmp_path / "first", epochs=1.0))
    options = config(data, tmp_path / "run", epochs=1.0, initial=str(tmp_path / "first"))
    fit(options)
    first, second = weights(tmp_path / "first"), weights(tmp_path / "run")
    fit(replace(options, keep=0.5, resume=True))
    for name, mean in weights(tmp_path / "run").items():
        if mean.is_floating_point() and not name.startswith("accept"):  # that is calibrated after
            assert torch.allclose(mean, (first[name] + second[name]) / 2, atol=1e-6)
    assert json.loads((tmp_path / "run" / "fit.json").read_text())["keep"] == 0.5
    with pytest.raises(ValueError, match="name it: --initial"):
        config(data, tmp_path / "other", keep=0.5)


def test_the_score_for_being_a_character_can_be_learnt_alone(data: Path, tmp_path: Path) -> None:
    fit(config(data, tmp_path / "first", epochs=1.0))
    alone = {"initial": str(tmp_path / "first"), **RECIPES["score"], "steps": 5, "sketch_share": 0.0}
    fit(config(data, tmp_path / "run", **alone))
    before, after = weights(tmp_path / "first"), weights(tmp_path / "run")
    assert {name for name in after if not torch.equal(before[name], after[name])} == {"accept.weight", "accept.bias"}


def test_missing_data_creates_no_run_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="--download"):
        fit(config(tmp_path, tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_a_batch_depends_on_nothing_but_seed_and_step(data: Path, tmp_path: Path) -> None:
    options = config(data, tmp_path, batch=40)
    plan = Batches.plan(options, sources.load(options))
    other = Batches.plan(replace(options, seed=9), plan.sources)
    batch, again = plan.batch(1, plan.order(0)), plan.batch(1, plan.order(0))
    assert batch.images.shape == (40, 1, 28, 28)
    assert (batch.targets.sum(1) == 0).sum() == plan.negatives == 2
    assert torch.equal(batch.images, again.images)
    assert not torch.equal(batch.images, other.batch(1, other.order(0)).images)


def test_the_learning_rate_rises_to_its_peak_and_falls_to_zero() -> None:
    rates = [learning_rate(step / 100, 0.5) for step in range(101)]
    assert max(rates) == rates[10] == 0.5
    assert rates[0] == rates[100] == 0


def test_orthogonalising_brings_all_singular_values_near_one() -> None:
    for shape in ((8, 30), (30, 8)):
        values = torch.linalg.svdvals(orthogonalise(torch.randn(shape, generator=torch.Generator().manual_seed(0))))
        assert 0.6 < values.min() <= values.max() < 1.4


def test_muon_and_adamw_share_out_all_parameters(tmp_path: Path) -> None:
    run = start(config(tmp_path, tmp_path), "0123456789", Images(torch.zeros(10, 28, 28), torch.arange(10)))
    muon, adamw = run.optimizers
    assert isinstance(muon, Muon)
    count = sum(len(group["params"]) for optimizer in (muon, adamw) for group in optimizer.param_groups)
    assert count == len(list(run.model.parameters()))


def test_a_run_needs_no_git(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    fit(config(data, tmp_path / "run", epochs=1.0))
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["training"]["commit"] == "unknown"


def test_a_run_that_was_scored_is_not_gone_on_with(data: Path, tmp_path: Path) -> None:
    fit(config(data, tmp_path / "run", epochs=1.0))
    evaluate(tmp_path / "run", data)
    before = (tmp_path / "run" / "metrics.json").read_bytes()
    with pytest.raises(ValueError, match="would erase its results"):
        fit(config(data, tmp_path / "run", epochs=1.0, resume=True))
    assert (tmp_path / "run" / "metrics.json").read_bytes() == before


@pytest.mark.parametrize("content", ["", "[]", "{", "5"])
def test_a_damaged_list_of_options_is_named(data: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "fit.json").write_text(content)
    with pytest.raises(ValueError, match=r"fit\.json is damaged"):
        fit(config(data, tmp_path, resume=True))


@pytest.mark.parametrize(
    ("name", "value"),
    [("batch", 0), ("threads", -2), ("negative_share", 2.0), ("epochs", -1.0), ("epochs", 0.0), ("lr", float("nan"))],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(data: Path, tmp_path: Path, name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} is {value}, but must be from"):
        config(data, tmp_path / "run", **{name: value})


def test_what_is_refused_is_refused_before_anything_is_drawn(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("train.images.sources.load", None)  # calling it would be another error
    for options in ({"initial": str(tmp_path / "none")}, {"precision": "float31"}):
        with pytest.raises(ValueError, match=r"none|float31"):
            fit(config(data, tmp_path / "run", **options))
    assert not (tmp_path / "run").exists()


def test_without_a_share_of_negatives_none_are_drawn(data: Path, tmp_path: Path) -> None:
    fit(config(data, tmp_path / "run", epochs=1.0, negative_share=0.0))
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["training"]["images"]["negatives"] == 0


def test_a_run_with_a_deadline_ends_by_it_with_its_schedule_over(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = []
    step_once = loop.step_once

    def noted(*arguments: object) -> torch.Tensor:
        rates.append(arguments[-1])
        return step_once(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "step_once", noted)
    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: len(rates) / 20))  # each step takes as long
    run = fit(config(data, tmp_path / "run", epochs=1e6, minutes=0.02))
    assert run.seconds == pytest.approx(1.2)
    assert min(rates[-3:]) < 0.1 * max(rates)
    assert store.load(tmp_path / "run")


def test_what_is_packed_trains_elsewhere(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("emnist", "train"):
        without = shutil.ignore_patterns("*.safetensors")  # which would take seconds to pack
        shutil.copytree(travel.ROOT / name, tmp_path / "code" / name, ignore=without)
    monkeypatch.setattr(travel, "ROOT", tmp_path / "code")
    fit(config(data, tmp_path / "first", epochs=1.0))
    size = travel.pack(tmp_path / "box.tar.xz", data, "digits", runs=[tmp_path / "first"])
    assert size == (tmp_path / "box.tar.xz").stat().st_size < travel.LIMIT
    with tarfile.open(tmp_path / "box.tar.xz") as box:
        box.extractall(tmp_path / "there", filter="data")
    words = "--data data --split digits --initial first --teacher first --out run --steps 4 --threads 1 --batch 32"
    done = subprocess.run(
        [sys.executable, "-m", "train", "fit", *words.split(), "--widths", "4", "8", "8", "8", "--hidden", "16"],
        cwd=tmp_path / "there",
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    training = read_metrics(tmp_path / "there" / "run")["training"]
    assert training["commit"] == facts.commit()
    assert training["options"]["initial"] == "first"
    with pytest.raises(FileExistsError, match="name another file"):
        travel.pack(tmp_path / "box.tar.xz", data, "digits")


def test_a_box_that_lacks_something_leaves_no_file_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        travel.pack(tmp_path / "box.tar.xz", tmp_path / "nowhere", "digits")
    assert not list(tmp_path.glob("box*"))
