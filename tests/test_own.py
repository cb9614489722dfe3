"""Pictures of one's own as training data: every layout, every label, and what is refused."""

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from drawings import coverage
from loopback import Loopback
from PIL import Image

from emnist.labels import NOT_A_CHARACTER
from train.images import corpus, own
from train.images.corpus import assign
from train.images.own import Row, find, parse_labels


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep prepared images in a folder of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def picture(file: Path, character: str, seed: int = 0) -> Path:
    """Draw `character` dark on light into `file`, each seed another size and pen."""
    random = np.random.default_rng([seed, ord(character)])
    cover = coverage(character, size=64, pen=random.uniform(4, 8), extent=random.uniform(0.5, 0.8))
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(255 - np.asarray(cover)).convert("L").save(file)
    return file


def folder(root: Path, labels: str, each: int = 4, first: int = 0) -> Path:
    for label in labels:
        for seed in range(first, first + each):
            picture(root / label / f"{seed}.png", label, seed)
    return root


def table(file: Path, rows: Sequence[Sequence[str]], header: str = "file,label") -> Path:
    with file.open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows([header.split(","), *rows])
    return file


def shown(rows: list[Row]) -> list[tuple[str, str, str]]:
    return [(row.file.name, row.label, row.part) for row in rows]


def test_a_folder_names_its_labels_by_sub_folders(tmp_path: Path) -> None:
    folder(tmp_path / "mine", "LT", each=2)
    (tmp_path / "mine" / ".thumbs").mkdir()
    assert shown(find(tmp_path / "mine")) == [
        ("0.png", "L", ""),
        ("1.png", "L", ""),
        ("0.png", "T", ""),
        ("1.png", "T", ""),
    ]


def test_parts_may_stand_above_the_labels(tmp_path: Path) -> None:
    folder(tmp_path / "mine" / "train", "LT", each=1)
    folder(tmp_path / "mine" / "val", "L", each=1)
    assert shown(find(tmp_path / "mine")) == [
        ("0.png", "L", "train"),
        ("0.png", "T", "train"),
        ("0.png", "L", "validation"),
    ]


@pytest.mark.parametrize("name", ["labels.csv", "metadata.jsonl", "metadata.csv"])
def test_a_table_in_the_folder_wins_over_sub_folders(tmp_path: Path, name: str) -> None:
    picture(tmp_path / "pictures" / "a.png", "L")
    if name.endswith("jsonl"):
        (tmp_path / name).write_text('{"file_name": "pictures/a.png", "label": "ñ", "split": "test"}\n', "utf-8")
    else:
        table(tmp_path / name, [["pictures/a.png", "n\u0303", "test"]], "file,label,split")
    assert shown(find(tmp_path)) == [("a.png", "ñ", "test")]


def test_a_data_set_on_the_hub_is_pulled_once(tmp_path: Path, hub: Loopback) -> None:
    file = picture(tmp_path / "a.png", "L")
    hub.add("user/mine", {"labels.csv": b"file,label\na.png,L\n", "a.png": file.read_bytes()}, kind="datasets")
    assert shown(find(Path("user/mine"))) == [("a.png", "L", "")]
    with pytest.raises(ValueError, match="there is no folder or table user/none; data set user/none: no such"):
        find(Path("user/none"))


