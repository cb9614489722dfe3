"""A picture file, opened, turned upright and made small.

`worker` runs this file as a program of its own, with limits on memory and time.  It imports nothing large but Pillow:
so the program starts in a tenth of a second and needs 30 MB.
"""

import json
import os
import signal
import struct
import sys
from io import BytesIO
from pathlib import Path
from typing import IO

# The plugins of FORMATS alone: there are forty more.
from PIL import (  # noqa: F401
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from emnist.decoder.shrink import fit, scaled

# What browsers, phones and scanners save; all decoders here read nothing but pixels (no PostScript, no linked files).
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
MAX_PIXELS = 50_000_000  # most pixels of a JPEG, which can be shrunk while decoded: the largest phone cameras' pictures
MAX_DECODED = 24_200_000  # most pixels in other formats, which are decoded whole in memory
MAX_MEMORY = 200 * 2**20  # bytes: most that opening one picture takes, where the system can enforce it (Linux)
MAX_SECONDS = 2.0  # most processor time for that (not on Windows, where `worker` counts by the clock alone)
MIN_SIDE = 4  # px, the least height or width that can show a character
DEEP = 4  # pictures of 16 or 32 bits a pixel stay so many times larger than others: their range is still to be found
ADVICE = "send a PNG or JPEG picture"
COSTLY = "the picture takes too much time or memory to open: shrink or crop it, or send a PNG or JPEG"
HEAD = struct.Struct("<cIQ")  # a request's head: PATH or CONTENT, the longest side wanted, how many bytes follow
PATH, CONTENT = b"p", b"c"
LONGEST = "longest"  # key in a picture's `info`: px of its longer side before it was shrunk


def small(file: IO[bytes], side: int) -> Image.Image:
    """Return the picture in `file`, upright: RGB or RGBA of at most `side` px, or I or F of at most 4 × `side`.

    Of several frames or pages the first counts.  Raise ValueError, saying what to do, for what is no picture, is
    damaged, or has too many or too few pixels.
    """
    image = _open(file)
    check_size(*image.size, MAX_PIXELS if image.format in ("JPEG", "MPO") else MAX_DECODED)
    longest = max(image.size)
    image.draft(image.mode, (2 * side, 2 * side))  # JPEG only: decode at a half, quarter or eighth
    picture = shrunk(image, side)
    picture.info[LONGEST] = longest
    return picture


def _open(file: IO[bytes]) -> ImageFile.ImageFile:
    """Return the picture in `file` with only its header read.

    Image.open does the same, but warns of large pictures by itself, and warnings can only be held back process-wide.
    """
    head = file.read(16)
    for name in FORMATS:
        factory, accept = Image.OPEN[name]
        if accept is not None and accept(head) is True:
            file.seek(0)
            try:
                return factory(file, "")
            except Exception as error:  # on damaged files Pillow raises nearly every class there is
                raise _damaged(error) from error
    if head[4:8] == b"ftyp":
        raise ValueError(
            "HEIC pictures cannot be read; save it as JPEG (iPhone: Settings, Camera, Formats, Most Compatible)"
        )
    raise ValueError(f"this is not a picture in a known format ({', '.join(FORMATS)}); {ADVICE}")


def shrunk(image: Image.Image, side: int) -> Image.Image:
    """Return `image` as `small` does; `image` itself stays as it is."""
    check_size(*image.size, MAX_DECODED)
    try:
        if image.mode.startswith(("I", "F")):  # 16 or 32 bits a pixel
            size = scaled(image.size, min(1.0, DEEP * side / max(image.size)))
            deep = _upright(image.resize(size, Image.Resampling.NEAREST))
            return deep if deep.mode == "F" else deep.convert("I")
        if image.mode not in ("RGB", "RGBA"):
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        return _upright(fit(image, side))
    except Exception as error:
        raise _damaged(error) from error


def _upright(image: Image.Image) -> Image.Image:
    """Return `image` as its EXIF tag says it was held; where that is damaged, as it is stored."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged tags raise nearly every class there is
        return image


def check_size(width: int, height: int, limit: int = MAX_DECODED) -> None:
    """Raise ValueError for a picture with a side too short for a character, or with more pixels than `limit`."""
    if min(width, height) < MIN_SIDE:
        raise ValueError(f"{width}×{height} pixels are too few for a character; send a larger picture")
    if width * height > limit:
        raise ValueError(f"{width}×{height} pixels are too many (at most {limit:,}): shrink or crop the picture")


def _damaged(error: Exception) -> ValueError:
    if isinstance(error, MemoryError):
        return ValueError(COSTLY)
    return ValueError(f"the picture is damaged or too large to open ({error!s:.200}); {ADVICE}")


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are no more: each picture as a line of JSON, then its pixels."""
    while head := requests.read(HEAD.size):
        kind, side, length = HEAD.unpack(head)
        content = requests.read(length)
        _limit_time(MAX_SECONDS)
        try:
            with Path(os.fsdecode(content)).open("rb") if kind == PATH else BytesIO(content) as file:
                picture = small(file, side)
            line = {"mode": picture.mode, "size": picture.size, LONGEST: picture.info[LONGEST]}
            pixels = picture.tobytes()
        except (ValueError, OSError) as error:
            line, pixels = {"error": str(error)}, b""
        _limit_time(0)
        answers.write(json.dumps({**line, "length": len(pixels)}).encode() + b"\n" + pixels)
        answers.flush()


def _limit_time(seconds: float) -> None:
    """End this program once it has used so many more seconds of the processor; 0 takes that back."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _limit_memory() -> None:
    """Let this program have MAX_MEMORY more than it has now, where the system holds it to that."""
    now = Path("/proc/self/statm")
    if now.exists():
        import resource

        most = int(now.read_text().split()[0]) * resource.getpagesize() + MAX_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks; when it ends, so does this
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    _limit_memory()
    serve(sys.stdin.buffer, sys.stdout.buffer)
