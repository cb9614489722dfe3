"""Several characters from pen strokes: parted, ordered, in lines; and what is refused."""

import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from drawings import STROKES

from emnist import NoInkError, Recognizer, UnreadableStrokesError
from emnist.text.search import covers

Strokes = list[list[list[float]]]


def written(text: str, gap: float = 35, top: float = 0, size: float = 100) -> Strokes:
    """Write `text` in the strokes of the test drawings, `size` high."""
    strokes: Strokes = []
    x = 0.0
    for character in text:
        if character == " ":
            x += size
            continue
        placed = [[[0.7 * size * px + x, size * py + top] for px, py in stroke] for stroke in STROKES[character]]
        strokes += placed
        x = max(px for stroke in placed for px, _ in stroke) + gap * size / 100
    return strokes


@pytest.mark.parametrize("text", ["HEAT", "E2E4", "KX4Z", "3592", "TAXE"])
def test_strokes_are_parted_into_characters(recognizer: Recognizer, text: str) -> None:
    assert recognizer.transcribe(written(text)).text == text


def test_spaces_and_lines_are_kept(recognizer: Recognizer) -> None:
    found = recognizer.transcribe(written("45 23") + written("369", top=200))
    assert found.text == "45 23\n369"
    assert [character.line for character in found.characters] == [0, 0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("step", [110, 120, 160])
def test_characters_one_below_the_other_are_lines_of_one_each(recognizer: Recognizer, step: int) -> None:
    column = [stroke for place, one in enumerate("E427") for stroke in written(one, top=step * place)]
    assert recognizer.transcribe(column).text == "E\n4\n2\n7"


def test_what_is_underlined_is_read_without_the_line(recognizer: Recognizer) -> None:
    straight, wavy = [[0, 115], [330, 112]], [[16 * step, 112 + 8 * (step % 2)] for step in range(21)]
    for line in (straight, wavy):
        found = recognizer.transcribe([*written("HEAT"), line])
        assert (found.text, len(found.characters[-1].parts)) == ("HEAT", 2)


def test_the_bar_of_a_fraction_stands_between_two_lines(recognizer: Recognizer) -> None:
    fraction = [*written("24"), [[-10, 125], [170, 122]], *written("35", top=150)]
    assert recognizer.transcribe(fraction).text == "24\n35"


def test_the_wide_roof_of_a_letter_is_no_line_between_others(recognizer: Recognizer) -> None:
    roof, stem = [[-5.0, 200.0], [135.0, 203.0]], [[65.0, 203.0], [62.0, 300.0]]
    assert recognizer.transcribe([*written("EA4"), roof, stem]).characters[-1].parts == (6, 7)


@pytest.mark.parametrize("slope", [-0.4, 0.4])
def test_a_line_may_climb_or_fall_steeply(recognizer: Recognizer, slope: float) -> None:
    strokes = [[[x, y + slope * x] for x, y in stroke] for stroke in written("KM4 TA7E")]
    assert recognizer.transcribe(strokes).text.replace(" ", "") == "KM4TA7E"


@pytest.mark.parametrize("place", [(85, -60), (95, -40), (190, 20)])
def test_a_tap_is_no_character(recognizer: Recognizer, place: tuple[float, float]) -> None:
    for text in ("HEAT", "KX4Z"):
        assert recognizer.transcribe([*written(text), [list(place), list(place)]]).text == text


def test_a_word_that_a_line_strikes_out_is_doubted(recognizer: Recognizer) -> None:
    assert recognizer.transcribe([*written("HEAT"), [[-10, 60], [330, 55]]]).confidence < 0.5


def test_crossbars_may_come_last(recognizer: Recognizer) -> None:
    strokes = written("E4T4")
    bars = [1, 3, 5, 7]  # places of the second strokes
    late = [stroke for i, stroke in enumerate(strokes) if i not in bars] + [strokes[i] for i in bars]
    assert recognizer.transcribe(late).text == "E4T4"


@pytest.mark.parametrize("accent", [[[165, 5], [160, 40]], [[185, 10], [170, 45]], [[140, -15], [143, -12]]])
def test_a_dot_belongs_to_its_letter_though_it_is_long_and_set_far_off(
    recognizer: Recognizer, accent: list[list[float]]
) -> None:
    stem = [[150, 45], [150, 100]]
    last = [[[x + 210, y] for x, y in stroke] for stroke in written("d")]
    found = recognizer.transcribe([*written("d"), stem, *last, accent])
    assert [one.parts for one in found.characters] == [(0, 1), (2, 5), (3, 4)]


def test_a_letter_that_is_crossed_out_is_no_character_and_the_text_is_doubted(recognizer: Recognizer) -> None:
    letters = written("3E9", gap=60)
    x0, x1 = letters[1][1][0] - 5, letters[1][0][0] + 5
    found = recognizer.transcribe([*letters, [[x0, -5], [x1, 105]], [[x1, -5], [x0, 105]]])
    assert recognizer.transcribe(letters).confidence > 0.5 > found.confidence
    assert [one.is_character for one in found.characters if x1 < one.box[0] or one.box[2] < x0] == [True, True]
    assert not any(one.is_character for one in found.characters if x0 <= (one.box[0] + one.box[2]) / 2 <= x1)


def test_the_unit_of_the_strokes_does_not_matter(recognizer: Recognizer) -> None:
    for size in (0.01, 1, 10_000):
        assert recognizer.transcribe(written("4E2", size=size)).text == "4E2"


def test_each_character_tells_its_box_and_its_strokes(recognizer: Recognizer) -> None:
    first, second = recognizer.transcribe(written("E4")).characters
    assert first.box == pytest.approx((10.5, 0, 59.5, 100))
    assert (first.parts, second.parts) == ((0, 1), (2, 3))
    assert first.box[2] < second.box[0]


def test_digits_stand_beside_digits_and_letters_beside_letters(recognizer: Recognizer) -> None:
    assert recognizer.transcribe(written("3O7")).text == "307"
    assert recognizer.transcribe(written("EOK")).text == "EOK"


def test_a_letter_of_one_shape_is_small_where_its_neighbours_say_so(recognizer: Recognizer) -> None:
    tall, small = written("TK"), [[[x / 2 + 200, y / 2 + 50] for x, y in stroke] for stroke in written("C")]
    assert recognizer.transcribe(tall + small).text == "TKc"
    assert recognizer.transcribe(tall + small, context=False).text == "TKC"


def test_only_chosen_characters_come_out(recognizer: Recognizer) -> None:
    assert recognizer.transcribe(written("EOZ"), only="digits").text.isdigit()
    assert recognizer.transcribe(written("EOZ"), only="Numbers").text.isdigit()


@pytest.mark.parametrize("context", [True, False])
@pytest.mark.parametrize(("only", "case"), [("lower", "zo"), ("oz", "zo"), ("upper", "ZO")])
def test_if_only_names_one_case_it_comes_out(recognizer: Recognizer, context: bool, only: str, case: str) -> None:
    for text in case:
        assert recognizer.transcribe(written(text.upper()), only, context).text == text
    assert recognizer.transcribe(written("ZO"), only, context).text == case


def test_strokes_come_from_a_file_too(recognizer: Recognizer, tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig"):
        (tmp_path / "s.json").write_text(json.dumps(written("42")), encoding)
        assert recognizer.transcribe(tmp_path / "s.json").text == "42"


@pytest.mark.parametrize(
    "strokes",
    [
        [[[0, float("nan")]]],
        [[[0, 1, 2]]],
        [[["a", 1]]],
        [0, 1],
        ["ab"],
        [[[1e300, 0]]],
        [[[0, 0]] * 100_001],
        [[[0, 0]]] * 501,
        [{"x": 1}],
        [[None]],
        [[[10**400, 0]]],
        [np.array(1.0)],
        [[[True, False], [False, True]]],
        [[["1", "2"], ["1", "9"]]],
        ["12"],
        [["12", "34"]],
        [[b"12", b"34"]],
        [[{1: 2, 3: 4}]],
        [[{1, 2}, {3, 4}]],
        [[[1j, 0], [0, 9]]],
        [np.array([[0, 0], [0, 1]], bool)],
        [np.array([["0", "0"], ["0", "9"]])],
        [np.array([[0, 0], [0, 9]], complex)],
        [np.array([[0, 0], [0, 9]], "datetime64[s]")],
    ],
)
def test_what_is_no_list_of_strokes_is_refused(recognizer: Recognizer, strokes: list[object]) -> None:
    with pytest.raises(UnreadableStrokesError, match=r"stroke"):
        recognizer.transcribe(strokes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content", ["", "{}", "[[[1", "[" * 100_000, '{"strokes": []}', "[[[true, 1]]]", '[[["1", 2]]]']
)
def test_a_file_of_something_else_is_refused(recognizer: Recognizer, tmp_path: Path, content: str) -> None:
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(UnreadableStrokesError, match=r"stroke"):
        recognizer.transcribe(tmp_path / "s.json")


def test_a_file_of_strokes_that_is_missing_or_a_folder_is_named(recognizer: Recognizer, tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(FileNotFoundError, match=r"^there is no file .*absent\.json$"):
        recognizer.transcribe(tmp_path / "absent.json")
    with pytest.raises(UnreadableStrokesError, match=r"holds no strokes \(.* is not a file\)$"):
        recognizer.transcribe(tmp_path / "folder.json")


@pytest.mark.parametrize("strokes", [[], [[]], [[], []]])
def test_nothing_written_is_no_ink(recognizer: Recognizer, strokes: Strokes) -> None:
    with pytest.raises(NoInkError):
        recognizer.transcribe(strokes)


@pytest.mark.parametrize(
    "strokes",
    [
        [[[5, 5]]],
        [[[0, 0], [0, 0]]],
        [[[0, 0], [10, 0]], [[0, 5], [10, 5]]],
        [[[float(i % 7), float(i % 5)]] for i in range(40)],
        [[[0, 0], [1e9, 1e9]], [[1, 1], [1, 2]]],
        [[[0, 0], [1e-300, 0]]],
        [[[1e9, 1e9]]],
        [[[1e9, -1e9]], [[-1e9, 1e9]], [[1e9, -1e9]]],
        [[[2e8 * i, 0]] for i in range(5)],
    ],
)
def test_odd_strokes_are_read_as_something(recognizer: Recognizer, strokes: Strokes) -> None:
    found = recognizer.transcribe(strokes)
    assert 0 <= found.confidence <= 1
    assert sum(len(character.parts) for character in found.characters) == len(strokes)


def test_a_hundred_strokes_in_one_place_take_little_memory(recognizer: Recognizer) -> None:
    tracemalloc.start()
    recognizer.transcribe([[[0, 0], [0, 10], [7, 10]]] * 100)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 22e6


def test_joined_writing_is_doubted_and_said_to_be_so(recognizer: Recognizer) -> None:
    joined = [[point for stroke in written("WEMNAU", gap=5) for point in stroke]]
    found = recognizer.transcribe(joined)
    assert found.confidence < 0.5
    assert "joined" in found.remark
    assert not recognizer.transcribe(written("369")).remark


@pytest.mark.parametrize(("heights", "length"), [((35.0, 62.0), 60), ((50.0,), 150)], ids=["equals sign", "dash"])
def test_a_wide_mark_lower_than_the_characters_is_doubted_but_no_joined_writing(
    recognizer: Recognizer, heights: Sequence[float], length: float
) -> None:
    mark = [[[105.0, y], [105.0 + length, y]] for y in heights]
    found = recognizer.transcribe([*written("7"), *mark])
    assert found.confidence < 0.1
    assert not found.remark


def test_the_best_covers_take_each_atom_once() -> None:
    groups = [(0,), (1,), (2,), (0, 2), (1, 2)]
    found = covers(3, groups, np.array([0.0, 0, 0, 2, 1]), np.zeros((5, 5)), most=2)
    assert [(score, [groups[group] for group in chosen]) for score, chosen in found] == [
        (2.0, [(0, 2), (1,)]),
        (1.0, [(0,), (1, 2)]),
    ]


def test_a_single_i_is_one_character_though_its_dot_is_a_stroke_set_far_off(recognizer: Recognizer) -> None:
    found = recognizer.transcribe([[[50, 60], [50, 110]], [[55, 0], [54, 20]]])
    assert [one.parts for one in found.characters] == [(0, 1)]


def test_a_dot_belongs_to_the_line_below_it_rather_than_to_that_above(recognizer: Recognizer) -> None:
    stem, dot = [[150, 185], [150, 240]], [[150, 150], [151, 153]]
    upper, lower = written("EH4", gap=20), [[[x, y + 140] for x, y in stroke] for stroke in written("d")]
    *_, last = recognizer.transcribe([*upper, *lower, stem, dot]).characters
    above = len(upper) + len(lower)
    assert (last.line, last.parts) == (1, (above, above + 1))


def test_a_short_stroke_far_below_a_long_one_is_a_line_of_its_own(recognizer: Recognizer) -> None:
    assert recognizer.transcribe([[[50, 0], [50, 100]], [[50, 300], [50, 340]]]).text.count("\n") == 1
