"""From a mask or picture to EMNIST's form: the conversion byte for byte, and what must not change the result."""

import csv
import sys
from pathlib import Path

import numpy as np
import pytest
from drawings import BLACK, STROKES, WHITE, Colour, coverage, draw, photograph, ruled, sketch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from emnist.errors import NoInkError
from emnist.picture import Source, convert, parts, prepare

Bytes = NDArray[np.uint8]
CHARACTERS = tuple(STROKES)


def alike(first: Bytes, second: Bytes) -> float:
    """Return the correlation of two images."""
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def image(picture: Source) -> Bytes:
    return prepare(picture).image


@pytest.mark.shared
def test_the_conversion_equals_emnist_byte_for_byte_on_all_scans(shared: Path) -> None:
    images = np.load(shared / "scans" / "emnist.npz")["images"]
    with (shared / "scans" / "labels.csv").open() as table:
        files = [next((shared / "scans").rglob(Path(row["file"]).name)) for row in csv.DictReader(table)]
    found = np.stack([convert.emnist(np.asarray(Image.open(file).convert("L")) < 128) for file in files])
    assert len(found) == 930
    np.testing.assert_array_equal(found, images)


def test_the_conversion_keeps_a_known_image() -> None:
    mask = np.zeros((60, 50), dtype=bool)
    mask[10:50, 10:16] = mask[44:50, 10:40] = True  # an L
    found = convert.emnist(mask)
    assert found.shape == (28, 28)
    assert found.dtype == np.uint8
    assert found.max() == 255
    assert found[14].tolist() == [0, 0, 0, 0, 4, 37, 217, 254, 217, 127, 4] + [0] * 17
    assert found[:, 10].tolist() == [0, 0, 0] + [4] * 17 + [9, 129, 218, 254, 217, 37, 0, 0]
    assert found.sum() == 30_272


def test_the_place_of_a_mask_does_not_matter() -> None:
    mask = np.asarray(coverage("B")) > 127
    np.testing.assert_array_equal(convert.emnist(mask), convert.emnist(np.pad(mask, ((3, 90), (40, 0)))))


@pytest.mark.parametrize("size", [(0, 0), (5, 9), (1, 1)])
def test_a_mask_without_ink_raises_no_ink_error(size: tuple[int, int]) -> None:
    with pytest.raises(NoInkError, match="no ink"):
        convert.emnist(np.zeros(size, dtype=bool))


def test_a_hairline_that_sampling_misses_raises_no_ink_error() -> None:
    with pytest.raises(NoInkError, match="too thin"):
        convert.emnist(np.ones((1, 500), dtype=bool))


@pytest.mark.parametrize("character", CHARACTERS)
def test_the_result_is_centred_and_spans_emnists_height_or_width(character: str) -> None:
    ink_at = np.argwhere(image(draw(character)) > 60)
    low, high = ink_at.min(axis=0), ink_at.max(axis=0)
    assert 21 <= (high - low + 1).max() <= 25
    assert np.abs(low + high - 27).max() <= 2


@pytest.mark.parametrize("centre", [(0.35, 0.4), (0.65, 0.6), (0.33, 0.66)])
def test_shifting_the_drawing_changes_nothing(centre: tuple[float, float]) -> None:
    assert alike(image(draw("K")), image(draw("K", centre=centre))) > 0.99


@pytest.mark.parametrize("extent", [0.2, 0.4, 0.85])
def test_the_size_of_the_drawing_does_not_matter(extent: float) -> None:
    assert alike(image(draw("B")), image(draw("B", extent=extent, pen=16 * extent / 0.6))) > 0.97


@pytest.mark.parametrize("size", [28, 40, 100, 800, 1600])
def test_the_resolution_does_not_matter(size: int) -> None:
    assert alike(image(draw("e")), image(draw("e", size=size, pen=16 * size / 280))) > 0.96


@pytest.mark.parametrize(
    ("pen", "paper"),
    [
        ((255, 255, 255), (0, 0, 0)),
        ((200, 30, 30), (255, 255, 255)),
        ((250, 230, 60), (255, 255, 255)),
        ((255, 240, 60), (20, 40, 120)),
        ((200, 40, 40), (40, 150, 60)),
        ((20, 40, 120), (250, 235, 150)),
        ((190, 190, 190), (215, 215, 215)),
    ],
)
def test_the_colours_of_pen_and_paper_do_not_matter(pen: tuple[int, int, int], paper: tuple[int, int, int]) -> None:
    assert alike(image(draw("A")), image(draw("A", ink=pen, paper=paper))) > 0.98


@pytest.mark.parametrize("pen", [(0, 0, 0), (255, 255, 255), (230, 40, 40), (120, 120, 120)])
def test_ink_on_a_transparent_ground_reads_like_ink_on_paper(pen: tuple[int, int, int]) -> None:
    assert alike(image(draw("4")), image(sketch("4", ink=pen))) > 0.99


