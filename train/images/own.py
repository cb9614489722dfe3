"""Pictures of one's own as training data: a folder with one sub-folder a label, a table, or a data set on the Hub.

find (where the pictures are, what they show) → `prepared` (28×28, cached) → `corpus` (labels, and the parts of train,
validation and test).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError, HTTPError  # type: ignore[attr-defined]

from emnist.advice import explain
from emnist.hub import REPOSITORY, Silent
from emnist.labels import NOT_A_CHARACTER, graphemes, is_label
from emnist.table import beside, records

# A folder's table: the first of these that it holds is read instead of its sub-folders.
TABLES = ("labels.csv", "corrections.csv", "metadata.csv", "metadata.jsonl")
PARTS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
PARTS |= dict.fromkeys(("validation", "valid", "val", "dev"), "validation")
INVISIBLE = "\u200b\u200c\u200d\u2060\u200e\u200f\u061c\ufeff"  # characters that programs put beside a letter
HIDDEN = (".", "__MACOSX")  # beginnings of the names that systems leave in folders and archives; such files are skipped
SHOWN = 300  # most characters of a path in a message
LAYOUT = "one sub-folder for each label, or a table with the columns file,label"


@dataclass(frozen=True)
class Row:
    """A picture, the label it shows, and, where the data say so, its part and who wrote it."""

    file: Path
    label: str
    part: str = ""
    writer: str = ""


def is_own(data: Path) -> bool:
    """Tell whether `data` is not the folder of EMNIST: a table, a folder of pictures, or a name on the Hub."""
    if data.is_dir():
        return not any((data / name).exists() for name in ("EMNIST", "raw", "gzip")) and any(data.iterdir())
    return data.is_file() or REPOSITORY.fullmatch(data.as_posix()) is not None


def holds_pictures(data: Path) -> bool:
    """Tell whether pictures with labels lie in the folder or the table `data`, as `find` takes them."""
    try:
        return data.exists() and bool(find(data))
    except (ValueError, OSError):
        return False


def find(data: Path) -> list[Row]:
    """Return the pictures of `data`, in an order that does not change.

    Raises:
        FileNotFoundError: a picture of a table is missing.
        ValueError: `data` is laid out in none of the known ways, or a label is not one character.
    """
    place = data if data.exists() else pull(data.as_posix())
    rows = _table(place) if place.is_file() else _folder(place)
    if not rows:
        table = next(place.glob("*.csv"), None)
        named = f"; or give its table: --data {table}" if table else ""
        raise ValueError(f"{data} holds no pictures with labels; lay it out with {LAYOUT}{named}")
    composed = {label: _composed(label) for label in {row.label for row in rows}}
    rows = list(dict.fromkeys(replace(row, label=composed[row.label]) for row in rows))
    if strange := next((row for row in rows if not _is_label(row.label)), None):
        raise ValueError(
            f"{strange.file}: the label {strange.label!r} is not one character; "
            f"correct it, or write {NOT_A_CHARACTER!r} for a picture that shows none"
        )
    if missing := [row.file for row in rows if not os.path.isfile(row.file)]:  # noqa: PTH113
        first = str(missing[0])
        raise FileNotFoundError(
            f"{data} names {len(missing)} pictures that are not there, first {first[:SHOWN]}; correct the table"
        )
    _refuse_two_meanings(rows)
    return rows


def _composed(label: str) -> str:
    return "".join(graphemes(label.strip().strip(INVISIBLE).strip()))


def _refuse_two_meanings(rows: Sequence[Row]) -> None:
    meaning: dict[Path, Row] = {}
    for row in rows:
        other = meaning.setdefault(row.file, row)
        for name in ("label", "part", "writer"):
            if getattr(other, name) != getattr(row, name):
                said = f"{getattr(other, name)!r} and {getattr(row, name)!r}"
                raise ValueError(f"{row.file} stands twice, with the {name} {said}; keep one row")


def pull(name: str) -> Path:
    """Download the data set `name` ("user/dataset[@revision]") into the Hub's cache and return its folder.

    Raises:
        ValueError: there is none, it cannot be had, or it holds nothing but Parquet files.
    """
    match = REPOSITORY.fullmatch(name)
    if match is None:
        raise ValueError(f"there is no {name}; give a folder, a table, or user/dataset on the Hub")
    try:
        found = Path(
            snapshot_download(match["repo"], repo_type="dataset", revision=match["revision"], tqdm_class=Silent)
        )
    except (HTTPError, HFValidationError, OSError) as error:
        raise ValueError(f"there is no folder or table {name}; data set {name}: {explain(error)}") from error
    if any(found.rglob("*.parquet")) and not any(_tables(found)):
        raise ValueError(f"data set {name} holds Parquet files, which are not read; lay it out with {LAYOUT}")
    return found


def _folder(folder: Path) -> list[Row]:
    """Return the rows of a folder; sub-folders named train, validation and test may stand above the labels.

    Where sub-folders hold tables, all of these are read: each computer that sends corrections to the Hub has one.
    """
    if tables := _tables(folder):
        return [row for table in tables for row in _table(table)]
    tops = _folders(folder)
    if tops and all(top.name.lower() in PARTS for top in tops):
        return [
            replace(row, part=PARTS[top.name.lower()])
            for top in tops
            for row in (_folder(top) if _tables(top) else _labelled(top))
        ]
    if any(_tables(top) for top in tops):
        return [row for top in tops for table in _begun(top) for row in _table(table)]
    if len(tops) == 1 and not _is_label(tops[0].name):  # such as data/ above all the rest
        return _folder(tops[0])
    return _labelled(folder)


def _labelled(folder: Path) -> list[Row]:
    return [
        Row(file, sub.name)
        for sub in _folders(folder)
        for file in sorted(sub.rglob("*"))
        if file.is_file() and not _is_hidden(file, folder)
    ]


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not _is_hidden(path, folder))


def _is_hidden(path: Path, below: Path) -> bool:
    return any(part.startswith(HIDDEN) for part in path.relative_to(below).parts)


def _tables(folder: Path) -> list[Path]:
    return [folder / name for name in TABLES if (folder / name).is_file()][:1]


def _begun(folder: Path) -> list[Path]:
    """Return the table of `folder`, unless it holds nothing yet but the names of its columns."""
    if not (tables := _tables(folder)):
        raise ValueError(f"{folder} holds no table, as the folders beside it do; write one, or move it away")
    return [table for table in tables if len(table.read_text("utf-8", errors="replace").splitlines()) > 1]


def _table(table: Path) -> list[Row]:
    return [
        Row(beside(table, row["file"]), row["label"], _part(table, row.get("split", "")), row.get("writer", ""))
        for row in records(table, "file", "label")
    ]


def _part(table: Path, split: str) -> str:
    if split and split.lower() not in PARTS:
        raise ValueError(f"{table}: the split {split!r} is none of {', '.join(PARTS)}")
    return PARTS.get(split.lower(), "")


def _is_label(name: str) -> bool:
    return name == NOT_A_CHARACTER or is_label("".join(graphemes(name)))


def parse_labels(text: str) -> tuple[str, ...]:
    """Return the labels that `--labels` names: the characters themselves, or a text file of them, one a line.

    Raises:
        ValueError: a label is not one character, stands twice, or is alone.
    """
    is_file = os.path.isfile(text)  # noqa: PTH113  (raises for no text, however long)
    try:
        listed = Path(text).read_text(encoding="utf-8-sig").split() if is_file else graphemes(text)
    except UnicodeError as error:
        raise ValueError(f"--labels: {text} is no text in UTF-8; name a file with one character a line") from error
    labels = ["".join(graphemes(label)) for label in listed]
    if wrong := [label for label in labels if not is_label(label)]:
        raise ValueError(f"--labels: {wrong[0]!r} is not one character; write them all, or name a file with one a line")
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        missing = "" if is_file else f", and there is no file {text[:SHOWN]}"
        raise ValueError(f"--labels: {twice!r} stands twice{missing}; each label once")
    return tuple(labels)
