"""A training that is killed, runs out of disk, diverges or meets a second one loses nothing and says what to do.

`pytest tests/test_faults.py --thorough` kills it 25 times instead of 5.
"""

import json
import resource
import shlex
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from commands import command
from meter import full_disk
from training import config

from emnist import store
from train import checkpoint, loop, travel
from train.images import sources
from train.loop import fit
from train.publish.export import export

pytestmark = pytest.mark.usefixtures("few_negatives")
PROCESSES = get_context("forkserver")  # its server imports torch once
PROCESSES.set_forkserver_preload(["train.loop"])


def trained(data: Path, out: Path, epochs: float) -> None:
    """Train, and go on where there is something to go on with."""
    sources.NEGATIVES = 100
    fit(config(data, out, epochs=epochs, checkpoint_seconds=0.0, resume=out.exists()))


def started(data: Path, out: Path, epochs: float) -> BaseProcess:
    """Train in a process of its own."""
    process = PROCESSES.Process(target=trained, args=(data, out, epochs))
    process.start()
    return process


def ended(process: BaseProcess) -> int | None:
    process.join()
    return process.exitcode


def same(one: Path, other: Path) -> bool:
    first, second = (store.load(run)[0].state_dict() for run in (one, other))
    return all(torch.equal(first[name], second[name]) for name in first)


def after_step(monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[Any], None]) -> None:
    """Call `act` with the run after that step."""
    step_once = loop.step_once

    def stepped(run: Any, *arguments: Any) -> bool:
        stop = step_once(run, *arguments)
        if run.step == number:
            act(run)
        return stop

    monkeypatch.setattr(loop, "step_once", stepped)


