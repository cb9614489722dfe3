"""The training loop: fit(config) trains a network and leaves a model directory in the run folder."""

import importlib.util
import math
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from emnist import store
from emnist.files import naming
from emnist.model import CharacterNet
from emnist.picture.many import cores
from train import begin, checkpoint, folder, memory, parallel, teacher
from train.config import FitConfig
from train.facts import facts
from train.images import sources as images
from train.images.batch import Batch
from train.images.batches import Batches, Order
from train.images.sources import Sources
from train.optimizer import learning_rate
from train.results.calibrate import calibrate
from train.results.scores import scores
from train.state import Run, check, start

ACCEPT_WEIGHT = 0.3  # weight of the loss "is this a character" beside the loss "which one"
LOOK = 50  # steps between two questions to a GPU for the loss: each makes it wait
DIVERGED = "the {} at step {}; the last checkpoint is kept; start again with a lower --lr in another --out"


class Stopped(Exception):
    """The run was asked to stop; its newest checkpoint is whole."""


class DivergedError(ValueError):
    """The loss is no longer a number."""


def loss_of(model: nn.Module, batch: Batch, kind: torch.dtype = torch.float32) -> Tensor:
    """Return the mean loss of a batch, or what one process of several contributes to it; `kind` as `number_format`.

    The class logits are adjusted by the logarithm of the class shares of training (Menon et al. 2021; Ren et al. 2020),
    so that at inference the plain softmax is right for the class frequencies that are wanted there.
    """
    with torch.autocast(batch.images.device.type, kind, enabled=kind != torch.float32):
        logits, character = model(batch.images.to(memory_format=torch.channels_last))
    known = (torch.arange(len(logits), device=logits.device) < batch.known).float()
    weights = torch.where(known > 0, 1.0, batch.weight)
    adjusted = (logits.float() + batch.shares.clamp(min=1e-8).log()).log_softmax(1)
    which: Tensor = -(batch.targets * adjusted).sum() / batch.characters
    return which + ACCEPT_WEIGHT / batch.size * F.binary_cross_entropy_with_logits(
        character.float(), known, weights, reduction="sum"
    )


