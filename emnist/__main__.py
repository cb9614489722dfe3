"""python -m emnist predict | transcribe | evaluate | bench."""

import json
import sys
from collections.abc import Iterator, Sized
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emnist import terminal

if TYPE_CHECKING:
    from emnist.recognizer import Recognizer
    from emnist.score import Score
    from emnist.text.score import TextScore

# What takes long to import is imported by the command that needs it, so that a help page does not wait for it.

FEW = 200  # pictures up to which other processes would take longer to start than they save, if cores are busy
ENOUGH = 4  # most processes for --jobs 0: so many prepare pictures faster than the network, in this one, reads them
# Suffixes of the files that are read from a folder.
PICTURES = {".png", ".jpg", ".jpeg", ".jfif", ".gif", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm"}
# What `evaluate` shows of tables of labels, and of texts.
LABELS = (
    *("top1", "top3", "top1_lookalikes_merged", "top1_in_label_set", "top3_in_label_set"),
    *("accepted", "turned_away", "ece"),
)
TEXTS = ("exact", "exact_ignoring_case", "cer", "cer_ignoring_case", "right_count")

Model = Annotated[str | None, typer.Option(envvar="EMNIST_MODEL", help="directory or user/repo[@revision]")]
Only = Annotated[
    str | None, typer.Option(help="digits, letters, upper, lower, several of these (upper,digits), or the characters")
]
Prior = Annotated[bool, typer.Option(help="weigh characters by how often they were learnt (built-in: 43 % digits)")]
Jobs = Annotated[int, typer.Option(min=0, help="processes that prepare pictures; 0 for up to four, where that pays")]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]

app = terminal.commands()


@app.callback()
def main() -> None:
    """Read handwritten characters."""


@app.command()
def predict(
    pictures: Annotated[list[Path], typer.Argument(help="picture files, or folders of them")],
    model: Model = None,
    top: Annotated[int, typer.Option(min=1, help="how many characters to show")] = 5,
    only: Only = None,
    prior: Prior = False,
    jobs: Jobs = 0,
    as_json: Json = False,
) -> int:
    """Read the character in each picture."""
    recognizer, failed = _recognizer(model, only), False
    chosen = list(files(pictures))
    if not chosen:
        return _nothing(pictures, PICTURES)
    answers = recognizer.predict_many(chosen, only, prior, workers(jobs, chosen), brief=True)
    for file, found in zip(chosen, answers, strict=True):
        if isinstance(found, Exception):
            failed = True
            _fail(file, found, as_json)
            continue
        best = [{"label": label, "confidence": confidence} for label, confidence in found.top(top)]
        if as_json:
            row = {"file": str(file), **best[0], "is_character": found.is_character, "top": best}
            print(json.dumps(row), flush=True)
        else:
            shares = "  ".join(f"{entry['label']} {entry['confidence']:6.1%}" for entry in best)
            doubt = "" if found.is_character else "  (does not look like one character)"
            print(f"{terminal.shown(file)}  {shares}{doubt}", flush=True)
    return terminal.FAILED if failed else 0


@app.command()
def transcribe(
    sources: Annotated[list[Path], typer.Argument(help="pictures, .json files of pen strokes, or folders of them")],
    model: Model = None,
    only: Only = None,
    context: Annotated[bool, typer.Option(help="weigh what stands beside what")] = True,
    as_json: Json = False,
) -> int:
    """Read all the separated characters in each picture, or of pen strokes: [[[x, y], …], …], y down."""
    recognizer, failed = _recognizer(model, only), False
    listed = list(files(sources, PICTURES | {".json"}))
    if not listed:
        return _nothing(sources, PICTURES | {".json"})
    for file in terminal.watched(listed, "files"):
        try:
            found = recognizer.transcribe(file, only, context)
        except (ValueError, OSError) as error:
            failed = True
            _fail(file, error, as_json)
            continue
        if as_json:
            print(json.dumps({"file": str(file), **found.to_json()}), flush=True)
        else:
            text, remark = " / ".join(found.text.split("\n")), f"  ({found.remark})" if found.remark else ""
            print(f"{terminal.shown(file)}  {found.confidence:6.1%}  {text}{remark}", flush=True)
    return terminal.FAILED if failed else 0


