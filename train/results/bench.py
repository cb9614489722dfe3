"""How fast training and inference are, beside their peers, in one run on this machine: `python -m train bench`.

The recipes `fast` and `best` train their networks.  The peers are a plain PyTorch loop (a DataLoader with torchvision's
transforms, AdamW, float32) with the same network and batch, and the network with the best published score on EMNIST
Balanced, VGG-5 with 3.65 million parameters (Kabir et al., "SpinalNet", 2020), in either loop.  Images are random:
speed does not depend on what they show.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2
from tqdm import tqdm

from emnist.config import ModelConfig
from emnist.eager import fused
from emnist.hub import resolve
from emnist.labels import SPLITS
from emnist.model import CharacterNet
from emnist.store import load
from train import loop, memory, parallel
from train.config import RECIPES, FitConfig
from train.images.batches import Batches
from train.images.data import Images
from train.images.sources import Sources
from train.state import start

IMAGES = 20_000
CLASSES = 47
ROUNDS = 5  # rounds in which each contender has a turn, so that a noisy moment hits all of them
SETTLE = 1.0  # uncounted seconds before each turn: what DataLoaders prepare outside their turn counts for nobody
SECONDS = 5.0  # seconds of each turn
BATCHES = (1, 4, 16, 64, 256, 1024)
WORKERS = 2
COMPARED = ("fast", "best")  # the recipes that begin with random weights; the others take a model further


class Vgg5(nn.Sequential):
    """VGG-5 as its authors describe it: 64-64, 128-128, 256-256-256, 256-256-256, each pooled, then 512 units."""

    def __init__(self) -> None:
        layers: list[nn.Module] = []
        inputs = 1
        for widths in ((64, 64), (128, 128), (256, 256, 256), (256, 256, 256)):
            for outputs in widths:
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]
                inputs = outputs
            layers.append(nn.MaxPool2d(2))
        head = (nn.Flatten(), nn.Dropout(0.5), nn.Linear(256, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Dropout(0.5))
        super().__init__(*layers, *head, nn.Linear(512, CLASSES))


class Drawn(Dataset[tuple[Tensor, int]]):
    """Images one by one, as a DataLoader asks for them, augmented as torchvision's tutorials do."""

    def __init__(self, images: Images) -> None:
        self.images = images
        self.change = v2.Compose(
            [v2.RandomAffine(12, (0.08, 0.08), (0.88, 1.12), 11), v2.ToDtype(torch.float32, scale=True)]
        )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.change(self.images.pixels[index][None]), int(self.images.labels[index])


def plain(model: nn.Module, images: Images, batch: int) -> Iterator[int]:
    """Train `model` the usual way; yield the images of each step."""
    device = parallel.device()
    optimizer = torch.optim.AdamW(model.to(device).parameters())
    loader = DataLoader(Drawn(images), batch, shuffle=True, num_workers=WORKERS, drop_last=True)
    while True:
        for x, y in loader:
            answers = model(x.to(device))
            logits = answers[0] if isinstance(answers, tuple) else answers
            optimizer.zero_grad()
            F.cross_entropy(logits, y.to(device)).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            yield len(x)


def vgg5(images: Images, config: FitConfig) -> Iterator[int]:
    """Train VGG-5 on batches, and in the number format, of this project; yield the images of each step."""
    device, kind = parallel.device(), parallel.number_format("auto")
    model, batches = Vgg5().to(device).to(memory_format=torch.channels_last), planned(images, config)
    optimizer, order = torch.optim.AdamW(model.parameters()), batches.order(0)
    for step in itertools.count():
        made = batches.batch(step, order)
        with torch.autocast(device.type, kind, enabled=kind != torch.float32):
            answers = model(made.images.to(memory_format=torch.channels_last))
        optimizer.zero_grad()
        F.cross_entropy(answers.float(), made.targets).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        yield made.size


def ours(images: Images, config: FitConfig) -> Iterator[int]:
    """Train as `fit` does; yield the images of each step."""
    batches = planned(images, config)
    run = start(config, SPLITS[config.split], images)
    order = batches.order(0)
    while True:
        loop.step_once(run, run.model, batches, order, lr=1e-3)
        yield config.batch