def test_what_cannot_be_seen_beside_a_letter_is_no_part_of_it(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", "L")
    rows = [["a.png", "\u05d0\u200f"], ["a.png", "\u05d0"]]  # a Hebrew letter, and again without its mark of direction
    assert shown(find(table(tmp_path / "labels.csv", rows))) == [("a.png", "\u05d0", "")]


def test_corrections_of_several_computers_are_one_data_set(tmp_path: Path, hub: Loopback) -> None:
    file = picture(tmp_path / "a.png", "L").read_bytes()
    columns = "file,label,answer,confidence,model,time\n"
    hub.add(
        "user/sent",
        {
            "3f00/corrections.csv": f"{columns}pictures/a.png,L,I,0.5,built-in,now\n".encode(),
            "3f00/pictures/a.png": file,
            "3f00/origin.txt": b"3f00",
            "7c11/corrections.csv": f"{columns}pictures/b.png,{NOT_A_CHARACTER},I,0.5,built-in,now\n".encode(),
            "7c11/pictures/b.png": file,
            "9d22/corrections.csv": columns.encode(),  # nothing sent yet
        },
        kind="datasets",
    )
    assert shown(find(Path("user/sent"))) == [("a.png", "L", ""), ("b.png", NOT_A_CHARACTER, "")]


def test_a_folder_above_all_the_rest_is_passed_through(tmp_path: Path) -> None:
    folder(tmp_path / "mine" / "data" / "train", "LT", each=1)
    assert shown(find(tmp_path / "mine")) == [("0.png", "L", "train"), ("0.png", "T", "train")]


def test_a_table_without_pictures_beside_those_with_them_is_told(tmp_path: Path) -> None:
    picture(tmp_path / "mine" / "one" / "a.png", "L")
    table(tmp_path / "mine" / "one" / "labels.csv", [["a.png", "L"]])
    picture(tmp_path / "mine" / "two" / "a.png", "L")
    with pytest.raises(ValueError, match="two holds no table, as the folders beside it do"):
        find(tmp_path / "mine")


@pytest.mark.parametrize("name", ["n\u0303/a.png", "\u00f1\\a.png", "n\u0303\\a.png"])
def test_a_table_of_another_system_finds_its_pictures(tmp_path: Path, name: str) -> None:
    picture(tmp_path / "\u00f1" / "a.png", "L")
    assert shown(find(table(tmp_path / "labels.csv", [[name, "L"]]))) == [("a.png", "L", "")]


@pytest.mark.parametrize(
    ("rows", "header", "told"),
    [
        ([["a.png", "AB"]], "file,label", "'AB' is not one character"),
        ([["a.png", "A"]], "file,character", "no column label"),
        ([["gone.png", "A"]], "file,label", "1 pictures that are not there"),
        ([["a.png", "A", "later"]], "file,label,split", "the split 'later' is none of"),
        ([["a.png", "A"], ["a.png", "B"]], "file,label", "stands twice, with the label 'A' and 'B'"),
        ([["a.png", "A", "train"], ["a.png", "A", "val"]], "file,label,split", "the part 'train' and 'validation'"),
        ([["x" * 5000, "A"]], "file,label", "1 pictures that are not there"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_so(tmp_path: Path, rows: list[list[str]], header: str, told: str) -> None:
    picture(tmp_path / "a.png", "A")
    with pytest.raises((ValueError, FileNotFoundError), match=told):
        find(table(tmp_path / "labels.csv", rows, header))


def test_writers_are_kept_apart() -> None:
    rows = [Row(Path(f"{i}.png"), "AB"[i % 2], writer=f"w{i // 10}") for i in range(200)]
    parts = assign(rows, seed=1)
    held = {part: {row.writer for row, own_part in zip(rows, parts, strict=True) if own_part == part} for part in parts}
    assert {part: len(writers) for part, writers in held.items()} == {"train": 16, "test": 2, "validation": 2}
    assert not held["train"] & held["test"]
    assert assign(rows, seed=1) == parts


def test_without_writers_each_class_gives_a_share() -> None:
    rows = [Row(Path(f"{i}.png"), "AB"[i // 20]) for i in range(40)]
    parts = assign(rows, seed=0)
    for label in (slice(0, 20), slice(20, 40)):
        assert [parts[label].count(part) for part in ("train", "validation", "test")] == [16, 2, 2]


def test_labels_begin_with_those_known_and_merge_as_these_do() -> None:
    assert corpus.labels_of(["c", "+", "A", NOT_A_CHARACTER], "ACG") == ("A", "C", "G", "+")
    assert corpus.labels_of(["c", "C"], "ACG", wanted="ACcG") == ("A", "C", "c", "G")
    assert corpus.labels_of(["b", "a"]) == ("a", "b")
    with pytest.raises(ValueError, match="number of classes is 1"):
        corpus.labels_of(["a"])
    with pytest.raises(ValueError, match=r"show \?, which --labels lacks"):
        corpus.labels_of(["a", "?"], wanted="ab")
    with pytest.raises(ValueError, match=r"'t' stands twice, and there is no file my\.txt"):
        corpus.labels_of(["a"], wanted="my.txt")


def test_labels_may_be_more_than_a_name_of_a_file_can_hold(tmp_path: Path) -> None:
    many = "".join(chr(0x4E00 + i) for i in range(2000))
    assert parse_labels(many) == tuple(many)
    (tmp_path / "labels.txt").write_text("\n".join(many), encoding="utf-8")
    assert parse_labels(str(tmp_path / "labels.txt")) == tuple(many)


def test_a_picture_in_the_place_of_labels_is_named(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", "L")
    with pytest.raises(ValueError, match=r"--labels: .*a\.png is no text in UTF-8"):
        parse_labels(str(tmp_path / "a.png"))


def test_pictures_are_prepared_once_and_those_without_ink_are_listed(tmp_path: Path, cache: Path) -> None:
    folder(tmp_path / "mine", "LT")
    Image.new("L", (50, 50), 255).save(tmp_path / "mine" / "L" / "blank.png")
    (tmp_path / "mine" / "T" / "torn.png").write_bytes(b"no picture")
    picture(tmp_path / "mine" / NOT_A_CHARACTER / "scribble.png", "4")
    found = corpus.load(tmp_path / "mine", seed=0)
    assert found.labels == ("L", "T")
    assert sum(map(len, found.parts.values())) == 8
    assert sum(map(len, found.refused.values())) == 1
    assert [Path(file).name for file, _ in found.left_out] == ["blank.png", "torn.png"]
    assert found.facts["pictures"] == 11
    kept = next(cache.rglob("*.safetensors"))
    before = kept.stat().st_mtime_ns
    again = corpus.load(tmp_path / "mine", seed=0)
    assert again.facts == found.facts
    assert kept.stat().st_mtime_ns == before
    kept.write_bytes(b"torn")
    assert corpus.load(tmp_path / "mine", seed=0).facts == found.facts


def test_a_label_that_was_corrected_makes_another_data_set(tmp_path: Path) -> None:
    rows = [[f"{label}{seed}.png", label] for label in "LT" for seed in range(4)]
    for file, label in rows:
        picture(tmp_path / file, label, int(file[1]))
    before = corpus.load(table(tmp_path / "labels.csv", rows), seed=0).facts["sha256"]
    assert corpus.load(table(tmp_path / "copy.csv", rows), seed=0).facts["sha256"] == before
    rows[0][1] = "T"
    assert corpus.load(table(tmp_path / "labels.csv", rows), seed=0).facts["sha256"] != before


def test_a_class_that_nothing_teaches_is_refused(tmp_path: Path) -> None:
    folder(tmp_path / "mine" / "train", "LT")
    folder(tmp_path / "mine" / "test", "LTZ", first=4)
    with pytest.raises(ValueError, match="no picture to learn Z from"):
        corpus.load(tmp_path / "mine", seed=0)
    assert corpus.load(tmp_path / "mine", seed=0, known="LTZ").labels == ("L", "T", "Z")


def test_what_is_own_is_told_from_emnist(tmp_path: Path) -> None:
    (tmp_path / "data" / "EMNIST" / "raw").mkdir(parents=True)
    assert not own.is_own(tmp_path / "data")
    assert not own.is_own(tmp_path / "gone")
    assert own.is_own(Path("user/dataset"))
    assert own.is_own(folder(tmp_path / "mine", "L", each=1))


def test_pictures_of_which_no_two_show_the_same_still_give_some_to_score_on() -> None:
    rows = [Row(Path(f"{i}.png"), "ABCDE"[i]) for i in range(5)]
    assert sorted(assign(rows, seed=0)) == ["test", "train", "train", "train", "validation"]


def test_of_two_pictures_each_one_is_learnt_and_both_parts_have_some() -> None:
    rows = [Row(Path(f"{label}{i}.png"), label) for label in "ABCDE" for i in range(2)]
    parts = assign(rows, seed=0)
    assert {row.label for row, part in zip(rows, parts, strict=True) if part == "train"} == set("ABCDE")
    assert sorted(part for part in parts if part != "train") == ["test"] * 3 + ["validation"] * 2


def test_a_copy_of_a_picture_that_is_learnt_is_not_scored(tmp_path: Path) -> None:
    rows = [[f"{label}{seed}.png", label, part] for label in "LT" for seed, part in enumerate(("train", "val", "test"))]
    for file, label, _ in rows:
        picture(tmp_path / file, label, int(file[1]))
    shutil.copy(tmp_path / "L0.png", tmp_path / "copy.png")
    found = corpus.load(table(tmp_path / "t.csv", [*rows, ["copy.png", "L", "test"]], "file,label,split"), seed=0)
    assert {part: len(images) for part, images in found.parts.items()} == {"train": 2, "validation": 2, "test": 2}
    [(file, reason)] = found.left_out
    assert Path(file).name == "copy.png"
    assert reason == f"the same picture as {tmp_path / 'L0.png'}"


def test_a_picture_that_cannot_be_used_is_left_out_once_though_it_has_copies(tmp_path: Path) -> None:
    rows = [[f"{label}{seed}.png", label, part] for label in "LT" for seed, part in enumerate(("train", "val", "test"))]
    for file, label, _ in rows:
        picture(tmp_path / file, label, int(file[1]))
    blanks = [[f"blank_{part}.png", "L", part] for part in ("train", "val", "test")]
    for file, _, _ in blanks:
        Image.new("L", (40, 40), 255).save(tmp_path / file)
    found = corpus.load(table(tmp_path / "t.csv", [*rows, *blanks], "file,label,split"), seed=0)
    assert sorted(Path(file).name for file, _ in found.left_out) == sorted(file for file, _, _ in blanks)
    assert all("blank" in reason for _, reason in found.left_out)


def test_what_programs_leave_beside_pictures_is_no_label(tmp_path: Path) -> None:
    folder(tmp_path / "mine" / "data", "LT", each=1)
    picture(tmp_path / "mine" / "__MACOSX" / "data" / "L" / "0.png", "L")
    assert [label for _, label, _ in shown(find(tmp_path / "mine"))] == ["L", "T"]


def test_spaces_around_the_name_of_a_folder_are_no_part_of_its_label(tmp_path: Path) -> None:
    folder(tmp_path / "mine", "LT", each=1)
    (tmp_path / "mine" / "L").rename(tmp_path / "mine" / "L ")
    assert [label for _, label, _ in shown(find(tmp_path / "mine"))] == ["L", "T"]


def test_a_table_of_any_name_beside_the_pictures_is_pointed_at(tmp_path: Path) -> None:
    picture(tmp_path / "mine" / "img" / "a.png", "L")
    table(tmp_path / "mine" / "my.csv", [["img/a.png", "L"]])
    with pytest.raises(ValueError, match=r"or give its table: --data .*my\.csv"):
        find(tmp_path / "mine")
