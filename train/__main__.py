"""python -m train fit | evaluate | report | bench | export | strokes | pack | push | deploy."""

import inspect
import sys
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emnist import terminal
from train import config
from train.config import RECIPES, FitConfig

if TYPE_CHECKING:
    from train.publish.remote import Upload

# What needs torch, gradio or scikit-learn is imported by the command that needs it: help pages do not wait for it.
app = terminal.commands()


@app.callback()
def main() -> None:
    """Train, score and publish EMNIST networks."""


def fit(context: typer.Context, recipe: str | None, **options: Any) -> int:
    """Train a network; the run folder then holds a model directory, log.jsonl, fit.json and checkpoints."""
    from train import loop, parallel

    # typer brings its own copy of click, so its ParameterSource is compared by name
    said = {key for key in options if getattr(context.get_parameter_source(key), "name", "") != "DEFAULT"}
    if recipe is not None:
        meant = config.recipe(recipe, options["replay"] is not None)
        if "epochs" in said:
            meant.pop("steps", None)  # which would count in their place
        options |= {key: value for key, value in meant.items() if key not in said}
    try:
        run = loop.fit(_checked(FitConfig(**options), said), progress=sys.stderr.isatty())
    except loop.Stopped as stopped:
        terminal.complain(stopped)
        return terminal.FAILED
    if parallel.leads():
        minutes = run.seconds / 60
        print(f"{options['out']}: {run.step} steps in {minutes:.1f} minutes")
        for note in _notes(options["out"]):
            print(note)
        run_folder, data = quote(str(options["out"])), quote(str(options["data"]))
        print(f"score it with: python -m train evaluate {run_folder} --data {data}")
    return 0


def _checked(options: FitConfig, said: Set[str]) -> FitConfig:
    """Return `options`; raise ValueError if one that was `said` has no effect."""
    from train.images.sources import reads_own

    for name, reason in config.idle(options, reads_own(options)).items():
        if name in said:
            raise ValueError(f"--{name.replace('_', '-')} has no effect {reason}; leave it out")
    return options


def _notes(run: Path) -> Iterator[str]:
    """Yield what to know of the pictures of one's own that `run` was trained on."""
    from train.folder import LEFT_OUT
    from train.results.record import read_metrics

    training = read_metrics(run)["training"]
    data = training.get("data", {})
    if count := data.get("left_out"):
        yield f"pictures that could not be used: {count}, listed in {run / LEFT_OUT}"
    if labels := data.get("not_validated"):
        yield f"no picture for validation, of {len(labels)} labels: {' '.join(labels[:20])}; three of each will do"
    if data and training["options"]["initial"] and not training["options"]["replay"]:
        yield "other hands and characters may be read worse than before; --replay EMNIST holds them (docs/own.md)"


# FitConfig is the only list of options, so the command takes its signature from there.
HEAD = {
    "context": typer.Context,
    "recipe": Annotated[str | None, typer.Option(help=f"options that go together: {' or '.join(RECIPES)}")],
}
fit.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY),
        inspect.Parameter("recipe", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=HEAD["recipe"]),
        *(p.replace(kind=p.KEYWORD_ONLY) for p in inspect.signature(FitConfig).parameters.values()),
    ]
)
fit.__annotations__ = {**HEAD, **FitConfig.__annotations__}
app.command()(fit)


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(help="run folder")],
    data: Annotated[
        Path | None,
        typer.Option(help="the data that fit was given, or folder that holds EMNIST/raw; data if left out"),
    ] = None,
    sketches: Annotated[Path | None, typer.Option(help="also drawings: UNIPEN strokes (unipen.jsonl.gz)")] = None,
    photos: Annotated[Path | None, typer.Option(help="also pictures: CSV with the columns file,label")] = None,
) -> None:
    """Score a run on the test set, once; --sketches and --photos can be added later."""
    from emnist.files import write
    from train.results import card, people, record
    from train.results import evaluate as exam

    progress, exams = sys.stderr.isatty(), []
    if not ((sketches or photos) and (exam.scored(run, data) if data else record.answered(run))):
        exams.append(partial(exam.evaluate, run, data or Path("data"), progress))
    if sketches:
        exams.append(partial(people.evaluate_drawings, run, sketches, progress))
    if photos:
        name = f"Pictures of {photos.resolve().parent.name}/{photos.name}"
        exams.append(partial(people.evaluate_pictures, run, photos, name, progress))
    for each in exams:  # what one of them found is told and kept, whatever becomes of the next
        results = each()
        write(run / "README.md", card.card(run).encode())
        for result in results:
            print(_line(result), flush=True)


@app.command()
def strokes(
    unipen: Annotated[
        Path, typer.Argument(help="folder of the UNIPEN collection: train_r01_v07, with data and include")
    ],
    out: Annotated[Path, typer.Option(help="file to write, which fit and evaluate take as --sketches")],
) -> None:
    """Turn the pen strokes of UNIPEN (zenodo.org/records/1195803) into a file that training reads."""
    from train.images.unipen import convert

    print(f"{out}: {convert(unipen, out, progress=sys.stderr.isatty()):,} characters")


@app.command()
def pack(
    archive: Annotated[Path, typer.Argument(help=".tar.xz file to write")],
    data: Annotated[Path, typer.Option(help="folder that holds EMNIST/raw")] = Path("data"),
    split: Annotated[str, typer.Option(help="whose training images travel")] = "bymerge",
    sketches: Annotated[Path | None, typer.Option(help="UNIPEN strokes (unipen.jsonl.gz)")] = None,
    run: Annotated[list[Path] | None, typer.Option(help="run folder to begin with or to learn from")] = None,
) -> None:
    """Pack all that training takes, to train on another machine (docs/elsewhere.md)."""
    from train import travel

    print(f"{archive}: {travel.pack(archive, data, split, sketches, run or ()):,} bytes")