def test_an_opaque_card_with_transparent_corners_reads_like_paper() -> None:
    picture = draw("E").convert("RGBA")
    corners = Image.new("L", picture.size)
    ImageDraw.Draw(corners).rounded_rectangle([(0, 0), (279, 279)], 40, fill=255)
    picture.putalpha(corners)
    assert alike(image(draw("E")), image(picture)) > 0.99


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("is_light", [False, True])
def test_an_image_in_emnists_form_comes_out_close_to_itself(character: str, is_light: bool) -> None:
    known = image(draw(character, pen=22))
    assert alike(known, image(known if is_light else 255 - known)) > 0.95


@pytest.mark.parametrize("character", CHARACTERS)
def test_smooth_edges_read_like_hard_ones(character: str) -> None:
    smooth = draw(character, size=800, pen=40).convert("L")
    assert alike(image(smooth), image(smooth.point(lambda value: 255 * (value > 127)))) > 0.99


@pytest.mark.parametrize("pen", [2, 5, 16, 30, 44])
def test_thin_and_thick_pens_are_brought_near_emnists(pen: int) -> None:
    strokes = prepare(draw("1", pen=pen)).strokes
    assert strokes.shape[0] - 2 <= 50
    assert 4 <= strokes.sum(axis=1).max() <= 11


@pytest.mark.parametrize("character", ["i", "j"])
@pytest.mark.parametrize("pen", [4, 10, 20])
def test_dots_stay(character: str, pen: int) -> None:
    image_ = image(draw(character, pen=pen))
    rows = (image_ > 100).any(axis=1)
    assert np.count_nonzero(np.diff(rows.astype(int)) == 1) == 2


@pytest.mark.parametrize(("x", "y"), [(140, 90), (150, 75), (60, 110)])
def test_a_dot_set_high_or_aside_stays(x: int, y: int) -> None:
    picture = draw("1", extent=0.35, centre=(0.4, 0.75))
    alone = prepare(picture).mask.sum()
    ImageDraw.Draw(picture).ellipse([(x - 10, y - 10), (x + 10, y + 10)], fill=(0, 0, 0))
    assert prepare(picture).mask.sum() > alone + 250


def test_a_stroke_that_bends_around_another_is_no_frame() -> None:
    picture = Image.new("RGB", (280, 280), (255, 255, 255))
    canvas = ImageDraw.Draw(picture)
    canvas.line([(230, 25), (30, 25), (30, 255)], fill=(0, 0, 0), width=18)
    canvas.line([(70, 130), (200, 130)], fill=(0, 0, 0), width=18)
    assert prepare(picture).mask[:, :40].any()


def test_specks_are_dropped() -> None:
    picture = draw("L")
    canvas = ImageDraw.Draw(picture)
    for x, y in [(20, 20), (200, 90), (260, 30), (150, 120), (250, 270)]:
        canvas.ellipse((x, y, x + 5, y + 5), fill=(0, 0, 0))
    np.testing.assert_array_equal(image(draw("L")), image(picture))


def test_a_frame_is_dropped() -> None:
    picture = draw("A")
    ImageDraw.Draw(picture).rectangle([(6, 6), (273, 273)], outline=(0, 0, 0), width=5)
    assert alike(image(draw("A")), image(picture)) > 0.99


def test_a_box_around_the_character_is_dropped() -> None:
    picture = draw("A", extent=0.4)
    ImageDraw.Draw(picture).rectangle([(50, 55), (230, 225)], outline=(0, 0, 0), width=3)
    assert alike(image(draw("A", extent=0.4)), image(picture)) > 0.99


@pytest.mark.parametrize("side", range(4))
@pytest.mark.parametrize("character", ["A", "X", "O", "5", "8"])
def test_a_box_that_the_character_touches_is_dropped(character: str, side: int) -> None:
    picture = draw(character, pen=12, extent=0.4)
    left, top, right, bottom = Image.eval(picture.convert("L"), lambda value: 255 - value).getbbox()
    corners = [left - 35, top - 35, right + 35, bottom + 35]
    corners[side] = (left + 4, top + 4, right - 4, bottom - 4)[side]
    ImageDraw.Draw(picture).rectangle(corners, outline=(0, 0, 0), width=3)
    assert alike(image(draw(character, pen=12, extent=0.4)), image(picture)) > 0.8


@pytest.mark.parametrize("character", CHARACTERS)
def test_the_line_that_a_character_stands_on_is_dropped_though_it_ends_inside_the_picture(character: str) -> None:
    shape = {"pen": 12, "extent": 0.4}
    picture = draw(character, **shape)
    ImageDraw.Draw(picture).line([(14, 192), (266, 198)], fill=(0, 0, 0), width=4)
    assert alike(image(draw(character, **shape)), image(picture)) > 0.85


def test_the_foot_of_a_one_and_the_bars_of_an_i_stay() -> None:
    for bars in ([220], [60, 220]):
        picture = draw("1", pen=12)
        for y in bars:
            ImageDraw.Draw(picture).line([(95, y), (185, y)], fill=(0, 0, 0), width=12)
        columns = np.flatnonzero(image(picture).any(axis=0))
        assert np.ptp(columns) > 9


