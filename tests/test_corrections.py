"""Checks the store of corrections: what is written, that evaluate reads it, its limit, and what the Hub gets."""

import csv
import json
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path

import drawings
import pytest
from loopback import Loopback
from meter import full_disk
from PIL import Image

from emnist.labels import NOT_A_CHARACTER
from train.images.own import find
from web.corrections import BLOCK, MAX_SIDE, Corrections, FullError


def opened(path: Path) -> Image.Image:
    return Image.open(BytesIO(path.read_bytes()))


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "corrections.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_correction_is_a_picture_and_a_row_whose_first_columns_are_file_and_label(tmp_path: Path) -> None:
    path = Corrections(tmp_path).add(drawings.draw("A"), "A", "4", 0.61234, "built-in model")
    [row] = rows(tmp_path)
    assert list(row)[:2] == ["file", "label"]
    assert tmp_path / row["file"] == path
    assert (row["label"], row["answer"], row["confidence"], row["model"]) == ("A", "4", "0.6123", "built-in model")
    assert opened(path).size == (280, 280)


def test_evaluate_reads_what_was_stored(tmp_path: Path) -> None:
    corrections = Corrections(tmp_path)
    for label in "LT7Z":
        corrections.add(drawings.draw(label), label, "?", 0.5, "m")
    corrections.add(drawings.scribble(), NOT_A_CHARACTER, "?", 0.5, "m")
    command = [sys.executable, "-m", "emnist", "evaluate", str(tmp_path / "corrections.csv"), "--json"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert (report["images"], report["others"], report["skipped"]) == (4, 1, 0)


def test_a_second_start_goes_on_with_the_same_table(tmp_path: Path) -> None:
    Corrections(tmp_path).add(drawings.draw("A"), "A", "4", 0.6, "m")
    Corrections(tmp_path).add(drawings.draw("B"), "B", "8", 0.6, "m")
    assert [row["label"] for row in rows(tmp_path)] == ["A", "B"]


def test_large_pictures_are_kept_small_and_without_metadata(tmp_path: Path) -> None:
    picture = drawings.draw("A", size=1200)
    exif = picture.getexif()
    exif[0x010F] = "the maker of the camera"
    picture.info["exif"] = exif.tobytes()
    kept = opened(Corrections(tmp_path).add(picture, "A", "4", 0.6, "m"))
    assert max(kept.size) == MAX_SIDE
    assert not kept.info


def test_transparent_drawings_stay_transparent(tmp_path: Path) -> None:
    assert opened(Corrections(tmp_path).add(drawings.sketch("A"), "A", "4", 0.6, "m")).mode == "RGBA"


def test_the_limit_counts_what_was_there_before_and_leaves_table_and_pictures_in_step(tmp_path: Path) -> None:
    first = Corrections(tmp_path).add(drawings.draw("A"), "A", "4", 0.6, "m")
    with pytest.raises(FullError, match="no room"):
        Corrections(tmp_path, max_bytes=first.stat().st_size + 10).add(drawings.draw("B"), "B", "8", 0.6, "m")
    assert len(rows(tmp_path)) == len(list((tmp_path / "pictures").iterdir())) == 1


def test_small_pictures_count_as_what_they_take_on_the_disk(tmp_path: Path) -> None:
    corrections, dot = Corrections(tmp_path, max_bytes=10 * BLOCK), Image.new("L", (9, 9))
    for label in "0123456789":
        corrections.add(dot, label, "4", 0.6, "m")
    with pytest.raises(FullError, match="no room"):
        Corrections(tmp_path, max_bytes=10 * BLOCK).add(dot, "A", "4", 0.6, "m")


@pytest.mark.parametrize("room", [100, 5000])  # too little for both; enough for the picture, not for the row
def test_a_full_disk_is_told_and_leaves_nothing_of_a_correction(tmp_path: Path, room: int) -> None:
    corrections = Corrections(tmp_path)
    for width in range(80):
        corrections.add(Image.new("L", (9 + width, 9)), "A", "?", 0.5, "m" * 60)
    before = (tmp_path / "corrections.csv").read_bytes()
    assert len(before) > 5000
    with full_disk(room), pytest.raises(FullError, match="could not be stored"):
        corrections.add(drawings.draw("7"), "C", "?", 0.5, "m")
    assert (tmp_path / "corrections.csv").read_bytes() == before
    assert len(list((tmp_path / "pictures").iterdir())) == 80
    corrections.add(drawings.draw("T"), "D", "?", 0.5, "m")
    assert rows(tmp_path)[-1]["label"] == "D"


def test_a_row_that_the_disk_took_half_of_is_cut_off(tmp_path: Path) -> None:
    corrections = Corrections(tmp_path)
    corrections.add(drawings.draw("A"), "A", "?", 0.5, "m")
    before = (tmp_path / "corrections.csv").read_bytes()
    with full_disk(max(len(before), 4000) + 10), pytest.raises(FullError):
        corrections.add(Image.new("L", (9, 9)), "B", "?", 0.5, "m" * 5000)
    assert (tmp_path / "corrections.csv").read_bytes() == before


def test_a_broken_link_among_the_pictures_does_not_stop_the_start(tmp_path: Path) -> None:
    Corrections(tmp_path)
    (tmp_path / "pictures" / "lost.png").symlink_to(tmp_path / "nowhere")
    assert Corrections(tmp_path).add(drawings.draw("A"), "A", "4", 0.6, "m").is_file()


LABELS = "0123456789ABCDEF"


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    corrections = Corrections(tmp_path)
    picture = drawings.draw("A", size=40, pen=4)
    workers = [threading.Thread(target=corrections.add, args=(picture, label, "4", 0.6, "m")) for label in LABELS]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    stored = rows(tmp_path)
    assert len({row["file"] for row in stored}) == 16
    assert all((tmp_path / row["file"]).is_file() for row in stored)


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # huggingface_hub's own
def test_the_hub_gets_what_was_kept_in_a_folder_of_this_installation(tmp_path: Path, hub: Loopback) -> None:
    corrections = Corrections(tmp_path)
    corrections.share("user/corrections")
    path = corrections.add(drawings.draw("A"), "A", "4", 0.6, "m")
    corrections.close()
    origin = (tmp_path / "origin.txt").read_text()
    files = hub.repos["datasets/user/corrections"].files()
    assert files[f"{origin}/pictures/{path.name}"] == path.read_bytes()
    assert files[f"{origin}/corrections.csv"] == (tmp_path / "corrections.csv").read_bytes()
    assert "user/corrections" in corrections.promise


def test_a_data_set_that_everybody_can_read_gets_nothing(tmp_path: Path, hub: Loopback) -> None:
    before = dict(hub.add("user/corrections", kind="datasets").refs)
    corrections = Corrections(tmp_path)
    with pytest.raises(ValueError, match=r"stay in .* is public; make it private"):
        corrections.share("user/corrections")
    corrections.add(drawings.draw("A"), "A", "4", 0.6, "m")
    corrections.close()
    assert hub.repos["datasets/user/corrections"].refs == before
    assert "copy" not in corrections.promise


def test_a_hub_that_refuses_is_an_error_and_storing_goes_on_here(tmp_path: Path, reader: None) -> None:
    corrections = Corrections(tmp_path)
    with pytest.raises(ValueError, match="stay in"):
        corrections.share("user/corrections")
    assert corrections.add(drawings.draw("A"), "A", "4", 0.6, "m").is_file()


@pytest.mark.parametrize("torn", ["", "file,lab", "{header}", "{header}{row}", "{header}{row}pictures/12"])
def test_a_row_that_a_crash_left_unfinished_spoils_no_other(tmp_path: Path, torn: str) -> None:
    Corrections(tmp_path).add(drawings.draw("A"), "A", "4", 0.6, "m")
    table = tmp_path / "corrections.csv"
    header, row = table.read_text().splitlines(keepends=True)
    table.write_text(torn.format(header=header, row=row))
    Corrections(tmp_path).add(drawings.draw("B"), "B", "8", 0.6, "m")
    assert [row["label"] for row in rows(tmp_path)] == (["A"] if "{row}" in torn else []) + ["B"]


def test_a_table_that_was_moved_away_meanwhile_is_begun_again(tmp_path: Path) -> None:
    corrections = Corrections(tmp_path)
    corrections.add(drawings.draw("A"), "A", "4", 0.6, "m")
    (tmp_path / "corrections.csv").replace(tmp_path / "old.csv")
    corrections.add(drawings.draw("B"), "B", "8", 0.6, "m")
    assert [row["label"] for row in rows(tmp_path)] == ["B"]


@pytest.mark.parametrize("content", ["file;label;answer;confidence;model;time\n", "name,class\na.png,A\nb.png,B"])
def test_a_table_with_other_columns_is_left_alone_and_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "corrections.csv").write_text(content)
    with pytest.raises(ValueError, match=r"corrections\.csv does not begin with file,label.*; write it so, or move it"):
        Corrections(tmp_path)
    assert (tmp_path / "corrections.csv").read_text() == content


