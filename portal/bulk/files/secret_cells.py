"""Cells that are not kept: those of passwords, PINs, keys, also in columns that nothing is taken from."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence

from portal.bulk.files.columns import Column, plain

# What columns of secrets are called in English, German, French, Spanish, Italian, Portuguese and Dutch exports: a part
# of the name, or a word in it where more names have the same letters (shipping).
_PARTS = re.compile(
    "password|passcode|passwd|passphrase|passwort|kennwort|motdepasse|contraseña|contrasena|senha|wachtwoord|hostkey"
    "|secret|token|apikey|starturl"
)
_WORDS = frozenset(("pin", "pins", "pwd", "pw", "mdp", "zpk", "otp"))
_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])")


def sounds_secret(header: str) -> bool:
    """Whether a column of that name may hold what must not be kept."""
    text = unicodedata.normalize("NFKC", header)
    return bool(_PARTS.search(plain(text))) or any(word.casefold() in _WORDS for word in _WORD.findall(text))


def secret_places(columns: Iterable[Column], mapping: Mapping[str, int], header: Sequence[str]) -> frozenset[int]:
    """Positions of the file's columns that hold secrets: what they are taken for says so, or else their names."""
    known = {mapping[column.name]: column.secret for column in columns if column.name in mapping}
    named = (n for n, text in enumerate(header) if n not in known and sounds_secret(text))
    return frozenset((*(place for place, secret in known.items() if secret), *named))


def without(cells: Sequence[str], places: Collection[int], width: int | None = None) -> list[str]:
    """The cells, empty where a secret may stand.

    ``width``: how many there should be, for rows that have another number of them, or whose cells cannot be told apart:
    a cell that is missing or one too many may have moved the others.
    """
    if not places or width is None:
        return ["" if n in places else cell for n, cell in enumerate(cells)]
    moved = abs(len(cells) - width) or len(cells)
    return ["" if any(abs(n - place) <= moved for place in places) else cell for n, cell in enumerate(cells)]
