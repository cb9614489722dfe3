"""Texts composed from one writer's characters, drawn as pictures, and the fits of what the search weighs."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from emnist import ModelError, Recognizer
from emnist.picture.arrays import Mask
from emnist.text import Transcript, cuts, free, pieces, scenes, score, sheets, strokes
from emnist.text.parting import Reader
from emnist.text.row import Part, Row
from emnist.text.score import folded
from emnist.weights import read_weights
from tests.drawings import STROKES, draw
from tests.meter import forget_peak, resident
from train.images import pages, typeface
from train.images.words import Hand, Text, compose, hands
from train.text import covers, learn_scenes, truth
from train.text.fit import fit_layers, fit_scenes, logistic

HAND: Hand = {label: [[np.array(stroke, float) for stroke in strokes]] for label, strokes in STROKES.items()}


def composed(text: str, seed: int) -> Text:
    return compose(text, "code", "someone", HAND, np.random.default_rng(seed))


def test_coarse_digitisers_are_left_out_but_for_those_that_are_named(tmp_path: Path) -> None:
    file = tmp_path / "unipen.jsonl.gz"
    with gzip.open(file, "wt") as lines:
        for source in ("kai", "app", "ibm"):
            drawn = {"label": "E", "contrib": source, "lowres": source != "kai", "strokes": [[[0, 0], [0, 9]]]}
            lines.writelines(json.dumps(drawn | {"writer": f"{source}/{number}"}) + "\n" for number in range(20))
    assert {writer[:3] for writer in hands(file, "train")} == {"kai"}
    assert {writer[:3] for writer in hands(file, "train", coarse=["app"])} == {"kai", "app"}


def regular(text: str, size: int, **shape: float) -> Image.Image:
    """Return the characters of `text` side by side, as `draw` draws each."""
    picture = Image.new("RGB", (size * len(text), size))
    for place, character in enumerate(text):
        picture.paste(draw(character, size=size, **shape), (size * place, 0))
    return picture


@pytest.mark.parametrize("text", ["A5", "4Z", "27", "K2"])
def test_large_characters_in_a_fine_pen_are_no_printed_lines(recognizer: Recognizer, text: str) -> None:
    picture = regular(text, size=600, pen=2, extent=0.8)
    assert "".join(recognizer.transcribe(picture, only="24578AEKLTZ").text.split()) == text


@pytest.mark.parametrize("size", [130, 180, 230])
@pytest.mark.parametrize("text", ["1471", "3110", "4118"])
def test_no_straight_stroke_of_a_fine_pen_is_a_printed_line(recognizer: Recognizer, text: str, size: int) -> None:
    picture = regular(text, size=size, pen=round(0.017 * size), extent=0.8)
    assert "".join(recognizer.transcribe(picture, only="digits").text.split()) == text


@pytest.mark.parametrize("size", [180, 240, 300])
@pytest.mark.parametrize(("large", "small"), [("2144", "84"), ("4TE", "LEK")])
def test_large_and_small_characters_on_blank_paper_are_neither_lines_nor_boxes(
    recognizer: Recognizer, large: str, small: str, size: int
) -> None:
    picture = Image.new("RGB", (size * len(large), 2 * size), "white")
    picture.paste(regular(large, size=size, pen=round(0.03 * size)), (0, 0))
    picture.paste(regular(small, size=size // 2, pen=round(0.03 * size)), (size // 4, round(1.2 * size)))
    assert recognizer.transcribe(picture, only="1248EKLT").text.replace(" ", "") == f"{large}\n{small}"


REGULAR = [("AB7", 280, 16), ("MBn", 280, 16), ("KVh", 280, 16), ("A3H", 280, 16), ("htA", 280, 16)]
REGULAR += [("7RP", 100, 7), ("NEB", 100, 6), ("EB4", 400, 23), ("BU", 400, 31), ("BU76", 400, 30)]


@pytest.mark.parametrize(("text", "size", "pen"), REGULAR)
def test_no_regular_character_beside_others_is_taken_for_type(
    recognizer: Recognizer, text: str, size: int, pen: int
) -> None:
    picture = regular(text, size=size, pen=pen)
    assert "".join(recognizer.transcribe(picture).text.split()).lower() == text.lower()


@pytest.mark.parametrize(
    ("text", "size", "pen"), [("BBKBV", 60, 6), ("HTLAZ", 40, 4), ("PPBMP", 60, 5), ("THPLW", 40, 4)]
)
def test_a_text_of_which_a_character_may_be_left_out_as_type_is_doubted(
    recognizer: Recognizer, text: str, size: int, pen: int
) -> None:
    found = recognizer.transcribe(regular(text, size=size, pen=pen))
    assert "".join(found.text.split()) == text or found.confidence < 0.7


@pytest.mark.parametrize("text", ["54", "BLKM", "5M8t"])
def test_a_printed_word_as_high_as_the_writing_beside_it_is_left_out(recognizer: Recognizer, text: str) -> None:
    picture = Image.new("RGB", (310 + 100 * len(text), 100), (255, 255, 255))
    picture.paste(regular(text, size=100, pen=6), (310, 0))
    ImageDraw.Draw(picture).text((10, 80), "City", (0, 0, 0), typeface.loaded("cmtt10", 70), anchor="ls")
    assert "".join(recognizer.transcribe(picture).text.split()) == text


@pytest.mark.parametrize("style", sorted(set(pages.STYLES)))
def test_a_page_tells_whose_ink_is_where(style: str) -> None:
    page = pages.draw(composed("EK 247\nLZ8", 1), np.random.default_rng(1), style)
    assert page.picture.size == page.owners.shape[::-1]
    assert set(np.unique(page.owners)) == set(range(9))
    rows = [np.nonzero(page.owners == place)[0].mean() for place in range(1, 9)]
    assert max(rows[:5]) < min(rows[5:])  # the second line stands below the first


def test_the_characters_of_a_page_are_among_the_candidates_and_are_read(recognizer: Recognizer) -> None:
    text = composed("EK247", 3)
    page = pages.draw(text, np.random.default_rng(3), "plain")
    sheet = sheets.separate(page.picture)
    rows = free.rows(sheet, pieces.find(sheet.ink), recognizer.look)
    lines = [free.line(sheet, row) for row in rows]
    (right,) = truth.right(rows, [line.groups for line in lines], truth.owners(page, sheet), text)
    assert right is not None
    assert len(right) == 5
    assert folded(recognizer.transcribe(page.picture).text, recognizer.labels) == "EK247"


def test_a_letter_typed_as_two_code_points_is_one_character() -> None:
    assert folded("n\N{COMBINING TILDE} a", "ñA") == "ñA"


def test_a_character_of_several_code_points_is_counted_once_in_the_score_of_texts() -> None:
    class Reads:
        labels = ("n\N{COMBINING DIAERESIS}", "A", "\U0001f469\u200d\U0001f467", "ß")

        def transcribe(self, source: Path, *_: object) -> Transcript:
            return Transcript(source.name, 1.0, ())

    person, letter = Reads.labels[2], Reads.labels[0]
    found = score.evaluate(Reads(), [(Path(f"A{letter}"), f"A {person}"), (Path("ß"), "ß")])
    assert (found.characters, found.cer, found.cer_ignoring_case) == (3, 1 / 3, 1 / 3)
    assert (found.exact, found.right_count) == (0.5, 1.0)


def test_a_fit_makes_right_covers_more_probable(recognizer: Recognizer) -> None:
    reader = Reader(recognizer.look, recognizer.labels, recognizer.config.accept, recognizer.labels)
    data: list[covers.Example] = []
    for seed in (1, 2):
        text = composed("EK247", seed)
        (line,) = strokes.lines(text.strokes)
        data += covers.examples([line], [truth.right_strokes(text, line)], text, reader)
    assert len(data) == 2
    start = line.weights
    fitted = covers.fit(data, start)
    values = [covers.loss(covers.vector(weights), data)[0] for weights in (start, fitted)]
    assert values[1] < values[0]


def test_a_logistic_fit_finds_what_tells() -> None:
    clue = np.linspace(-1, 1, 200)
    constant, slope = logistic(np.stack([np.ones(200), clue], axis=1), clue > 0)
    assert slope > 10 * abs(constant)


def ink(*lines: tuple[float, float, float, float], size: tuple[int, int] = (120, 60)) -> Mask:
    """Return the ink (H, W) of straight lines by a pen of 4 px."""
    picture = Image.new("1", size)
    for line in lines:
        ImageDraw.Draw(picture).line(line, 1, 4)
    return np.asarray(picture)


H = ((20, 10, 20, 50), (20, 30, 44, 30), (44, 10, 44, 50))
L = ((58, 10, 58, 50), (58, 48, 82, 48))


def placed(whole: Mask, left: int, right: int) -> int:
    """Return the likeliest kind of what stands in the columns from `left` to `right` of `whole`."""
    box = np.array([left, 8, right, 53])
    own = whole[8:53, left:right]
    return int(scenes.kinds(scenes.draw(whole, 41, [own], [box])).argmax())


def test_a_scene_shows_a_candidate_in_white_and_what_stands_beside_it_in_black() -> None:
    whole = ink(*H, *L)
    (scene,) = scenes.draw(whole, 41, [whole[:, 15:50]], [np.array([15, 0, 50, 60])])
    white, black = (np.nonzero(scene > 170)[1], np.nonzero(scene < 85)[1])
    assert abs(white.mean() - 16) < 1.5  # in the middle
    assert white.max() < black.min()


def test_half_a_character_and_two_are_told_from_one_by_what_stands_beside_them() -> None:
    whole = ink(*H, *L)
    assert placed(whole, 16, 48) == scenes.ONE
    assert placed(whole, 54, 86) == scenes.ONE
    assert placed(whole, 16, 24) == scenes.PART
    assert placed(whole, 16, 86) == scenes.MORE


def test_a_scene_of_strokes_shows_a_group_in_white_and_the_strokes_around_it_in_black() -> None:
    drawn = [
        np.array(points, float)
        for points in ([(0, 0), (0, 40)], [(20, 0), (20, 40)], [(0, 20), (20, 20)], [(30, 0), (30, 40)])
    ]
    both, one = scenes.draw_groups(drawn, [(0, 1, 2), (3,)], 40)
    white, black = (np.nonzero(both > 170)[1], np.nonzero(both < 85)[1])
    assert abs((white.min() + white.max()) / 2 - 15.5) <= 1  # in the middle
    assert white.max() < black.min()
    white, black = (np.nonzero(one > 170)[1], np.nonzero(one < 85)[1])
    assert white.min() > black.max()


def test_strokes_of_one_character_are_told_from_parts_of_it_and_from_two() -> None:
    text = composed("HE", 3)
    (places,) = strokes.rows(text.strokes)
    own = [text.strokes[place] for place in places]
    first = tuple(atom for atom, place in enumerate(places) if text.owners[place] == 0)
    every = tuple(range(len(places)))
    seen = scenes.draw_groups(own, [first, first[:1], every], strokes.groups(own)[1])
    assert scenes.kinds_of_groups(seen).argmax(1).tolist() == [scenes.ONE, scenes.PART, scenes.MORE]


@pytest.mark.parametrize("size", [(5, 1), (1, 1), (8, 2), (3, 9)])
def test_seams_lie_within_their_part_however_small_it_is(size: tuple[int, int]) -> None:
    for seam in cuts.find(np.ones(size, bool), 5, 1):
        assert seam.columns.shape == size[:1]
        assert seam.columns.min() >= 0
        assert seam.columns.max() <= size[1]


def test_thousands_of_scenes_take_little_memory() -> None:
    scenes.kinds(np.zeros((1, 32, 32), np.uint8))  # loads the network
    forget_peak()
    before = resident()
    assert len(scenes.kinds(np.zeros((4000, 32, 32), np.uint8))) == 4000
    assert resident(key="VmHWM") - before < 100


def test_two_characters_are_parted_where_they_touch(recognizer: Recognizer) -> None:
    touching = ink(*H, (44, 48, 58, 48), *L)
    seams = cuts.find(touching[8:53, 16:86], 41, 4)
    odds = [seam.odds for seam in seams]
    assert odds == sorted(odds, reverse=True)
    assert any(44 < 16 + seam.middle[1] < 60 for seam in seams[:4])  # the bar of an H looks like a border as well
    found = recognizer.transcribe(Image.fromarray(np.where(np.pad(touching, 20), 0, 255).astype(np.uint8)))
    assert found.text == "HL"
    assert 20 + 44 < found.characters[0].box[2] < 20 + 60


def test_pieces_hold_all_ink_once_even_where_seams_would_cross(monkeypatch: pytest.MonkeyPatch) -> None:
    slopes = [np.linspace(8, 30, 21).astype(np.intp), np.linspace(32, 10, 21).astype(np.intp)]
    crossing = [cuts.Seam(columns, np.array([10, columns.mean()])) for columns in slopes]
    monkeypatch.setattr(cuts, "find", lambda mask, high, pen: crossing)
    part = Part(np.ones((21, 40), bool), np.array([0, 0, 40, 21]))
    (parted,) = pieces.cut(Row((part,), 4.0), [True]).parts
    runs = [parted.run(number, number) for number in range(len(parted.seams) + 1)]
    assert len(runs) > 1
    assert sum(run.sum() for run in runs) == part.mask.sum()


def test_a_network_of_scenes_learns_what_it_is_shown(tmp_path: Path) -> None:
    text = composed("EK247", 3)
    page = pages.draw(text, np.random.default_rng(3), "plain")
    sheet = sheets.separate(page.picture)
    rows, own = pieces.find(sheet.ink), truth.owners(page, sheet)
    seen, kinds = learn_scenes.candidates(sheet, [pieces.cut(row, [True] * len(row.parts)) for row in rows], own)
    assert seen.shape == (len(kinds), 32, 32)
    assert set(kinds) >= {scenes.ONE, scenes.PART}
    file = tmp_path / "weights.safetensors"
    learn_scenes.learn(scenes.CANDIDATES, [(seen, kinds)], 1, file)
    before = read_weights(file, scenes.CANDIDATES)
    learn_scenes.learn(
        scenes.CANDIDATES, [(seen, kinds)], 1, file, further=True
    )  # a fresh start would give the same again
    after = read_weights(file, scenes.CANDIDATES)
    assert 0 < np.abs(after["dense.1.weight"] - before["dense.1.weight"]).max() < 0.1
    found, said = learn_scenes.groups(text, np.random.default_rng(0))
    assert found.shape == (len(said), 32, 32)
    assert list(said).count(scenes.ONE) == len("EK247")
    assert set(said) == {scenes.ONE, scenes.PART, scenes.MORE}
    seams, borders = learn_scenes.sides(list(truth.parts(rows, own)), np.random.default_rng(1))
    assert seams.shape[1:] == (32, 32)
    assert set(borders) <= {0, 1}


def test_going_on_from_weights_that_are_not_there_is_refused_before_anything_is_composed(tmp_path: Path) -> None:
    absent = tmp_path / "absent.jsonl.gz"
    with pytest.raises(ValueError, match=r"borders.safetensors and .*: not all of that is there"):
        fit_scenes(absent, further=True, folder=tmp_path)
    with pytest.raises(ValueError, match=r"layers.safetensors: not all of that is there"):
        fit_layers(absent, further=True, folder=tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"\0" * 99, (scenes.FOLDER / "borders.safetensors").read_bytes()])
def test_a_small_network_that_is_missing_or_damaged_is_named_and_single_characters_are_read(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "strokes.safetensors").write_bytes(content)
    monkeypatch.setattr(scenes, "FOLDER", tmp_path)
    recognizer = Recognizer.from_pretrained()
    with pytest.raises(
        ModelError, match=r"^the network emnist/text/strokes\.safetensors is missing or damaged: .* the code again$"
    ):
        recognizer.transcribe([[(0, 0), (0, 50), (40, 50)], [(60, 0), (60, 50)], [(50, 0), (70, 0)]])
    assert recognizer.predict(draw("4")).label == "4"