def test_a_table_that_a_spreadsheet_saved_with_commas_is_taken_further(tmp_path: Path) -> None:
    Corrections(tmp_path).add(drawings.draw("A"), "A", "4", 0.6, "m")
    table = tmp_path / "corrections.csv"
    table.write_text(table.read_text(), encoding="utf-8-sig", newline="\r\n")
    for label in "AB":
        Corrections(tmp_path).add(drawings.draw(label), label, "4", 0.6, "m")
    assert [row.label for row in find(table)] == ["A", "B"]


FILL = """
import sys
from PIL import Image
from emnist.labels import NOT_A_CHARACTER
from web.corrections import Corrections
corrections = Corrections(sys.argv[1])
for i in range(10**6):
    print(corrections.add(Image.new("RGB", (40, 40 + i)), "A", "4", 0.6, "m").name, flush=True)
"""


def test_what_was_stored_survives_a_kill(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FILL, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as process:
        assert process.stdout is not None
        stored = [process.stdout.readline().strip() for _ in range(20)]
        process.kill()
    names = [Path(row["file"]).name for row in rows(tmp_path)]
    assert names[:20] == stored
    assert all((tmp_path / "pictures" / name).is_file() for name in names)
    Corrections(tmp_path).add(drawings.draw("B"), "B", "8", 0.6, "m")
    assert rows(tmp_path)[-1]["label"] == "B"
