"""A field of a shape as plain data, for whatever shows or exports it: forms, CSV columns, documentation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rest_framework import serializers

from zoomapi.spec.base import AnyField, CommaList, ShapeClass, is_secret
from zoomapi.spec.times import LocalMoment


class Kind(StrEnum):
    TEXT = "text"
    EMAIL = "email"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CODES = "codes"  # several codes in one text, separated by commas
    DATETIME = "datetime"
    DATE = "date"
    LIST = "list"  # of values, or of objects when there are members
    OBJECT = "object"


# The first match wins, so the narrower classes come first.
_KINDS: tuple[tuple[type[AnyField], Kind], ...] = (
    (serializers.ListSerializer, Kind.LIST),
    (serializers.BaseSerializer, Kind.OBJECT),
    (serializers.ListField, Kind.LIST),
    (serializers.ChoiceField, Kind.CHOICE),
    (serializers.BooleanField, Kind.BOOLEAN),
    (serializers.IntegerField, Kind.INTEGER),
    (serializers.FloatField, Kind.NUMBER),
    (serializers.DecimalField, Kind.NUMBER),
    (LocalMoment, Kind.DATETIME),
    (serializers.DateTimeField, Kind.DATETIME),
    (serializers.DateField, Kind.DATE),
    (serializers.EmailField, Kind.EMAIL),
    (CommaList, Kind.CODES),
)


@dataclass(frozen=True)
class FieldInfo:
    """What is known of one field. ``name`` is dotted from the top of its shape; None means there is no such limit.

    ``default`` is the server's own, None when the specification states none. ``members`` are an object's fields, or
    those of the objects in a list; ``choices`` are the allowed values of a choice or of each code in a list.
    """

    name: str
    label: str
    help: str
    type: Kind
    required: bool = False
    default: Any = None
    choices: Mapping[Any, str] | None = None
    min: int | float | None = None
    max: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    max_items: int | None = None
    secret: bool = False
    members: tuple["FieldInfo", ...] = field(default=())


def kind_of(spec_field: AnyField) -> Kind:
    return next((kind for cls, kind in _KINDS if isinstance(spec_field, cls)), Kind.TEXT)


def default_of(spec_field: AnyField) -> Any:
    """Return the server's default, or None.

    ``field.initial`` cannot tell: REST framework gives every Boolean the initial value False and every text "".
    """
    return getattr(spec_field, "_kwargs", {}).get("initial")


def describe(spec_field: AnyField, prefix: str = "") -> FieldInfo:
    """Describe one bound field; ``prefix`` is the dotted name of what it stands in."""
    name = f"{prefix}{spec_field.field_name or ''}"
    kind = kind_of(spec_field)
    items = getattr(spec_field, "max_length", None)
    return FieldInfo(
        name=name,
        label=str(spec_field.label or spec_field.field_name or ""),
        help=str(spec_field.help_text or ""),
        type=kind,
        required=bool(spec_field.required),
        default=default_of(spec_field),
        choices=_choices(spec_field),
        min=getattr(spec_field, "min_value", None),
        max=getattr(spec_field, "max_value", None),
        min_length=None if kind is Kind.LIST else getattr(spec_field, "min_length", None),
        max_length=None if kind is Kind.LIST else items,
        max_items=items if kind is Kind.LIST else None,
        secret=is_secret(spec_field),
        members=tuple(_members(spec_field, name)),
    )


def describe_shape(shape: ShapeClass) -> tuple[FieldInfo, ...]:
    """Describe the fields of a shape as a tree, in the shape's order."""
    return tuple(describe(spec_field) for spec_field in shape().fields.values())


def flat(shape: ShapeClass) -> Iterator[FieldInfo]:
    """Describe the fields of a shape with objects replaced by their members; a list stays one field."""
    return _flatten(describe_shape(shape))


def _flatten(infos: tuple[FieldInfo, ...]) -> Iterator[FieldInfo]:
    for info in infos:
        if info.type is Kind.OBJECT:
            yield from _flatten(info.members)
        else:
            yield info


def _members(spec_field: AnyField, name: str) -> Iterator[FieldInfo]:
    inner, prefix = spec_field, f"{name}."
    if isinstance(spec_field, serializers.ListSerializer) and spec_field.child is not None:
        inner, prefix = spec_field.child, f"{name}[]."
    if isinstance(inner, serializers.Serializer):
        for member in inner.fields.values():
            yield describe(member, prefix)


def _choices(spec_field: AnyField) -> Mapping[Any, str] | None:
    if isinstance(spec_field, serializers.ListField) and isinstance(spec_field.child, serializers.ChoiceField):
        return dict(spec_field.child.choices)
    if isinstance(spec_field, serializers.ChoiceField):
        return dict(spec_field.choices)
    if isinstance(spec_field, CommaList):
        return spec_field.codes
    return None
