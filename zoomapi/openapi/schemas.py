"""Shapes as JSON schemas (the dialect of OpenAPI 3.0).

One shape may need three schemas: what a call must send, what a partial change may send (nothing is required then),
and what an answer holds (types only: limits bind who sends, and unknown values are kept as they came).
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeAlias, cast

from django.core.validators import RegexValidator
from rest_framework import serializers

from zoomapi.spec.base import AnyField, CommaList, ShapeClass, is_secret
from zoomapi.spec.describe import Kind, default_of, kind_of
from zoomapi.spec.profiles import CLASSIC, Profile
from zoomapi.spec.times import LocalMoment, UtcMoment

Schema = dict[str, Any]
Shape: TypeAlias = "type[serializers.Serializer[Any]]"

MOST_CODES = 40  # more than these are listed, not matched
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"


class Use(StrEnum):
    """What a schema is for; the value is added to a name that is taken."""

    SENT = ""
    CHANGE = "Change"
    ANSWER = "Answer"


class Components:
    """The named schemas of a document, made as they are asked for."""

    def __init__(self, profile: Profile = CLASSIC) -> None:
        self._profile = profile
        self.schemas: dict[str, Schema] = {}
        self._names: dict[tuple[Shape, Use], str] = {}

    def ref(self, shape: Shape, use: Use, family: str) -> Schema:
        """A reference to the schema of ``shape``; ``family`` tells apart two shapes of one name."""
        shape = self._profile.shape(cast(ShapeClass, shape))  # a nested one, too
        name = self._names.get((shape, use))
        if name is None:
            name = self._names[shape, use] = self._free_name(shape, use, family)
            self.schemas[name] = {}  # holds the name while the members are made
            self.schemas[name] = self._object(shape, use, family)
        return {"$ref": f"#/components/schemas/{name}"}

    def _free_name(self, shape: Shape, use: Use, family: str) -> str:
        prefix = "".join(word.capitalize() for word in family.split("_"))
        base = shape.__name__
        wanted: tuple[str, ...] = (base, f"{base}{use}", f"{prefix}{base}", f"{prefix}{base}{use}")
        number = 2
        while True:
            for name in wanted:
                if name not in self.schemas:
                    return name
            wanted = (f"{prefix}{base}{use}{number}",)
            number += 1

    def _object(self, shape: Shape, use: Use, family: str) -> Schema:
        built = shape()
        members = {name: self.of(spec, use, family) for name, spec in built.fields.items()}
        schema: Schema = {"type": "object", "properties": members}
        if text := (shape.__doc__ or "").strip().partition("\n")[0]:
            schema["description"] = text
        required = [name for name, spec in built.fields.items() if spec.required]
        if required and use is Use.SENT:
            schema["required"] = required
        return schema

    def of(self, spec: AnyField, use: Use, family: str) -> Schema:
        """The schema of one field."""
        words = _words(spec)
        if isinstance(spec, serializers.ListSerializer):
            return {**words, **self._several(spec, use, family)}
        if isinstance(spec, serializers.Serializer):
            # Beside a $ref nothing else counts, so the words stand around it.
            return {**words, "allOf": [self.ref(type(spec), use, family)]}
        if isinstance(spec, serializers.ListField):
            child = self.of(spec.child, use, family)
            return {**words, "type": "array", "items": {name: child[name] for name in child if name != "title"}}
        return {**words, **value_schema(spec, use)}

    def _several(self, spec: Any, use: Use, family: str) -> Schema:
        found: Schema = {"type": "array", "items": self.ref(type(spec.child), use, family)}
        if use is not Use.ANSWER and spec.max_length is not None:
            found["maxItems"] = spec.max_length
        return found


def value_schema(spec: AnyField, use: Use) -> Schema:
    """The schema of a field that holds one value."""
    made = dict(_MAKERS.get(kind_of(spec), _text)(spec))
    if is_secret(spec):
        made["format"] = "password"
    if spec.allow_null:
        made["nullable"] = True
    if use is Use.ANSWER:
        return {name: value for name, value in made.items() if name in ("type", "format", "nullable")}
    default = default_of(spec)
    if default not in (None, ""):
        made["default"] = default
    return made


def _words(spec: AnyField) -> Schema:
    found: Schema = {}
    if spec.field_name and spec.label:
        found["title"] = str(spec.label)
    if spec.help_text:
        found["description"] = str(spec.help_text)
    return found


def _text(spec: Any) -> Schema:
    found: Schema = {"type": "string"}
    shortest = spec.min_length if getattr(spec, "min_length", None) is not None else None
    if shortest is None and not getattr(spec, "allow_blank", True):
        shortest = 1
    if shortest:
        found["minLength"] = shortest
    if getattr(spec, "max_length", None) is not None:
        found["maxLength"] = spec.max_length
    pattern: Any = next((rule.regex for rule in spec.validators if type(rule) is RegexValidator), None)
    if pattern:
        found["pattern"] = pattern.pattern.replace(r"\A", "^").replace(r"\Z", "$")
    return found


def _codes(spec: CommaList) -> Schema:
    found = _text(spec)
    if not spec.codes:
        return found
    found["x-codes"] = list(spec.codes)
    if len(spec.codes) <= MOST_CODES:
        one = "|".join(re.escape(code) for code in spec.codes)
        found["pattern"] = f"^({one})(,({one}))*$" if not spec.allow_blank else f"^(({one})(,({one}))*)?$"
        found.pop("minLength", None)
    return found


def _choice(spec: serializers.ChoiceField) -> Schema:
    values = list(spec.choices)
    kind = "integer" if values and all(type(value) is int for value in values) else "string"
    if spec.allow_blank and "" not in values and kind == "string":
        values.append("")
    return {"type": kind, "enum": values}


def _number(kind: str) -> Callable[[Any], Schema]:
    def make(spec: Any) -> Schema:
        limits = (("minimum", spec.min_value), ("maximum", spec.max_value))
        return {"type": kind, **{name: limit for name, limit in limits if limit is not None}}

    return make


def _moment(spec: AnyField) -> Schema:
    if isinstance(spec, LocalMoment) and not isinstance(spec, UtcMoment):
        return {"type": "string", "pattern": f"{_MOMENT}Z?$"}
    if isinstance(spec, UtcMoment):
        return {"type": "string", "pattern": f"{_MOMENT}Z$"}
    return {"type": "string", "format": "date-time"}


_MAKERS: dict[Kind, Callable[[Any], Schema]] = {
    Kind.BOOLEAN: lambda spec: {"type": "boolean"},
    Kind.INTEGER: _number("integer"),
    Kind.NUMBER: _number("number"),
    Kind.CHOICE: _choice,
    Kind.CODES: _codes,
    Kind.DATETIME: _moment,
    Kind.DATE: lambda spec: {"type": "string", "format": "date"},
    Kind.EMAIL: lambda spec: {**_text(spec), "format": "email"},
}
