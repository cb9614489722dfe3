"""Whatever people send, opened: a file, bytes, PIL image or array becomes one upright picture of moderate size."""

from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from emnist.errors import UnreadableImageError

# What browsers, phones and scanners save; all decoders here read nothing but pixels (no PostScript, no linked files).
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
MAX_PIXELS = 50_000_000  # in a JPEG, which can be shrunk while it is decoded: the largest phone cameras' pictures
MAX_DECODED = 25_000_000  # in memory, for formats that cannot: what keeps reading near 200 MB
MAX_WEBP = 12_500_000  # its decoder takes twice the memory of others
MIN_SIDE = 4  # px, the least height or width that can show a character
WORK_SIDE = 400  # px, the longer side handed on: a letter of a tenth of it is nearly as large as in EMNIST's scans
ADVICE = "send a PNG or JPEG picture of one character"

Source = str | Path | bytes | Image.Image | NDArray[Any]


def read(source: Source) -> Image.Image:
    """Return `source` as RGB or RGBA, turned upright by its EXIF tag, the longer side at most 400 px.

    Arrays are (H, W), (H, W, 3) or (H, W, 4) with values from 0 to 1, to 255 or to a larger maximum of their own.  Of
    several frames or pages the first counts.  Raise UnreadableImageError for what is no picture or has too many or too
    few pixels, and FileNotFoundError for a missing file.
    """
    if isinstance(source, np.ndarray):
        return _fit(_from_array(source))
    if isinstance(source, Image.Image):
        return _decode(source)
    if isinstance(source, bytes):
        return _read_file(BytesIO(source))
    if not isinstance(source, str | Path):
        raise UnreadableImageError(f"cannot read a {type(source).__name__}: pass a path, a PIL image or a numpy array")
    path = Path(source)
    if "\0" not in str(path) and path.is_file():
        with path.open("rb") as file:
            return _read_file(file)
    if "\0" in str(path) or path.exists():
        raise UnreadableImageError(f"{str(path)!r} is not a file; {ADVICE}")
    raise FileNotFoundError(f"there is no file {path}")


def _read_file(file: IO[bytes]) -> Image.Image:
    image = _open(file)
    if image is None:
        raise UnreadableImageError(f"this is not a picture in a known format ({', '.join(FORMATS)}); {ADVICE}")
    _check_size(
        *image.size, {"JPEG": MAX_PIXELS, "MPO": MAX_PIXELS, "WEBP": MAX_WEBP}.get(image.format or "", MAX_DECODED)
    )
    image.draft(image.mode, (2 * WORK_SIDE, 2 * WORK_SIDE))  # JPEG only: decode at a half, quarter or eighth
    return _decode(image)


def _open(file: IO[bytes]) -> ImageFile.ImageFile | None:
    """Return the picture in `file` with only its header read, or None.

    Image.open does the same, but warns of large pictures by itself, and warnings can only be held back process-wide.
    """
    Image.init()
    head = file.read(16)
    for name in FORMATS:
        factory, accept = Image.OPEN[name]
        if accept is not None and accept(head) is True:
            file.seek(0)
            try:
                return factory(file, "")
            except Exception as error:  # on damaged files Pillow raises nearly every class there is
                raise _damaged(error) from error
    return None


def _decode(image: Image.Image) -> Image.Image:
    """Return `image` as an upright RGB or RGBA picture of moderate size; `image` itself stays as it is."""
    _check_size(*image.size, MAX_DECODED)
    try:
        if image.mode.startswith(("I", "F")):  # 16 or 32 bits a pixel
            return _fit(_from_array(np.asarray(ImageOps.exif_transpose(image))))
        if image.mode not in ("RGB", "RGBA"):
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        return ImageOps.exif_transpose(_fit(image))
    except UnreadableImageError:
        raise
    except Exception as error:
        raise _damaged(error) from error


def _fit(image: Image.Image) -> Image.Image:
    """Return a copy of `image` with the longer side at most WORK_SIDE."""
    scale = min(1.0, WORK_SIDE / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def _from_array(array: NDArray[Any]) -> Image.Image:
    """Return (H, W), (H, W, 3) or (H, W, 4) numbers as an 8-bit picture."""
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise UnreadableImageError(f"cannot read an array of shape {array.shape}: pass (H, W), (H, W, 3) or (H, W, 4)")
    if array.dtype.kind not in "buif":
        raise UnreadableImageError(f"cannot read an array of {array.dtype}: pass numbers, such as uint8 or float32")
    _check_size(array.shape[1], array.shape[0], MAX_DECODED)
    step = max(1, max(array.shape[:2]) // (4 * WORK_SIDE))
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
