"""Scoring a run: the metrics, the single use of a test set, the figures, and drawings of held-out writers."""

import gzip
import io
import json
import resource
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import command
from drawings import STROKES
from idx import dataset, images
from meter import full_disk
from models import LABELS, METRICS, SMALL, network
from PIL import Image
from safetensors.torch import save

from emnist import Recognizer, store
from emnist.labels import MERGED
from emnist.score import calibration_error
from train.images import hand, negatives, strokes
from train.results import calibrate
from train.results.evaluate import ANSWERS, evaluate
from train.results.people import canvases, evaluate_drawings, evaluate_pictures
from train.results.report import classes, confusion, printable, report
from train.results.scores import metrics

FROM_STROKES = ("pairs", "cut-off neighbours", "pieces")  # kinds of what is no character that are made of strokes


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder as `fit` leaves it, with an untrained network."""
    folder = tmp_path / "run"
    row = {"epoch": 1.0, "loss": 2.0, "seconds": 1.0, "top1": 0.1, "macro_recall": 0.1}
    store.save(
        folder,
        network(config=replace(SMALL, prior=(0.1,) * 10)),
        LABELS,
        {"results": [], "training": {**METRICS["training"], "split": "digits"}},
    )
    (folder / "log.jsonl").write_text(json.dumps(row) + "\n")
    return folder


@pytest.fixture
def sketches(tmp_path: Path) -> Path:
    """Pen strokes in UNIPEN's form, of writers in every part."""
    file = tmp_path / "unipen.jsonl.gz"
    with gzip.open(file, "wt") as lines:
        for writer in range(60):
            for label in "0123456789c":
                drawn = [[[100 * x, 100 * y] for x, y in stroke] for stroke in STROKES[label.upper()]]
                record = {"label": label, "writer": f"w{writer}", "lowres": writer % 10 == 0, "strokes": drawn}
                lines.write(json.dumps(record) + "\n")
    return file


def test_metrics_of_a_perfect_answer_are_perfect() -> None:
    truth = np.arange(10).repeat(3)
    found = metrics(np.eye(10, dtype=np.float32)[truth], truth, LABELS)
    assert found["top1"] == found["macro_recall"] == found["macro_f1"] == 1
    assert found["ece"] == found["ece_balanced"] == 0
    assert found["confused"] == []


def test_metrics_count_what_was_confused_with_what() -> None:
    truth = np.array([0, 0, 0, 1])
    answers = np.eye(6, dtype=np.float32)[[0, 1, 1, 1]]
    found = metrics(answers, truth, "O0ABCD")
    assert found["images"] == 4
    assert found["top1"] == 0.5
    assert found["macro_recall"] == pytest.approx((1 / 3 + 1) / 2)
    assert found["top1_lookalikes_merged"] == 1
    assert found["confused"] == [["O", "0", 2]]
    assert found["per_class"]["O"]["images"] == 3
    assert list(found["per_class"]) == ["O", "0"]  # nothing can be said of characters of which there is no picture


def test_figures_show_only_characters_of_which_there_are_pictures() -> None:
    truth, found = np.array([1, 1, 3]), np.array([1, 4, 3])
    assert [text.get_text() for text in classes(truth, found, "ABCDE").axes[0].get_xticklabels()] == ["B", "D"]
    assert [text.get_text() for text in confusion(truth, found, "ABCDE").axes[0].get_yticklabels()] == ["B", "D", "E"]


def test_figures_have_room_for_labels_that_are_written_as_code_points() -> None:
    labels = [printable(label) for label in ("\U0001f469\u200d\U0001f469\u200d\U0001f467", "\u3042", "\u3044")]
    truth = found = np.array([0, 1, 2])
    for figure in (confusion(truth, found, labels), classes(truth, found, labels)):
        figure.savefig(io.BytesIO(), format="png")  # which warns where no room is left
        texts = [text.get_window_extent() for text in figure.axes[0].get_xticklabels()]
        assert not any(one.overlaps(other) for one, other in pairwise(texts))


