"""What surrounds a character on photographs: tables, printed lines, holes, textures; drawn by the tests."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from drawings import BLACK, WHITE, alike, coverage, draw
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from emnist.picture import prepare

CHARACTERS = ("A", "5", "e", "T", "O")
Pixels = NDArray[np.float64]
Colour = tuple[int, int, int]


def wood(size: int) -> Image.Image:
    """Return the top of a table with a grain."""
    across, down = np.meshgrid(np.linspace(0, 1, size), np.linspace(0, 1, size))
    grain = (0.5 + 0.5 * np.sin(60 * down + 4 * np.sin(5 * across)))[..., None]
    pixels = grain * (120, 80, 45) + (1 - grain) * (165, 115, 70)
    return Image.fromarray(pixels.astype(np.uint8))


def on_table(sheet: Image.Image, table: Image.Image, turn: float = 0, at: tuple[int, int] | None = None) -> Image.Image:
    """Return `sheet` lying on `table`, turned by `turn` degrees."""
    turned = sheet.convert("RGBA").rotate(turn, Image.Resampling.BICUBIC, expand=True)
    place = at or ((table.width - turned.width) // 2, (table.height - turned.height) // 2)
    table = table.copy()
    table.paste(turned, place, turned)
    return table


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("turn", [0, 9, -20])
@pytest.mark.parametrize("table", ["wood", "black", "grey", "white"])
def test_the_table_around_a_sheet_does_not_matter(character: str, turn: float, table: str) -> None:
    colours = {"black": (25, 25, 30), "grey": (120, 120, 125), "white": (250, 250, 250)}
    ground = wood(400) if table == "wood" else Image.new("RGB", (400, 400), colours[table])
    sheet = draw(character, ink=(20, 40, 140), paper=(230, 215, 120) if table == "white" else (235, 232, 225), size=240)
    assert alike(sheet, on_table(sheet, ground)) > 0.97
    assert (
        alike(
            sheet.rotate(turn, Image.Resampling.BICUBIC, fillcolor=sheet.getpixel((0, 0))),
            on_table(sheet, ground, turn),
        )
        > 0.95
    )


@pytest.mark.parametrize("character", CHARACTERS)
def test_a_sheet_that_the_picture_cuts_off_is_told_from_the_table(character: str) -> None:
    sheet = draw(character, size=320)
    assert alike(sheet, on_table(sheet, wood(400), at=(-10, 60))) > 0.97


@pytest.mark.parametrize("character", ["O", "0", "A", "8", "B", "P", "R", "e"])
@pytest.mark.parametrize("is_light", [False, True])
def test_bold_characters_with_holes_are_no_sheets(character: str, is_light: bool) -> None:
    ink_, paper = (WHITE, BLACK) if is_light else (BLACK, WHITE)
    picture = draw(character, ink=ink_, paper=paper, pen=44)
    np.testing.assert_array_equal(prepare(picture).mask, np.asarray(coverage(character, pen=44)) > 127)


@pytest.mark.parametrize("character", ["9", "n", "E", "i"])
@pytest.mark.parametrize("tilt", [0, 8])
def test_a_printed_line_to_write_on_is_dropped(character: str, tilt: int) -> None:
    picture = draw(character, extent=0.5)
    ImageDraw.Draw(picture).line([(30, 236), (250, 236 + tilt)], fill=(60, 60, 60), width=2)
    assert alike(draw(character, extent=0.5), picture) > 0.97


@pytest.mark.parametrize("character", ["E", "H", "T", "1", "i"])
def test_straight_strokes_of_a_character_are_no_printed_lines(character: str) -> None:
    picture = draw(character, pen=12)
    np.testing.assert_array_equal(prepare(picture).mask, np.asarray(coverage(character, pen=12)) > 127)


@pytest.mark.parametrize("character", CHARACTERS)
def test_the_boxes_of_a_form_are_dropped(character: str) -> None:
    picture = draw(character, extent=0.4)
    canvas = ImageDraw.Draw(picture)
    for left in (-130, 50, 230):
        canvas.rectangle([(left, 50), (left + 180, 230)], outline=(120, 120, 120), width=2)
    assert alike(draw(character, extent=0.4), picture) > 0.97


@pytest.mark.parametrize("character", ["7", "e", "H", "A"])
@pytest.mark.parametrize("width", [2, 4])
def test_a_row_of_boxes_that_the_picture_cuts_off_is_dropped(character: str, width: int) -> None:
    shape: dict[str, Any] = {"size": 500, "pen": 12, "extent": 0.32}
    picture = draw(character, **shape)
    for left in (-104, 132, 368):
        ImageDraw.Draw(picture).rectangle([(left, 132), (left + 236, 368)], outline=(70, 70, 70), width=width)
    assert alike(draw(character, **shape), picture) > 0.97


@pytest.mark.parametrize("character", CHARACTERS)
def test_lines_nearly_as_dark_as_the_pencil_are_dropped(character: str) -> None:
    random = np.random.default_rng(0)
    shape: dict[str, Any] = {"size": 600, "pen": 10, "extent": 0.45}
    picture = draw(character, ink=(110, 110, 115), **shape)
    lines = Image.new("RGB", picture.size, WHITE)
    for y in range(40, 600, 130):
        ImageDraw.Draw(lines).line([(0, y), (600, y + 15)], fill=(150, 175, 215), width=3)
    pixels = np.minimum(np.asarray(picture), np.asarray(lines)) * np.linspace(1, 0.55, 600)[:, None]
    photograph = Image.fromarray((pixels + random.normal(0, 4, pixels.shape)).clip(0, 255).astype(np.uint8))
    assert alike(picture, photograph.filter(ImageFilter.GaussianBlur(1))) > 0.95


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("corner", [[(0, 0), (90, 0), (0, 90)], [(280, 280), (200, 280), (280, 190)]])
def test_a_corner_of_the_table_is_dropped(character: str, corner: list[tuple[int, int]]) -> None:
    picture = draw(character, pen=14)
    ImageDraw.Draw(picture).polygon(corner, fill=(110, 80, 55))
    assert alike(draw(character, pen=14), picture) > 0.97


@pytest.mark.parametrize("character", CHARACTERS)
def test_holes_punched_into_the_sheet_are_dropped(character: str) -> None:
    picture = draw(character, extent=0.5)
    for y in (56, 224):
        ImageDraw.Draw(picture).ellipse([(14, y - 7), (28, y + 7)], fill=(50, 45, 40))
    assert alike(draw(character, extent=0.5), picture) > 0.97


@pytest.mark.parametrize("characters", ["AB", "11", "5e", "HT"])
def test_two_characters_stay_two(characters: str) -> None:
    first, second = (
        np.asarray(coverage(c, extent=0.35, pen=10, centre=(x, 0.5)))
        for c, x in zip(characters, (0.3, 0.7), strict=True)
    )
    picture = Image.fromarray(255 - np.maximum(first, second)).convert("RGB")
    mask = prepare(picture).mask
    assert mask[first > 127].mean() > 0.95
    assert mask[second > 127].mean() > 0.95


def folded(pixels: Pixels, random: np.random.Generator) -> Pixels:
    pixels[:, 90:] *= 0.85
    pixels[200:] *= 0.9
    pixels[:, 89:91] *= 0.75
    return pixels


def fibrous(pixels: Pixels, random: np.random.Generator) -> Pixels:
    grain = Image.fromarray(random.normal(128, 60, pixels.shape[:2]).clip(0, 255).astype(np.uint8))
    return pixels * (0.7 + 0.3 * np.asarray(grain.filter(ImageFilter.GaussianBlur(1)))[..., None] / 128)


def dotted(pixels: Pixels, random: np.random.Generator) -> Pixels:
    for dy in (0, 1):
        for dx in (0, 1):
            pixels[10 + dy :: 28, 10 + dx :: 28] *= 0.6
    return pixels


def faint(pixels: Pixels, random: np.random.Generator) -> Pixels:
    return 235 - (255 - pixels) * 0.15 + random.normal(0, 2, pixels.shape)


def noisy(pixels: Pixels, random: np.random.Generator) -> Pixels:
    return 0.6 * pixels + random.normal(0, 18, pixels.shape)


def vignetted(pixels: Pixels, random: np.random.Generator) -> Pixels:
    y, x = np.mgrid[-1 : 1 : 1j * pixels.shape[0], -1 : 1 : 1j * pixels.shape[1]]
    return pixels * (1 - 0.35 * (x**2 + y**2))[..., None]


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("paper", [folded, fibrous, dotted, faint, noisy, vignetted])
def test_paper_and_camera_do_not_matter(character: str, paper: Callable[[Pixels, np.random.Generator], Pixels]) -> None:
    pixels = paper(np.array(draw(character), dtype=np.float64), np.random.default_rng(0))
    assert alike(draw(character), pixels.clip(0, 255).astype(np.uint8)) > 0.93


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("turn", [0, 15, -30])
@pytest.mark.parametrize("blur", [3, 6])
def test_the_shadow_of_a_telephone_does_not_matter(character: str, turn: float, blur: float) -> None:
    shade = Image.new("L", (400, 400), 255)
    ImageDraw.Draw(shade).rectangle([(150, 180), (320, 500)], fill=145)
    shade = shade.rotate(turn, fillcolor=255).filter(ImageFilter.GaussianBlur(blur))
    picture = draw(character, ink=(40, 45, 70), paper=(235, 232, 225), size=400, pen=22)
    assert alike(picture, ImageChops.multiply(picture, shade.convert("RGB"))) > 0.95


@pytest.mark.parametrize("character", CHARACTERS)
def test_the_edge_of_a_shadow_may_be_wavy(character: str) -> None:
    y, x = np.mgrid[-1:1:400j, -1:1:400j]
    shade = np.where(x + 0.3 * y + 0.15 * np.sin(6 * y) > 0.1, 0.55, 1)
    picture = draw(character, ink=(40, 45, 70), paper=(235, 232, 225), size=400, pen=22)
    assert alike(picture, (np.asarray(picture) * shade[..., None]).astype(np.uint8)) > 0.95


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("quality", [5, 15])
def test_jpeg_artefacts_do_not_matter(character: str, quality: int) -> None:
    file = io.BytesIO()
    draw(character).save(file, "JPEG", quality=quality)
    assert alike(draw(character), file.getvalue()) > 0.97


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("is_dark", [False, True])
def test_the_window_of_a_screenshot_is_dropped(character: str, is_dark: bool) -> None:
    ink_, paper, bar = ((230, 230, 90), (20, 20, 22), (50, 52, 56)) if is_dark else (BLACK, WHITE, (225, 227, 230))
    picture = draw(character, ink=ink_, paper=paper, size=400, pen=20, extent=0.5)
    canvas = ImageDraw.Draw(picture)
    canvas.rectangle([(0, 0), (399, 30)], fill=bar)
    canvas.rectangle([(390, 30), (399, 399)], fill=bar)
    for x, colour in ((12, (255, 95, 86)), (30, (255, 189, 46)), (48, (39, 201, 63))):
        canvas.ellipse([(x - 6, 9), (x + 6, 21)], fill=colour)
    assert alike(draw(character, ink=ink_, paper=paper, size=400, pen=20, extent=0.5), picture) > 0.95


@pytest.mark.parametrize("character", CHARACTERS)
def test_pictures_of_twenty_pixels_are_read(character: str) -> None:
    assert alike(draw(character, pen=20), draw(character, size=20, pen=20 * 20 / 280)) > 0.85


def test_pictures_of_24_megapixels_are_read() -> None:
    assert alike(draw("B"), draw("B").resize((4900, 4900))) > 0.97
