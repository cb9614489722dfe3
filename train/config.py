"""Every option of a training run: the command line, fit.json in the run folder and the model card show this class."""

from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from typing import Annotated, Any

import typer

from emnist.config import ModelConfig
from emnist.files import BOUNDS


@dataclass(frozen=True)
class Strength:
    """How far the random changes may go; every value 0 leaves the images as they are."""

    rotation: float = 12.0  # degrees: largest rotation, either way
    scale: float = 0.12  # largest change of the size, as a share of it, each axis by itself
    shear: float = 0.2  # largest slope that upright strokes get, either way
    shift: float = 0.08  # largest shift, as a share of the image's side
    elastic: float = 0.025  # standard deviation of how far images are bent, as a share of the side
    pen: float = 0.25  # share of images whose strokes are thinned or thickened
    blur: float = 0.15  # share of images that are blurred
    coarse: float = 0.1  # share of images that are seen in few pixels
    gaps: float = 0.15  # share of images of which a small square is erased
    noise: float = 0.1  # share of images that get grey noise and a change of contrast

    def times(self, factor: float) -> "Strength":
        """Return every strength multiplied by `factor`."""
        return Strength(**{name: value * factor for name, value in asdict(self).items()})


def _option(text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(help=text)
    return option


MOST = 0.95  # greatest share of a batch that is something else than images of the data set
LIMITS: dict[str, tuple[float, float]] = {  # least and greatest value of each option
    "minutes": (0, inf),
    "epochs": (1e-6, inf),
    "steps": (0, inf),
    "trunk": (0, inf),
    "keep": (0, 1),
    "replay_share": (0, MOST),
    "batch": (2, inf),
    "lr": (0, inf),
    "weight_decay": (0, inf),
    "smoothing": (0, 0.95),
    "teaching": (0, 1),
    "balance": (0, 1),
    "ema": (0, 1),
    "sketch_share": (0, MOST),
    "negative_share": (0, MOST),
    "augment": (0, 10),
    "elastic": (0, 1),
    "hidden": BOUNDS["hidden"],
    "seed": (0, 2**63 - 1),
    "threads": (0, 1024),
    "checkpoint_seconds": (0, inf),
}


@dataclass(frozen=True)
class FitConfig:
    """What to train on, how, and where to."""

    out: Annotated[Path, _option("run folder to create")]
    data: Annotated[
        Path,
        _option("EMNIST's folder; or your pictures: one sub-folder for each label, a CSV file,label, or user/dataset"),
    ] = Path("data")
    split: Annotated[str, _option("of EMNIST: byclass, bymerge, balanced, letters, digits or mnist")] = "bymerge"
    labels: Annotated[
        str | None,
        _option(
            "characters to tell apart, or a file with one a line; if left out, those of your pictures and --initial"
        ),
    ] = None
    download: Annotated[bool, _option("first fetch EMNIST's archive (0.5 GB), into --replay or else --data")] = False
    sketches: Annotated[Path | None, _option("UNIPEN strokes (unipen.jsonl.gz) to draw as further images")] = None
    initial: Annotated[
        str | None,
        _option("model to begin with, instead of random weights: directory, user/repo or built-in; its size is kept"),
    ] = None
    replay: Annotated[
        Path | None, _option("EMNIST's folder: images of --split are mixed in, so that old classes are not forgotten")
    ] = None
    teacher: Annotated[
        list[Path] | None, _option("run folder whose answers are learnt as well; given several times, their mean")
    ] = None
    resume: Annotated[bool, _option("go on where a run was stopped")] = False
    epochs: Annotated[float, _option("passes over the images of --data")] = 8.0
    steps: Annotated[int, _option("number of steps, instead of --epochs; 0 for as many as --epochs takes")] = 0
    minutes: Annotated[float, _option("minutes after which training ends, if not before; 0 for no limit")] = 0.0
    batch: Annotated[int, _option("images in a step, of all kinds, over all processes")] = 256
    lr: Annotated[float, _option("peak learning rate")] = 0.004
    keep: Annotated[float, _option("share of the weights of --initial in the final weights, a mean of both")] = 0.0
    trunk: Annotated[
        float, _option("factor on the learning rate of all but the last layers; 0 leaves those as they are")
    ] = 1.0
    only_score: Annotated[
        bool, _option("train only the layer of --initial that says whether a picture is one character at all")
    ] = False
    weight_decay: Annotated[float, _option("decoupled weight decay")] = 0.02
    smoothing: Annotated[float, _option("label smoothing")] = 0.1
    teaching: Annotated[float, _option("weight of the teachers' answers, 1 minus that of the labels")] = 0.5
    balance: Annotated[
        float, _option("how classes are drawn: 0 as frequent as they are, 1 equally often, 0.5 between")
    ] = 0.5
    ema: Annotated[float, _option("decay per step of the averaged weights")] = 0.999
    sketch_share: Annotated[float, _option("share of drawn strokes in a batch")] = 0.2
    replay_share: Annotated[float, _option("share of --replay in a batch; without it, of pictures drawn by code")] = 0.5
    negative_share: Annotated[float, _option("share of pictures that are no character in a batch")] = 0.06
    augment: Annotated[float, _option("factor on the strength of all augmentations")] = 1.0
    elastic: Annotated[float, _option("how far images are bent, of their side (standard deviation)")] = Strength.elastic
    precision: Annotated[str, _option("float32, bfloat16, or auto: bfloat16 where the processor has it")] = "auto"
    widths: Annotated[tuple[int, int, int, int], _option("channels of the stem and the three stages")] = (
        ModelConfig.widths
    )
    hidden: Annotated[int, _option("units of the fully connected layer")] = ModelConfig.hidden
    seed: Annotated[int, _option("same seed and thread count, same weights")] = 0
    track: Annotated[bool, _option("write curves for TensorBoard (pip install tensorboard) into the run folder")] = (
        False
    )
    threads: Annotated[int, _option("CPU threads, 0 for as many as there are cores")] = 0
    checkpoint_seconds: Annotated[float, _option("time between checkpoints")] = 60.0

    def __post_init__(self) -> None:
        """Raise ValueError for a number out of LIMITS."""
        for name, (least, most) in LIMITS.items():
            value = getattr(self, name)
            if not least <= value <= most:  # true for NaN as well
                raise ValueError(f"{name} is {value}, but must be from {least} to {most}")
        least, most = BOUNDS["widths"]
        if not all(least <= width <= most for width in self.widths):
            raise ValueError(f"widths is {self.widths}, but each must be from {least} to {most}")
        if self.sketch_share + self.negative_share > MOST:
            raise ValueError(f"sketch_share and negative_share together must be at most {MOST}")
        if (self.keep or self.only_score) and self.initial is None:
            given = "keep (also set by --recipe adapt)" if self.keep else "only_score (also set by --recipe score)"
            raise ValueError(f"{given} trains a model further; name it: --initial built-in, a directory or user/repo")


def idle(config: FitConfig, own: bool) -> dict[str, str]:
    """Return the options that have no effect beside the others, each with the reason; `own`: --data is not EMNIST."""
    further = own and config.initial is not None  # then the model itself teaches, on pictures drawn by code
    alone = "beside --only-score" if config.only_score else ""
    reasons = {
        "split": "" if config.replay or not own else "without --replay, as no EMNIST is read",
        "download": "" if config.replay or not own else "without --replay, as --data holds pictures of your own",
        "epochs": "beside --steps" if config.steps else "",
        "sketch_share": "" if config.sketches else "without --sketches",
        "replay_share": "" if config.replay or further else "without --replay",
        "teaching": alone or ("" if config.teacher or further else "without --teacher"),
        "smoothing": alone,
        "trunk": alone,
    }
    return {name: reason for name, reason in reasons.items() if reason}


RECIPES: dict[str, dict[str, Any]] = {  # options by recipe; what the command line says wins
    "fast": {  # two and a half minutes: too short to learn from bent images as well
        "epochs": 6.0,
        "batch": 1024,
        "lr": 0.0085,
        "elastic": 0.0,
        "widths": (8, 16, 48, 96),
        "hidden": 128,
    },
    "best": {"epochs": 22.0},  # an hour and a quarter
    "adapt": {  # a minute: only the last layers learn; of other pictures the network says what --initial says
        "steps": 300,
        "lr": 0.003,
        "trunk": 0.0,
        "ema": 0.99,
        "replay_share": 0.8,
        "teaching": 1.0,
        "keep": 0.15,
    },
    "score": {  # a minute, when all is drawn: only the layer for "is this one character" learns
        "only_score": True,
        "steps": 300,
        "lr": 0.01,
        "ema": 0.99,
        "sketch_share": 0.3,
        "negative_share": 0.5,
    },
}
ALONE: dict[str, dict[str, Any]] = {  # what a recipe says otherwise where no EMNIST is mixed in
    "adapt": {"steps": 150},  # shorter, for nothing else holds what is known
}


def recipe(name: str, replay: bool) -> dict[str, Any]:
    """Return the options of the recipe `name`, with or without EMNIST mixed in beside one's own pictures.

    Raises:
        ValueError: there is none of this name.
    """
    if name not in RECIPES:
        raise ValueError(f"no recipe {name!r}; choose one of {', '.join(RECIPES)}")
    return {**RECIPES[name], **({} if replay else ALONE.get(name, {}))}
