"""What a trained network says about the training images, to be learnt beside the labels (Hinton et al. 2015).

EMNIST's labels are often a matter of context that the image lacks (0 or O).  A teacher's answers say so; they come from
the very same training images, so nothing else enters.
"""

from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from tqdm import tqdm

from emnist import hub
from emnist.labels import SPLITS
from train import parallel
from train.batches import Sources
from train.config import FitConfig
from train.data import Images, checksums
from train.evaluate import read_metrics
from train.scores import predict

NAME = "teacher.safetensors"  # in the run folder, so that a resumed run need not ask again
BATCH = 1024


def taught(sources: Sources, config: FitConfig, progress: bool = False) -> Sources:
    """Return `sources` with the answers of `config.teacher`, if there is one; they are kept in the run folder.

    Raises:
        ValueError: the teacher knows other classes, or has seen images that are held out here.
        ModelError: there is no model in that folder.
    """
    if config.teacher is None:
        return sources
    kept = config.out / NAME
    if parallel.leads() and not kept.exists():
        partial = kept.with_suffix(".partial")
        save_file({"answers": answers(config.teacher, config, sources.train, progress)}, partial)
        partial.replace(kept)
    parallel.wait()
    return replace(sources, answers=load_file(kept)["answers"])


def answers(teacher: Path, config: FitConfig, images: Images, progress: bool = False) -> Tensor:
    """Return the log-probabilities, float16 (N, classes), that `teacher` gives for `images`; errors as `taught`."""
    model, labels = hub.load(teacher)
    training = read_metrics(teacher).get("training", {})
    wanted = {"split": config.split, "seed": config.seed, "checksums": checksums(config.data, config.split)}
    if "".join(labels) != SPLITS[config.split] or any(training.get(key) != value for key, value in wanted.items()):
        raise ValueError(
            f"{teacher} was not trained with --split {config.split} --seed {config.seed} on the files of "
            f"{config.data}, so it may have seen images that are held out here; train a teacher with these"
        )
    bar = tqdm(torch.split(images.pixels, BATCH), desc="asking the teacher", disable=not progress, delay=2)
    scale = model.config.temperature
    return torch.cat([(predict(model, part)[0] / scale).log_softmax(1).half() for part in bar])
