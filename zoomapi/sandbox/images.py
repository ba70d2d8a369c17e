"""Is it a picture? Enough of PNG, JPEG and GIF is read to know, without an image library."""

import struct
import zlib

MAX_BYTES = 2 * 1024 * 1024
MAX_SIDE = 8000


def image_problem(data: bytes) -> str:
    """Return why ``data`` is not an acceptable picture, or "" when it is one."""
    if len(data) > MAX_BYTES:
        return "The picture is larger than 2 MB."
    size = _png(data) or _gif(data) or _jpeg(data)
    if size is None:
        return "Only JPEG, PNG and GIF pictures are accepted."
    if not all(0 < side <= MAX_SIDE for side in size):
        return f"The picture must measure between 1 and {MAX_SIDE} pixels on each side."
    return ""


def _png(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG whose header is whole and whose end is there."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") or len(data) < 45 or b"IEND" not in data[-12:]:
        return None
    (checksum,) = struct.unpack(">I", data[29:33])
    width, height = struct.unpack(">II", data[16:24])
    return (width, height) if checksum == zlib.crc32(data[12:29]) else None


def _gif(data: bytes) -> tuple[int, int] | None:
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 14 or data[-1:] != b";":
        return None
    width, height = struct.unpack("<HH", data[6:10])
    return width, height


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """Width and height from a JPEG's frame header, found by walking its segments."""
    if not data.startswith(b"\xff\xd8\xff") or b"\xff\xd9" not in data[-64:]:
        return None
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        kind, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        if length < 2:
            return None
        place += 2 + length
    return None
