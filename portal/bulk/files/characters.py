"""Characters that have no place in a cell: made visible, named, or refused."""

import re
import unicodedata

# Controls (line breaks and tabs are judged by the column), zero-width, direction and tag characters, and the sign
# that stands for a byte that was lost.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u00ad\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffd\ud800-\udfff\U000e0000-\U000e007f]"
)
# Joiners are part of how Persian, Hindi and emoji are written: fine in a name, never in an address.
JOINERS = re.compile("[\u200c\u200d]")
FORMULA_FIRST = frozenset("=+-@＝＋－＠")  # noqa: RUF001  # the full-width twins start formulas in some spreadsheets
# Telephone numbers, negative numbers, and ids of Zoom's (base64 may begin with a sign): no formula says only this.
_PLAIN_SIGNED = re.compile(r"[+-][\d\s()./-]*|[+-][A-Za-z0-9+/_-]{15,}={0,2}")
# Letters of other scripts that look like Latin ones; enough to notice an address made to be mistaken for another.
_LOOKS_LIKE = str.maketrans(
    "аеорсухіјѕԁһӏьѵɡαονιρτυκγɑοᴀｅ０１",
    "aeopcyxijsdhlbvgaoviptukyaoae01",
)


def tidy(text: str) -> str:
    """Composed form (NFC) without blanks at the ends."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text).strip()


def visible(text: str) -> str:
    """The same text with hidden characters written as ``\\u202e``; safe to show and to store."""
    return HIDDEN.sub(_escape, text)


def name_of(character: str) -> str:
    """``U+202E RIGHT-TO-LEFT OVERRIDE``."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"


def looks_like(text: str) -> str:
    """The text as a hasty reader takes it: look-alike letters replaced by the Latin ones."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_LOOKS_LIKE)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take a cell (not an empty one) for something to calculate."""
    return text[0] in FORMULA_FIRST and not _PLAIN_SIGNED.fullmatch(text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"
