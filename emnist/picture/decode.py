"""Whatever people send, opened: a file, bytes, PIL image or array becomes one upright picture of moderate size."""

import math
import re
from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from emnist.errors import UnreadableImageError
from emnist.picture.shrink import fit

# What browsers, phones and scanners save; all decoders here read nothing but pixels (no PostScript, no linked files).
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
MAX_PIXELS = 50_000_000  # in a JPEG, which can be shrunk while it is decoded: the largest phone cameras' pictures
MAX_DECODED = 24_200_000  # in memory, for formats that cannot: what keeps reading near 200 MB
MAX_HEAVY = 12_100_000  # where each pixel takes twice the memory: in WebP's decoder, and with 32 bits of one channel
MAX_SCANNED = 500_000_000  # pixels times scans of a JPEG: every further scan goes through the whole picture again
MAX_SLOW = 1_000_000  # where Pillow decodes in Python, a second or so for each million
SLOW = ("ppm", "ppm_plain", "bmp_rle")  # its decoders that do
MARKER = re.compile(rb"\xff+([^\x00\xff])")  # of a JPEG's segment; within a scan, 0xff is followed by 0
WEBP_HEAD = 30  # bytes that tell the size of a WebP picture
MIN_SIDE = 4  # px, the least height or width that can show a character
WORK_SIDE = 400  # px, the longer side handed on: a letter of a tenth of it is nearly as large as in EMNIST's scans
ADVICE = "send a PNG or JPEG picture of one character"

Source = str | Path | bytes | Image.Image | NDArray[Any]


def read(source: Source, side: int = WORK_SIDE) -> Image.Image:
    """Return `source` as RGB or RGBA, turned upright by its EXIF tag, the longer side at most `side` px.

    Arrays are (H, W), (H, W, 3) or (H, W, 4) with values from 0 to 1, to 255 or to a larger maximum of their own.  Of
    several frames or pages the first counts.  Raise UnreadableImageError for what is no picture or has too many or too
    few pixels, and FileNotFoundError for a missing file.
    """
    if isinstance(source, np.ndarray):
        return fit(_from_array(source, side), side)
    if isinstance(source, Image.Image):
        return _decode(source, side)
    if isinstance(source, bytes):
        return _read_file(BytesIO(source), side)
    if not isinstance(source, str | Path):
        raise UnreadableImageError(f"cannot read a {type(source).__name__}: pass a path, a PIL image or a numpy array")
    with _regular(Path(source)).open("rb") as file:
        return _read_file(file, side)


def _regular(path: Path) -> Path:
    """Return `path` if a file is there, and neither a folder nor a device, which could go on for ever."""
    try:
        regular = S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(f"there is no file {path}") from error
    except (OSError, ValueError) as error:  # no permission, or a name that no file can have
        raise UnreadableImageError(f"{str(path)!r:.200} cannot be opened ({error!s:.100})") from error
    if not regular:
        raise UnreadableImageError(f"{str(path)!r} is not a file; {ADVICE}")
    return path


def _read_file(file: IO[bytes], side: int) -> Image.Image:
    image = _open(file)
    if image is None:
        raise UnreadableImageError(f"this is not a picture in a known format ({', '.join(FORMATS)}); {ADVICE}")
    _check_size(*image.size, _limit(image, file))
    image.draft(image.mode, (2 * side, 2 * side))  # JPEG only: decode at a half, quarter or eighth
    return _decode(image, side)


def _open(file: IO[bytes]) -> ImageFile.ImageFile | None:
    """Return the picture in `file` with only its header read, or None.

    Image.open does the same, but warns of large pictures by itself, and warnings can only be held back process-wide.
    """
    Image.init()
    head = file.read(WEBP_HEAD)
    for name in FORMATS:
        factory, accept = Image.OPEN[name]
        if accept is not None and accept(head[:16]) is True:
            if name == "WEBP" and math.prod(size := _webp_size(head)) > MAX_HEAVY:
                _check_size(*size, MAX_HEAVY)  # to open it takes memory for two pictures of that size
            file.seek(0)
            try:
                return factory(file, "")
            except Exception as error:  # on damaged files Pillow raises nearly every class there is
                raise _damaged(error) from error
    return None


