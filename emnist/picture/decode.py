"""Whatever people send, opened: a file, bytes, PIL image or array becomes one upright picture of moderate size."""

import os
from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emnist.decoder import formats, worker
from emnist.decoder.shrink import fit
from emnist.errors import UnreadableImageError

WORK_SIDE = 400  # px: greatest longer side handed on; a letter of a tenth of it is nearly as large as in EMNIST's scans
DRAWING_BYTES, DRAWING_PIXELS = 100_000, 2_000_000  # greatest PNG file opened at once; the page's pad sends less

Source = str | Path | bytes | Image.Image | NDArray[Any]


def read(source: Source, side: int = WORK_SIDE) -> Image.Image:
    """Return `source` as RGB or RGBA, turned upright by its EXIF tag, the longer side at most `side` px.

    Arrays are (H, W), (H, W, 3) or (H, W, 4) with values from 0 to 1, to 255 or to a larger maximum of their own.  If
    there are several frames or pages, the first is read.  `emnist.decoder` opens files, except small plain PNG files.
    `info[formats.LONGEST]` of the returned picture is the length of the longer side before it was shrunk, px.

    Raise UnreadableImageError if `source` is no picture, has too many or too few pixels, or takes more than 2 s or
    200 MiB to open, and FileNotFoundError if the file is missing.
    """
    if not isinstance(source, np.ndarray | Image.Image | bytes | str | Path):
        raise UnreadableImageError(
            f"cannot read a {type(source).__name__}: pass a path, a PIL image or an array; `transcribe` reads strokes"
        )
    try:
        if isinstance(source, np.ndarray):
            picture, longest = _from_array(source, side), max(source.shape[:2])
        elif isinstance(source, Image.Image):
            picture, longest = formats.shrunk(source, side), max(source.size)
        else:
            picture = _opened(source, side)
            longest = picture.info[formats.LONGEST]
        picture = _from_array(np.asarray(picture), side) if picture.mode in ("I", "F") else picture
        picture.info[formats.LONGEST] = int(longest)
        return picture
    except ValueError as error:
        raise UnreadableImageError(str(error)) from error


def _opened(source: str | Path | bytes, side: int) -> Image.Image:
    """Return the picture in a file, as `formats.small` does."""
    if isinstance(source, bytes):
        kind, place, content = formats.CONTENT, source, source
    else:
        path = regular(Path(source))
        if path.suffix.lower() == ".json":
            raise ValueError(f"{path} is no picture; `transcribe` reads pen strokes")
        with path.open("rb") as file:
            kind, place, content = formats.PATH, os.fsencode(path.absolute()), file.read(DRAWING_BYTES + 1)
    return formats.small(BytesIO(content), side) if _is_drawing(content) else worker.ask(kind, place, side)


def _is_drawing(content: bytes) -> bool:
    """Tell whether `content` is a PNG file so small and plain that it cannot cost much, whatever is in it."""
    if len(content) > DRAWING_BYTES or not content.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"):
        return False
    pixels = int.from_bytes(content[16:20], "big") * int.from_bytes(content[20:24], "big")
    return pixels <= DRAWING_PIXELS and b"exif" not in content.lower()  # each EXIF tag may claim the whole file anew


def regular(path: Path) -> Path:
    """Return `path` if it is a file, and neither a folder nor a device, whose content might never end.

    Raise FileNotFoundError or ValueError if not.
    """
    try:
        is_file = S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(f"there is no file {path}") from error
    except (OSError, ValueError) as error:  # no permission, or a name that no file can have
        raise ValueError(f"{str(path)!r:.200} cannot be opened ({error!s:.100})") from error
    if not is_file:
        raise ValueError(f"{str(path)!r} is not a file")
    return path


def _from_array(array: NDArray[Any], side: int) -> Image.Image:
    """Return (H, W), (H, W, 3) or (H, W, 4) numbers as an 8-bit picture with the longer side at most `side`."""
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ValueError(f"cannot read an array of shape {array.shape}: pass (H, W), (H, W, 3) or (H, W, 4)")
    if array.dtype.kind not in "buif":
        raise ValueError(f"cannot read an array of {array.dtype}: pass numbers, such as uint8 or float32")
    formats.check_size(array.shape[1], array.shape[0])
    step = max(1, max(array.shape[:2]) // (formats.DEEP * side))
    array = array[::step, ::step]
    low, high = float(array.min()), float(array.max())
    if not (0 <= low <= high < np.inf):  # false for NaN as well
        raise ValueError(f"cannot read values from {low} to {high}: pass finite ones, 0 to 1 or 0 to 255")
    scale = 255.0 if high <= 1 else 255 / max(high, 255.0)
    grey = Image.fromarray((array * scale).round().astype(np.uint8))
    return fit(grey.convert("RGBA" if array.shape[2:] == (4,) else "RGB"), side)