@app.command("evaluate")
def score(
    table: Annotated[Path, typer.Argument(help="CSV with the columns file,label or file,text; paths relative to it")],
    model: Model = None,
    only: Only = None,
    prior: Prior = False,
    jobs: Jobs = 0,
    as_json: Json = False,
) -> int:
    """Read the files of a table and compare with its labels, or with its texts of several characters each."""
    recognizer = _recognizer(model, only)
    from emnist.score import evaluate
    from emnist.table import pairs
    from emnist.text import score as texts

    if texts.holds_texts(table):
        if prior or jobs:
            raise ValueError("--prior and --jobs are for tables file,label; for one of texts leave them out")
        return _tell(texts.evaluate(recognizer, terminal.watched(pairs(table, "text"), "files"), only), TEXTS, as_json)
    rows = pairs(table, "label")
    processes = workers(jobs, rows)
    return _tell(evaluate(recognizer, terminal.watched(rows, "pictures"), only, prior, processes), LABELS, as_json)


def _tell(found: "Score | TextScore", keys: tuple[str, ...], as_json: bool) -> int:
    """Print a score and what was skipped; return the exit code."""
    for file, reason in found.failures:
        _fail(file, reason, as_json=False)
    print(json.dumps(found.to_json()) if as_json else summary(found, keys))
    return terminal.FAILED if found.failures else 0


@app.command()
def bench(
    folder: Annotated[Path | None, typer.Argument(help="folder of pictures; it draws its own without one")] = None,
    model: Model = None,
) -> int:
    """Measure how fast pictures are read on this machine."""
    if folder and not folder.exists():
        raise FileNotFoundError(f"there is no folder {folder}; name one of pictures, or none")
    chosen = [] if folder is None else list(files([folder]))
    if folder and not chosen:
        return _nothing([folder], PICTURES)
    recognizer = _recognizer(model)
    from emnist.bench import report

    for line in report(recognizer, chosen, model):
        print(line, flush=True)
    return 0


def _recognizer(model: str | None, only: str | None = None) -> "Recognizer":
    """Return the model to read with; raise ValueError if `only` names none of its classes."""
    terminal.take_one_thread()  # before numpy is imported
    from emnist.recognizer import Recognizer

    recognizer = Recognizer.from_pretrained(model)
    recognizer.choose(only)
    return recognizer


def _fail(file: Path | str, error: Exception | str, as_json: bool) -> None:
    """Say of one file why it could not be read."""
    if as_json:
        print(json.dumps({"file": str(file), "error": str(error)}), flush=True)
    else:
        terminal.complain(error if str(file) in str(error) else f"{file}: {error}")


def _nothing(sources: list[Path], suffixes: set[str]) -> int:
    """Say that there is nothing to read; return the exit code."""
    terminal.complain(f"nothing to read in {', '.join(map(str, sources))}; names end in {', '.join(sorted(suffixes))}")
    return terminal.FAILED


def workers(jobs: int, pictures: Sized) -> int:
    """Return how many processes prepare `pictures`: `jobs`, or for 0 one a core, at most ENOUGH; few pictures none."""
    from emnist.picture.many import cores

    return jobs or (min(cores(), ENOUGH) if len(pictures) > FEW else 1)


def files(pictures: list[Path], suffixes: set[str] = PICTURES) -> Iterator[Path]:
    """Yield each file, and for each folder those of `suffixes` in it and in the folders below, by name."""
    for path in pictures:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in inside if file == path or file.suffix.lower() in suffixes)


def summary(found: "Score | TextScore", keys: tuple[str, ...]) -> str:
    """Return the score as aligned lines, without shares of nothing."""
    rows = [f"{'images':22} {found.images:>8}", f"{'skipped':22} {found.skipped:>8}"]
    shares = {key: getattr(found, key) for key in keys}
    return "\n".join([*rows, *(f"{key:22} {share:>8.2%}" for key, share in shares.items() if share is not None)])


if __name__ == "__main__":
    sys.exit(terminal.run(app))
