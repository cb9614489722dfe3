"""UNIPEN's files to one line of JSON a character: `python -m train strokes train_r01_v07 --out unipen.jsonl.gz`.

The collection (Zenodo 10.5281/zenodo.1195803, CC BY 4.0) has two folders.  A file of `data/1a` (digits), `1b` (upper
case) or `1c` (lower case) names the files of `include` that it takes its pen from, and which strokes of these make
which character.  Strokes count from 0, in the order of all `.PEN_DOWN` of a file; `y` points up, and down in what is
written here.  Format: I. Guyon, "UNIPEN 1.0 Format Definition", 1994.
"""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from emnist.files import whole

KINDS = {"1a": "digit", "1b": "upper", "1c": "lower"}  # sections of isolated characters that EMNIST has, too
COARSE = ("apa", "app", "ibm")  # contributors whose digitisers were coarse
SEGMENT = re.compile(r'(\S+)\s+(\S+)\s+(\S+)\s+"(.*)"')  # level, strokes, quality, label
STATEMENT = re.compile(r"(\w+)\s*(.*)", re.S)  # keyword, and what it says until the next
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
DEPTH = 8  # deepest nesting of files that include others: more is a circle

Stroke = list[list[float]]


@dataclass
class _Pen:
    """What a file and those that it includes say so far."""

    writer: str = ""
    columns: list[str] = field(default_factory=lambda: ["X", "Y"])
    strokes: list[Stroke] = field(default_factory=list)
    segments: list[tuple[str, str, str]] = field(default_factory=list)  # strokes, quality, label


def convert(root: Path, out: Path, progress: bool = False) -> int:
    """Write the characters of the collection in `root` to the gzipped JSON lines `out`; return how many there are.

    Raises:
        FileExistsError: `out` exists.
        FileNotFoundError: `root` does not hold the folders data and include.
    """
    if out.exists():
        raise FileExistsError(f"{out} exists; name another file")
    if not all((root / name).is_dir() for name in ("data", "include")):
        raise FileNotFoundError(f"{root} lacks the folders data and include; unpack train_r01_v07 and name that folder")
    folders = {root / "data" / section: kind for section, kind in KINDS.items()}
    files = [(file, kind) for folder, kind in folders.items() for file in sorted(folder.rglob("*.dat"))]
    count = 0
    with whole(out) as partial, gzip.GzipFile(partial, "wb", mtime=0) as packed:  # the same input, the same bytes
        for file, kind in tqdm(files, desc="reading UNIPEN", unit=" files", disable=not progress, delay=2):
            for record in characters(root, file, kind):
                packed.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")
                count += 1
    return count


def characters(root: Path, file: Path, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the characters of one `file` of the collection in `root` as `strokes.read` takes them."""
    pen = _Pen()
    _read(root, file, pen)
    source = file.relative_to(root / "data").parts[1]
    for strokes, quality, label in pen.segments:
        chosen = _chosen(strokes, pen.strokes)
        if chosen and len(label) == 1:
            yield {
                "label": label,
                "kind": kind,
                "contrib": source,
                "writer": f"{source}/{pen.writer}",
                "q": quality,
                "lowres": source in COARSE,
                "strokes": chosen,
            }


def _read(root: Path, file: Path, pen: _Pen, depth: int = 0) -> None:
    """Add what `file` says to `pen`; a file that it includes but that is not there holds comments alone."""
    text = file.read_text(encoding="latin-1")
    for statement in re.split(r"^\.(?=[A-Z])", text, flags=re.M)[1:]:
        word, rest = STATEMENT.fullmatch(statement).groups()  # type: ignore[union-attr]  # it matches any text
        if word == "INCLUDE" and depth < DEPTH and (included := root / "include" / rest.strip()).is_file():
            _read(root, included, pen, depth + 1)
        elif word == "WRITER_ID":
            pen.writer = rest.strip()
        elif word == "COORD":
            pen.columns = rest.split()
        elif word == "PEN_DOWN":
            pen.strokes.append(_points(rest, pen.columns))
        elif word == "SEGMENT" and (match := SEGMENT.match(rest)) and match[1] == "CHARACTER":
            pen.segments.append((match[2], match[3], match[4].replace("\\", "")))


def _points(text: str, columns: list[str]) -> Stroke:
    """Return the points of a stroke, y down."""
    values = [float(number) if "." in number else int(number) for number in NUMBER.findall(text)]
    x, y, width = columns.index("X"), columns.index("Y"), len(columns)
    whole = len(values) // width * width
    return [[values[i + x], -values[i + y]] for i in range(0, whole, width)]


def _chosen(numbers: str, strokes: list[Stroke]) -> list[Stroke]:
    """Return the strokes that `numbers` names: 3, 3-5, 3,5, or from a point on, 3:10-5:4; none if one is missing."""
    chosen: list[Stroke] = []
    for part in numbers.split(","):
        first, _, last = part.partition("-")
        (start, head), (stop, tail) = (_place(word) for word in (first, last or first))
        if start is None or stop is None or stop >= len(strokes):
            return []
        found = [list(stroke) for stroke in strokes[start : stop + 1]]
        if found and last and tail is not None:
            found[-1] = found[-1][: tail + 1]
        if found and head is not None:
            found[0] = found[0][head:]
        chosen += [stroke for stroke in found if stroke]
    return chosen


def _place(word: str) -> tuple[int | None, int | None]:
    """Return the stroke and the point that 3 or 3:10 names."""
    stroke, _, point = word.partition(":")
    return (int(stroke) if stroke.isdigit() else None), (int(point) if point.isdigit() else None)
