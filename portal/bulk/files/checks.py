"""The limits of a shape's fields, compiled once into plain functions: a file has 100,000 rows, a form has one.

A compiled check gives the same verdict as the field itself (tests compare them); what has no quick form asks the field.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError as DjangoError
from django.core.validators import MaxLengthValidator, MinLengthValidator, ProhibitNullCharactersValidator
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from portal.bulk.files import times
from portal.bulk.files.refusal import Bad
from zoomapi.spec.base import AnyField
from zoomapi.spec.fields import Minutes
from zoomapi.spec.times import LocalMoment, UtcMoment

Check = Callable[[str], Any]  # text -> value for the body; raises Bad

# A subset of what the field's own validator accepts; anything else is put to the validator itself.
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EASY_ADDRESS = re.compile(rf"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:{_LABEL}\.)+[a-z]{{2,63}}", re.IGNORECASE | re.ASCII)
_CHOOSE = serializers.ChoiceField.to_internal_value
_MEMO = 20_000
_JOINING = "|,/&+"  # what people put between several things besides
_BETWEEN = re.compile(r"[;\r\n]+")
# Spreadsheets write truth values in their own language: WAHR, VRAI, VERDADERO.
_TRUE = frozenset(
    (
        *("true", "yes", "y", "1", "on", "t", "wahr", "ja", "vrai", "oui", "verdadero", "sí", "si", "vero"),
        *("waar", "verdadeiro", "sim", "prawda", "tak", "sant", "sann", "tosi", "kyllä"),
    )
)
_FALSE = frozenset(
    (
        *("false", "no", "n", "0", "off", "f", "falsch", "nein", "faux", "non", "falso", "nee"),
        *("onwaar", "não", "fałsz", "nie", "falskt", "falsk", "usann", "nej", "nei", "epätosi"),
    )
)
_GAPS = re.compile(r"[\s\-\u2010-\u2015]+")
_CUT = re.compile(r"-?\d(?:[.,]\d+)?E\+\d{2,3}", re.IGNORECASE | re.ASCII)
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:[.,'\s]\d{3})+")
_LOST = frozenset(
    (
        *("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"),
        *("#NV", "#BEZUG!", "#WERT!", "#ZAHL!", "#ÜBERLAUF!"),
        *("#NOM?", "#VALEUR!", "#NOMBRE!", "#NUL!", "#¿NOMBRE?", "#¡REF!", "#¡VALOR!", "#¡DIV/0!", "#¡NUM!"),
    )
)


def spoilt(text: str) -> str:
    """Say what a spreadsheet did to a cell before it was saved; nothing when it is as it was typed."""
    if _CUT.fullmatch(text):
        return "The spreadsheet has shortened this number. Format the column as text and type it again."
    if text.upper() in _LOST or (len(text) > 1 and not text.strip("#")):
        return "The spreadsheet could not work this cell out or show it. Mend it there and save again."
    return ""


def ungrouped(text: str) -> str:
    """A number without the blanks and hyphens that make it readable: ``123 456 7890``."""
    return _GAPS.sub("", text)


def compiled(field: AnyField, words: Mapping[str, Any] | None = None) -> Check:
    """Build the check of a field. ``words`` are more texts for the values of a choice: ``{"licensed": 2}``."""
    if isinstance(field, serializers.ChoiceField) and type(field).to_internal_value is _CHOOSE:
        return _choice(field, words or {})
    if isinstance(field, serializers.BooleanField):
        return _flag
    if isinstance(field, serializers.EmailField):
        return _address(field)
    if type(field).to_internal_value is serializers.CharField.to_internal_value:
        return remembering(_text(field))
    if isinstance(field, serializers.ListField):
        return remembering(_list(field))
    if isinstance(field, serializers.IntegerField):
        return remembering(_integer(field))
    if isinstance(field, LocalMoment | serializers.DateField | serializers.DateTimeField):
        return remembering(_date(field))
    return remembering(_ask(field))


def remembering(check: Check) -> Check:
    """Keep verdicts on values that come again: departments, types, given names."""
    good: dict[str, Any] = {}

    def remembered(text: str) -> Any:
        try:
            return good[text]
        except KeyError:
            value = check(text)
            if len(good) < _MEMO:
                good[text] = value
            return value

    return remembered


def _choice(field: serializers.ChoiceField, words: Mapping[str, Any]) -> Check:
    values: dict[str, Any] = {}
    for key, label in field.choices.items():
        values[str(label).casefold()] = values[str(label).casefold().replace(" and ", " & ")] = key
    values |= {text.casefold(): value for text, value in words.items() if value in field.choices}
    values |= {str(key).casefold(): key for key in field.choices}
    exact = {str(key): key for key in field.choices}
    shown = ", ".join(str(label) for label in list(field.choices.values())[:6])
    more = f" and {len(field.choices) - 6} more" if len(field.choices) > 6 else ""

    def check(text: str) -> Any:
        value = exact.get(text)
        if value is None:
            value = values.get(text.casefold())
        if value is None:
            raise Bad(f"Not one of the possible values: {shown}{more}.")
        return value

    return check


def _flag(text: str) -> bool:
    word = text.casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Bad("Write yes or no.")


def _text(field: AnyField) -> Check:
    """CharField: lengths by comparison; hidden characters were found before; other validators are asked."""
    longest, shortest, others = 1 << 30, 0, []
    for validator in field.validators:
        if isinstance(validator, MaxLengthValidator):
            longest = min(longest, int(_limit(validator)))
        elif isinstance(validator, MinLengthValidator):
            shortest = max(shortest, int(_limit(validator)))
        elif not isinstance(validator, ProhibitNullCharactersValidator | ProhibitSurrogateCharactersValidator):
            others.append(validator)

    def check(text: str) -> str:
        messages = []
        if len(text) > longest:
            messages.append(f"Longer than {longest} characters: it has {len(text)}.")
        if len(text) < shortest:
            messages.append(f"Shorter than {shortest} characters: it has {len(text)}.")
        for validator in others:
            messages += _verdict(validator, text)
        if messages:
            raise Bad(*messages)
        return text

    return check


def _address(field: serializers.EmailField) -> Check:
    slow = _text(field)
    longest = field.max_length or 254

    def check(text: str) -> str:
        if len(text) <= longest and _EASY_ADDRESS.fullmatch(text) and len(text.partition("@")[2]) < 128:
            return text
        value: str = slow(text)
        return value

    return check


def several(text: str) -> list[str]:
    """The entries of a cell that holds several: one a line, or with semicolons between them."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def each(check: Check, between: str = "", split: Callable[[str], list[str]] = several) -> Check:
    """A check of every entry of a cell, which ``split`` finds. ``between``: another sign that separates them."""

    def checked(text: str) -> list[Any]:
        entries = split(text.replace(between, ";") if between else text)
        try:
            return [check(entry) for entry in entries]
        except Bad as bad:
            joined = any(sign in entry for entry in entries for sign in _JOINING)
            raise Bad(*bad.messages, *(("Put semicolons between several.",) if joined else ())) from bad

    return checked


