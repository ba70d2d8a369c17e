"""The filter bar: a GET form drawn from a django-filter FilterSet, and a pill for every filter in force."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django_filters import FilterSet
from django_filters.widgets import SuffixedMultiWidget

PLACE = ("after", "before")


@dataclass(frozen=True)
class Pill:
    label: str
    text: str
    remove_url: str


class FilterBar:
    """Fields and pills of a FilterSet, kept in the address; it works without script.

    ``keep`` are further query words a search must not lose (sort and size always stay). The state of a filter is only
    what the address says: a value that does not validate is shown with its error and filters nothing.
    """

    def __init__(
        self, filterset: FilterSet, request: HttpRequest, *, keep: Sequence[str] = (), wide: str = "q"
    ) -> None:
        self.filterset = filterset
        self.request = request
        self.keep = ("sort", "size", *keep)
        self.wide = wide
        for bound in self.form:
            _name_the_ends(bound)

    @property
    def form(self) -> forms.Form:
        form: forms.Form = self.filterset.form
        return form

    @cached_property
    def fields(self) -> list[BoundField]:
        return [bound for bound in self.form if not bound.is_hidden]

    @cached_property
    def hidden(self) -> list[tuple[str, str]]:
        return [(name, value) for name in self.keep for value in self.request.GET.getlist(name) if value]

    @cached_property
    def pills(self) -> list[Pill]:
        return list(self._pills())

    @property
    def is_active(self) -> bool:
        return bool(self.pills)

    @property
    def clear_url(self) -> str:
        return "?" + self._without(name for bound in self.form for name in parts(bound)).urlencode()

    def _pills(self) -> Iterator[Pill]:
        if not self.filterset.is_bound:
            return
        self.form.is_valid()
        for bound in self.form:  # hidden ones too: a list must say what narrows it
            value = self.form.cleaned_data.get(bound.name)
            text = worded(bound.field, value)
            if text:
                yield Pill(str(bound.label), text, "?" + self._without(parts(bound)).urlencode())

    def _without(self, names: Any) -> QueryDict:
        query = self.request.GET.copy()
        for name in (*names, *PLACE):
            query.pop(name, None)
        return query


_ENDS = {"min": "from", "max": "up to", "after": "from", "before": "up to"}


def _name_the_ends(bound: BoundField) -> None:
    """The label names the range as a whole; each of its controls needs a name, too."""
    widget = bound.field.widget
    if isinstance(widget, SuffixedMultiWidget):
        for suffix, one in zip(widget.suffixes, widget.widgets, strict=True):
            one.attrs["aria-label"] = f"{bound.label}, {_ENDS.get(suffix, suffix)}"


def parts(bound: BoundField) -> list[str]:
    """The query words one field reads: itself, or with the suffixes of a range."""
    widget = bound.field.widget
    if isinstance(widget, SuffixedMultiWidget):
        return [widget.suffixed(bound.html_name, suffix) for suffix in widget.suffixes]
    if isinstance(widget, forms.MultiWidget):
        return [bound.html_name + name for name in widget.widgets_names]  # type: ignore[attr-defined]  # missing in the stubs
    return [bound.html_name]


def worded(field: forms.Field, value: Any) -> str:
    """Say a filter's value in words; an empty text when it filters nothing."""
    if value is False:
        return "No" if isinstance(field, forms.NullBooleanField) else ""
    if value is None or value in ("", []):
        return ""
    if isinstance(value, slice):
        return _between(value.start, value.stop)
    if value is True:
        return "Yes"
    choices = dict(_flat(getattr(field, "choices", ())))
    if isinstance(value, list | tuple | set):
        return ", ".join(choices.get(str(one), str(one)) for one in value)
    return choices.get(str(value), _day(value))


def _between(low: Any, high: Any) -> str:
    if low is not None and high is not None:
        return f"{_day(low)} to {_day(high)}"
    return f"from {_day(low)}" if low is not None else f"up to {_day(high)}"


def _day(value: Any) -> str:
    return f"{value.day} {value:%b %Y}" if isinstance(value, date) else str(value)


def _flat(choices: Any) -> Iterator[tuple[str, str]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(value), str(label)