def fit(config: FitConfig, progress: bool = False, sources: Sources | None = None) -> Run:
    """Train as `config` says and leave the model directory, log.jsonl and fit.json in `config.out`.

    Runs that differ in the network alone can share `sources`, as `sources.load` returns them.  Under torchrun every
    process calls this; the first one alone writes.

    Raises:
        FileExistsError: the run folder exists and `config.resume` is off, or another process is training in it.
        FileNotFoundError, ValueError: as `data.read` and `state.start`; a run to resume that had other options; a loss
            that diverged.
        Stopped: SIGTERM or SIGINT came; the newest checkpoint is whole.
    """
    if config.track and importlib.util.find_spec("tensorboard") is None:
        raise ValueError("--track needs TensorBoard: pip install tensorboard")
    memory.keep_freed()
    torch.set_float32_matmul_precision("high")  # on GPUs that have it, float32 products with a shorter mantissa
    torch.set_num_threads(config.threads or max(cores() // int(os.environ.get("LOCAL_WORLD_SIZE", 1)), 1))
    with parallel.joined():
        progress = progress and parallel.leads()
        if parallel.leads():
            folder.check(config)
        beginning = begin.load(config.initial) if config.initial else None
        known = beginning.labels if beginning else ()
        check(config, beginning)
        sources = sources or images.load(config, known, progress)
        run = start(config, sources.labels, sources.train, beginning)
        run.data = sources.facts.get("sha256", "")
        batches = Batches.plan(config, sources, parallel.device(), run.model.config.drawn, known)
        with folder.claimed(config) if parallel.leads() else nullcontext():
            if config.resume and checkpoint.exists(config.out):
                run.restore(config.out)
            train(run, batches, progress)
            if parallel.leads():
                finish(run, sources, config, beginning)
    return run


def train(run: Run, batches: Batches, progress: bool = False) -> None:
    """Train `run` from its step to the end, writing checkpoints and a line an epoch into log.jsonl."""
    config, network = batches.config, parallel.shared(run.model)
    steps = batches.steps
    every = LOOK if parallel.device().type == "cuda" else 1
    with _stop_signals() as caught, tqdm(total=steps, initial=run.step, unit=" steps", disable=not progress) as bar:
        begun = saved = time.monotonic()
        before, losses = run.seconds, torch.zeros((), device=parallel.device())
        order = batches.order(run.step // batches.per_epoch)
        stop = False
        while (done := _progress(run, steps, config)) < 1:
            if run.step % batches.per_epoch == 0:
                order = batches.order(run.step // batches.per_epoch)
            losses += step_once(run, network, batches, order, learning_rate(min(done + 0.5 / steps, 1), config.lr))
            bar.update()
            ended = run.step % batches.per_round == 0
            if run.step % every == 0 or ended or run.step == steps:
                stop = _look(run, losses, before + time.monotonic() - begun, caught)
            finished = _progress(run, steps, config) >= 1
            ended = ended or finished
            due = stop or finished or time.monotonic() - saved > config.checkpoint_seconds
            if (ended or due) and not run.sound():
                raise DivergedError(DIVERGED.format("weights are no longer finite", run.step))
            if ended:
                _end_epoch(run, batches, bar)
            if due:
                if parallel.leads():
                    run.save(config.out)
                saved = time.monotonic()
            if stop:
                raise Stopped(f"stopped at step {run.step} of {steps}; go on with --resume")


def _progress(run: Run, steps: int, config: FitConfig) -> float:
    """Return how much of the run is over, from 0 to 1: by steps or by time, whichever is more; the schedule uses it."""
    return max(run.step / steps, run.seconds / (60 * config.minutes) if config.minutes else 0)


def _look(run: Run, losses: Tensor, seconds: float, caught: Sequence[int]) -> bool:
    """Add the `losses` of the last steps to the run's, set its time, and tell if some process `caught` a signal.

    All processes agree on the time, so that all end at one step.
    """
    number = parallel.world()[1]
    values = torch.stack([losses, torch.full_like(losses, len(caught)), torch.full_like(losses, seconds / number)])
    whole, signals, run.seconds = parallel.total(values).tolist()
    if not math.isfinite(whole):
        raise DivergedError(DIVERGED.format(f"loss is {whole}", run.step - 1))
    run.loss += whole
    losses.zero_()
    return bool(signals)


def step_once(run: Run, network: nn.Module, batches: Batches, order: Order, lr: float) -> Tensor:
    """Take one optimisation step and return what this process contributes to its loss; nothing waits for the device."""
    number, processes = parallel.world()
    batch = batches.batch(run.step, order).part(number, processes)
    own = len(range(number, batches.size, processes)) if batches.begun else 0
    batch = teacher.taught(batch, run.teachers, batches.config, own)
    run.model.train()
    if batches.begun or batches.config.only_score:
        for block in run.model.modules():
            if isinstance(block, nn.BatchNorm2d):
                block.eval()  # few kinds of pictures would shift the statistics that the network was trained with
    loss = loss_of(network, batch, parallel.number_format(batches.config.precision))
    for optimizer in run.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = lr * group["scale"]
        optimizer.zero_grad(set_to_none=True)
    (loss * processes).backward()  # type: ignore[no-untyped-call]  # gradients are averaged, the loss is a sum
    for optimizer in run.optimizers:
        optimizer.step()
    decay = min(batches.config.ema, (run.step + 1) / (run.step + 10))  # early on, forget the start faster
    _average(run.average, run.model, decay)
    run.step += 1
    return loss.detach()


@torch.no_grad()
def _average(average: CharacterNet, other: CharacterNet, decay: float) -> None:
    """Move the weights of `average` towards those of `other`, keeping `decay` of them."""
    means, values = (list(model.state_dict().values()) for model in (average, other))
    floating = [i for i, mean in enumerate(means) if mean.is_floating_point()]
    torch._foreach_lerp_([means[i] for i in floating], [values[i] for i in floating], 1 - decay)
    for i in set(range(len(means))) - set(floating):  # counts of batches
        means[i].copy_(values[i])


def _end_epoch(run: Run, batches: Batches, bar: Any) -> None:
    """Score the averaged weights on the validation images and log the epoch."""
    steps = run.step - sum(int(row["steps"]) for row in run.history)
    row = {"epoch": round(run.step / batches.per_epoch, 3), "steps": steps, "loss": run.loss / steps}
    row |= {"seconds": run.seconds, **_validated(run, batches.sources)}
    run.history.append(row)
    run.loss = 0.0
    if parallel.leads():
        folder.write_log(batches.config.out, run.history)
        if batches.config.track:
            folder.track(batches.config.out, row, run.step)
    if not bar.disable:
        bar.write(_aligned(row))


def _validated(run: Run, sources: Sources) -> dict[str, float]:
    """Return the scores of the averaged weights on all validation images."""
    row = scores(run.average, sources.validation)
    for name, other in (("sketch", sources.sketches_validation), ("replay", sources.replay_validation)):
        if other:
            row |= {f"{name}_{key}": value for key, value in scores(run.average, other).items()}
    return row


def _aligned(row: dict[str, float]) -> str:
    """Return one line of the table of epochs."""
    shares = "  ".join(f"{key} {row[key]:6.2%}" for key in row if key.endswith(("top1", "recall")))
    return f"epoch {row['epoch']:6.2f}  loss {row['loss']:7.4f}  {row['seconds']:7.0f} s  {shares}"


def finish(run: Run, sources: Sources, config: FitConfig, beginning: begin.Beginning | None = None) -> None:
    """Calibrate the averaged network on the validation images and save the model directory."""
    if beginning and config.keep:
        begin.back(run.average, beginning, sources.labels, config.keep)
        run.history[-1] |= _validated(run, sources)  # the scores of what the run leaves behind
        folder.write_log(config.out, run.history)
    model = calibrate(run.average, sources, begun=beginning is not None)
    training = facts(config, sources, run.step, run.seconds, run.history[-1], beginning)
    folder.write_left_out(config.out, sources.left_out)
    with naming(config.out, "the last checkpoint is kept; make room, then go on with --resume"):
        store.save(config.out, model, sources.labels, {"results": [], "training": training})


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """Collect SIGTERM and SIGINT in a list instead of dying of them."""
    caught: list[int] = []
    names = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(name, lambda number, _: caught.append(number)) for name in names]
    try:
        yield caught
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)