def test_the_calibration_error_is_the_gap_of_confidence_and_accuracy() -> None:
    confidence, hits = np.full(10, 0.9), np.arange(10) < 6
    assert calibration_error(confidence, hits) == pytest.approx(0.3)
    weights = np.where(hits, 9.0, 1.0)
    assert calibration_error(confidence, hits, weights) == pytest.approx(54 / 58 - 0.9)


def test_the_fitted_temperature_undoes_overconfidence() -> None:
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(4000, 5, generator=random)
    labels = torch.multinomial(logits.softmax(1), 1, generator=random).squeeze(1)
    assert calibrate.temperature(3 * logits, labels, torch.ones(4000)) == pytest.approx(3, rel=0.1)


def test_a_test_set_answers_once(run: Path, tmp_path: Path) -> None:
    dataset(tmp_path, each=3)
    uniform, natural = evaluate(run, tmp_path)
    assert (uniform["dataset"], uniform["status"], uniform["images"]) == ("EMNIST digits test", "redrawn", 30)
    assert (uniform["prior"], natural["prior"]) == ("uniform", "natural")
    known = json.loads((run / "metrics.json").read_text())
    assert len(known["results"]) == 2
    assert known["model"]["parameters"] > 0
    assert (run / "confusion.csv").read_text().startswith("true")
    store.load(run)
    with pytest.raises(ValueError, match="answers once"):
        evaluate(run, tmp_path)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such directory"):
        evaluate(tmp_path / "absent", tmp_path)
    with pytest.raises(FileNotFoundError, match="train first"):
        report(tmp_path)


def test_a_report_draws_every_figure(run: Path, tmp_path: Path) -> None:
    assert [file.name for file in report(run)] == ["curves.png"]
    evaluate(run, dataset(tmp_path, each=3))
    files = report(run)
    assert {file.name for file in files} == {
        f"{n}.png" for n in ("curves", "confusion", "classes", "reliability", "mistakes")
    }
    for file in files:
        with Image.open(file) as picture:
            assert min(picture.size) > 300


def test_a_report_on_a_full_disk_leaves_no_broken_figure(run: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "copy", ignore=shutil.ignore_patterns("*.png")))
    with full_disk(), pytest.raises(OSError, match=r"curves\.png"):
        report(copy)
    assert list(copy.glob("*.png")) == []


def test_writers_never_stand_in_two_parts(sketches: Path) -> None:
    parts = [{drawing.writer for drawing in strokes.read(sketches, part)} for part in strokes.PARTS]
    assert all(parts)
    assert sum(map(len, parts)) == len(set.union(*parts)) == 54


def test_drawings_become_emnist_images_with_folded_labels(sketches: Path) -> None:
    drawn = strokes.load(sketches, "train", "0123456789C", copies=2, seed=0)
    writers = {drawing.writer for drawing in strokes.read(sketches, "train")}
    assert drawn.pixels.shape == (2 * 11 * len(writers), 28, 28)
    assert set(drawn.labels.tolist()) == set(range(11))
    assert drawn.pixels.amax((1, 2)).min() == 255


def test_drawing_again_with_the_same_seed_gives_the_same_images_and_another_seed_others(sketches: Path) -> None:
    same, again, other = (strokes.load(sketches, "validation", "0123456789C", 1, seed).pixels for seed in (0, 0, 1))
    assert torch.equal(same, again)
    assert not torch.equal(same, other)


def test_another_hand_draws_the_same_strokes_in_the_same_box() -> None:
    one, dot = np.stack([np.zeros(30), np.linspace(0, 1, 30)], 1), np.array([[0.3, 0.1]])
    for seed in range(20):
        varied = hand.vary([one, dot], np.random.default_rng(seed))
        points = np.concatenate(varied)
        assert len(varied) == 2
        assert points.min() == 0
        assert points.max() == 1
        assert len(varied[0]) >= 0.7 * len(one)
        assert len(varied[1]) == 1


