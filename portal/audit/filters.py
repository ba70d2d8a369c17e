"""Filters of the audit page."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from portal.audit.models import Entry, Phase
from portal.audit.verbs import Verb
from zoomapi import spec

RESULTS = (
    ("done", "Done"),
    ("refused", "Refused"),
    ("not_sent", "Not sent"),
    ("skipped", "Left out"),
    ("unknown", "Outcome unknown"),
    ("carried_out", "Carried out, by a person's word"),
    ("send_again", "Send again, by a person's word"),
    ("given_up", "Given up, by a person's word"),
)


def verbs() -> list[Any]:
    calls = [(endpoint.key, endpoint.key) for endpoint in spec.all_endpoints() if not endpoint.is_read]
    return [("In the portal", [(verb.value, verb.label) for verb in Verb]), ("Calls to Zoom", calls)]


class EntryFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    q = django_filters.CharFilter(method="search", label="Target or reason", widget=forms.TextInput({"type": "search"}))
    actor = django_filters.CharFilter(field_name="actor", lookup_expr="icontains", label="Person")
    account = django_filters.CharFilter(field_name="account", lookup_expr="icontains", label="Sub-account")
    verb = django_filters.ChoiceFilter(choices=verbs, label="What")
    phase = django_filters.ChoiceFilter(choices=Phase.choices, label="Phase")
    result = django_filters.ChoiceFilter(choices=RESULTS, label="Result")
    at = django_filters.DateFromToRangeFilter(label="Period")
    operation = django_filters.CharFilter(method="of_operation", label="Operation", widget=forms.HiddenInput)

    class Meta:
        model = Entry
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[Entry], _name: str, value: str) -> QuerySet[Entry]:
        return rows.filter(Q(target__icontains=value) | Q(reason__icontains=value) | Q(message__icontains=value))

    def of_operation(self, rows: QuerySet[Entry], _name: str, value: str) -> QuerySet[Entry]:
        """Of one call, or of a job with all its calls: theirs are the job's name, a colon and a number."""
        return rows.filter(Q(operation=value) | Q(operation__gte=f"{value}:", operation__lt=f"{value};"))
