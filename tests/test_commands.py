"""The command lines: python -m emnist predict | evaluate, and the errors of python -m train."""

import csv
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from drawings import STROKES, draw, scribble
from idx import dataset
from PIL import Image

from emnist import terminal
from emnist.__main__ import app as reading
from emnist.labels import NOT_A_CHARACTER
from train.__main__ import app as training

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line in this process; return its exit code, stdout and stderr."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["command", *map(str, words)])
        code = terminal.run(training if words[0] in ("fit", "report") else reading)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for character in "ABT":
        draw(character).save(tmp_path / f"{character}.png")
    return tmp_path


def test_predict_prints_a_line_for_each_picture_of_a_folder(command: Command, pictures: Path) -> None:
    code, out, err = command("predict", pictures, "--top", 3)
    assert (code, err) == (0, "")
    assert [line.split()[1] for line in out.splitlines()] == ["A", "B", "T"]
    assert out.count("%") == 9


def test_predict_json_prints_an_object_a_line(command: Command, pictures: Path) -> None:
    _, out, _ = command("predict", pictures / "A.png", "--json", "--top", 2)
    found = json.loads(out)
    assert found["file"] == str(pictures / "A.png")
    assert found["label"] == "A"
    assert found["top"][0] == {"label": "A", "confidence": found["confidence"]}
    assert len(found["top"]) == 2


def test_predict_goes_on_after_a_failed_picture_and_exits_with_1(command: Command, pictures: Path) -> None:
    (pictures / "0.png").write_bytes(b"no picture")
    Image.new("L", (50, 50), 255).save(pictures / "1.png")
    code, out, err = command("predict", pictures, pictures / "absent.png")
    assert code == 1
    assert len(out.splitlines()) == 3
    assert len(err.splitlines()) == 3
    assert all(line.startswith("error: ") for line in err.splitlines())


def test_predict_json_reports_a_failure_as_an_object(command: Command, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"no picture")
    code, out, err = command("predict", tmp_path / "x.png", "--json")
    assert (code, err) == (1, "")
    assert set(json.loads(out)) == {"file", "error"}


@pytest.mark.parametrize(
    "words",
    [
        ("predict",),
        ("predict", "a.png", "--top", "0"),
        ("predict", "a.png", "--only", "?"),
        ("predict", "a.png", "--model", "no such model"),
        ("predict", ""),
        ("report", ""),
        ("evaluate", "absent.csv"),
        ("evaluate", "."),
        ("unknown",),
        ("fit", "--out", "run", "--split", "digit", "--data", "nowhere"),
        ("fit", "--out", "run", "--data", "nowhere"),
        ("report", "nowhere"),
    ],
)
def test_bad_use_is_one_line_on_stderr_and_exit_code_2(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = command(*words)
    assert code == 2
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_run_folder_is_wanted_is_named_as_such(command: Command, pictures: Path) -> None:
    code, _, err = command("report", pictures / "A.png")
    assert code == 2
    assert err.startswith(f"error: {pictures / 'A.png'} is a file")


def test_evaluate_counts_a_merged_label_as_its_class(command: Command, pictures: Path) -> None:
    rows = [("A.png", "A"), ("B.png", "B"), ("T.png", "A"), ("absent.png", "A"), ("A.png", "?")]
    draw("C").save(pictures / "C.png")
    with (pictures / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "label"), *rows, ("C.png", "c")])
    code, out, err = command("evaluate", pictures / "labels.csv", "--json")
    found = json.loads(out)
    assert code == 1
    assert len(err.splitlines()) == found["skipped"] == 2
    assert found["images"] == 4
    assert found["top1"] == 3 / 4
    assert found["in_label_set"] == 3
    assert found["top1_in_label_set"] == pytest.approx(2 / 3)
    assert {"top3", "ece", "accepted"} <= set(found)


def test_evaluate_counts_apart_how_much_of_what_is_no_character_is_turned_away(
    command: Command, pictures: Path
) -> None:
    scribble().save(pictures / "scribble.png")
    Image.new("L", (50, 50), 255).save(pictures / "blank.png")
    rows = [("A.png", "A"), *((name, NOT_A_CHARACTER) for name in ("scribble.png", "blank.png", "B.png", "gone.png"))]
    with (pictures / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "label"), *rows])
    code, out, err = command("evaluate", pictures / "labels.csv", "--json")
    found = json.loads(out)
    assert (code, len(err.splitlines())) == (1, 1)
    assert (found["images"], found["top1"], found["others"], found["skipped"]) == (1, 1, 3, 1)
    assert found["turned_away"] == pytest.approx(2 / 3)
    assert "turned_away              66.67%" in command("evaluate", pictures / "labels.csv")[1]


