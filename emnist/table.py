"""Tables of pictures: CSV as spreadsheets of any country write it, or one JSON object a line."""

import codecs
import csv
import io
import json
import os
from pathlib import Path
from unicodedata import normalize

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ALSO = {"file_name": "file"}  # the Hub's name of a column, and the name here
END = "end"  # a line after the last: it is its own row unless a quote is open, which takes all that follows it
DELIMITERS = ",;\t"  # possible delimiters: the one that the first line has most of is taken


def records(file: Path, *columns: str, wanted: str = "") -> list[dict[str, str]]:
    """Return the rows of `file` (.jsonl, or else CSV) by lower-case column name, at least those of `columns`.

    Spaces around names and values do not count; a byte order mark is no part of the first name.  The Hub's `file_name`
    is `file` here, unless there is a `file` as well.  Rows without any value do not count.

    `wanted` names the columns in messages, where other ones than these may do.

    Raises:
        FileNotFoundError, IsADirectoryError: no such table.
        ValueError: a column is missing or stands twice, a row lacks one or names no file, the table is empty or no
            text, or a quote is never closed.
    """
    wanted = wanted or ",".join(columns)
    if file.is_dir():
        raise IsADirectoryError(f"{file} is a folder; name a table with the columns {wanted} in it")
    if file.exists() and not file.is_file():  # a pipe can be read once, a device without end
        raise ValueError(f"{file} is not a file; write the table to one, with the columns {wanted}")
    try:
        text = _text(file)
        names, found = _objects(text) if file.suffix.lower() == ".jsonl" else _csv(text)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"there is no table {file}; write one with the columns {wanted}") from error
    except UnicodeError as error:
        said = f"{file} is not a table in UTF-8 or UTF-16; name one with the columns {wanted}"
        raise ValueError(f"{said}, and save it as UTF-8 (in Excel: CSV UTF-8)") from error
    except (csv.Error, ValueError, RecursionError) as error:
        raise ValueError(f"{file} is not a table ({error!s:.100}); write a CSV with the columns {wanted}") from error
    if not found:
        raise ValueError(f"{file} needs the columns {wanted} and at least one row")
    found = [{ALSO.get(name, name): value for name, value in row.items() if ALSO.get(name) not in row} for row in found]
    there = list(dict.fromkeys(ALSO.get(name, name) for name in names))
    if missing := [column for column in columns if column not in there]:
        shown = f"{', '.join(there)!s:.100}"
        raise ValueError(f"{file} has no column {' and no '.join(missing)} (only {shown}); each row needs {wanted}")
    for number, row in enumerate(found, 1):
        if missing := [column for column in columns if column not in row or (column == "file" and not row[column])]:
            raise ValueError(f"{file}: row {number} has no {' and no '.join(missing)}; each row needs {wanted}")
    return found


def pairs(file: Path, column: str) -> list[tuple[Path, str]]:
    """Return of each row of `file` the picture or strokes, whose paths are relative to it, and what `column` says.

    Raises:
        FileNotFoundError, IsADirectoryError, ValueError: as `records`.
    """
    return [(beside(file, row["file"]), row[column]) for row in records(file, "file", column)]


def _text(file: Path) -> str:
    """Return the text in `file`: UTF-8, or UTF-16 if its first bytes say so, as in Excel's "Unicode text"."""
    with file.open("rb") as content:
        marked = content.read(2) in UTF_16
    return file.read_text(encoding="utf-16" if marked else "utf-8-sig")


def beside(table: Path, name: str) -> Path:
    """Return the file that a row of `table` calls `name`, whichever system wrote it.

    Windows writes backslashes, and a Mac takes letters with marks apart; the name as it stands goes first.
    """
    slashed = name.replace("\\", "/")
    for spelling in (name, slashed, normalize("NFC", slashed), normalize("NFD", slashed)):
        if os.path.isfile(table.parent / spelling):  # noqa: PTH113  (raises for no name, however odd)
            return table.parent / spelling
    return table.parent / name


def _csv(text: str) -> tuple[list[str], list[dict[str, str]]]:
    """Return the names of the columns, and the rows."""
    lines = list(io.StringIO(text))  # splitlines would also end lines at form feeds and at Unicode's separators
    while lines and (not lines[0].strip() or lines[0].lower().startswith("sep=")):  # Excel names the delimiter so
        del lines[0]
    header = lines[0] if lines else ""
    found = _rows(lines, max(DELIMITERS, key=header.count))
    names = [name.lower() for name in found[0]] if found else []
    if twice := [name for name in names if name and names.count(name) > 1]:
        raise ValueError(f"the column {twice[0]!r} stands twice; name one of them otherwise")
    filled = [row for row in found[1:] if any(row)]  # spreadsheets leave empty rows
    return names, [dict(zip(names, row, strict=False)) for row in filled]


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    *rows, end = csv.reader([*lines, END], delimiter=delimiter, skipinitialspace=True)
    if end != [END]:
        shown = end[-1].removesuffix(END)[:20]
        raise ValueError(f'the quote before {shown!r} is not closed; the label " is written """"')
    return [[value.strip() for value in row] for row in rows]


def _objects(text: str) -> tuple[list[str], list[dict[str, str]]]:
    rows = [json.loads(line) for line in io.StringIO(text) if line.strip()]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("each line must be a JSON object")
    found = [
        {str(name).strip().lower(): str(value).strip() for name, value in row.items() if value is not None}
        for row in rows
    ]
    return [name for row in found for name in row], found
