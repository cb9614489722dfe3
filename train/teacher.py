"""What trained networks say about the training images, to be learnt beside the labels (Hinton et al. 2015).

Labels are often a matter of context that the image lacks (0 or O).  The mean answer of several networks says so, and
reads better than each of them; it comes from the very same training images, so nothing else enters.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from tqdm import tqdm

from emnist import hub
from emnist.labels import SPLITS
from emnist.model import CharacterNet
from train import data, parallel
from train.batches import Sources
from train.config import FitConfig
from train.evaluate import read_metrics
from train.scores import predict

NAME = "teacher.safetensors"  # in the run folder, so that a resumed run need not ask again
BATCH = 512  # images between two ticks of the progress bar


def taught(sources: Sources, config: FitConfig, progress: bool = False) -> Sources:
    """Return `sources` with the answers of `config.teacher`, if there is one; they are kept in the run folder.

    Raises:
        ValueError: a teacher knows other classes, or has seen images that are held out here.
        ModelError: there is no model in that folder.
    """
    if not config.teacher:
        return sources
    kept = config.out / NAME
    if parallel.leads() and not kept.exists():
        teachers = [load(folder, config) for folder in config.teacher]
        found = {"train": answers(teachers, sources.train.pixels, config, progress=progress)}
        # Each drawn character comes eight times as it is, so one view of each drawing is enough.
        drawings = sources.sketches.pixels if sources.sketches else sources.train.pixels[:0]
        found["sketches"] = answers(teachers, drawings, config, (0.0,), progress)
        partial = kept.with_suffix(".partial")
        save_file(found, partial)
        partial.replace(kept)
    parallel.wait()
    return replace(sources, answers=load_file(kept))


def load(folder: Path, config: FitConfig) -> CharacterNet:
    """Return the network in `folder`, on the device of this run; errors as `taught`."""
    model, labels = hub.load(folder)
    training = read_metrics(folder).get("training", {})
    wanted = {"split": config.split, "seed": config.seed, "checksums": data.checksums(config.data, config.split)}
    if "".join(labels) != SPLITS[config.split] or any(training.get(key) != value for key, value in wanted.items()):
        raise ValueError(
            f"{folder} was not trained with --split {config.split} --seed {config.seed} on the files of "
            f"{config.data}, so it may have seen images that are held out here; train a teacher with these"
        )
    return model.to(parallel.device())


def answers(
    teachers: Sequence[CharacterNet],
    pixels: Tensor,
    config: FitConfig,
    turns: Sequence[float] = (),
    progress: bool = False,
) -> Tensor:
    """Return the mean probabilities, float16 (N, classes), that `teachers` give for uint8 `pixels` (N, 28, 28).

    `turns` are those of `emnist.views.logits`.
    """
    kind, found = parallel.number_format(config.precision), []
    with torch.autocast(parallel.device().type, kind, enabled=kind != torch.float32):
        for part in tqdm(torch.split(pixels, BATCH), desc="asking the teachers", disable=not progress, delay=2):
            logits = [predict(model, part, turns=turns)[0].float() / model.config.temperature for model in teachers]
            found.append(torch.stack(logits).softmax(2).mean(0).half())
    return torch.cat(found)