def test_a_rough_outline_keeps_the_strokes_and_adds_no_specks() -> None:
    mask = np.zeros((60, 60), bool)
    mask[10:50, 25:33] = True
    rough = hand.roughen(mask, np.random.default_rng(0))
    assert (rough & mask).sum() > 0.8 * mask.sum()
    assert not rough[:, :22].any()
    assert not rough[:, 36:].any()


@pytest.mark.parametrize(
    "record",
    [
        {"label": None},
        {"writer": 7},
        {"strokes": []},
        {"strokes": "x.json"},
        {"strokes": [[["1", "2"]]]},
        {"strokes": [[[True, False]]]},
        {"strokes": [[[1, 2, 3]]]},
        {"strokes": [[[1, None]]]},
        {"strokes": [[[float("inf"), 1]]]},
    ],
)
def test_a_line_that_is_no_drawing_is_refused(tmp_path: Path, record: dict[str, object]) -> None:
    line = {"label": "4", "writer": "", "lowres": False, "strokes": [[[1, 2], [3, 4]]], **record}
    (tmp_path / "x.gz").write_bytes(gzip.compress(json.dumps(line).encode()))
    with pytest.raises(ValueError, match=r"x\.gz does not hold pen strokes"):
        [drawing for part in strokes.PARTS for drawing in strokes.read(tmp_path / "x.gz", part)]


@pytest.mark.parametrize("content", [b"no json", b"[" * 100_000, b"\xff\xfe"])
def test_a_file_without_strokes_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=r"x\.gz does not hold pen strokes"):
        list(strokes.read(tmp_path / "x.gz", "train"))


def test_a_part_of_the_writers_that_there_is_none_of_is_refused_with_the_choices(sketches: Path) -> None:
    with pytest.raises(ValueError, match="no part 'tset' of the writers; choose one of train, validation, test"):
        next(strokes.characters(sketches, "tset"))


def test_a_file_of_strokes_that_is_cut_off_or_damaged_is_refused(sketches: Path, tmp_path: Path) -> None:
    whole = sketches.read_bytes()
    middle = len(whole) // 2
    damaged = whole[:middle] + bytes(255 - byte for byte in whole[middle : middle + 20]) + whole[middle + 20 :]
    for content in (whole[:middle], whole[:9], damaged, b"no gzip"):
        (tmp_path / "x.gz").write_bytes(content)
        with pytest.raises(ValueError, match=r"x\.gz does not hold pen strokes"):
            list(strokes.read(tmp_path / "x.gz", "train"))


@pytest.mark.parametrize("line", ["", "3", "null", "{}", '{"epoch": 1', '{"epoch": "x", "loss": 2}'])
def test_a_log_that_is_damaged_is_named(run: Path, line: str) -> None:
    (run / "log.jsonl").write_text(line)
    with pytest.raises(ValueError, match=r"log\.jsonl is damaged"):
        report(run)


def test_answers_that_are_damaged_or_of_another_model_are_named(run: Path) -> None:
    def image(count: int, label: int) -> bytes:
        pixels, labels = torch.zeros(1, 28, 28, dtype=torch.uint8), torch.tensor([label])
        return save({"logits": torch.zeros(1, count), "labels": labels, "pixels": pixels})

    whole = image(10, 0)
    for content in (b"", whole[:-9], image(9, 0), image(10, 10), save({"logits": torch.zeros(1, 10)})):
        (run / ANSWERS).write_bytes(content)
        with pytest.raises(ValueError, match=r"answers\.safetensors is damaged"):
            report(run)


@pytest.mark.parametrize("metrics", [{"training": None}, {"results": None}, {"results": [{}]}, {"results": [1]}])
def test_metrics_of_something_else_are_named(run: Path, metrics: dict[str, object]) -> None:
    store.save(run, network(), LABELS, metrics)
    with pytest.raises(ValueError, match=r"metrics\.json is not what fit and evaluate write"):
        evaluate(run, run)


