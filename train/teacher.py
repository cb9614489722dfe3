"""Earlier networks: what they say of a run's images is learnt beside the labels (Hinton et al. 2015).

Labels are often a matter of context that the image lacks (0 or O).  The mean answer of several networks says so, and
reads better than each of them.  They are asked about the very images that the student sees, changed as these are (Beyer
et al. 2022): what they say of the training images as they are is in part learnt by heart.  They were trained on the
same images, so no further data enters.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from emnist import store
from emnist.labels import SPLITS
from emnist.model import CharacterNet
from train import parallel
from train.begin import NEVER
from train.config import FitConfig
from train.images import data, own
from train.images.batch import Batch
from train.results.record import read_metrics


def load(folder: Path, config: FitConfig) -> CharacterNet:
    """Return the network in `folder`, on the device of this run.

    Raises:
        ValueError: it knows other classes, or has seen images that are held out here.
        ModelError: there is no model in that folder.
    """
    model, labels = store.load(folder)
    if own.is_own(config.data):
        raise ValueError("--teacher learns from runs on EMNIST alone; with pictures of your own, say --initial instead")
    training = read_metrics(folder).get("training", {})
    known = {**training, **training.get("checksums", {})}
    files = {name: value for name, value in data.checksums(config.data, config.split).items() if "-train-" in name}
    wanted = {"split": config.split, "seed": config.seed, **files}
    if "".join(labels) != SPLITS[config.split] or any(known.get(key) != value for key, value in wanted.items()):
        raise ValueError(
            f"{folder} was not trained with --split {config.split} --seed {config.seed} on the files of "
            f"{config.data}, so it may have seen images that are held out here; train one with these first"
        )
    return model.to(parallel.device()).to(memory_format=torch.channels_last)


@torch.no_grad()
def taught(batch: Batch, teachers: Sequence[CharacterNet], config: FitConfig, first: int = 0) -> Batch:
    """Return `batch` with the mean probabilities of `teachers` mixed into its targets, `config.teaching` of them.

    Characters before `first` are pictures of one's own: of them the labels alone are learnt, and so of those with a
    label that the teachers do not know.  Where there are any, the teachers are also asked about what is drawn as no
    character.  To learn their answers to such pictures, which cost nothing, holds the earlier classes where they were
    (learning without forgetting, Li and Hoiem 2016).
    """
    if not teachers:
        return batch
    known = slice(first, None if first else batch.known)
    images = batch.images[known].to(memory_format=torch.channels_last)
    kind = parallel.number_format(config.precision)
    with torch.autocast(images.device.type, kind, enabled=kind != torch.float32):
        logits = [model(images)[0].float() / model.config.temperature for model in teachers]
    answers = torch.stack(logits).softmax(2).mean(0) * batch.shares[known]
    targets = batch.targets.clone()
    label = targets[known].argmax(1)
    heard = torch.stack([model.classify.bias[label] > NEVER for model in teachers]).all(0)
    weight = config.teaching * heard.float().unsqueeze(1)
    targets[known] = targets[known].lerp(answers / answers.sum(1, keepdim=True), weight)
    return replace(batch, targets=targets)
