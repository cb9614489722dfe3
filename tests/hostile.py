"""Hostile and odd picture files, and the ways in by which they are sent."""

import base64
import io
import os
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx
from PIL import Image

from emnist import Recognizer
from tests.drawings import draw
from tests.meter import family, forget_peak, resident

SIDE = 30_000  # px: side that bombs claim to have
BOMBS = ("PNG", "GIF", "BMP", "JPEG", "TIFF", "PPM")


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    """Return a picture as a file."""
    file = io.BytesIO()
    picture.copy().save(file, form, **options)  # a saved picture remembers options of its last format
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG file whose checksum is right."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, data: bytes = b"", *extra: bytes) -> bytes:
    """Return a grey PNG that claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    middle = b"".join(extra) + chunk(b"IDAT", zlib.compress(data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + middle + chunk(b"IEND", b"")


def bomb(form: str) -> bytes:
    """Return a small file that claims SIDE × SIDE pixels."""
    small = bytearray(saved(Image.new("L", (64, 64), 255), form))
    if form == "PNG":
        return png(SIDE, SIDE)
    if form == "PPM":
        return b"P5 %d %d 255 " % (SIDE, SIDE) + bytes(100)
    if form == "TIFF":
        for tag in (256, 257):
            at = small.find(struct.pack("<H", tag))
            small[at : at + 12] = struct.pack("<HHII", tag, 4, 1, SIDE)
        return bytes(small)
    places = {"GIF": (6, "<HH"), "BMP": (18, "<ii"), "JPEG": (small.find(b"\xff\xc0") + 5, ">HH")}
    at, layout = places[form]
    struct.pack_into(layout, small, at, SIDE, SIDE)
    return bytes(small)


def zeros(gigabytes: float) -> bytes:
    """Return a zlib stream that unpacks to so many zeros, of which only the first 10 MB are packed."""
    packer, size, times = zlib.compressobj(1, wbits=-15), 10_000_000, round(gigabytes * 100)
    block = packer.compress(bytes(size)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\x01" + block * times + packer.flush() + struct.pack(">I", size * times % 65521 << 16 | 1)  # Adler-32


def scans(side: int, count: int) -> bytes:
    """Return a progressive JPEG of so many scans, each of which goes through the whole picture."""
    plain = saved(Image.new("RGB", (side, side)), "JPEG", progressive=True, subsampling=0)
    return plain[:-2] + plain[plain.rfind(b"\xff\xda") : -2] * count + plain[-2:]


def runs(side: int) -> bytes:
    """Return a BMP that is packed in runs of one pixel, which Pillow unpacks in Python."""
    body = (b"\x01\x05" * side + b"\0\0") * side + b"\0\1"
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(body), 0, 0, 256, 0)
    file = struct.pack("<IHHI", 54 + 1024 + len(body), 0, 0, 54 + 1024)
    return b"BM" + file + header + b"".join(bytes([i, i, i, 0]) for i in range(256)) + body


def tiff(tags: dict[int, tuple[int, list[int]]], data: bytes) -> bytes:
    """Return a TIFF file of any tags {number: (type, values)}; `data` starts at byte 8."""
    kinds, more, entries = {1: "B", 3: "H", 4: "I"}, b"", b""
    end = 8 + len(data)
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}{kinds[kind]}", *values)
        if len(packed) > 4:
            packed, more = struct.pack("<I", end + len(more)), more + packed
        entries += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    at = end + len(more)
    return b"II*\0" + struct.pack("<I", at) + data + more + struct.pack("<H", len(tags)) + entries + bytes(4)


def grey(width: int, height: int) -> dict[int, tuple[int, list[int]]]:
    """Return the tags of a grey TIFF that is packed by deflate, but for where its data is."""
    return {256: (4, [width]), 257: (4, [height]), 258: (3, [8]), 259: (3, [8]), 262: (3, [1]), 277: (3, [1])}


def tiles(width: int, height: int, side: int) -> bytes:
    """Return a TIFF whose tiles of `side` px, larger than the picture, all share one block of data."""
    packed, count = zeros(side**2 / 1e9), -(-width // side) * -(-height // side)
    places = {322: (4, [side]), 323: (4, [side]), 324: (4, [8] * count), 325: (4, [len(packed)] * count)}
    return tiff(grey(width, height) | places, packed)


def strips(side: int, size: int) -> bytes:
    """Return a TIFF whose strips of one row share `size` bytes, which have to be turned around for each."""
    packed = zlib.compress(bytes(side)).ljust(size, b"\0")
    places = {266: (3, [2]), 278: (4, [1]), 273: (4, [8] * side), 279: (4, [size] * side)}
    return tiff(grey(side, side) | places, bytes(REVERSED[byte] for byte in packed))


REVERSED = [int(f"{byte:08b}"[::-1], 2) for byte in range(256)]


def claims(count: int, size: int) -> bytes:
    """Return a TIFF, or what EXIF is, in which `count` unknown tags each claim the same `size` bytes."""
    tags = {256: (4, [64]), 257: (4, [64]), 258: (3, [8]), 259: (3, [1]), 262: (3, [1]), 273: (4, [8])}
    tags |= {278: (4, [64]), 279: (4, [64 * 64])}
    head, entries = tiff(tags, bytes(64 * 64)), b""
    at = struct.unpack("<I", head[4:8])[0]
    for tag in range(count):
        entries += struct.pack("<HHII", 40_000 + tag, 1, size, 8)
    file = head[: at + 2 + 12 * len(tags)] + entries + bytes(4)
    return (file[:at] + struct.pack("<H", len(tags) + count) + file[at + 2 :]).ljust(size + 8, b"\0")


def comments(count: int, length: int, blocks: int) -> bytes:
    """Return a GIF with so many comments before its picture, each of so many blocks of so many bytes."""
    plain = saved(draw("A", size=64, pen=5), "GIF")
    at = plain.find(b"\x2c", 13 + 3 * 2 ** ((plain[10] & 7) + 1))
    comment = b"\x21\xfe" + (bytes([length]) + bytes(length)) * blocks + b"\0"
    return plain[:at] + comment * count + plain[at:]


def interlaced(side: int) -> bytes:
    """Return an RGBA PNG of 16 bits, stored in seven passes."""
    header = struct.pack(">IIBBBBB", side, side, 16, 6, 0, 0, 1)
    body = chunk(b"IDAT", zeros(9 * side**2 / 1e9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def quadratic() -> dict[str, bytes]:
    """Return files whose cost is in their structure, not in the size that they claim."""
    letter = draw("A", size=64, pen=5)
    jpeg, png_head = saved(letter, "JPEG"), saved(letter, "PNG")[:33]
    rest, claim = saved(letter, "PNG")[33:], claims(5000, 1_000_000)
    segment = b"Exif\0\0" + claims(4000, 60_000)[:65_000]
    return {
        "JPEG followed by 32,000 bytes 0xff": jpeg[:-2] + b"\xff" * 32_000 + b"\0" + jpeg[-2:],
        "JPEG of 1,000,000 empty segments": jpeg[:2] + b"\xff\xe5\0\x02" * 1_000_000 + jpeg[2:],
        "JPEG of 100 segments of EXIF": jpeg[:2]
        + (b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment) * 100
        + jpeg[2:],
        "PNG of 500,000 empty chunks": png_head + chunk(b"zzZz", b"") * 500_000 + rest,
        "PNG of 5,000 tags that claim 1 MB": png_head + chunk(b"eXIf", claim) + rest,
        "PNG of 24 MP, RGBA of 16 bits in seven passes": interlaced(4900),
        "TIFF of 5,000 tags that claim 1 MB": claim,
        "TIFF of 100 px with a tile of 30,000²": tiles(100, 100, 30_000 // 16 * 16),
        "TIFF of 20 tiles of 8,192² that share their data": tiles(4, 20 * 8192, 8192),
        "TIFF of 4,900 strips that share 5 MB": strips(4900, 5_000_000),
        "GIF with 750,000 empty comments": comments(750_000, 0, 0),
        "GIF with a comment of 6 MB": comments(1, 255, 24_000),
        "AVIF of 24 MP, RGBA": saved(
            Image.new("RGBA", (4900, 4900), (255, 255, 255, 9)), "AVIF", speed=10, subsampling="4:4:4"
        ),
    }


def bombs() -> dict[str, bytes]:
    """Return small files that would take much memory or time."""
    packed = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0))
    text, profile = chunk(b"zTXt", b"note\0\0" + zeros(0.5)), chunk(b"iCCP", b"icc\0\0" + zeros(0.5))
    white = bytes(28 * 29)
    return {
        **{f"{form} that claims 30,000×30,000": bomb(form) for form in BOMBS},
        "PNG of 30,000×30,000 in full": packed + chunk(b"IDAT", zeros(0.9)) + chunk(b"IEND", b""),
        "PNG that claims 2³¹−1 a side": png(2**31 - 1, 2**31 - 1),
        "PNG with a text of 500 MB": png(28, 28, white, text),
        "PNG with a colour profile of 500 MB": png(28, 28, white, profile),
        "JPEG of 5,000 scans": scans(5000, 5000),
        "JPEG of 50 MP, progressive": saved(Image.new("RGB", (8000, 6200)), "JPEG", progressive=True, subsampling=0),
        "TIFF of 25 MP, 32 bits": saved(Image.new("F", (5000, 5000)), "TIFF", compression="tiff_lzw"),
        "PPM of 9 MP with an odd maximum": b"P5 3000 3000 254 " + bytes(9_000_000),
        "PPM of 4 MP written as text": b"P2 2000 2000 255 " + b"1 " * 4_000_000,
        "BMP of 2 MP in runs of one pixel": runs(1500),
    }


def odd() -> dict[str, bytes]:
    """Return files of odd shapes, kinds and names."""
    letter, other = draw("A", size=64, pen=5), draw("X", size=64, pen=5)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    frames = {"save_all": True, "append_images": [other.copy() for _ in range(200)]}
    return {
        "zero bytes": b"",
        "1×1": saved(Image.new("L", (1, 1)), "PNG"),
        "1×20,000": saved(Image.new("L", (1, 20_000)), "PNG"),
        "SVG": svg,
        "PDF": saved(letter, "PDF"),
        "HTML": b"<!DOCTYPE html><html><body onload=alert(1)>A</body></html>",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n(/etc/passwd) (r) file\n",
        "program": Path(sys.executable).resolve().read_bytes()[:1_000_000],
        "GIF of 201 frames": saved(letter, "GIF", **frames),
        "TIFF of 201 pages": saved(letter, "TIFF", **frames),
        "PNG of 201 frames": saved(letter, "PNG", **frames),
        "WEBP of 201 frames": saved(letter, "WEBP", **frames),
        "PNG cut short": saved(letter, "PNG")[:-200],
        "JPEG cut short": saved(letter, "JPEG")[:600],
    }


class Bench:
    """Three ways into the program; each returns the answer."""

    def __init__(self, address: str, pid: int) -> None:
        self.pid = pid
        visitors = (f"10.0.{i // 250}.{i % 250 + 1}" for i in range(10**9))  # one visitor a call, so no limit counts
        hooks = {"request": [lambda request: request.headers.update({"x-forwarded-for": next(visitors)})]}
        self.client = httpx.Client(base_url=address, timeout=120, event_hooks=hooks)
        self.recognizer = Recognizer.from_pretrained()

    def direct(self, content: bytes) -> str:
        """Read a file's bytes in this process."""
        try:
            return self.recognizer.predict(content).label
        except ValueError as error:
            return str(error)

    def upload(self, content: bytes) -> str:
        """Send a file to /predict."""
        sent = self.client.post("/gradio_api/upload", files={"files": ("../../../x.png", content)})
        if sent.status_code != 200:
            return f"HTTP {sent.status_code} {sent.json().get('error', '')}"
        file = {"path": sent.json()[0], "meta": {"_type": "gradio.FileData"}}
        call = self.client.post("/gradio_api/call/predict", json={"data": [file]}).json()
        return self.client.get(f"/gradio_api/call/predict/{call['event_id']}").text.partition("data: ")[2].strip()

    def sketchpad(self, content: bytes) -> str:
        """Send a state of the pad."""
        pad = {"turn": 1, "picture": "data:image/png;base64," + base64.b64encode(content).decode()}
        body = {"data": [pad], "session_hash": "hostile"}
        answer = self.client.post("/gradio_api/run/read", json=body)
        if answer.status_code != 200:
            return f"HTTP {answer.status_code} {answer.json().get('error', '')}"
        [value] = answer.json()["data"]
        return str(value.get("note") or value["status"])

    def measured(self, way: Callable[[bytes], str], content: bytes) -> tuple[str, float]:
        """Return the answer of one of the three above, and the memory it took, in MB."""
        processes = family(os.getpid() if way == self.direct else self.pid)  # including the one that opens files
        for pid in processes:
            forget_peak(pid)
        before = sum(map(resident, processes))
        answer = way(content)
        return answer, sum(resident(pid, "VmHWM") for pid in processes) - before
