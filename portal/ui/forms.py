"""Forms from shapes: every field of a call's body becomes a form field, and the form becomes the body again.

Only what the person gave or changed is sent. An edit form carries the values it showed, so that a value somebody else
changed meanwhile is neither reverted silently nor overwritten unseen.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.forms import BoundField
from django.http import QueryDict
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.settings import api_settings

from portal.ui.specfields import Spec, form_field
from portal.ui.wire import emptied, same, wire
from zoomapi.spec.base import ShapeClass, is_secret

SEEN = "seen_values"
SEEN_SALT = "portal.ui.forms"
THEIRS = "theirs"  # names of fields for which a person takes the value somebody else gave meanwhile


@dataclass(frozen=True)
class FormSection:
    """Fields of one nested shape; ``name`` is its dotted name, empty for the body's own fields."""

    name: str
    title: str
    bounds: list[BoundField]

    @property
    def has_errors(self) -> bool:
        return any(bound.errors for bound in self.bounds)


class SpecForm(forms.Form):
    """Base of what ``form_for`` makes."""

    shape: ClassVar[ShapeClass]
    specs: ClassVar[dict[str, Spec]]
    titles: ClassVar[dict[str, str]]
    known: ClassVar[dict[str, Any]]
    editing: ClassVar[bool]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = self.known
        self.theirs: set[str] = set()
        self.clashes: dict[str, Any] = {}  # what the person wants where somebody else gave another value meanwhile
        if self.editing:
            self.fields[SEEN].initial = self._sealed(self.known)
            if self.is_bound:
                self.seen = self._unsealed()
                self.theirs = set(self.data.getlist(THEIRS)) if isinstance(self.data, QueryDict) else set()

    def sections(self) -> list[FormSection]:
        """The visible fields, shape by shape, in the order of the specification."""
        found: dict[str, list[BoundField]] = {}
        for name in self.specs:
            found.setdefault(name.rpartition(".")[0], []).append(self[name])
        return [FormSection(prefix, self.titles.get(prefix, ""), bounds) for prefix, bounds in found.items()]

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """What differs from what the person saw: dotted name -> (before, after), in wire values."""
        return dict(self._changes())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, (before, after) in self.changes().items():
            spec, now = self.specs[name], self.known.get(name)
            if after is empty:
                self.add_error(name, "This cannot be emptied. Give a value, or the one it had.")
            elif self.editing and not same(spec, before, now) and not same(spec, after, now):
                words = f"Somebody changed this to “{self.worded(name, now)}” meanwhile. Send again to replace it."
                self.add_error(name, words)
                self.clashes[name] = after
        if self.clashes:
            self._see_afresh()
        self._check_shape()
        return cleaned

    def worded(self, name: str, value: Any) -> str:
        """A wire value as people read it."""
        choices = dict(getattr(self.fields[name], "choices", ()))
        words = {True: "Yes", False: "No"}.get(value) if isinstance(value, bool) else None
        if isinstance(value, list):
            return ", ".join(str(one) for one in value) or "nothing"
        return words or str(choices.get(str(value), value) if value not in (None, "", empty) else "nothing")

    def _changes(self) -> Iterator[tuple[str, tuple[Any, Any]]]:
        for name, spec in self.specs.items():
            if name not in self.cleaned_data or self._omitted(name):
                continue
            value = wire(spec, self.cleaned_data[name])
            before = None if is_secret(spec) else self.seen.get(name)
            if value is None and (not self.editing or is_secret(spec) or before in (None, "", [])):
                continue
            if value is None:
                yield name, (before, emptied(spec))
            elif not self.editing or not same(spec, before, value):
                yield name, (before, value)

    def _omitted(self, name: str) -> bool:
        return name in self.theirs or bool(
            self.fields[name].widget.value_omitted_from_data(self.data, self.files, self.add_prefix(name))
        )

    def _check_shape(self) -> None:
        body = nested((name, after) for name, (_, after) in self.changes().items() if after is not empty)
        check = self.shape(data=body, partial=self.editing)
        if check.is_valid():
            return
        for name, messages in flat_errors(check.errors):
            if name in self.specs:
                if name not in self.errors:
                    self.add_error(name, messages)
            elif name == "" or name.endswith(api_settings.NON_FIELD_ERRORS_KEY):
                self.add_error(None, messages)

    def _sealed(self, values: Mapping[str, Any]) -> str:
        return signing.dumps(dict(values), salt=SEEN_SALT, compress=True)

    def _unsealed(self) -> dict[str, Any]:
        try:
            seen: dict[str, Any] = signing.loads(self.data.get(self.add_prefix(SEEN), ""), salt=SEEN_SALT)
        except signing.BadSignature:
            return self.known
        return {name: seen[name] for name in self.specs if name in seen}

    def _see_afresh(self) -> None:
        # The page tells what the clashing fields hold now, and the next attempt is compared with that. The others keep
        # what was seen before: a field that only somebody else changed must not look changed back by this person.
        now = {name: self.known.get(name) for name in self.clashes}
        self.data = changed(self.data, self.add_prefix(SEEN), self._sealed({**self.seen, **now}))


