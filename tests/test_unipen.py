"""UNIPEN's files become lines of JSON that training reads."""

from pathlib import Path

import numpy as np
import pytest

from train.images import strokes, unipen


def collection(root: Path) -> Path:
    """Write two files in UNIPEN's format, one of which includes another that includes a third."""
    files = {
        "data/1a/abc/one.dat": ".VERSION 1.0\n.INCLUDE abc/doc.txt\n.INCLUDE abc/data/one.dat\n"
        '.SEGMENT CHARACTER 0-1 OK "4"\n.SEGMENT CHARACTER 3 ? "1"\n.SEGMENT WORD 0-3 ? "41"\n'
        '.SEGMENT CHARACTER 9 ? "7"\n.SEGMENT CHARACTER 2:1-3:0 BAD "\\"2\\""\n.SEGMENT CHARACTER 2:1 OK "5"\n',
        "data/1c/ibm/two.dat": '.INCLUDE ibm/two.dat\n.SEGMENT CHARACTER 0 OK "a"\n',
        "include/abc/doc.txt": ".COMMENT Nothing\n of .PEN_DOWN here\n.COORD T X Y\n",
        "include/abc/data/one.dat": ".WRITER_ID Jo\n.PEN_DOWN\n0\t1\t10\n1\t2\t20\n.PEN_UP\n5 5 5\n"
        ".PEN_DOWN\n2 3 30\n.PEN_UP\n"
        ".PEN_DOWN\n3 4 40\n4 5 50\n.PEN_UP\n.PEN_DOWN\n5 6 60\n6 7.5 70\n.PEN_UP\n",
        "include/ibm/two.dat": ".COORD X Y\n.WRITER_ID r00\n.PEN_DOWN\n1 -1\n2 -2\n.PEN_UP\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="latin-1")
    return root


def test_strokes_are_found_by_number_and_point_down(tmp_path: Path) -> None:
    root = collection(tmp_path)
    found = list(unipen.characters(root, root / "data/1a/abc/one.dat", "digit"))
    assert [(record["label"], record["strokes"]) for record in found] == [
        ("4", [[[1, -10], [2, -20]], [[3, -30]]]),
        ("1", [[[6, -60], [7.5, -70]]]),
        ("5", [[[5, -50]]]),
    ]
    assert {record["writer"] for record in found} == {"abc/Jo"}
    assert found[0]["q"] == "OK"


def test_what_is_written_is_what_training_reads(tmp_path: Path) -> None:
    out = tmp_path / "unipen.jsonl.gz"
    assert unipen.convert(collection(tmp_path / "train_r01_v07"), out) == 4
    drawings = [drawing for part in strokes.PARTS for drawing in strokes.read(out, part)]
    assert sorted(drawing.label for drawing in drawings) == ["1", "4", "5"]  # ibm's digitiser was coarse
    assert all(np.ptp(np.concatenate(drawing.strokes), axis=0).max() <= 1 for drawing in drawings)


def test_a_folder_of_something_else_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="unpack train_r01_v07"):
        unipen.convert(tmp_path, tmp_path / "out.gz")


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("mine")
    with pytest.raises(FileExistsError, match="name another file"):
        unipen.convert(collection(tmp_path / "train_r01_v07"), tmp_path / "photo.jpg")
    assert (tmp_path / "photo.jpg").read_text() == "mine"