def _webp_size(head: bytes) -> tuple[int, int]:
    """Return the width and height that the first WEBP_HEAD bytes of a WebP file claim (RFC 9649)."""

    def number(first: int, last: int) -> int:
        return int.from_bytes(head[first:last], "little")

    if head[12:16] == b"VP8X":
        return 1 + number(24, 27), 1 + number(27, 30)
    if head[12:16] == b"VP8L":
        return 1 + (number(21, 25) & 0x3FFF), 1 + (number(21, 25) >> 14 & 0x3FFF)
    return number(26, 28) & 0x3FFF, number(28, 30) & 0x3FFF


def _limit(image: ImageFile.ImageFile, file: IO[bytes]) -> int:
    """Return how many pixels can be decoded in moderate time and memory."""
    if image.tile and image.tile[0][0] in SLOW:
        return MAX_SLOW
    if image.format in ("JPEG", "MPO"):
        file.seek(0)
        scans = _scans(file.read())
        return MAX_PIXELS if scans < 2 else min(MAX_DECODED, MAX_SCANNED // scans)
    return MAX_HEAVY if image.format == "WEBP" or image.mode in ("I", "F") else MAX_DECODED


def _scans(jpeg: bytes) -> int:
    """Return the number of scans of the first picture in a JPEG file; those of its thumbnails do not count."""
    scans, at = 0, 2
    while found := MARKER.search(jpeg, at):
        kind, at = found[1][0], found.end()
        if kind == 0xD9:  # end of the picture
            break
        if kind != 0x01 and not 0xD0 <= kind <= 0xD8:  # all others have a length
            at += int.from_bytes(jpeg[at : at + 2], "big")
        scans += kind == 0xDA
    return scans


def _decode(image: Image.Image, side: int) -> Image.Image:
    """Return `image` as an upright RGB or RGBA picture of moderate size; `image` itself stays as it is."""
    _check_size(*image.size, MAX_DECODED)
    try:
        if image.mode.startswith(("I", "F")):  # 16 or 32 bits a pixel
            return fit(_from_array(np.asarray(_upright(image)), side), side)
        if image.mode not in ("RGB", "RGBA"):
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        return _upright(fit(image, side))
    except UnreadableImageError:
        raise
    except Exception as error:
        raise _damaged(error) from error


def _upright(image: Image.Image) -> Image.Image:
    """Return `image` as its EXIF tag says it was held; where that is damaged, as it is stored."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # nearly every class there is
        return image


def _from_array(array: NDArray[Any], side: int) -> Image.Image:
    """Return (H, W), (H, W, 3) or (H, W, 4) numbers as an 8-bit picture."""
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise UnreadableImageError(f"cannot read an array of shape {array.shape}: pass (H, W), (H, W, 3) or (H, W, 4)")
    if array.dtype.kind not in "buif":
        raise UnreadableImageError(f"cannot read an array of {array.dtype}: pass numbers, such as uint8 or float32")
    _check_size(array.shape[1], array.shape[0], MAX_DECODED)
    step = max(1, max(array.shape[:2]) // (4 * side))
    array = array[::step, ::step]
    low, high = float(array.min()), float(array.max())
    if not (0 <= low <= high < np.inf):  # false for NaN as well
        raise UnreadableImageError(f"cannot read values from {low} to {high}: pass finite ones, 0 to 1 or 0 to 255")
    scale = 255.0 if high <= 1 else 255 / max(high, 255.0)
    return Image.fromarray((array * scale).round().astype(np.uint8)).convert(
        "RGBA" if array.shape[2:] == (4,) else "RGB"
    )


def _check_size(width: int, height: int, limit: int) -> None:
    if min(width, height) < MIN_SIDE:
        raise UnreadableImageError(f"{width}×{height} pixels are too few for a character; {ADVICE}")
    if width * height > limit:
        raise UnreadableImageError(
            f"{width}×{height} pixels are too many (at most {limit:,}): shrink or crop the picture"
        )


def _damaged(error: Exception) -> UnreadableImageError:
    return UnreadableImageError(f"the picture is damaged ({error}); {ADVICE}")