def _list(field: serializers.ListField) -> Check:
    """Entries may also stand between commas where each is a code."""
    return each(compiled(field.child), "," if isinstance(field.child, serializers.ChoiceField) else "")


def _ask(field: AnyField) -> Check:
    def check(text: str) -> Any:
        try:
            return _written(field.run_validation(text))
        except serializers.ValidationError as error:
            raise Bad(*_flat(error.detail)) from error

    return check


def _integer(field: serializers.IntegerField) -> Check:
    """The field itself takes ``1.000`` for 1, and in half of Europe it means a thousand."""
    ask = _ask(field)
    in_minutes = isinstance(field, Minutes)

    def check(text: str) -> Any:
        if in_minutes:
            text = times.whole_minutes(text)
        if why := times.no_number(text):
            raise Bad(why)
        if _THOUSANDS.fullmatch(text):
            raise Bad("Write the number without signs between its thousands.")
        return ask(text)

    return check


def _date(field: AnyField) -> Check:
    ask, timed = _ask(field), isinstance(field, LocalMoment)
    utc = isinstance(field, UtcMoment)

    def check(text: str) -> Any:
        text = times.in_order(text)
        if why := times.doubt(text, timed=timed, utc=utc):
            raise Bad(why)
        try:
            return ask(text)
        except Bad as bad:
            lacks_utc = utc and not text.endswith("Z")
            raise Bad(*bad.messages if lacks_utc else (times.refusal(text) or bad.messages[0],)) from bad

    return check


def _written(value: Any) -> Any:
    """A value as it goes over the wire: moments in UTC, days as they are."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value


def _verdict(validator: Callable[..., Any], text: str) -> list[str]:
    try:
        validator(text)
    except serializers.ValidationError as error:
        return _flat(error.detail)
    except DjangoError as error:
        return list(error.messages)
    return []


def _limit(validator: MaxLengthValidator | MinLengthValidator) -> Any:
    return validator.limit_value() if callable(validator.limit_value) else validator.limit_value


def _flat(detail: Any) -> list[str]:
    if isinstance(detail, dict):
        return [text for part in detail.values() for text in _flat(part)]
    if isinstance(detail, list):
        return [text for part in detail for text in _flat(part)]
    return [str(detail)]