def test_a_run_killed_at_random_moments_ends_with_the_same_weights(
    data: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    kills = 25 if pytestconfig.getoption("thorough") else 5
    epochs = 4.0 * kills
    process, begun = started(data, tmp_path / "whole", epochs), time.monotonic()
    assert ended(process) == 0
    seconds, random = time.monotonic() - begun, np.random.default_rng()
    for _ in range(kills):
        process = started(data, tmp_path / "cut", epochs)
        time.sleep(random.uniform(0, seconds * 0.8))  # from before it began to train until shortly before its end
        process.kill()
        process.join()
    assert ended(started(data, tmp_path / "cut", epochs)) == 0
    assert same(tmp_path / "whole", tmp_path / "cut")


def test_a_run_killed_before_it_began_can_be_resumed(data: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "lock").touch()
    fit(config(data, tmp_path / "run", epochs=1.0, resume=True))
    fit(config(data, tmp_path / "whole", epochs=1.0))
    assert same(tmp_path / "whole", tmp_path / "run")


def test_a_disk_that_is_full_at_a_checkpoint_leaves_the_one_before(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit(config(data, tmp_path / "whole"))
    write = checkpoint.write

    def full(run: Path, tensors: dict[str, torch.Tensor], facts: dict[str, Any]) -> None:
        with full_disk() if facts["step"] == 6 else full_disk(resource.RLIM_INFINITY):
            write(run, tensors, facts)

    monkeypatch.setattr(checkpoint, "write", full)
    with pytest.raises(OSError, match=r"no checkpoint before it is lost; make room, then go on with --resume"):
        fit(config(data, tmp_path / "cut", checkpoint_seconds=0.0))
    monkeypatch.setattr(checkpoint, "write", write)
    assert checkpoint.read(tmp_path / "cut")[1]["step"] == 5
    assert not list((tmp_path / "cut").glob("*.partial"))
    fit(config(data, tmp_path / "cut", resume=True))
    assert same(tmp_path / "whole", tmp_path / "cut")


def test_a_disk_that_is_full_at_the_final_weights_leaves_a_run_to_resume(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit(config(data, tmp_path / "whole"))
    save = store.save

    def full(*arguments: Any) -> None:
        with full_disk():
            save(*arguments)

    monkeypatch.setattr(store, "save", full)
    with pytest.raises(OSError, match=r": the last checkpoint is kept; make room, .* --resume: '.*cut'"):
        fit(config(data, tmp_path / "cut"))
    monkeypatch.setattr(store, "save", save)
    assert not list((tmp_path / "cut").glob("*model*"))
    assert not list((tmp_path / "cut").glob(".saving-*"))
    fit(config(data, tmp_path / "cut", resume=True))
    assert same(tmp_path / "whole", tmp_path / "cut")


def test_a_full_disk_is_one_line_on_the_command_line(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split("fit --split digits --epochs 1 --batch 32 --widths 4 8 8 8 --hidden 16 --threads 1")
    with full_disk(2000):
        code = command(monkeypatch, *words, "--data", str(data), "--out", str(tmp_path / "run"))
    assert code == 2
    error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(error) == 1
    assert "make room" in error[0]


def test_whatever_else_is_written_on_a_full_disk_is_named_and_what_was_there_stays(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, box = tmp_path / "run", tmp_path / "box.tar.xz"
    monkeypatch.setattr(travel, "ROOT", tmp_path / "code")  # packing all of it would take seconds
    fit(config(data, run, epochs=1.0))
    before = {file: file.read_bytes() for file in run.iterdir()}
    for written, *words in (
        ("answers.safetensors", "evaluate", run, "--data", data),
        ("curves.png", "report", run),
        ("model.onnx", "export", run),
        ("digits.onnx", "export", run, "--onnx", tmp_path / "digits.onnx"),
        ("box.tar.xz", "pack", box, "--data", data, "--split", "digits"),
        ("README.md", "deploy", "user/space", "--dry-run", tmp_path / "space"),
    ):
        with full_disk():
            assert command(monkeypatch, *map(str, words)) == 2
        error = capsys.readouterr().err
        assert error.startswith("error: ")
        assert error.count("\n") == 1
        assert f"{written}: File too large" in error
    assert {file: file.read_bytes() for file in run.iterdir() if file.is_file()} == before
    assert not box.exists()


def test_metrics_survive_a_disk_that_is_full_when_an_export_is_noted_there(data: Path, tmp_path: Path) -> None:
    fit(config(data, tmp_path / "run", epochs=1.0))
    metrics = tmp_path / "run" / "metrics.json"
    metrics.write_text(json.dumps({**json.loads(metrics.read_text()), "note": "x" * 1_000_000}))
    with full_disk(900_000), pytest.raises(OSError, match=r"metrics.json"):
        export(tmp_path / "run")
    assert "note" in json.loads(metrics.read_text())


def poison(run: Any) -> None:
    run.model.classify.bias.data[0] = float("nan")


def test_weights_that_are_no_numbers_stop_the_run_before_they_reach_a_checkpoint(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_step(monkeypatch, 5, poison)
    with pytest.raises(loop.DivergedError, match=r"weights .* step 5; the last checkpoint is kept; .* lower --lr"):
        fit(config(data, tmp_path / "run", checkpoint_seconds=0.0))
    tensors, facts = checkpoint.read(tmp_path / "run")
    assert facts["step"] == 4
    assert all(tensor.isfinite().all() for tensor in tensors.values())
    assert not (tmp_path / "run" / "model.safetensors").exists()


def test_a_loss_that_is_no_number_stops_the_run_with_the_last_good_checkpoint_kept(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_step(monkeypatch, 1, lambda run: run.save(tmp_path / "run"))
    loss_of, calls = loop.loss_of, iter(range(100))

    def lost(*arguments: Any) -> torch.Tensor:
        return loss_of(*arguments) * (float("nan") if next(calls) == 1 else 1)

    monkeypatch.setattr(loop, "loss_of", lost)
    with pytest.raises(loop.DivergedError, match=r"the loss is nan at step 1; the last checkpoint is kept"):
        fit(config(data, tmp_path / "run"))
    assert checkpoint.read(tmp_path / "run")[1]["step"] == 1


def test_a_learning_rate_far_too_high_is_named_as_the_reason(data: Path, tmp_path: Path) -> None:
    with pytest.raises(loop.DivergedError, match="--lr"):
        fit(config(data, tmp_path / "run", lr=float("inf")))


def test_a_checkpoint_of_another_network_or_a_damaged_one_is_refused_with_what_to_do(
    data: Path, tmp_path: Path
) -> None:
    for name, hidden in (("run", 16), ("other", 8)):
        fit(config(data, tmp_path / name, epochs=1.0, hidden=hidden))
    (tmp_path / "other" / checkpoint.NAME).replace(tmp_path / "run" / checkpoint.NAME)
    with pytest.raises(checkpoint.CheckpointError, match=r"of another network; put its own back, or .* another --out"):
        fit(config(data, tmp_path / "run", epochs=1.0, resume=True))
    (tmp_path / "run" / checkpoint.NAME).write_bytes(b"torn")
    with pytest.raises(
        checkpoint.CheckpointError, match=r"nothing in .* to resume from .*; train again with another --out"
    ):
        fit(config(data, tmp_path / "run", epochs=1.0, resume=True))


def test_two_runs_in_one_folder_are_refused(data: Path, tmp_path: Path) -> None:
    process = started(data, tmp_path / "run", 1000)
    while not (tmp_path / "run" / checkpoint.NAME).exists():
        time.sleep(0.05)
    with pytest.raises(FileExistsError, match="another process"):
        fit(config(data, tmp_path / "run", epochs=1000.0, resume=True))
    with pytest.raises(FileExistsError, match="--resume"):
        fit(config(data, tmp_path / "run", epochs=1000.0))
    process.kill()
    process.join()
