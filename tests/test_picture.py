"""Reading what people send: every mode, format and array alike; what is no picture ends in one clear error."""

import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from drawings import coverage, draw, sketch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from emnist import ink
from emnist.errors import NoInkError, UnreadableImageError
from emnist.picture import read

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def alike(first: ink.Source, second: ink.Source) -> float:
    """Return the correlation of what two pictures become."""
    return float(np.corrcoef(ink.prepare(first).image.ravel(), ink.prepare(second).image.ravel())[0, 1])


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_read_from_path_and_bytes(form: str, tmp_path: Path) -> None:
    content = saved(draw("A"), form)
    path = tmp_path / "picture"
    path.write_bytes(content)
    assert read(str(path)).size == read(path).size == read(content).size == (280, 280)
    assert alike(draw("A"), path) > 0.98


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16"])
def test_every_mode_reads_alike(mode: str) -> None:
    picture = draw("E")
    picture = picture.convert("L").convert(mode) if mode in ("I", "F", "I;16") else picture.convert(mode)
    assert alike(draw("E"), picture) > 0.97


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_the_exif_orientation_turns_the_picture_upright(
    form: str, orientation: int, stored: Image.Transpose | None
) -> None:
    picture = draw("4") if stored is None else draw("4").transpose(stored)
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert alike(draw("4"), saved(picture, form, exif=exif)) > 0.97


def test_of_several_frames_the_first_counts() -> None:
    frames = [draw("A"), draw("X")]
    for form in ("GIF", "PNG", "WEBP", "TIFF"):
        content = saved(frames[0], form, save_all=True, append_images=frames[1:])
        assert alike(draw("A"), content) > 0.98


def test_a_palette_with_transparency_shows_its_ink() -> None:
    assert alike(draw("L"), saved(sketch("L").convert("PA").convert("RGBA").quantize(), "PNG")) > 0.97


@pytest.mark.parametrize(
    ("dtype", "top"),
    [
        ("bool", 1),
        ("uint8", 255),
        ("uint8", 1),
        ("uint16", 65535),
        ("int64", 255),
        ("float32", 1.0),
        ("float64", 255.0),
    ],
)
@pytest.mark.parametrize("channels", [0, 3, 4])
def test_arrays_of_every_type_read_alike(dtype: str, top: float, channels: int) -> None:
    grey = (np.asarray(coverage("E")) > 127) * top
    array = grey if channels == 0 else np.stack([grey, grey, grey, np.full_like(grey, top)][:channels], axis=2)
    assert alike(draw("E"), array.astype(dtype)) > 0.97


@pytest.mark.parametrize("size", [(6000, 4000), (3000, 5000)])
def test_a_large_photograph_is_shrunk(size: tuple[int, int]) -> None:
    picture = read(saved(draw("B").resize(size), "JPEG"))
    assert max(picture.size) == 400


def test_the_given_picture_and_pillows_limits_stay_as_they_are() -> None:
    limit, picture = Image.MAX_IMAGE_PIXELS, draw("K", size=1000)
    before = picture.tobytes()
    ink.prepare(picture)
    assert picture.size == (1000, 1000)
    assert picture.tobytes() == before
    assert limit == Image.MAX_IMAGE_PIXELS


def test_a_missing_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.png"):
        read("nowhere.png")


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a grey PNG that claims any size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def bomb(form: str) -> bytes:
    """Return a small file that claims 30,000 × 30,000 pixels, or as many as its format can."""
    side = 16_000 if form == "WEBP" else 30_000
    small = bytearray(saved(Image.new("L", (64, 64), 255), form))
    if form == "PNG":
        return png(side, side)
    places = {"GIF": (6, "<HH"), "BMP": (18, "<ii"), "JPEG": (small.find(b"\xff\xc0") + 5, ">HH")}
    if form == "TIFF":
        for tag in (256, 257):
            at = small.find(struct.pack("<H", tag))
            small[at : at + 12] = struct.pack("<HHII", tag, 4, 1, side)
    elif form == "PPM":
        return b"P5 30000 30000 255 " + bytes(100)
    else:
        at, layout = places[form]
        struct.pack_into(layout, small, at, side, side)
    return bytes(small)


