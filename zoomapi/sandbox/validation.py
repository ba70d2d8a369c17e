"""Arguments checked by the spec's shapes. What a shape does not know is dropped, as the service does."""

import json
import math
import threading
from collections.abc import Iterator
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from zoomapi.sandbox.errors import Refusal, invalid, not_json
from zoomapi.spec.base import AnyField, Shape, ShapeClass
from zoomapi.spec.corrections import renamed
from zoomapi.spec.describe import default_of

Json = dict[str, Any]

BIGGEST_INT = 2**63 - 1
_GENERAL = "non_field_errors"
_shapes = threading.local()  # built shapes are costly, and not meant to be shared between threads


def parse(raw: bytes, operation: str) -> Json:
    """Read a JSON object, other spellings put right; nothing at all and ``""`` count as an empty one."""
    if not raw.strip():
        return {}
    try:
        text = raw.decode()
        data = json.loads(text, parse_constant=_refuse_constant)
        if "\\ud" in text.lower():
            json.dumps(data, ensure_ascii=False).encode()  # half a character cannot be kept; it fails here
        if data == "":
            return {}
        if isinstance(data, dict):
            return renamed(operation, _without_nulls(data))
    except (ValueError, RecursionError):
        pass  # not JSON, or nested deeper than anybody means it
    raise not_json()


def _without_nulls(data: Any) -> Any:
    """Drop members that are null: many clients send one for whatever they were not given."""
    if isinstance(data, dict):
        return {name: _without_nulls(value) for name, value in data.items() if value is not None}
    return [_without_nulls(item) for item in data] if isinstance(data, list) else data


def check(shape: ShapeClass | None, data: Json, *, partial: bool = False) -> Json:
    """Return the shape's values with the server's defaults put in; a partial shape keeps to the given keys.

    Raises Refusal 300 that names every wrong field.
    """
    if shape is None:
        return {}
    built = _built(shape, partial)
    try:
        values: Json = built.run_validation(data)
    except ValidationError as problem:
        raise Refusal(400, 300, "Validation Failed.", _merged(failures(problem.detail))) from None
    except (OverflowError, RecursionError, UnicodeError, ValueError, TypeError):
        raise invalid("body") from None
    oversized = list(_oversized(values, ""))
    if oversized:
        raise invalid(*oversized)
    return values if partial else with_defaults(built, values)


def with_defaults(shape: Shape, given: Json) -> Json:
    """Put a shape's documented defaults where nothing was given; ``given`` wins."""
    values = dict(given)
    for name, field in shape.fields.items():
        if isinstance(field, Shape):
            if isinstance(values.get(name), dict):
                values[name] = with_defaults(field, values[name])
        elif name not in values and default_of(field) is not None:
            values[name] = default_of(field)
    return values


def tree_of_defaults(shape: ShapeClass) -> Json:
    """Return a whole settings tree with a value for every leaf: the documented default, else off, 0 or empty."""
    return _tree(_built(shape, True))


def _tree(shape: Shape) -> Json:
    tree: Json = {}
    for name, field in shape.fields.items():
        tree[name] = _tree(field) if isinstance(field, Shape) else _resting(field)
    return tree


def _resting(field: AnyField) -> Any:
    default = default_of(field)
    if default is not None:
        return default
    if isinstance(field, serializers.BooleanField):
        return False
    if isinstance(field, serializers.IntegerField):
        return field.min_value or 0
    if isinstance(field, serializers.ChoiceField):
        choices = list(field.choices)
        return "none" if "none" in choices else 0 if all(isinstance(choice, int) for choice in choices) else ""
    return ""


def merged(tree: Json, change: Json) -> Json:
    """Return ``tree`` with the leaves of ``change`` in place of its own."""
    result = dict(tree)
    for name, value in change.items():
        old = result.get(name)
        result[name] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def failures(detail: Any, prefix: str = "") -> Iterator[str]:
    """Yield the dotted name of every field a validation error speaks of; list places are ``members[0].email``."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            if name == _GENERAL:
                yield prefix or "body"
            elif isinstance(name, int):
                yield from failures(inner, f"{prefix}[{name}]")
            else:
                yield from failures(inner, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(detail, list) and any(isinstance(inner, dict) for inner in detail):
        for place, inner in enumerate(detail):
            if inner:
                yield from failures(inner, f"{prefix}[{place}]")
    else:
        yield prefix or "body"


def _merged(fields: Iterator[str]) -> list[tuple[str, str]]:
    return [(field, "Invalid field.") for field in dict.fromkeys(fields)]


def _built(shape: ShapeClass, partial: bool) -> Shape:
    cache: dict[tuple[ShapeClass, bool], Shape] = _shapes.__dict__.setdefault("built", {})
    if (shape, partial) not in cache:
        cache[shape, partial] = shape(partial=partial)
    return cache[shape, partial]


def _oversized(value: Any, name: str) -> Iterator[str]:
    """Yield names of numbers no database column holds."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _oversized(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _oversized(inner, f"{name}[{place}]")
    elif (isinstance(value, int) and abs(value) > BIGGEST_INT) or (
        isinstance(value, float) and not math.isfinite(value)
    ):
        yield name or "body"


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