def changed(data: Any, name: str, value: str) -> Any:
    """A copy of submitted data with one value replaced (the request's own is read-only)."""
    copy = data.copy()
    copy[name] = value
    return copy


def form_for(
    shape: ShapeClass,
    *,
    initial: Mapping[str, Any] | None = None,
    only: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
) -> type[SpecForm]:
    """Make a form class from a shape.

    ``initial`` is the object as Zoom returned it, nested: giving it makes an edit form, of which only changes are sent.
    ``only`` and ``exclude`` are dotted names; a nested shape's name stands for all its fields.
    """
    chosen, editing = None if only is None else tuple(only), initial is not None
    bound = shape(partial=editing)
    specs = {
        name: spec
        for name, spec in spec_leaves(bound)
        if (chosen is None or _named(name, chosen)) and not _named(name, tuple(exclude))
    }
    known = {name: value for name, value in flat(initial or {}, specs) if not is_secret(specs[name])}
    fields: dict[str, Any] = {
        name: form_field(
            spec, known=known.get(name, empty), editing=editing, required=not editing and _is_required(spec)
        )
        for name, spec in specs.items()
    }
    if editing:
        fields[SEEN] = forms.CharField(required=False, widget=forms.HiddenInput)
    titles = dict(_titles(bound))
    attributes = {"shape": shape, "specs": specs, "known": known, "editing": editing, "titles": titles}
    return type(f"{shape.__name__}Form", (SpecForm,), {**fields, **attributes})


def body_from(form: SpecForm) -> dict[str, Any]:
    """The body to send: nested, only with keys the person gave or changed. The form must be valid."""
    return nested((name, after) for name, (_, after) in form.changes().items())


def spec_leaves(shape: "serializers.Serializer[Any]", prefix: str = "") -> Iterator[tuple[str, Spec]]:
    """Yield (dotted name, field) of what can be written; a list of shapes is one field."""
    for name, spec in shape.fields.items():
        if spec.read_only:
            continue
        if isinstance(spec, serializers.Serializer):
            yield from spec_leaves(spec, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", spec


def _titles(shape: "serializers.Serializer[Any]", prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, spec in shape.fields.items():
        if isinstance(spec, serializers.Serializer):
            yield f"{prefix}{name}", str(spec.label)
            yield from _titles(spec, f"{prefix}{name}.")


def _named(name: str, names: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in names)


def _is_required(spec: Spec) -> bool:
    """A field below an optional shape is needed only when that shape is given: the shape's own check says so."""
    parent: Any = spec.parent
    while parent is not None and parent.parent is not None:
        if not parent.required:
            return False
        parent = parent.parent
    return bool(spec.required)


def flat(value: Mapping[str, Any], names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield (dotted name, value) for the names that occur in a nested object."""
    for name in names:
        found: Any = value
        for part in name.split("."):
            found = found.get(part, empty) if isinstance(found, Mapping) else empty
        if found is not empty:
            yield name, found


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Build a nested object from dotted names."""
    body: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = name.split(".")
        place = body
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return body


def flat_errors(errors: Any, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield (dotted name, messages) of a shape's errors; those of list entries belong to the list."""
    for name, found in errors.items():
        here = f"{prefix}{name}"
        if isinstance(found, Mapping) and not all(isinstance(key, int) for key in found):
            yield from flat_errors(found, f"{here}.")
        else:
            yield here, list(_messages(found))


def _messages(found: Any) -> Iterator[str]:
    if isinstance(found, Mapping):
        for place, inner in found.items():
            where = f"Entry {place + 1}: " if isinstance(place, int) else f"{place}: "
            yield from (f"{where}{text}" for text in _messages(inner))
    elif isinstance(found, list | tuple):
        for inner in found:
            yield from _messages(inner)
    else:
        yield str(found)