def test_a_dot_inside_a_zero_is_no_character_in_a_frame() -> None:
    picture = draw("O")
    ImageDraw.Draw(picture).ellipse([(130, 130), (150, 150)], fill=(0, 0, 0))
    assert image(picture)[14, 14] > 200
    assert image(picture)[14, 3:7].max() > 200


@pytest.mark.parametrize("x", [-20, 260])
def test_a_neighbours_stroke_at_the_border_is_dropped(x: int) -> None:
    picture = draw("A")
    ImageDraw.Draw(picture).line([(x, 60), (x + 25, 150), (x, 230)], fill=(0, 0, 0), width=16)
    assert alike(image(draw("A")), image(picture)) > 0.99


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("grid", [False, True])
def test_lines_on_the_paper_are_dropped(character: str, grid: bool) -> None:
    assert alike(image(draw(character, pen=14)), image(ruled(character, pen=14, spacing=50, grid=grid))) > 0.9


@pytest.mark.parametrize("character", ["d", "E", "h"])
def test_a_small_character_on_squared_paper_keeps_its_upright_strokes(character: str) -> None:
    shape = {"extent": 0.15, "pen": 8, "size": 400}
    assert alike(image(draw(character, **shape)), image(ruled(character, spacing=25, grid=True, **shape))) > 0.95


def test_dark_lines_are_told_from_strokes() -> None:
    picture = draw("N", pen=14)
    canvas = ImageDraw.Draw(picture)
    for y in range(15, 280, 50):
        canvas.line([(0, y), (279, y + 4)], fill=(60, 60, 60), width=2)
    assert alike(image(draw("N", pen=14)), image(picture)) > 0.97


@pytest.mark.parametrize("character", ["T", "E", "H", "Z", "e"])
@pytest.mark.parametrize("pen", [4, 16])
def test_bars_of_a_character_cropped_closely_are_no_lines(character: str, pen: int) -> None:
    picture = draw(character, pen=pen)
    box = Image.eval(picture.convert("L"), lambda value: 255 - value).getbbox()
    assert alike(image(picture), image(picture.crop(box))) > 0.9


@pytest.mark.parametrize("character", CHARACTERS)
def test_uneven_light_and_a_shadow_do_not_matter(character: str) -> None:
    assert alike(image(draw(character)), image(photograph(character))) > 0.93


@pytest.mark.parametrize("size", [(280, 280), (28, 28), (640, 480)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_picture_raises_no_ink_error(size: tuple[int, int], value: int) -> None:
    with pytest.raises(NoInkError, match="blank"):
        prepare(Image.new("L", size, value))


def test_a_transparent_picture_raises_no_ink_error() -> None:
    with pytest.raises(NoInkError, match="transparent"):
        prepare(Image.new("RGBA", (280, 280)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [1, 3])
@pytest.mark.parametrize("darkest", [120, 180])
def test_blank_paper_in_uneven_light_raises_no_ink_error(darkest: int, noise: float, seed: int) -> None:
    light = np.linspace(darkest, 230, 300)[None] + np.random.default_rng(seed).normal(0, noise, (300, 300))
    with pytest.raises(NoInkError):
        prepare(light.clip(0, 255).astype(np.uint8))


def test_each_step_has_its_size() -> None:
    steps = prepare(draw("3"))
    assert steps.picture.shape == (280, 280, 3)
    assert steps.contrast.shape == steps.mask.shape == (280, 280)
    assert max(steps.strokes.shape) < 60
    np.testing.assert_array_equal(convert.emnist(steps.strokes), steps.image)


@pytest.mark.parametrize(("ink", "paper"), [(BLACK, 255), (WHITE, 0)], ids=["black ink", "white ink"])
def test_transparent_parts_are_shown_as_the_paper_that_they_are_taken_for(ink: Colour, paper: int) -> None:
    shown = prepare(sketch("3", ink)).picture
    assert (shown[0, 0] == paper).all()
    assert abs(shown.astype(int) - paper).max() > 200


def test_the_mask_follows_the_drawing() -> None:
    drawn = np.asarray(coverage("8")) > 127
    assert np.mean(prepare(draw("8")).mask != drawn) < 0.005


def bars(step: int) -> np.ndarray:
    """Return ink in which thin upright bars 7 px high stand `step` px apart, a thicker part in the middle."""
    mask = np.zeros((400, 400), bool)
    for y in range(4, 390, 8):
        mask[y : y + 7, 4:396:step] = True
    mask[180:220, 180:220] = False
    mask[196:204, 196:204] = True
    return mask


def test_thousands_of_parts_take_no_more_steps_than_a_few() -> None:
    def steps(mask: np.ndarray) -> int:
        calls: list[str] = []
        sys.setprofile(lambda frame, event, function: calls.append(event) if event == "c_call" else None)
        try:
            parts.character(mask)
        finally:
            sys.setprofile(None)
        return len(calls)

    assert steps(bars(5)) < 2 * steps(bars(78))
