"""Filters of the list of sub-accounts."""

import django_filters
from django import forms
from django.db.models import F, FloatField, Q, QuerySet
from django.db.models.functions import Cast

from portal.directory import search
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from zoomapi.spec.catalogue import BASE_PLANS, PAY_MODES

NEARLY_FULL = 0.9
PLAN_CHOICES = [
    *((plan.code, plan.label) for plan in BASE_PLANS.values()),
    ("legacy", "Legacy plan"),
    ("none", "No plan"),
]


class SubAccountFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    q = django_filters.CharFilter(
        label="Name or owner",
        method="by_text",
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    plan = django_filters.ChoiceFilter(label="Plan", choices=PLAN_CHOICES, method="by_plan")
    pay_mode = django_filters.ChoiceFilter(label="Paid by", choices=list(PAY_MODES.items()))
    seats = django_filters.NumericRangeFilter(label="Hosts", field_name="plan_hosts", lookup_expr="range")
    nearly_full = django_filters.ChoiceFilter(label="Seats", choices=[("true", "Nearly used")], method="by_use")
    connection = django_filters.ModelChoiceFilter(
        label="Master account", queryset=Connection.objects.filter(is_active=True)
    )

    class Meta:
        model = SubAccount
        fields = ("q", "plan", "pay_mode", "seats", "nearly_full", "connection")

    def by_text(self, rows: QuerySet[SubAccount], _name: str, value: str) -> QuerySet[SubAccount]:
        return search.accounts(rows, value)

    def by_plan(self, rows: QuerySet[SubAccount], _name: str, value: str) -> QuerySet[SubAccount]:
        if value == "none":
            return rows.filter(plan_type="")
        if value == "legacy":
            return rows.exclude(Q(plan_type="") | Q(plan_type__in=BASE_PLANS))
        return rows.filter(plan_type=value)

    def by_use(self, rows: QuerySet[SubAccount], _name: str, _value: str) -> QuerySet[SubAccount]:
        share = Cast("seats_used", FloatField()) / F("plan_hosts")
        return rows.filter(plan_hosts__gt=0).alias(share=share).filter(share__gte=NEARLY_FULL)