def test_a_model_of_which_nothing_is_known_is_scored_elsewhere(run: Path, tmp_path: Path) -> None:
    store.save(run, network(), LABELS, {})
    with pytest.raises(ValueError, match=f"python -m emnist evaluate TABLE --model {run}"):
        evaluate(run, dataset(tmp_path / "data", each=3))


def test_what_was_scored_is_told_where_the_next_fails(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = dataset(tmp_path / "data", each=3)
    assert command(monkeypatch, "evaluate", str(run), "--data", str(data), "--photos", str(tmp_path / "no.csv")) == 2
    assert "EMNIST digits test" in capsys.readouterr().out
    assert (run / "README.md").is_file()


def test_strokes_of_none_of_the_labels_are_refused_with_what_to_do(sketches: Path, tmp_path: Path) -> None:
    for prepare in (strokes.load, strokes.as_read):
        with pytest.raises(ValueError, match=r"no strokes of \+ = for train; leave out --sketches"):
            prepare(sketches, "train", "+=", 1, 0)
    store.save(tmp_path / "signs", network(config=replace(SMALL, classes=2)), "+=", {"results": [], "training": {}})
    with pytest.raises(ValueError, match="leave out --sketches"):
        evaluate_drawings(tmp_path / "signs", sketches)


def test_drawings_and_what_is_no_character_are_scored(
    run: Path, sketches: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("train.results.people.REJECTED", 2)
    every, digits, told, plain, strange = evaluate_drawings(run, sketches)
    assert every["dataset"] == "UNIPEN drawings, held-out writers"
    assert every["images"] == digits["images"] == told["images"] == plain["images"]
    assert plain["dataset"] == "UNIPEN drawings, held-out writers, plain resize"
    assert every["skipped"] == every["images"] / 10
    assert (digits["only"], told["only"]) == (None, "digits")
    assert set(FROM_STROKES) < set(strange["rejected"])
    assert strange["images"] <= 2 * len(strange["rejected"])  # fewer where pieces that can be read were left out


def test_a_canvas_holds_the_whole_drawing(sketches: Path) -> None:
    for picture, _ in canvases(list(strokes.read(sketches, "test"))):
        pixels = np.asarray(picture)
        assert pixels.shape in ((280, 280), (800, 800))
        assert pixels.min() == 0
        assert pixels.max() == 255


def test_pictures_are_scored_beside_a_plain_resize(run: Path, tmp_path: Path) -> None:
    Image.fromarray(255 - images("3", 1, 0)[0][0]).resize((90, 90)).save(tmp_path / "3.png")
    (tmp_path / "labels.csv").write_text("file,label\n3.png,3\n")
    prepared, plain = evaluate_pictures(run, tmp_path / "labels.csv", "Photographed letters")
    assert prepared["images"] == plain["images"] == 1
    assert plain["dataset"] == "Photographed letters, plain resize"


def test_each_table_is_scored_once_under_its_own_name_and_says_what_was_left_out(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset(tmp_path / "data", each=3)
    words = ["evaluate", str(run), "--data", str(tmp_path / "data"), "--photos"]
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        Image.fromarray(255 - images("3", 1, 0)[0][0]).resize((90, 90)).save(tmp_path / name / "3.png")
        (tmp_path / name / "labels.csv").write_text("file,label\n3.png,3\nabsent.png,3\n")
        assert command(monkeypatch, *words, str(tmp_path / name / "labels.csv")) == 0
        assert f"Pictures of {name}/labels.csv (1 images, 1 left out)" in capsys.readouterr().out
        (run / ANSWERS).unlink(missing_ok=True)  # as in a model that comes from the Hub
    assert command(monkeypatch, *words, str(tmp_path / "first" / "labels.csv")) == 2


def test_a_table_of_which_no_picture_can_be_scored_is_refused(run: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,label\nabsent.png,3\n")
    with pytest.raises(ValueError, match="nothing to score; why: python -m emnist evaluate"):
        evaluate_pictures(run, tmp_path / "labels.csv", "Photographed letters")


def test_more_pictures_than_files_may_be_open_are_scored_and_broken_ones_left_out(run: Path, tmp_path: Path) -> None:
    Image.fromarray(255 - images("3", 1, 0)[0][0]).resize((90, 90)).save(tmp_path / "3.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "labels.csv").write_text("file,label\nbroken.png,3\n" + "3.png,3\n" * 60)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/proc/self/fd").iterdir())) + 30, hard))
    try:
        prepared, plain = evaluate_pictures(run, tmp_path / "labels.csv", "Photographed letters")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert prepared["images"] == plain["images"] == 60
    assert prepared["skipped"] == 1