@pytest.mark.parametrize("form", ["PNG", "GIF", "BMP", "JPEG", "TIFF", "PPM"])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(form: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(UnreadableImageError, match=r"30000×30000 pixels are too many .* shrink or crop"):
            read(bomb(form))
    assert not [warning for warning in caught if issubclass(warning.category, Image.DecompressionBombWarning)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 1000,
        b"hello",
        b"%PDF-1.7\n1 0 obj\n",
        b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L9 9"/></svg>',
        b"<!DOCTYPE html><html><img src=x></html>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"PK\x03\x04" + bytes(100),
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\xff\xd8\xff\xe0",
        b"II*\0",
        b"RIFF\0\0\0\0WEBPVP8 ",
    ],
    ids=lambda content: repr(content[:8]),
)
def test_what_is_no_picture_is_refused_with_advice(content: bytes) -> None:
    with pytest.raises(UnreadableImageError, match="send a PNG or JPEG"):
        ink.prepare(content)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6])
def test_a_truncated_file_is_refused_or_read(form: str, share: float) -> None:
    content = saved(draw("A"), form)
    with pytest.raises(ValueError, match=r"damaged|not a picture|blank|transparent"):
        ink.prepare(content[: int(share * len(content))])


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1), (3, 3)])
def test_a_picture_too_small_for_a_character_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UnreadableImageError, match="too few"):
        ink.prepare(Image.new("L", size))
    with pytest.raises(UnreadableImageError, match="too few"):
        ink.prepare(np.zeros(size, dtype=np.uint8))


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(0),
        np.zeros((0, 0)),
        np.zeros((0, 10, 3)),
        np.zeros(28),
        np.zeros((28, 28, 1)),
        np.zeros((28, 28, 2)),
        np.zeros((2, 28, 28)),
        np.zeros((1, 28, 28, 3)),
        np.zeros((28, 28), dtype=complex),
        np.full((28, 28), "x"),
        np.full((28, 28), None),
        np.zeros((28, 28), dtype="datetime64[s]"),
        np.full((28, 28), np.nan),
        np.full((28, 28), np.inf),
        np.full((28, 28), -1.0),
        np.pad(np.full((1, 1), np.nan), 13),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_an_array_that_is_no_picture_is_refused(array: np.ndarray) -> None:
    with pytest.raises(UnreadableImageError, match=r"cannot read|too few"):
        ink.prepare(array)


def test_huge_numbers_do_not_overflow() -> None:
    assert alike(draw("E"), (np.asarray(coverage("E")) > 127) * 1e300) > 0.97


@pytest.mark.parametrize("source", [None, 5, [[1, 2]], object()])
def test_another_type_is_refused_by_name(source: object) -> None:
    with pytest.raises(UnreadableImageError, match=type(source).__name__):
        read(source)  # type: ignore[arg-type]


def test_a_folder_and_an_impossible_name_are_refused(tmp_path: Path) -> None:
    for source in (tmp_path, "a\0b"):
        with pytest.raises(UnreadableImageError, match="not a file"):
            read(source)


SEEDS = [
    *(saved(draw("A", size=40, pen=3), form) for form in FORMATS),
    saved(sketch("i", size=40, pen=3), "PNG"),
    saved(draw("A", size=40, pen=3), "GIF", save_all=True, append_images=[draw("X", size=40, pen=3)]),
    saved(draw("A", size=40, pen=3).convert("I;16"), "PNG"),
    saved(draw("A", size=40, pen=3).convert("CMYK"), "JPEG"),
    saved(draw("A", size=40, pen=3), "JPEG", progressive=True),
    saved(draw("A", size=40, pen=3), "TIFF", compression="tiff_lzw"),
]
EDITS = st.lists(
    st.tuples(st.sampled_from(["set", "cut", "insert", "drop", "repeat"]), st.floats(0, 1), st.binary(max_size=8)),
    max_size=6,
)


def mutated(content: bytes, edits: list[tuple[str, float, bytes]]) -> bytes:
    for edit, place, value in edits:
        at = int(place * len(content))
        before, after = content[:at], content[at:]
        content = {
            "set": before + value + after[len(value) :],
            "cut": before,
            "insert": before + value + after,
            "drop": before + after[len(value) :],
            "repeat": before + before[-len(value) :] + after,
        }[edit]
    return content


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.sampled_from(SEEDS), edits=EDITS)
def test_mutated_files_are_read_or_refused(seed: bytes, edits: list[tuple[str, float, bytes]]) -> None:
    try:
        image = ink.prepare(mutated(seed, edits)).image
    except (UnreadableImageError, NoInkError) as refused:
        message = str(refused)
    else:
        message = f"an image of {image.shape}, which is fine"
    assert 20 < len(message) < 400
