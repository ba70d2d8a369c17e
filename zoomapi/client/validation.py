"""Arguments against the specification, before anything is sent.

Each shape is built once and its fields are reused for every call: DRF validates without keeping state on a field.
Only what the caller gave is looked at and sent; nothing is filled in.
"""

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import empty

from zoomapi.client.errors import FieldErrors, InvalidArguments
from zoomapi.spec.base import CommaList, Endpoint, ShapeClass
from zoomapi.spec.times import as_text

GENERAL = ""  # field_errors key of a problem that belongs to no single field


@lru_cache(maxsize=2048)
def compiled(shape: ShapeClass, partial: bool) -> "serializers.Serializer[Any]":
    """Return the shape's one ready-made instance."""
    built = shape(partial=partial)
    len(built.fields)  # builds the fields now, not in the first of several threads
    return built


@lru_cache(maxsize=1024)
def names(endpoint: Endpoint) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names the query takes and those the top level of the body takes."""
    query = frozenset(compiled(endpoint.query, True).fields) if endpoint.query else frozenset()
    body = frozenset(compiled(endpoint.body, endpoint.partial).fields) if endpoint.body else frozenset()
    return query, body


def split(endpoint: Endpoint, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Sort keyword arguments into query and body. ``from_`` means ``from``, a word Python keeps to itself.

    The body is None for an operation that has none. Raises InvalidArguments for a name the operation does not know.
    """
    query_names, body_names = names(endpoint)
    query: dict[str, Any] = {}
    body: dict[str, Any] = {}
    unknown: FieldErrors = {}
    for given, value in values.items():
        name = given if given in body_names or given in query_names else given.removesuffix("_")
        if name in body_names:
            body[name] = value
        elif name in query_names:
            query[name] = value
        else:
            unknown[given] = [_no_such(given, query_names | body_names)]
    if unknown:
        _refuse(endpoint, unknown)
    return query, body if endpoint.body else None


def check(endpoint: Endpoint, query: Mapping[str, Any], body: Mapping[str, Any] | None) -> bytes:
    """Return the body as it is sent; empty where there is none.

    Raises InvalidArguments with every problem of query and body, by dotted name.
    """
    problems: FieldErrors = {}
    content = b""
    if query:
        _check_query(endpoint, query, problems)
    if endpoint.body is not None:
        content = _check_body(endpoint, endpoint.body, body or {}, problems)
    elif body:
        problems.update({name: ["This operation takes no body."] for name in body})
    if problems:
        _refuse(endpoint, problems)
    return content


def to_json(body: Mapping[str, Any]) -> bytes:
    """Encode a body; dates, decimals, UUIDs and enums are written as the specification writes them."""
    return json.dumps(body, default=plain, allow_nan=False, separators=(",", ":")).encode()


def plain(value: Any) -> Any:
    """Return a value the wire can carry."""
    if isinstance(value, dt.datetime):
        return as_text(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"A {type(value).__name__} cannot be sent as JSON.")


def _check_query(endpoint: Endpoint, query: Mapping[str, Any], problems: FieldErrors) -> None:
    if endpoint.query is None:
        problems.update({name: ["This operation takes no query."] for name in query})
        return
    fields = compiled(endpoint.query, True).fields
    for name, value in query.items():
        if name not in fields:
            problems[name] = [_no_such(name, fields)]
            continue
        try:
            fields[name].run_validation(_joined(fields[name], value))
        except ValidationError as problem:
            _flatten(problem.detail, name, problems)


def _check_body(endpoint: Endpoint, shape: ShapeClass, body: Mapping[str, Any], problems: FieldErrors) -> bytes:
    built = compiled(shape, endpoint.partial)
    _check_names(built, body, "", problems)
    content, simple = b"", _simple(built, body)
    try:
        content = to_json(simple)
        built.run_validation(simple)
    except ValidationError as problem:
        _flatten(problem.detail, "", problems)
    except (TypeError, ValueError) as problem:
        problems.setdefault(GENERAL, []).append(str(problem))
    return content


def _check_names(spec: Any, value: Any, prefix: str, problems: FieldErrors) -> None:
    """Find names that the shape does not have, at any depth."""
    if isinstance(spec, serializers.ListSerializer):
        for number, entry in enumerate(value if isinstance(value, (list, tuple)) else ()):
            _check_names(spec.child, entry, f"{prefix}{number}.", problems)
    elif isinstance(spec, serializers.Serializer) and isinstance(value, Mapping):
        for name, entry in value.items():
            if name in spec.fields:
                _check_names(spec.fields[name], entry, f"{prefix}{name}.", problems)
            else:
                problems[f"{prefix}{name}"] = [_no_such(str(name), spec.fields)]


def _simple(spec: Any, value: Any) -> Any:
    """Return the value with comma lists joined and tuples as lists, as DRF wants to see them."""
    if isinstance(value, Mapping) and isinstance(spec, serializers.Serializer):
        return {name: _simple(spec.fields.get(name), entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)) and isinstance(spec, serializers.ListSerializer):
        return [_simple(spec.child, entry) for entry in value]
    return _joined(spec, value)


def _joined(spec: Any, value: Any) -> Any:
    return ",".join(map(str, value)) if isinstance(spec, CommaList) and isinstance(value, (list, tuple)) else value


def wire_body(endpoint: Endpoint, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body as it is sent: what was given, with lists joined where the specification wants commas."""
    if endpoint.body is None:
        return dict(body)
    result: dict[str, Any] = _simple(compiled(endpoint.body, endpoint.partial), body)
    return result


def wire_query(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the query's pairs as text; None means not given."""
    return [(name, _query_text(value)) for name, value in query.items() if value is not None and value is not empty]


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(plain(value))


def _flatten(detail: Any, prefix: str, problems: FieldErrors) -> None:
    if isinstance(detail, dict):
        for name, entry in detail.items():
            nested = prefix if name == "non_field_errors" else f"{prefix}.{name}" if prefix else str(name)
            _flatten(entry, nested, problems)
    elif isinstance(detail, list):
        for number, entry in enumerate(detail):
            if isinstance(entry, ErrorDetail):
                problems.setdefault(prefix or GENERAL, []).append(str(entry))
            elif entry:
                _flatten(entry, f"{prefix}.{number}" if prefix else str(number), problems)


def _no_such(given: str, known: Any) -> str:
    close = get_close_matches(given, list(known), 1)
    return f"There is no such name; did you mean {close[0]}?" if close else "There is no such name."


def _refuse(endpoint: Endpoint, problems: FieldErrors) -> None:
    told = "; ".join(f"{name}: {' '.join(told)}" if name else " ".join(told) for name, told in problems.items())
    raise InvalidArguments(f"{endpoint.key} was not sent. {told}", field_errors=problems)