def planned(images: Images, config: FitConfig) -> Batches:
    """Return batches of `images` alone."""
    none = torch.zeros(0, 28, 28, dtype=torch.uint8)
    sources = Sources(tuple(SPLITS[config.split]), images, images, None, None, none, {}, "partial")
    return Batches.plan(config, sources, parallel.device())


def recipe_options(recipe: str) -> FitConfig:
    """Return the options of `recipe`, without pictures that are no character."""
    return FitConfig(out=Path(), negative_share=0.0, **RECIPES[recipe])


def noise() -> Images:
    """Return IMAGES of random pixels, each class equally often."""
    pixels = torch.randint(256, (IMAGES, 28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    return Images(pixels, torch.arange(IMAGES) % CLASSES)


def training(progress: bool = False) -> dict[str, float]:
    """Return images a second, the median over the rounds, by contender."""
    images, best = noise(), recipe_options("best")
    going = {"VGG-5, plain loop": plain(Vgg5(), images, best.batch), "VGG-5, this project's loop": vgg5(images, best)}
    for recipe in COMPARED:
        options = recipe_options(recipe)
        network = CharacterNet(ModelConfig(widths=options.widths, hidden=options.hidden))
        going[f"{recipe}, plain loop"] = plain(network, images, options.batch)
        going[recipe] = ours(images, options)
    for run in going.values():
        next(run)  # the first step allocates memory and starts workers
    rates: dict[str, list[float]] = {name: [] for name in going}
    for name, run in tqdm(ROUNDS * list(going.items()), desc="training", unit=" turns", disable=not progress):
        rates[name].append(rate(lambda run=run: next(run)))  # type: ignore[misc]
    return {name: statistics.median(values) for name, values in rates.items()}


def rate(step: Callable[[], int]) -> float:
    """Return images a second of `step`, which returns how many it took, over SECONDS after SETTLE."""
    for seconds in (SETTLE, SECONDS):
        start, count = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            count += step()
    return count / (time.perf_counter() - start)


def latency(model: CharacterNet) -> list[tuple[str, int, float, float, float]]:
    """Return (number format, batch, median ms, 95th percentile ms, images a second) of the network alone."""
    model = fused(model).to(parallel.device())
    rows = []
    for kind in (torch.float32, torch.bfloat16):
        for batch in BATCHES:
            images = torch.rand(batch, 1, 28, 28, device=parallel.device()).to(memory_format=torch.channels_last)
            times = sorted(answered(model, images, kind) for _ in range(max(800 // (16 + batch), 5)))
            median, late = statistics.median(times), times[int(0.95 * len(times))]
            rows.append((str(kind).removeprefix("torch."), batch, 1000 * median, 1000 * late, batch / median))
    return rows


@torch.inference_mode()
def answered(model: CharacterNet, images: Tensor, kind: torch.dtype) -> float:
    """Return the seconds that `model` takes for `images` in the number format `kind`."""
    start = time.perf_counter()
    with torch.autocast(images.device.type, kind, enabled=kind != torch.float32):
        model(images)[0].cpu()
    return time.perf_counter() - start


def report(run: Path | None = None, progress: bool = False) -> Iterator[str]:
    """Yield the two tables, line by line."""
    memory.keep_freed()
    model, _ = load(resolve(run))  # a missing model is refused before minutes pass
    speeds = training(progress)
    yield f"{'training':30} images/s"
    for name, speed in speeds.items():
        yield f"{name:30} {speed:8.0f}"
    for recipe in COMPARED:
        times = [speeds[recipe] / speeds[peer] for peer in (f"{recipe}, plain loop", "VGG-5, plain loop")]
        yield f"recipe {recipe}: {times[0]:.2f} times the plain loop, {times[1]:.1f} times VGG-5 in it"
    yield f"\n{'inference':24} batch   median      p95    images/s"
    for kind, batch, median, late, speed in latency(model):
        yield f"{kind:24} {batch:5} {median:8.2f} {late:8.2f} ms {speed:8.0f}"