@app.command()
def report(run: Annotated[Path, typer.Argument(help="run folder")]) -> None:
    """Draw the figures of a run, which `push` adds to its model card."""
    from train.results import report as figures

    for file in figures.report(run):
        print(file)


@app.command()
def bench(
    run: Annotated[Path | None, typer.Argument(help="run folder; the built-in model if left out")] = None,
) -> None:
    """Measure training and inference beside a plain loop and VGG-5, in about four minutes."""
    from train.results import bench as speeds

    for line in speeds.report(run, progress=sys.stderr.isatty()):
        print(line, flush=True)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="run folder, or any model directory")],
    onnx: Annotated[Path | None, typer.Option(help="file to write; RUN/onnx/model.onnx if left out")] = None,
) -> None:
    """Write a model as ONNX, for other languages and for browsers; `push` does it by itself."""
    from train.publish import export as graphs

    file = graphs.export(run, onnx)
    print(f"{file}: {file.stat().st_size:,} bytes")


@app.command()
def push(
    run: Annotated[Path, typer.Argument(help="run folder, already evaluated")],
    repo: Annotated[str, typer.Argument(help="user/repo, created if there is none")],
    private: Annotated[bool, typer.Option(help="create it so that only you see it")] = False,
    revision: Annotated[str | None, typer.Option(help='branch, refs/pr/N, or "pr" for a new pull request')] = None,
    tag: Annotated[str | None, typer.Option(help="name for the commit")] = None,
) -> None:
    """Upload a run to the Hugging Face Hub as one commit: weights, labels, metrics, figures, model card, code."""
    from train.publish import push as repository
    from train.publish.remote import check_name

    check_name(repo)  # before the model is made ready, which takes seconds
    _show(repository.plan(run, repo), f"{run} → {repo}")
    outcome = repository.push(run, repo, private=private, revision=revision, tag=tag)
    print(f"{outcome.changed} files changed" if outcome.changed else "nothing to do: all of it is there already")
    print(outcome.url)


@app.command()
def deploy(
    space: Annotated[str, typer.Argument(help="user/space, created if there is none")],
    model: Annotated[
        str | None,
        typer.Option(help="user/repo or user/repo@revision, with --static also a directory; else the built-in model"),
    ] = None,
    zero_gpu: Annotated[
        bool, typer.Option("--zero-gpu", help="write what a ZeroGPU Space needs; free, under conditions")
    ] = False,
    static: Annotated[
        bool, typer.Option("--static", help="a page that reads in the visitor's browser; free for everyone")
    ] = False,
    private: Annotated[bool, typer.Option(help="create it so that only you see it")] = False,
    dry_run: Annotated[Path | None, typer.Option(help="write the files to this folder instead")] = None,
) -> int:
    """Make a Hugging Face Space of the app and wait until it runs."""
    from train.publish import deploy as space_of
    from train.publish import space as gradio
    from train.publish import static as page
    from train.publish.remote import check_name

    check_name(space)
    if zero_gpu and static:
        raise ValueError("--zero-gpu and --static are two kinds of Space; choose one")
    if not zero_gpu:
        print(page.NOTE if static else gradio.NOTE)
    uploads = page.plan(model) if static else gradio.plan(space, model, zero_gpu)
    if dry_run is not None:
        space_of.write(uploads, dry_run)
        _show(uploads, str(dry_run))
        print(f"try it with: cd {quote(str(dry_run))} && {'python -m http.server' if static else gradio.start(model)}")
        return 0
    _show(uploads, f"app → {space}")
    kind: space_of.Kind = "static" if static else "zero-gpu" if zero_gpu else "cpu"
    made = space_of.deploy(space, model, kind, private, say=print)
    if made.running:
        print(made.url)
        return 0
    print(made.log)
    terminal.complain(f"the Space is in stage {made.stage}: see {made.url}")
    return terminal.FAILED


def _line(result: dict[str, Any]) -> str:
    """Return a result as one line: the data set, what it is, and the main numbers."""
    names = ("top1", "top2", "top3", "macro_recall", "top1_lookalikes_merged", "top1_in_label_set", "ece", "accepted")
    shares = "  ".join(f"{name} {result[name]:.2%}" for name in names if isinstance(result.get(name), float))
    rejected = "  ".join(f"{kind} {share:.0%} rejected" for kind, share in result.get("rejected", {}).items())
    notes = [str(result[key]) for key in ("status", "prior") if key in result]
    notes.append(f"{result['images']:,} images")
    notes += [f"{result['skipped']:,} left out"] if result.get("skipped") else []
    return f"{result['dataset']} ({', '.join(notes)})  {shares}{rejected}"


def _show(uploads: "Sequence[Upload]", title: str) -> None:
    """Print files and folders with sizes, and silence the Hub's client: its news comes in one line or not at all."""
    from huggingface_hub.utils import disable_progress_bars, logging  # type: ignore[attr-defined]

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    if not sys.stderr.isatty():
        disable_progress_bars()
    sizes: Counter[str] = Counter()
    for upload in uploads:
        sizes["".join(upload.path.partition("/")[:2])] += upload.size
    for place, size in sorted(sizes.items()):
        print(f"{size:>12,}  {place}")
    print(f"{sum(upload.size for upload in uploads):>12,}  bytes in {len(uploads)} files: {title}")


if __name__ == "__main__":
    sys.exit(terminal.run(app))
