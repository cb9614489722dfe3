"""Generated and mutated pictures, arrays and questions: a result, or one of the documented errors.

About 500 cases; `pytest tests/test_fuzz.py --thorough` runs 22,000 and prints what they took.
"""

import base64
import struct
import warnings
import zlib
from typing import Any

import gradio as gr
import numpy as np
import pytest
from drawings import draw, sketch
from hostile import chunk, saved
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from meter import METER, Meter
from PIL import Image

from emnist import NoInkError, Prediction, Recognizer, UnreadableImageError
from emnist.picture import Source
from web.handlers import Handlers
from web.models import Models
from web.question import WISHES

MEGABYTES = 200  # most memory that one case may take, beyond what the process had
SHARES = {"mutated": 22, "generated": 11, "arrays": 9, "pads": 11, "pictures": 2}  # tenths of the profile's cases
SHAPES = ("L", "LA", "RGB", "RGBA", "P", "1", "I;16", "CMYK", "F", "I", "YCbCr", "HSV", "PA", "LAB", "RGBX", "RGBa")


LETTER, OTHER = draw("A", size=40, pen=3), draw("X", size=40, pen=3)
SEEDS = [
    *(saved(LETTER, form) for form in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")),
    *(saved(LETTER.convert("L").convert(mode), "PNG") for mode in ("1", "L", "LA", "P", "I;16")),
    *(saved(LETTER.convert("L").convert(mode), "TIFF") for mode in ("1", "I;16", "F", "I", "CMYK", "YCbCr", "LAB")),
    *(saved(LETTER, "TIFF", compression=c) for c in ("tiff_lzw", "tiff_deflate", "packbits", "jpeg")),
    saved(LETTER.convert("1"), "TIFF", compression="group4"),
    *(saved(LETTER.convert(mode), "JPEG") for mode in ("L", "CMYK")),
    saved(LETTER, "JPEG", progressive=True),
    saved(LETTER, "MPO", save_all=True, append_images=[OTHER.copy()]),
    saved(sketch("i", size=40, pen=3), "PNG"),
    *(
        saved(LETTER, form, save_all=True, append_images=[OTHER.copy()])
        for form in ("GIF", "PNG", "WEBP", "TIFF", "AVIF")
    ),
    *(saved(LETTER.convert(mode), "PPM") for mode in ("1", "L")),
    saved(LETTER.convert("F"), "PPM"),
    *(saved(LETTER, "WEBP", lossless=lossless) for lossless in (True, False)),
    *(saved(LETTER.convert(mode), "BMP") for mode in ("1", "L", "P", "RGBA")),
]
HEADS = [
    *(b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"RIFF\x24\0\0\0WEBPVP8X", b"BM"),
    *(b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"P1", b"P2 ", b"P3 9 9 255 ", b"P4", b"P5 20 20 255 ", b"P6", b"P7\n"),
    *(b"Pf 9 9 -1 ", b"Pyrf", b"\0\0\0\x1cftypavif", b"\0\0\0\x18ftypmif1", b"<svg ", b"%PDF-1.7", b"%!PS"),
    *(b"PK\3\4", b"<html>", b""),
]
EDITS = st.lists(
    st.tuples(st.sampled_from(["set", "cut", "insert", "drop", "repeat"]), st.floats(0, 1), st.binary(max_size=8)),
    max_size=6,
)
TAGS = st.tuples(  # entries of a TIFF's directory: tag, type, count, value
    st.sampled_from(
        [256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 284, 317, 320, 322, 324, 338, 339, 34665, 65000]
    ),
    st.integers(0, 18),
    st.one_of(st.integers(0, 8), st.integers(0, 2**32 - 1)),
    st.one_of(st.integers(0, 300), st.integers(0, 2**32 - 1)),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a picture file with a few bytes set, cut, inserted, left out or repeated."""
    content = draw(st.sampled_from(SEEDS))
    for edit, place, value in draw(EDITS):
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


@st.composite
def tiff(draw: st.DrawFn) -> bytes:
    """Return a TIFF file with any tags."""
    order, entries = draw(st.sampled_from("<>")), draw(st.lists(TAGS, max_size=14))
    body = struct.pack(f"{order}H", len(entries)) + b"".join(struct.pack(f"{order}HHII", *entry) for entry in entries)
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8) + body + draw(st.binary(max_size=400))


@st.composite
def png(draw: st.DrawFn) -> bytes:
    """Return a PNG file with any header and chunks, all checksums right."""
    side = st.one_of(st.integers(0, 64), st.integers(0, 2**32 - 1))
    depth, colour = draw(st.sampled_from([1, 2, 4, 8, 16, 3])), draw(st.integers(0, 7))
    header = struct.pack(">IIBBBBB", draw(side), draw(side), depth, colour, 0, 0, draw(st.integers(0, 2)))
    kinds = st.sampled_from(
        [b"PLTE", b"tRNS", b"IDAT", b"iCCP", b"zTXt", b"iTXt", b"eXIf", b"acTL", b"fcTL", b"fdAT", b"zzZz"]
    )
    bodies = st.one_of(st.binary(max_size=60), st.binary(max_size=200).map(lambda b: zlib.compress(b * 40)))
    middle = b"".join(chunk(kind, body) for kind, body in draw(st.lists(st.tuples(kinds, bodies), max_size=5)))
    return HEADS[0] + chunk(b"IHDR", header) + middle + chunk(b"IEND", b"")


def files() -> st.SearchStrategy[bytes]:
    """Return files made up from the signatures of formats, TIFF tags and PNG chunks."""
    loose = st.tuples(st.sampled_from(HEADS), st.binary(max_size=600)).map(b"".join)
    return st.one_of(loose, tiff(), png())


def numbers() -> st.SearchStrategy[np.ndarray]:
    """Return arrays of every type and of zero to five dimensions, NaN and infinity included."""
    sides = arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=9)
    images = st.tuples(st.integers(0, 40), st.integers(0, 40)).flatmap(
        lambda size: st.sampled_from([size, (*size, 1), (*size, 3), (*size, 4), (3, *size)])
    )
    kinds = st.one_of(
        arrays.scalar_dtypes(), arrays.byte_string_dtypes(), arrays.unicode_string_dtypes(), arrays.floating_dtypes()
    )
    return kinds.flatmap(lambda dtype: arrays.arrays(dtype, st.one_of(sides, images)))


@st.composite
def pictures(draw: st.DrawFn) -> Image.Image:
    """Return PIL images of every mode and of odd sizes."""
    size = draw(st.tuples(st.integers(0, 60), st.sampled_from([0, 1, 3, 4, 5, 28, 60, 2000])))
    picture = Image.new(draw(st.sampled_from(SHAPES)), size)
    pixels = draw(st.binary(min_size=1, max_size=64))
    if min(size):
        picture.frombytes((pixels * (8 * size[0] * size[1] // len(pixels) + 9))[: len(picture.tobytes())])
    return picture


def questions() -> st.SearchStrategy[Any]:
    """Return what the page may ask, and what it never would."""
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
    json = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))
    heads = st.sampled_from(["data:image/png;base64,", "data:image/;base64,", "data:image/svg+xml;base64,"])
    bodies = st.one_of(mutated(), files()).map(lambda content: base64.b64encode(content).decode())
    urls = st.one_of(st.tuples(heads, bodies).map("".join), st.text().map(lambda text: f"data:image/png;base64,{text}"))
    turns = st.one_of(st.integers(0, 9), st.integers(), json)
    numbers = st.one_of(st.integers(-1000, 1000), st.floats(), json)
    strokes = st.lists(st.lists(st.lists(numbers, min_size=2, max_size=2), max_size=6), max_size=6)
    wishes = st.lists(st.sampled_from(WISHES), max_size=3)
    restrictions = st.sampled_from(("", "digits", "letters", "0Og", "!", "x" * 1000))
    more = {"several": st.booleans(), "focus": st.integers(0, 9), "want": wishes, "only": restrictions}
    drawn = st.fixed_dictionaries({"turn": turns, "strokes": st.one_of(strokes, json)}, optional=more)
    real = st.fixed_dictionaries({"turn": turns, "picture": st.one_of(urls, urls, urls, json)}, optional=more)
    return st.one_of(real, real, drawn, json)


@pytest.fixture(scope="module")
def handlers() -> Handlers:
    models = Models()
    models.start()
    models.get()
    return Handlers(models, None)


@pytest.fixture(scope="module")
def meter(recognizer: Recognizer, pytestconfig: pytest.Config) -> Meter:
    """Count and measure the cases; the last lines of a thorough run say what it found."""
    recognizer.predict(draw("A"))
    meter = Meter()
    pytestconfig.stash[METER] = meter
    return meter


def refusal(recognizer: Recognizer, source: Source) -> str:
    """Return the name of the refusal that `source` is met with, or "read"."""
    try:
        found = recognizer.predict(source)
    except (NoInkError, UnreadableImageError) as error:
        return type(error).__name__ if 20 < len(str(error)) < 400 else str(error)
    assert isinstance(found, Prediction)
    assert found.steps.image.shape == (28, 28)
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-4)
    return "read"


def judge(meter: Meter, recognizer: Recognizer, source: Source, name: str) -> None:
    with meter.case(name):
        outcome = refusal(recognizer, source)
    meter.outcomes[outcome] += 1
    assert outcome in ("read", "NoInkError", "UnreadableImageError")
    assert meter.largest[0] < MEGABYTES


def cases(kind: str) -> settings:
    """Return how many cases of a kind there are: a share of the profile's number."""
    share = settings().max_examples * SHARES[kind] // 10
    return settings(max_examples=share, deadline=None, suppress_health_check=list(HealthCheck))


# Pillow warns of odd metadata; the page must live with it, so here too a warning is no error.
@pytest.mark.filterwarnings("ignore")
@cases("mutated")
@given(content=mutated())
def test_a_mutated_file_is_read_or_refused(meter: Meter, recognizer: Recognizer, content: bytes) -> None:
    judge(meter, recognizer, content, f"{content[:12]!r}, {len(content)} bytes")


@pytest.mark.filterwarnings("ignore")
@cases("generated")
@given(content=files())
def test_a_made_up_file_is_read_or_refused(meter: Meter, recognizer: Recognizer, content: bytes) -> None:
    judge(meter, recognizer, content, f"{content[:12]!r}, {len(content)} bytes")


@cases("arrays")
@given(array=numbers())
def test_an_array_is_read_or_refused(meter: Meter, recognizer: Recognizer, array: np.ndarray) -> None:
    judge(meter, recognizer, array, f"array {array.dtype} {array.shape}")


@cases("pictures")
@given(picture=pictures())
def test_an_image_of_any_mode_is_read_or_refused(meter: Meter, recognizer: Recognizer, picture: Image.Image) -> None:
    judge(meter, recognizer, picture, f"image {picture.mode} {picture.size}")


@pytest.mark.filterwarnings("ignore")
@cases("pads")
@given(question=questions())
def test_a_question_is_answered_or_refused(meter: Meter, handlers: Handlers, question: Any) -> None:
    with meter.case("question"), warnings.catch_warnings():
        try:
            outcome = str(handlers.read(question)["status"])
        except gr.Error as error:
            outcome = "gr.Error" if 10 < len(error.message) < 200 else error.message
    meter.outcomes[outcome] += 1
    assert outcome in ("read", "note", "gr.Error")
    assert meter.largest[0] < MEGABYTES
