"""Tables of pictures, as spreadsheets and programs write them."""

import os
from pathlib import Path

import pytest

from emnist.table import records


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain.csv", "file,label\na.png,A\n"),
        ("german.csv", "file;label\r\na.png;A\r\n"),
        ("tabs.csv", "file\tlabel\na.png\tA"),
        ("told.csv", "\nsep=;\r\nfile;label\r\na.png;A\r\n"),
        ("excel.csv", "\ufeffFile, Label \na.png, A \n\n"),
        ("objects.jsonl", '{"file": "a.png", "label": "A"}\n'),
        ("metadata.csv", "file_name,label\na.png,A\n"),
        ("emptied.csv", "file;label\r\na.png;A\r\n;\r\n ;\r\n"),
        ("spaced.csv", '"file", "label"\n"a.png", "A"\n'),
    ],
)
def test_every_way_to_write_a_table_is_read_alike(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    assert records(tmp_path / name, "file", "label") == [{"file": "a.png", "label": "A"}]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_excels_unicode_text_is_read(tmp_path: Path, encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"  # utf-16 writes its own
    (tmp_path / "t.txt").write_bytes(f"{mark}file\tlabel\r\na.png\tñ\r\n".encode(encoding))
    assert records(tmp_path / "t.txt", "file", "label") == [{"file": "a.png", "label": "ñ"}]


def test_a_quoted_value_may_hold_what_ends_others(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('file,text\na.png,"AB\nC,D"\n', encoding="utf-8")
    assert records(tmp_path / "t.csv", "file", "text") == [{"file": "a.png", "text": "AB\nC,D"}]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.csv", b"", "at least one row"),
        ("t.csv", b"file,label\n", "at least one row"),
        ("t.csv", b"file,class\na.png,A\n", r"has no column label \(only file, class\); each row needs file,label"),
        ("t.csv", b"file|label\na.png|A\n", "has no column file and no label"),
        ("t.csv", b"file,label\na.png\nb.png,B\n", "row 1 has no label"),
        ("t.csv", b"file,label\na.png;A\nb.png;B\n", "row 1 has no label"),
        ("t.csv", b"file,label\na.png,A\nb.png\n", "row 2 has no label"),
        ("t.csv", b"file,label\na.png,A\n,B\n", "row 2 has no file"),
        ("t.jsonl", b'{"file": "", "label": "A"}\n', "row 1 has no file"),
        ("t.csv", "file,label\na.png,ñ\n".encode("cp1252"), "not a table in UTF-8 or UTF-16"),
        ("t.csv", b"\xff\xfe\x00", "not a table in UTF-8 or UTF-16"),
        ("t.csv", b"file,label,Label\na.png,A,B\n", "the column 'label' stands twice"),
        ("t.csv", b'file,label\na.png,"\nb.png,B\n', r"the quote before '\\nb.png,B.* is not closed"),
        ("t.csv", b'file,text\na.png,AB\nb.png,"CD', "the quote before 'CD' is not closed"),
        ("t.csv", b'"file,label\na.png,A\n', "is not closed"),
        ("t.jsonl", b"[1]\n", "JSON object"),
        ("t.jsonl", b"{", "not a table"),
        ("t.jsonl", b"[" * 200_000, "not a table"),
    ],
)
def test_what_is_no_table_is_told_so_in_a_line(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=told):
        records(tmp_path / name, "file", "label")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "file,text\na.png,A{mark}B\n"),
        ("t.jsonl", '{{"file": "a.png", "text": "A{mark}B"}}\n'),
    ],
)
@pytest.mark.parametrize("mark", ["\u2028", "\x85"])
def test_only_line_ends_end_a_row(tmp_path: Path, name: str, text: str, mark: str) -> None:
    (tmp_path / name).write_text(text.format(mark=mark), encoding="utf-8")
    assert records(tmp_path / name, "file", "text") == [{"file": "a.png", "text": f"A{mark}B"}]


@pytest.mark.parametrize("header", ["file,file_name", "file_name,file"])
def test_a_table_with_both_names_of_the_file_is_read_by_the_documented_one(tmp_path: Path, header: str) -> None:
    rows = {"file": "x/a.png", "file_name": "a.png"}
    (tmp_path / "t.csv").write_text(f"{header},label\n{','.join(rows[n] for n in header.split(','))},A\n")
    assert records(tmp_path / "t.csv", "file", "label")[0]["file"] == "x/a.png"


def test_columns_without_a_name_may_be_several(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('file,label,,\na.png,"""",,\n', encoding="utf-8")
    assert records(tmp_path / "t.csv", "file", "label") == [{"file": "a.png", "label": '"', "": ""}]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_table_that_may_have_no_end_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for place in (tmp_path / "pipe.csv", Path("/dev/zero")):
        with pytest.raises(ValueError, match=f"{place} is not a file; write the table to one"):
            records(place, "file", "label")


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no table .*gone\.csv; write one with the columns file,label"):
        records(tmp_path / "gone.csv", "file", "label")
