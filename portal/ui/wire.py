"""Values as they go over the wire: from a form's field, emptied, and compared."""

from datetime import UTC, date, datetime
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from portal.ui.specfields import Spec
from zoomapi.spec.base import CommaList


def wire(spec: Spec, value: Any) -> Any:
    """The value as it goes into the body; None when nothing was given."""
    if value is None or value in ("", []):
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(spec, CommaList) and isinstance(value, list):
        return ",".join(value)
    return value


def emptied(spec: Spec) -> Any:
    """What empties a field on the wire; ``empty`` when it cannot be emptied."""
    if isinstance(spec, serializers.ListField | serializers.ListSerializer | serializers.MultipleChoiceField):
        return [] if spec.allow_empty else empty
    if getattr(spec, "allow_blank", False):
        return ""
    return None if spec.allow_null else empty


def same(spec: Spec, one: Any, other: Any) -> bool:
    """Whether two wire values mean the same: blank is blank, codes have no order, 10 is "10"."""
    if one in (None, "", []) or other in (None, "", []):
        return one in (None, "", []) and other in (None, "", [])
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(spec, CommaList):
        return sorted(_codes(one)) == sorted(_codes(other))
    if isinstance(spec, serializers.DateTimeField):
        return _to_minutes(one) == _to_minutes(other)
    return bool(one == other) or str(one) == str(other)


def _codes(value: Any) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else value
    return [str(part).strip() for part in parts if str(part).strip()]


def _to_minutes(value: Any) -> str:
    # The control shows minutes; seconds that were there are not a change the person made.
    return str(value)[:16]
