"""Controls that tell "not on this page" from "switched off" and "nothing chosen"."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

OFF, ON = "off", "on"


def _values(data: Mapping[str, Any], name: str) -> list[Any]:
    if isinstance(data, MultiValueDict):
        return data.getlist(name)
    value = data.get(name, [])
    return list(value) if isinstance(value, list | tuple) else [value]


class SeenCheckbox(forms.CheckboxInput):
    """A box with a hidden companion: without the companion the answer is None, not False."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        box = super().render(name, value is True or value == ON, attrs, renderer)
        return format_html('<input type="hidden" name="{}" value="{}">{}', name, OFF, box)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> bool | None:  # type: ignore[override]  # three answers
        values = _values(data, name)
        return None if not values else any(value in (ON, "true", "True", True) for value in values)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not _values(data, name)


class _SeenMany:
    """For lists: the companion carries an empty text, so that "nothing chosen" arrives too."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        control = super().render(name, value, attrs, renderer)  # type: ignore[misc]  # a widget stands behind
        return format_html('<input type="hidden" name="{}" value="">{}', name, control)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str] | None:
        values = _values(data, name)
        return [str(value) for value in values if value != ""] if values else None

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not _values(data, name)


class SeenSelect(_SeenMany, forms.SelectMultiple):
    pass


class SeenChecks(_SeenMany, forms.CheckboxSelectMultiple):
    pass


class SeenBoolean(forms.Field):
    widget = SeenCheckbox

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "required": False})

    def to_python(self, value: Any) -> bool | None:
        return value if isinstance(value, bool) else None
