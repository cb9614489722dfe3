"""What the command lines share: one line on stderr for each failure, and the exit code that goes with it."""

import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

import typer

Item = TypeVar("Item")

BAD_USE, FAILED = 2, 1
# typer carries its own copy of click and names only some of its exceptions.
UsageError: type[Any] = cast(type[Any], typer.BadParameter.__base__)


def complain(message: object) -> None:
    """Print one line on stderr; of an error of the operating system, the path and what is wrong with it."""
    if isinstance(message, OSError) and message.strerror:
        message = f"{message.filename}: {message.strerror}" if message.filename else message.strerror
    print(f"error: {shown(' '.join(str(message).split()))}", file=sys.stderr)


def shown(text: object) -> str:
    """Return `text` as a terminal can take it: control characters and bytes that are no UTF-8 are written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))


def take_one_thread() -> None:
    """Let all that is imported or started later compute in one thread a process, unless told otherwise.

    Pictures are prepared by processes; several threads that wait for each other are slower than one on a busy machine.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def commands() -> typer.Typer:
    """Return a command line without commands yet, whose help texts are plain: [@revision] in them is no markup."""
    return typer.Typer(add_completion=False, rich_markup_mode=None)


def watched(items: Iterable[Item], unit: str, total: int | None = None) -> Iterable[Item]:
    """Return `items`, which show a progress bar on stderr while they are gone through, if that is a terminal.

    `unit` is what they are, in the plural; `total` is how many, where `items` do not know.
    """
    from tqdm import tqdm

    bar: Iterable[Item] = tqdm(items, None, total, unit=f" {unit}", delay=2, disable=not sys.stderr.isatty())
    return bar


def run(app: typer.Typer, alone: Sequence[str] = ("--help",)) -> int:
    """Run a command line and return its exit code: 0, 1 if an input failed, 2 for bad use or a known error.

    `alone` are the arguments that it has if none is given.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a character that its encoding lacks is escaped
    if "" in sys.argv[1:]:  # as a path it would be the current folder
        complain("an argument is empty: a variable of the shell may not be set")
        return BAD_USE
    try:
        return int(app(sys.argv[1:] or list(alone), standalone_mode=False) or 0)
    except typer.Exit as stop:
        return int(stop.exit_code)
    except UsageError as error:
        complain(error.format_message())
    except (ValueError, OSError) as error:
        complain(error)
    except typer.Abort:
        complain("interrupted")
    return BAD_USE


def run_one(command: Callable[..., object], alone: Sequence[str] = ("--help",)) -> int:
    """Run a command line that is one function, as `run` does."""
    app = commands()
    app.command()(command)
    return run(app, alone)
