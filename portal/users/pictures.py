"""Is it a picture that may be sent to Zoom? Judged by its content, before any call; nothing is stored."""

import struct
import zlib
from dataclasses import dataclass

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 4_000_000
PNG_HEADER = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG segments that tell the size
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # JPEG markers without a length


class NotUsable(ValueError):
    """The file cannot be sent; the message says why."""


@dataclass(frozen=True)
class Picture:
    kind: str  # "png", "jpeg", "gif"
    width: int
    height: int
    content: bytes

    @property
    def file(self) -> tuple[str, bytes, str]:
        """What goes into the multipart body. The name is ours: the person's own could hold anything."""
        return f"picture.{'jpg' if self.kind == 'jpeg' else self.kind}", self.content, f"image/{self.kind}"


def picture_of(content: bytes) -> Picture:
    """Look into the file. Raises NotUsable."""
    if len(content) > MAX_BYTES:
        raise NotUsable("The picture is larger than 2 MB. Make it smaller and choose it again; nothing was sent.")
    found = ((kind, size_in(content)) for kind, size_in in READERS.items())
    kind, size = next(((kind, size) for kind, size in found if size), ("", (0, 0)))
    if not kind:
        raise NotUsable(
            "This is not a whole JPEG, PNG or GIF picture, whatever its name says. Choose another; nothing was sent."
        )
    width, height = size
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise NotUsable(
            f"The picture measures {width:,} by {height:,} pixels; at most {MAX_PIXELS // 10**6} million in all "
            "are sent. Make it smaller and choose it again."
        )
    return Picture(kind, width, height, content)


def png_size(data: bytes) -> tuple[int, int] | None:
    if not data.startswith(PNG_HEADER) or len(data) < 45 or b"IEND" not in data[-12:]:
        return None
    width, height = struct.unpack(">II", data[16:24])
    (checksum,) = struct.unpack(">I", data[29:33])
    return (width, height) if checksum == zlib.crc32(data[12:29]) else None


def gif_size(data: bytes) -> tuple[int, int] | None:
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 14 or not data.endswith(b";"):
        return None
    width, height = struct.unpack("<HH", data[6:10])
    return width, height


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Walk the segments up to the frame header, which tells the size."""
    if not data.startswith(b"\xff\xd8\xff") or b"\xff\xd9" not in data[-64:]:
        return None
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        kind = data[place + 1]
        if kind == 0xFF or kind in ALONE:  # padding, or a marker alone
            place += 1 if kind == 0xFF else 2
            continue
        if kind in FRAMES:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        if length < 2:
            return None
        place += 2 + length
    return None


READERS = {"png": png_size, "gif": gif_size, "jpeg": jpeg_size}
