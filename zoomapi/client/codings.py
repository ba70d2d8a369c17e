"""Compressed bodies made plain piece by piece, and never more of one than is allowed."""

import zlib
from collections.abc import Sequence

LARGEST_ANSWER = 10 * 1024 * 1024  # bytes, before and after decompression
MOST_CODINGS = 5  # a body may be compressed over and over again

_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP = 16 + zlib.MAX_WBITS


class TooLarge(Exception):
    """More came than is allowed."""


class Undecodable(Exception):
    """This was not made by the coding that was named."""


class Inflater:
    """Undoes one coding. Ends in TooLarge once more than LARGEST_ANSWER has come out, holding no more than that."""

    def __init__(self, coding: str) -> None:
        self._gzip = coding != "deflate"
        self._stream = zlib.decompressobj(_GZIP) if self._gzip else None
        self._first = b""
        self._made = 0
        self._later = False  # in a second or later member
        self._over = False  # nothing that comes now counts

    def feed(self, data: bytes) -> bytes:
        if self._stream is None:
            self._first += data
            if len(self._first) < 2:
                return b""
            data, self._first = self._first, b""
            self._stream = _deflate(data)
        pieces = []
        while data and not self._over:
            if self._stream.eof:
                if not self._gzip:
                    break
                self._stream, self._later = zlib.decompressobj(_GZIP), True
            pieces.append(self._inflate(self._stream, data))
            data = self._stream.unused_data
        return b"".join(pieces)

    def _inflate(self, stream: "zlib._Decompress", data: bytes) -> bytes:
        try:
            piece = stream.decompress(data, LARGEST_ANSWER + 1 - self._made)
        except zlib.error:
            if not self._later:
                raise Undecodable from None
            self._over = True  # what follows a whole gzip member and is none is padding
            return b""
        self._made += len(piece)
        if self._made > LARGEST_ANSWER:
            raise TooLarge
        return piece


def _deflate(data: bytes) -> "zlib._Decompress":
    """ "deflate" means the zlib format, but some send the bare stream: the first two bytes tell."""
    is_zlib = data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)


def inflaters(named: Sequence[str]) -> list[Inflater]:
    """Return what undoes the values of Content-Encoding, in order; nothing for codings nobody here asked for."""
    codings = [coding.strip() for coding in ",".join(named).lower().split(",")]
    if _KNOWN.isdisjoint(codings):
        return []
    if len(codings) > MOST_CODINGS or not _KNOWN.issuperset(codings):
        raise Undecodable
    return [Inflater(coding) for coding in reversed(codings)]
