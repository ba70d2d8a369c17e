"""Forms in which a person says what many chosen objects are to get: some values of a shape, or one of its settings."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import QueryDict

from portal.bulk.chosen import NotSaid
from portal.bulk.compared import Values
from portal.ui.forms import SpecForm, body_from, form_for
from portal.ui.specfields import UNSET
from zoomapi import spec
from zoomapi.spec.base import ShapeClass

LEFT = "Leave as it is"
NO_VALUE = "Say what it is to be, or go back."


class SettingForm(forms.Form):
    """Which one of the settings."""

    setting = forms.ChoiceField(label="Setting", error_messages={"required": "Choose one."})

    def __init__(self, data: QueryDict | None = None, *, shape: ShapeClass) -> None:
        super().__init__(data)
        self.fields["setting"].choices = [("", "Choose"), *by_section(shape)]  # type: ignore[attr-defined]  # the ChoiceField above


def by_section(shape: ShapeClass) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """All settings as (section, [(dotted name, label)])."""
    for section in form_for(shape, initial={})().sections():
        yield section.title, [(bound.name, str(bound.label)) for bound in section.bounds]


def values_said(endpoint: str, params: QueryDict) -> Values:
    """The values of an address. Raises NotSaid with the form that asks for them."""
    return _said(endpoint, form_for(shape_of(endpoint), initial={}), params)


def setting_said(endpoint: str, params: QueryDict) -> Values:
    """The one setting of an address, and its value. Raises NotSaid with the form that asks for what is missing."""
    which = SettingForm(params if "setting" in params else None, shape=shape_of(endpoint))
    if not which.is_bound or not which.is_valid():
        raise NotSaid(which)
    return _said(endpoint, form_for(shape_of(endpoint), initial={}, only=[which.cleaned_data["setting"]]), params)


def shape_of(endpoint: str) -> ShapeClass:
    shape = spec.endpoint(endpoint).body
    if shape is None:
        raise ValueError(f"{endpoint} has no body.")
    return shape


def _said(endpoint: str, form_class: type[SpecForm], params: QueryDict) -> Values:
    form = form_class(params if any(name in params for name in form_class.specs) else None)
    _name_blanks(form, "Choose" if len(form.specs) == 1 else LEFT)
    if not form.is_bound or not form.is_valid():
        raise NotSaid(form)
    body = body_from(form)
    if not body:
        form.add_error(None, NO_VALUE)
        raise NotSaid(form)
    told = [f"“{form.fields[name].label}” to {form.worded(name, value)}" for name, (_, value) in form.changes().items()]
    return Values(endpoint, body, " and ".join(told))


def _name_blanks(form: SpecForm, blank: str) -> None:
    """What each has now differs, so not choosing does not mean that nothing is set."""
    for field in form.fields.values():
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            field.choices = [("", blank) if one == ("", UNSET) else one for one in choices]
