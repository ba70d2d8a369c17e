"""Columns a file may have, derived from the shapes of the operations it drives, and how headers find them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from portal.bulk.files.refusal import FileRefused
from zoomapi.spec import Endpoint
from zoomapi.spec.base import AnyField, is_secret, leaves
from zoomapi.spec.corrections import INPUT_ALIASES

_REMARK = re.compile(r"\[.*?\](\s*(required|optional)\b)?|\((required|optional|(in )?(minutes|mins))\)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\u[0-9a-f]{4}|\\U[0-9a-f]{8}")  # hidden characters, made visible
_NOISE = re.compile(r"[\W_]+")

# What exports in English, German, French and Spanish call what any person has, the surest first.
EMAIL_HEADERS = (
    *("email address", "e-mail", "user principal name", "primary email", "user primary email"),
    *("user id/email", "user email", "mail"),
    *("e-mail-adresse", "benutzerprinzipalname", "adresse e-mail", "courriel", "correo electrónico"),
    *("work email", "login", "username"),
)
FIRST_NAME_HEADERS = ("given name", "forename", "firstname", "user first name", "vorname", "prénom", "prenom", "nombre")
LAST_NAME_HEADERS = (
    *("surname", "family name", "lastname", "user last name", "sn"),
    *("nachname", "familienname", "nom", "nom de famille", "apellido", "apellidos"),
)
# What people call the number of an event, by the parameter that takes it.
EVENT_HEADERS = {f"{one}Id": (one, f"{one} number", f"{one} no", f"{one} nr") for one in ("meeting", "webinar")}


@dataclass(frozen=True)
class Column:
    """One thing a file can say. ``name`` is the dotted name of the operation's field, or a word of our own.

    ``aliases`` are header texts in plain form (see ``plain``), the surest first.
    """

    name: str
    label: str
    help_text: str = ""
    field: AnyField | None = None
    aliases: tuple[str, ...] = ()
    required: bool = False
    secret: bool = False


@dataclass(frozen=True)
class Headers:
    """Which column of the file means what: ``mapping`` column name -> position; the rest is ignored, and said so."""

    mapping: dict[str, int]
    ignored: tuple[int, ...]


def plain(header: str) -> str:
    """A header without case, blanks, punctuation and remarks: ``Email Address [Required]`` -> ``emailaddress``."""
    return _bare(_REMARK.sub("", header))


def _bare(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", _ESCAPED.sub("", text)).casefold())


def columns_of(
    endpoint: Endpoint, extra: Mapping[str, Sequence[str]] | None = None, *, lists: bool = False
) -> list[Column]:
    """Columns for an operation's path, query and body; ``extra`` adds header texts by column name.

    ``lists``: also one for each member of the objects in a list (``members[].email``), several to a cell.
    """
    found = [
        Column(name, f"{name} (path)", aliases=_aliases(name, "", extra), required=True) for name in endpoint.params
    ]
    for shape in (endpoint.query, endpoint.body):
        for name, field in leaves(shape()) if shape else ():
            if "[]" in name and not lists:
                continue
            label = str(field.label or name)
            aliases = _aliases(name, label, extra, _spellings(endpoint, name))
            help_text = str(field.help_text or "")
            found.append(Column(name, label, help_text, field, aliases, bool(field.required), is_secret(field)))
    return found


def told_apart(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The same columns; those that share a label have the name of their group before it."""
    given = list(columns)
    shared = Counter(column.label for column in given)
    return tuple(_grouped(column) if shared[column.label] > 1 else column for column in given)


def _grouped(column: Column) -> Column:
    place = column.field.parent if column.field is not None else None
    while place is not None and not place.label:
        place = place.parent
    if place is None:
        return column
    label = f"{place.label}: {column.label}"
    return replace(column, label=label, aliases=(*column.aliases, plain(label)))


def needed(field: AnyField) -> bool:
    """Whether a call cannot do without the field: it and everything it stands in are required."""
    place: AnyField | None = field
    while place is not None and place.parent is not None:
        if not place.required:
            return False
        place = place.parent
    return True


def _aliases(
    name: str, label: str, extra: Mapping[str, Sequence[str]] | None, spellings: Iterable[str] = ()
) -> tuple[str, ...]:
    whole = [name, *spellings]
    texts = [*whole, *(text.rpartition(".")[2] for text in whole), label, *(extra or {}).get(name, ())]
    return tuple(dict.fromkeys(plain(text) for text in texts if text))


def _spellings(endpoint: Endpoint, name: str) -> Iterator[str]:
    """How the corrections to the published document let the name be spelt besides."""
    for other, meant in INPUT_ALIASES.get(endpoint.key, {}).items():
        if name == meant or name.startswith(f"{meant}."):
            yield f"{other}{name[len(meant) :]}"


def match(header: Sequence[str], columns: Iterable[Column]) -> Headers:
    """Map a header. Each column of ours takes the surest header that fits; none is taken twice.

    Columns named in full come first: "type" means the column of that name, not the last part of "recurrence.type".
    """
    places = {plain(text): position for position, text in reversed(list(enumerate(header))) if plain(text)}
    mapping: dict[str, int] = {}
    waiting = []
    for column in columns:
        if (exact := places.get(plain(column.name))) is not None:
            mapping[column.name] = exact
        else:
            waiting.append(column)
    for column in waiting:
        hit = next((places[alias] for alias in column.aliases if alias in places), None)
        if hit is not None and hit not in mapping.values():
            mapping[column.name] = hit
    return Headers(mapping, tuple(n for n in range(len(header)) if n not in mapping.values()))


def rivals(header: Sequence[str], columns: Iterable[Column], mapping: Mapping[str, int]) -> list[str]:
    """Say where two columns of the file could be the same thing, of which only one is taken."""
    taken, found = set(mapping.values()), []
    for column in columns:
        if column.name in mapping:
            others = [text for n, text in enumerate(header) if n not in taken and plain(text) in column.aliases]
            mine = f"“{header[mapping[column.name]]}” is taken as “{column.label}”"
            found += [f"{mine}; “{text}” could be it, too, and is left out." for text in others]
    return found


def refuse_duplicates(header: Sequence[str]) -> None:
    """Raise FileRefused when two columns have the same name: nobody could tell which one is meant.

    ``Phone [work]`` and ``Phone [home]`` are two; where both could be a column of ours, ``rivals`` says so.
    """
    seen: dict[str, int] = {}
    for number, text in enumerate(header, 1):
        key = _bare(text)
        if key and key in seen:
            first, second = header[seen[key] - 1].strip(), text.strip()
            names = f"are both named “{first}”" if first == second else f"have the same name, “{first}” and “{second}”"
            raise FileRefused(
                f"Columns {seen[key]} and {number} {names}. Nothing was done. Rename or remove one of them "
                "and send the file again."
            )
        seen.setdefault(key, number)


def known_header(columns: Iterable[Column]) -> frozenset[str]:
    return frozenset(alias for column in columns for alias in column.aliases)
