"""The classic network of small tutorials, and why it is said to be 99 % right: `python -m train.results.classic DATA`.

Two convolutions, two poolings, one dense layer, one output a class with binary cross-entropy.  Keras' accuracy for such
outputs counts each of the 47 by itself, and 46 of them are 0 whatever is shown: about 99.5 % when 88 % are read right.
"""

import sys
from pathlib import Path
from typing import Annotated

import torch
import torch.nn.functional as F
import typer
from torch import Tensor, nn
from tqdm import tqdm

from emnist import terminal
from emnist.labels import SPLITS
from train import memory
from train.images import data
from train.images.data import Images

SPLIT = "bymerge"
EPOCHS = 8
BATCH = 128
CLASSES = len(SPLITS[SPLIT])


def network() -> nn.Sequential:
    """Return the network for images (B, 1, 28, 28)."""
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),  # (B, 32, 13, 13)
        *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),  # (B, 64, 5, 5)
        *(nn.Flatten(), nn.Linear(64 * 5 * 5, 128), nn.ReLU(), nn.Linear(128, CLASSES)),
    )


def learn(model: nn.Module, images: Images, seed: int = 0) -> None:
    """Train `model` on `images` for EPOCHS, without augmentation."""
    optimizer, random = torch.optim.Adam(model.parameters()), torch.Generator().manual_seed(seed)
    for _ in range(EPOCHS):
        order = torch.split(torch.randperm(len(images), generator=random), BATCH)
        for index in tqdm(order, unit=" steps", delay=2):
            outputs = model(data.to_float(images.pixels[index]))
            wanted = F.one_hot(images.labels[index], CLASSES).float()
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(outputs, wanted).backward()  # type: ignore[no-untyped-call]
            optimizer.step()


@torch.inference_mode()
def accuracies(model: nn.Module, images: Images) -> tuple[float, float, float]:
    """Return (share of images read right, mean recall of the classes, share of single outputs that are right)."""
    outputs = torch.cat([model(data.to_float(part)) for part in torch.split(images.pixels, 1024)])
    wanted = F.one_hot(images.labels, CLASSES).bool()
    hit = outputs.argmax(1) == images.labels
    recall: Tensor = torch.bincount(images.labels[hit], minlength=CLASSES) / images.counts(CLASSES)
    return hit.float().mean().item(), recall.mean().item(), ((outputs > 0) == wanted).float().mean().item()


def main(root: Annotated[Path, typer.Argument(help="folder that holds EMNIST/raw", metavar="DATA")]) -> None:
    """Train the classic network and print its three accuracies on training and validation images."""
    memory.keep_freed()
    torch.manual_seed(0)
    train, validation = data.split_validation(data.read(root, SPLIT, "train"), SPLIT, seed=0)
    model = network()
    learn(model, train)
    print("             top 1   mean recall   single outputs")
    for name, images in (("training", train), ("validation", validation)):
        top1, recall, single = accuracies(model, images)
        print(f"{name:11} {top1:6.2%}      {recall:6.2%}           {single:6.2%}")


if __name__ == "__main__":
    sys.exit(terminal.run_one(main))
