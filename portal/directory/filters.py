"""Filters that lists of the mirror have in common."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from portal.directory import search
from portal.directory.models import SubAccount


class ByAccountName(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """For rows with an ``account``: any part of its name or its owner's e-mail, or its id."""

    account_name = django_filters.CharFilter(label="Sub-account", method="by_account", max_length=200)

    def by_account(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(account__in=search.accounts(SubAccount.objects.all(), value))
