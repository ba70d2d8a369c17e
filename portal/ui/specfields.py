"""One form field for one field of a shape."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework import serializers
from rest_framework.fields import empty

from portal.ui.widgets import SeenBoolean, SeenChecks, SeenSelect
from zoomapi.spec.base import CommaList, is_secret

Spec: TypeAlias = "serializers.Field[Any, Any, Any, Any]"

LONG_TEXT = 300
MANY_CHOICES = 24
UNSET = "Not set"
LEFT = "Leave it to Zoom"


class LinesField(forms.CharField):
    """Several texts, one a line."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(one) for one in value) if isinstance(value, list | tuple) else value


class CodesField(forms.MultipleChoiceField):
    """Several codes; on the wire one text with commas, or a list."""

    def prepare_value(self, value: Any) -> Any:
        return [code.strip() for code in value.split(",") if code.strip()] if isinstance(value, str) else value


FIRST_YEAR, LAST_YEAR = 1900, 8999  # beyond, some zone's time leaves what a date-time can hold


class MomentField(forms.DateTimeField):
    """A moment in the person's zone; on the wire UTC."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def prepare_value(self, value: Any) -> Any:
        try:
            moment = parse_datetime(value) if isinstance(value, str) else value
            if isinstance(moment, datetime):
                return timezone.localtime(moment).replace(tzinfo=None) if timezone.is_aware(moment) else moment
        except (ValueError, OverflowError):  # no such day, or none in this zone: shown as it came
            pass
        return value

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        if moment is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise forms.ValidationError(f"Give a year from {FIRST_YEAR} to {LAST_YEAR}.")
        return moment


def default_of(spec: Spec) -> Any:
    """The server-side default, ``empty`` when the shape names none."""
    return spec._kwargs.get("initial", empty)  # type: ignore[attr-defined]  # what the shape itself wrote


def form_field(spec: Spec, *, known: Any, editing: bool, required: bool) -> forms.Field:
    """Derive the form field. ``known`` is the present value on the server, ``empty`` when unknown."""
    common: dict[str, Any] = {"label": spec.label, "help_text": _help(spec, editing), "required": required}
    if editing and known is not empty and not is_secret(spec):
        common["initial"] = known
    made = next((make for kind, make in _MAKERS if isinstance(spec, kind)), _text)(spec, common, known)
    made.widget.attrs.update(_limits(spec))
    return made


def _help(spec: Spec, editing: bool) -> str:
    text = str(spec.help_text or "")
    default = default_of(spec)
    if is_secret(spec) and editing:
        return f"{text} Leave empty to keep the present one.".strip()
    if editing or default is empty or default in (None, ""):
        return text
    named = {True: "yes", False: "no"}.get(default) if isinstance(default, bool) else None
    if isinstance(spec, serializers.ChoiceField):
        named = str(spec.choices.get(default, default))
    return f"{text} If you leave it, Zoom takes: {named or default}.".strip()


def _blank(spec: Spec) -> str:
    """Name the choice of not choosing: a new object gets what Zoom takes, an old one keeps having nothing."""
    return UNSET if spec.root.partial else "Choose" if spec.required else LEFT


def _limits(spec: Spec) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(spec, serializers.CharField) and not isinstance(spec, CommaList):
        if spec.max_length:
            found["maxlength"] = spec.max_length
        if spec.min_length:
            found["minlength"] = spec.min_length
    return found


def _text(spec: Any, common: dict[str, Any], known: Any) -> forms.Field:
    if is_secret(spec):
        widget: forms.Widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
        return forms.CharField(widget=widget, strip=spec.trim_whitespace, **common)
    long = (getattr(spec, "max_length", None) or 0) > LONG_TEXT
    # The shape checks length, too: no second wording of the same fault.
    return forms.CharField(widget=forms.Textarea if long else forms.TextInput, **common)


def _flag(spec: Any, common: dict[str, Any], known: Any) -> forms.Field:
    if isinstance(known, bool):
        return SeenBoolean(label=common["label"], help_text=common["help_text"], initial=known)
    choices = [("", _blank(spec)), ("true", "Yes"), ("false", "No")]
    return forms.TypedChoiceField(choices=choices, coerce=lambda v: v == "true", empty_value=None, **common)


def _choice(spec: Any, common: dict[str, Any], known: Any) -> forms.Field:
    values: dict[str, Any] = {str(value): value for value in spec.choices}
    choices = [(str(value), str(label)) for value, label in spec.choices.items()]
    present = known is not empty and known is not None
    if present and known != "" and str(known) not in values:
        # A value the specification does not list: keep it selectable, so that sending the form does not change it.
        values[str(known)] = known
        choices.append((str(known), f"{known} (not in the specification)"))
    if not present or known == "" or spec.allow_blank:
        choices.insert(0, ("", _blank(spec)))
    return forms.TypedChoiceField(choices=choices, coerce=lambda v: values.get(v, v), empty_value=None, **common)


def _choices(spec: Any, common: dict[str, Any], known: Any) -> forms.Field:
    pairs = [(str(value), str(label)) for value, label in spec.items()]
    held = known.split(",") if isinstance(known, str) else known if isinstance(known, list | tuple) else []
    codes = {code for code, _ in pairs}
    strange = [code.strip() for code in map(str, held) if code.strip() and code.strip() not in codes]
    pairs += [(code, f"{code} (not in the specification)") for code in strange]
    return CodesField(choices=pairs, widget=SeenSelect if len(pairs) > MANY_CHOICES else SeenChecks, **common)


def _comma_list(spec: CommaList, common: dict[str, Any], known: Any) -> forms.Field:
    return _text(spec, common, known) if spec.codes is None else _choices(spec.codes, common, known)


def _list(spec: Any, common: dict[str, Any], known: Any) -> forms.Field:
    child = spec.child
    if isinstance(child, serializers.ChoiceField):
        return _choices(child.choices, common, known)
    if isinstance(child, serializers.BaseSerializer | serializers.DictField | serializers.ListField):
        return _json(spec, common, known)
    common["help_text"] = f"{common['help_text']} One a line.".strip()
    return LinesField(**common)


def _json(spec: Any, common: dict[str, Any], known: Any) -> forms.Field:
    common["help_text"] = f"{common['help_text']} Written as JSON.".strip()
    return forms.JSONField(widget=forms.Textarea(attrs={"class": "mono", "spellcheck": "false"}), **common)


def _whole_number(spec: Any, common: dict[str, Any], known: Any) -> forms.Field:
    return forms.IntegerField(min_value=spec.min_value, max_value=spec.max_value, **common)


def _decimal(spec: Any, common: dict[str, Any], known: Any) -> forms.Field:
    return forms.FloatField(min_value=spec.min_value, max_value=spec.max_value, **common)


def _moment(spec: Any, common: dict[str, Any], known: Any) -> forms.Field:
    common["help_text"] = f"{common['help_text']} In {timezone.get_current_timezone_name()}.".strip()
    return MomentField(**common)


def _date(spec: Any, common: dict[str, Any], known: Any) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common)


def _mail(spec: Any, common: dict[str, Any], known: Any) -> forms.Field:
    return forms.CharField(widget=forms.EmailInput, **common)


_MAKERS: tuple[tuple[Any, Callable[[Any, dict[str, Any], Any], forms.Field]], ...] = (
    (serializers.BooleanField, _flag),
    (CommaList, _comma_list),
    (serializers.MultipleChoiceField, lambda spec, common, known: _choices(spec.choices, common, known)),
    (serializers.ChoiceField, _choice),
    (serializers.IntegerField, _whole_number),
    ((serializers.FloatField, serializers.DecimalField), _decimal),
    (serializers.DateTimeField, _moment),
    (serializers.DateField, _date),
    (serializers.EmailField, _mail),
    (serializers.ListField, _list),
    (serializers.ListSerializer, _json),
    ((serializers.DictField, serializers.JSONField), _json),
)
