"""The run folder: whether a run may begin or go on there, held by one process, and what it logs there."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from emnist.files import METRICS, naming, write
from train.config import FitConfig
from train.facts import options_of
from train.results.record import read_metrics

OPTIONS, LOG = "fit.json", "log.jsonl"
LEFT_OUT = "left_out.csv"  # table of pictures of one's own that could not be used, and why
BEGINNING = ("lock", f"{OPTIONS}.partial")  # all that the folder may hold before fit.json


def check(config: FitConfig) -> None:
    """Refuse a folder that exists or is a file, or one to resume that holds no run or one with other options.

    Raises:
        FileExistsError, FileNotFoundError, ValueError: says which, and what to do.
    """
    folder, written = config.out, config.out / OPTIONS
    if folder.is_file():
        raise FileExistsError(f"{folder} is a file; name a folder with --out")
    if not config.resume:
        if folder.exists():
            raise FileExistsError(f"{folder} exists; go on with --resume, or name another folder with --out")
        return
    if not written.exists():
        if folder.is_dir() and all(file.name in BEGINNING for file in folder.iterdir()):
            return  # killed before it began: nothing to go on with, and nothing to lose
        begin = "name that of the run with --out" if folder.exists() else "start it without --resume"
        raise FileNotFoundError(f"{folder} holds no run to resume; {begin}")
    options = options_of(config)
    # `keep` may change, since it counts at the end alone.
    before = {**options_of(FitConfig(out=folder)), **_options_in(written), "keep": config.keep}
    if differing := [key for key in options if options[key] != before.get(key)]:
        raise ValueError(f"{folder} was trained with another {', '.join(differing)}; give the same, or another --out")
    if (folder / METRICS).exists() and read_metrics(folder).get("results"):
        raise ValueError(f"{folder} is trained and scored: to go on would erase its results; name another --out")


def _options_in(file: Path) -> dict[str, Any]:
    """Return what fit.json holds."""
    try:
        options = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        options = None
    if not isinstance(options, dict):
        raise ValueError(f"{file} is damaged: it holds no options; train again with another --out")
    return options


@contextmanager
def claimed(config: FitConfig) -> Iterator[None]:
    """Hold the run folder, made with fit.json if it is new, against other processes.

    Raises:
        FileExistsError: another process holds it.
    """
    config.out.mkdir(parents=True, exist_ok=config.resume)
    lock = FileLock(config.out / "lock", blocking=False)
    try:
        held = lock.acquire()
    except Timeout as error:
        raise FileExistsError(f"another process is training in {config.out}; wait, or name another --out") from error
    with held:
        write(config.out / OPTIONS, f"{json.dumps(options_of(config), indent=2)}\n".encode())
        yield


def write_log(folder: Path, history: Sequence[dict[str, float]]) -> None:
    """Write the scores of every epoch, one a line."""
    write(folder / LOG, "".join(json.dumps(row) + "\n" for row in history).encode())


def track(folder: Path, row: dict[str, float], step: int) -> None:
    """Add the scores of an epoch, which ended at `step`, to the curves that TensorBoard shows of `folder`."""
    from torch.utils.tensorboard import SummaryWriter  # slow to import, and not installed unless wanted

    with SummaryWriter(str(folder)) as writer:
        for name, value in row.items():
            writer.add_scalar(name, value, step)


def write_left_out(folder: Path, pictures: Sequence[tuple[str, str]]) -> None:
    """Write which pictures of one's own could not be used, and why, if there are any."""
    if pictures:
        file = folder / LEFT_OUT
        with naming(file), file.open("w", newline="", encoding="utf-8") as table:
            csv.writer(table).writerows([("file", "reason"), *pictures])