def test_evaluate_counts_a_blank_picture_as_misread(command: Command, tmp_path: Path) -> None:
    Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
    (tmp_path / "labels.csv").write_text("file,label\nblank.png,A\n")
    _, out, _ = command("evaluate", tmp_path / "labels.csv", "--json")
    assert json.loads(out)["top3"] == 0


def test_transcribe_reads_strokes_and_pictures_and_reports_failures(command: Command, tmp_path: Path) -> None:
    strokes = [[[x * 70, y * 100] for x, y in stroke] for stroke in STROKES["4"]]
    (tmp_path / "a.json").write_text(json.dumps([*strokes, *[[[x + 120, y] for x, y in line] for line in strokes]]))
    (tmp_path / "b.json").write_text('[[["x", 1]]]')
    draw("E").save(tmp_path / "c.png")
    code, out, err = command("transcribe", tmp_path, "--json")
    first, second, third = map(json.loads, out.splitlines())
    assert (code, err) == (1, "")
    assert (first["text"], third["text"]) == ("44", "E")
    assert set(second) == {"file", "error"}
    assert {"label", "confidence", "box", "line", "top"} <= set(first["characters"][0])
    code, out, err = command("transcribe", tmp_path / "a.json", "--only", "digits")
    assert (code, out.split()[-1]) == (0, "44")


