"""The state of a training run: what is made at its start, and all that a checkpoint holds."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from emnist.model import CharacterNet
from train import checkpoint, parallel, teacher
from train.begin import Beginning, fresh, reminder, widened
from train.config import FitConfig
from train.images import own
from train.images.data import Images
from train.optimizer import LAST, optimizers

ADVICE = "put its own back, or train again with another --out"


@dataclass
class Run:
    """The state of a training run, and with it all that a checkpoint holds; its teachers do not change.

    `data` is the SHA-256 of the pictures of one's own that it learns from, "" for EMNIST.
    """

    model: CharacterNet
    average: CharacterNet
    optimizers: list[torch.optim.Optimizer]
    teachers: Sequence[CharacterNet] = ()
    data: str = ""
    step: int = 0
    seconds: float = 0.0
    loss: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)

    def tensors(self) -> dict[str, Tensor]:
        """Return every tensor of the state by name."""
        packed = checkpoint.pack_module(self.model, "model") | checkpoint.pack_module(self.average, "average")
        for i, optimizer in enumerate(self.optimizers):
            packed |= checkpoint.pack_optimizer(optimizer, f"optimizer{i}")
        return packed

    def sound(self) -> bool:
        """Tell whether all weights are finite: a loss says so only a step later."""
        return all(bool(tensor.isfinite().all()) for tensor in self.model.state_dict().values())

    def save(self, folder: Path) -> None:
        """Write a checkpoint."""
        facts = {"step": self.step, "seconds": self.seconds, "loss": self.loss, "history": self.history}
        checkpoint.write(folder, self.tensors(), {**facts, "data": self.data})

    def restore(self, folder: Path) -> None:
        """Go back to the newest whole checkpoint in `folder`.

        Raises:
            CheckpointError: there is none, or it is of other pictures or another network.
        """
        tensors, facts = checkpoint.read(folder)
        if facts.get("data", self.data) != self.data:  # today's test pictures may be among those learnt before
            raise checkpoint.CheckpointError(f"{folder} was trained on other pictures than --data holds now; {ADVICE}")
        try:
            checkpoint.unpack_module(self.model, tensors, "model")
            checkpoint.unpack_module(self.average, tensors, "average")
        except RuntimeError as error:
            raise checkpoint.CheckpointError(f"the checkpoint in {folder} is of another network; {ADVICE}") from error
        for i, optimizer in enumerate(self.optimizers):
            checkpoint.unpack_optimizer(optimizer, tensors, f"optimizer{i}")
        self.step, self.seconds, self.loss, self.history = (facts[k] for k in ("step", "seconds", "loss", "history"))


def check(config: FitConfig, beginning: Beginning | None = None) -> None:
    """Raise what `start` would, before minutes are spent on drawing pictures; refuse a size that --initial has not."""
    parallel.number_format(config.precision)
    if beginning:
        size, usual, there = ((tuple(c.widths), c.hidden) for c in (config, FitConfig, beginning.model.config))
        if size not in (usual, there):
            raise ValueError("--initial brings its own size; leave out --widths, --hidden and --recipe fast")
    for folder in config.teacher or ():
        teacher.load(folder, config)


def start(config: FitConfig, labels: Sequence[str], images: Images, beginning: Beginning | None = None) -> Run:
    """Return a fresh run: network, its moving average, optimizers and teachers, all from the options.

    Raises:
        ValueError, ModelError: as `teacher.load`.
    """
    torch.manual_seed(config.seed)
    model = widened(beginning, labels) if beginning else fresh(labels, images, config.widths, config.hidden)
    model = model.to(parallel.device()).to(memory_format=torch.channels_last)
    for name, parameter in model.named_parameters():
        learns = config.trunk > 0 or name.startswith(LAST)
        parameter.requires_grad_(name.startswith("accept") if config.only_score else learns)
    teachers = [teacher.load(folder, config) for folder in config.teacher or ()]
    if beginning and own.is_own(config.data):
        teachers.append(reminder(model, labels, beginning.labels))
    return Run(model, deepcopy(model).eval(), optimizers(model, config.lr, config.weight_decay, config.trunk), teachers)
