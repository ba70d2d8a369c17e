"""What only a shape as a whole can tell of a row: members that need each other, lists that are too long."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from rest_framework import serializers

from portal.bulk.files.judging import Partial, judging
from portal.bulk.files.plans import RowPlan
from portal.ui.forms import flat_errors

AnyShape = serializers.Serializer[Any]
Validate = Callable[[Any], Any]


def refuse_wrong(plan: RowPlan, shape: AnyShape, part: Mapping[str, Any]) -> None:
    """Say what the shape has against values that belong together, as far as they could be read."""
    refused = plan.checked.refused
    if refused:
        shape = _without(type(shape), refused, partial_=shape.partial)
        part = _with_boxes(shape, part, refused)
    try:
        shape.run_validation(part)
    except serializers.ValidationError as error:
        for name, texts in flat_errors(error.detail):
            for text in texts:
                plan.checked.refuse("" if name == "non_field_errors" else name, text)


@lru_cache(maxsize=64)  # a file often has the same mistake in many rows, and a shape takes milliseconds to build
def _without(made_by: type[AnyShape], refused: frozenset[str], *, partial_: bool) -> AnyShape:
    """A shape that does not miss what was refused, and whose rules are silent where they ask for it."""
    shape = made_by(partial=partial_)
    hidden: dict[int, tuple[AnyShape, set[str]]] = {}
    for name in refused:
        *boxes, last = name.split(".")
        place: Any = shape
        for box in boxes:
            place = _member(place, box.removesuffix("[]"))
            if box.endswith("[]") and place is not None:
                place.required = False  # nor can its entries be counted
        if (field := _member(place, last.removesuffix("[]"))) is not None:
            field.required = False
            owner = _entries(place)
            hidden.setdefault(id(owner), (owner, set()))[1].add(last.removesuffix("[]"))
    for owner, names in hidden.values():
        # One instance of a shape whose class is somebody else's.
        owner.validate = partial(_as_known, owner.validate, frozenset(names))  # type: ignore[method-assign]
    return shape


def _entries(place: Any) -> Any:
    """The shape itself, or that of a list's entries."""
    return place.child if isinstance(place, serializers.ListSerializer) else place


def _member(place: Any, name: str) -> Any:
    fields: Mapping[str, Any] = getattr(_entries(place), "fields", {})
    return fields.get(name)


def _as_known(validate: Validate, refused: frozenset[str], attrs: Mapping[str, Any]) -> Mapping[str, Any]:
    with judging:
        validate(Partial(attrs, refused))
    return attrs


def _with_boxes(shape: AnyShape, part: Mapping[str, Any], refused: frozenset[str]) -> dict[str, Any]:
    """The values with every object of which a member was given, though it was refused: its other members are judged."""
    whole = dict(part)
    for name in refused:
        inner, place = whole, shape
        for box in name.split(".")[:-1]:
            place = _member(place, box)
            if not isinstance(place, serializers.Serializer):
                break  # of another shape, or in a list
            inner[box] = dict(inner.get(box) or {})
            inner = inner[box]
    return whole