def test_evaluate_counts_characters_of_texts(command: Command, tmp_path: Path) -> None:
    strokes = [[[x * 70, y * 100] for x, y in stroke] for stroke in STROKES["E"] + STROKES["4"]]
    half = [[[x + 100 * (i >= len(STROKES["E"])), y] for x, y in stroke] for i, stroke in enumerate(strokes)]
    (tmp_path / "a.json").write_text(json.dumps(half))
    (tmp_path / "t.csv").write_text("file,text\na.json,E 4\na.json,EA4\nabsent.json,4\na.json,e4\n")
    code, out, err = command("evaluate", tmp_path / "t.csv", "--json")
    found = json.loads(out)
    assert (code, len(err.splitlines())) == (1, 1)
    assert (found["images"], found["skipped"]) == (3, 1)
    assert found["exact"] == pytest.approx(1 / 3)
    assert (found["exact_ignoring_case"], found["right_count"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (found["cer"], found["cer_ignoring_case"]) == (pytest.approx(2 / 7), pytest.approx(1 / 7))


@pytest.mark.parametrize("more", [["--prior"], ["--jobs", 2]])
def test_of_texts_options_that_would_have_no_effect_are_refused(
    command: Command, tmp_path: Path, more: list[object]
) -> None:
    (tmp_path / "t.csv").write_text("file,text\na.json,4\n")
    code, out, err = command("evaluate", tmp_path / "t.csv", *more)
    assert (code, out) == (2, "")
    assert "--prior and --jobs are for tables file,label" in err


@pytest.mark.parametrize("text", ["", "picture,label\na.png,A\n", "file,label\n", "file,label\na.png\n"])
def test_a_table_without_its_columns_is_refused(command: Command, tmp_path: Path, text: str) -> None:
    (tmp_path / "labels.csv").write_text(text)
    code, _, err = command("evaluate", tmp_path / "labels.csv")
    assert code == 2
    assert "file,label" in err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("file,text\na.png,ñ\n".encode("cp1252"), "save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "name one with the columns file,label or file,text"),
        (b"file,text\n", "file,text and at least one row"),
        (b"picture,text\na.png,AB\n", "each row needs file,label or file,text"),
    ],
)
def test_a_table_of_texts_is_not_asked_for_labels(command: Command, tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "texts.csv").write_bytes(content)
    code, _, err = command("evaluate", tmp_path / "texts.csv")
    assert code == 2
    assert told in err


def test_a_label_of_several_characters_points_to_texts(command: Command, pictures: Path) -> None:
    (pictures / "labels.csv").write_text("file,label\nA.png,A\nB.png,AB\n")
    _, _, err = command("evaluate", pictures / "labels.csv")
    assert "call the column text" in err


def test_predict_points_from_pen_strokes_to_transcribe(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(STROKES["4"]))
    code, _, err = command("predict", tmp_path / "a.json")
    assert code == 1
    assert "`transcribe`" in err


def test_of_a_blank_sheet_not_one_character_is_wanted(command: Command, tmp_path: Path) -> None:
    Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
    (tmp_path / "note.png").write_bytes(b"no picture")
    _, _, err = command("transcribe", tmp_path)
    assert "write something" in err
    assert "one character" not in err


def test_the_module_can_be_run(pictures: Path) -> None:
    words = [sys.executable, "-m", "emnist", "predict", str(pictures / "A.png"), "--json"]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(told.stdout)["label"] == "A"
    assert told.stderr == ""


def test_a_folder_without_pictures_is_a_failure_that_says_so(command: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("A")
    for name in ("predict", "transcribe", "bench"):
        code, out, err = command(name, tmp_path)
        assert (code, out) == (1, "")
        assert err.startswith(f"error: nothing to read in {tmp_path}")


def test_bench_says_of_a_folder_that_is_not_there_that_it_is_not(command: Command, tmp_path: Path) -> None:
    code, out, err = command("bench", tmp_path / "gone")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: there is no folder {tmp_path / 'gone'}")


def test_folders_below_and_all_kinds_of_names_are_read(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    draw("A").save(tmp_path / "a" / "b" / "1.jfif", "JPEG")
    draw("B").save(tmp_path / "2.AVIF")
    code, out, _ = command("predict", tmp_path)
    assert code == 0
    assert [line.split()[1] for line in out.splitlines()] == ["B", "A"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_odd_names_neither_stop_nor_reach_the_terminal(command: Command, tmp_path: Path) -> None:
    for name in (b"\xff.png", b"\x1b[2J.png", b"z.png"):
        draw("A").save(os.fsdecode(os.fsencode(tmp_path) + b"/" + name), "PNG")
    code, out, _ = command("predict", tmp_path)
    assert (code, len(out.splitlines())) == (0, 3)
    assert "\x1b" not in out
    assert "\\x1b[2J.png" in out


def test_a_missing_file_is_named_once(command: Command, tmp_path: Path) -> None:
    for name in ("predict", "transcribe", "evaluate"):
        assert command(name, tmp_path / "nope.png")[2].count("nope.png") == 1


def test_a_command_line_without_a_word_shows_the_help_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for app in (reading, training):
        monkeypatch.setattr(sys, "argv", ["command"])
        assert terminal.run(app) == 0
        told = capsys.readouterr()
        assert "\nCommands:\n" in told.out
        assert told.err == ""


def test_the_help_shows_what_stands_in_brackets(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "[@revision]" in command("predict", "--help")[1]
    assert "options that go together" in " ".join(command("fit", "--help")[1].split())
    monkeypatch.setattr(sys, "argv", ["app.py", "--help"])
    with pytest.raises(SystemExit):
        runpy.run_path("app.py", run_name="__main__")
    assert "[@revision]" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_what_an_old_terminal_cannot_show_is_written_out(tmp_path: Path, more: list[str]) -> None:
    for name in (b"a\xff.png", "é.png".encode()):
        draw("L").save(os.fsdecode(os.fsencode(tmp_path) + b"/" + name), "PNG")
    words = [sys.executable, "-m", "emnist", "transcribe", str(tmp_path), *more]
    told = subprocess.run(words, env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=True)
    lines = told.stdout.decode("ascii").splitlines()
    assert len(lines) == 2
    if more:
        assert [json.loads(line)["text"] for line in lines] == ["L", "L"]


def test_evaluate_names_a_file_once_too(command: Command, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("file,label\nnope.png,A\n")
    assert command("evaluate", tmp_path / "t.csv")[2].count("nope.png") == 1


def test_a_run_folder_that_cannot_be_made_is_named_with_what_is_wrong(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    dataset(tmp_path / "data", each=3)
    code, _, err = command("fit", "--split", "digits", "--data", tmp_path / "data", "--out", tmp_path / "file" / "run")
    assert (code, err) == (2, f"error: {tmp_path / 'file' / 'run'}: Not a directory\n")
