"""Reading what people send: every mode, format and array alike; what is no picture ends in one clear error."""

import os
import signal
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from drawings import alike, coverage, draw, sketch
from hostile import BOMBS, bomb, runs, saved, scans
from PIL import Image, ImageDraw

from emnist.decoder import formats, worker
from emnist.errors import UnreadableImageError
from emnist.picture import prepare, read

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")


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


def test_a_large_drawing_is_turned_upright_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    large = draw("4", size=2000, pen=110)
    assert alike(large, saved(large.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)) > 0.97


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
    prepare(picture)
    assert picture.size == (1000, 1000)
    assert picture.tobytes() == before
    assert limit == Image.MAX_IMAGE_PIXELS


def test_a_missing_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.png"):
        read("nowhere.png")


@pytest.mark.parametrize("mode", ["L", "RGBA"])
@pytest.mark.parametrize("side", [400, 1600])
def test_a_clean_scan_as_large_as_pictures_may_be_is_read(tmp_path: Path, mode: str, side: int) -> None:
    scan = Image.new("L", (6000, 4000), 255)
    ImageDraw.Draw(scan).line([(1000, 1000), (5000, 3000)], 0, 40)
    scan.convert(mode).save(tmp_path / "scan.png", compress_level=1)
    assert max(read(tmp_path / "scan.png", side).size) == side


@pytest.mark.parametrize("form", BOMBS)
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
        prepare(content)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6])
def test_a_truncated_file_is_refused_or_read(form: str, share: float) -> None:
    content = saved(draw("A"), form)
    with pytest.raises(ValueError, match=r"damaged|not a picture|blank|transparent"):
        prepare(content[: int(share * len(content))])


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1), (3, 3)])
def test_a_picture_too_small_for_a_character_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UnreadableImageError, match="too few"):
        prepare(Image.new("L", size))
    with pytest.raises(UnreadableImageError, match="too few"):
        prepare(np.zeros(size, dtype=np.uint8))


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
        prepare(array)


def test_huge_numbers_do_not_overflow() -> None:
    assert alike(draw("E"), (np.asarray(coverage("E")) > 127) * 1e300) > 0.97


@pytest.mark.parametrize("source", [None, 5, [[1, 2]], object()])
def test_another_type_is_refused_by_name(source: object) -> None:
    with pytest.raises(UnreadableImageError, match=type(source).__name__):
        read(source)  # type: ignore[arg-type]


def test_a_folder_and_an_impossible_name_are_refused(tmp_path: Path) -> None:
    for source in (tmp_path, "/dev/zero"):
        with pytest.raises(UnreadableImageError, match="not a file"):
            read(source)
    for name in ("a\0b", "\ud800", "x" * 5000):
        with pytest.raises(UnreadableImageError, match="cannot be opened"):
            read(name)


def test_files_that_are_decoded_slowly_are_read_if_they_are_small() -> None:
    for content in (scans(700, 20), b"P5 900 900 254 " + bytes(900 * 900), runs(900)):
        assert read(content).size == (400, 400)


def test_what_would_end_the_decoder_is_refused_and_the_next_file_is_read() -> None:
    with pytest.raises(UnreadableImageError, match="too much time or memory"):
        read(b"P5 4000 4000 254 " + bytes(16_000_000))  # Pillow unpacks this in Python
    assert read(saved(draw("B"), "JPEG")).size == (280, 280)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found by /proc")
def test_a_decoder_that_does_not_answer_is_ended_and_the_next_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PATIENCE", 0.1)
    content = saved(draw("B"), "JPEG")
    read(content)
    below = "".join(file.read_text() for file in Path("/proc/self/task").glob("*/children")).split()
    for child in below:
        if formats.__name__ in Path(f"/proc/{child}/cmdline").read_text():
            os.kill(int(child), signal.SIGSTOP)
    with pytest.raises(UnreadableImageError, match="too much time or memory"):
        read(content)
    monkeypatch.undo()
    assert read(content).width == 280


def test_threads_share_the_decoder() -> None:
    files = [saved(draw("B", size=100 + i, pen=9), "JPEG") for i in range(24)]
    with ThreadPoolExecutor(8) as pool:
        assert [picture.width for picture in pool.map(read, files)] == [100 + i for i in range(24)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on Windows")
@pytest.mark.filterwarnings("ignore:This process")  # that it has threads and is forked is the point
def test_a_forked_process_reads_files_too_and_leaves_the_decoder_to_its_parent() -> None:
    content = saved(draw("B"), "JPEG")
    read(content)
    if (child := os.fork()) == 0:
        os._exit(read(content).width != 280)
    assert os.waitpid(child, 0)[1] == 0
    assert read(content).width == 280


def test_a_heic_picture_is_named_as_such() -> None:
    with pytest.raises(UnreadableImageError, match="HEIC pictures cannot be read; save it as JPEG"):
        read(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(1000))


def test_the_decoder_starts_without_numpy_and_torch() -> None:
    words = "import sys, emnist.decoder.formats; sys.exit(bool({'numpy', 'torch', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", words], cwd=Path(__file__).parents[1], check=False).returncode == 0