def test_what_is_taught_as_a_character_is_no_example_of_what_is_none() -> None:
    pool = images("0123456789", 1, 0)[0]
    assert "marks" in negatives.kinds(pool, labels="A+")
    assert "marks" not in negatives.kinds(pool, labels="A=")
    symbol = negatives.kinds(pool, labels=negatives.SYMBOLS.replace("∞", ""))["symbols"]
    drawn = [symbol(np.random.default_rng(seed)) for seed in range(20)]
    assert all(mask.shape[1] > mask.shape[0] for mask in drawn)  # the sign for infinity alone is left


def test_what_is_no_character_comes_in_all_kinds_and_repeats_with_the_seed(sketches: Path) -> None:
    pool, drawings = torch.from_numpy(images("0123456789", 1, 0)[0]), list(strokes.read(sketches, "train"))
    first, again = (negatives.load(48, pool, drawings, seed=0) for _ in range(2))
    assert set(first) == set(negatives.kinds(pool.numpy(), drawings)) == {*negatives.kinds(pool.numpy()), *FROM_STROKES}
    for kind, pictures in first.items():
        assert pictures.shape[1:] == (28, 28)
        assert kind == "pieces" or len(pictures) == 4
        assert torch.equal(pictures, again[kind])
        assert not len(pictures) or pictures.amax((1, 2)).min() == 255


def test_hands_add_bars_and_feet_but_keep_the_strokes() -> None:
    stem = np.stack([np.full(20, 0.3), np.linspace(0, 1, 20)], 1)
    for label in "701ZI":
        dressed = hand.dress(label, [stem], np.random.default_rng(0))
        assert len(dressed) > 1
        assert np.array_equal(dressed[0], stem)
    assert len(hand.dress("A", [stem], np.random.default_rng(0))) == 1


def test_half_of_what_people_write_is_digits() -> None:
    shares = dict(zip(MERGED, strokes.expected(MERGED).tolist(), strict=True))
    assert sum(shares[digit] for digit in "0123456789") == pytest.approx(0.5)
    assert shares["C"] == pytest.approx(2 * shares["A"])  # c counts as C
    assert sum(strokes.expected("ABC").tolist()) == pytest.approx(1)


def test_scores_become_the_probability_of_a_character() -> None:
    random = torch.Generator().manual_seed(0)
    scores = torch.randn(20_000, generator=random) * 3
    real = torch.rand(20_000, generator=random) < torch.sigmoid(0.5 * scores - 1)
    weight = (~real).sum() / real.sum()  # as if there were as many of both
    a, b = calibrate.platt(scores[real], scores[~real])
    assert a == pytest.approx(0.5, abs=0.05)
    assert b == pytest.approx(-1 + weight.log().item(), abs=0.1)


@pytest.mark.shared
def test_the_built_in_model_reads_real_photographs(shared: Path) -> None:
    from emnist.score import evaluate as read_pictures
    from emnist.table import pairs

    rows = pairs(shared / "photos" / "labels.csv", "label")[::20]
    assert (read_pictures(Recognizer.from_pretrained(), rows).top1 or 0) > 0.85
