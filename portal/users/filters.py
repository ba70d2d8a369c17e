"""Filters of the list of users."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone

from portal.access.scope import Scope
from portal.directory import search
from portal.directory.models import MirrorUser, SubAccount
from portal.gateway.models import Connection
from portal.ui.filters import FilterBar, Pill
from zoomapi.spec.catalogue import USER_STATUSES
from zoomapi.spec.profiles import Profile

ACCOUNT = "account"
SHORTEST_INDEXED = 3  # letters: a shorter word has no trigram
LARGEST_KEY = 2**63 - 1
SEALED = ("account__connection__api_key", "account__connection__api_secret")


def day(**attrs: Any) -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", **attrs}, format="%Y-%m-%d")


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """``account`` is no field: with thousands of sub-accounts it is chosen elsewhere and shown as a pill."""

    q = django_filters.CharFilter(
        label="Name, e-mail, PMI or department",
        method="by_text",
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    status = django_filters.ChoiceFilter(label="Status", choices=list(USER_STATUSES.items()))
    type = django_filters.ChoiceFilter(label="Type", choices=())
    dept = django_filters.CharFilter(label="Department", method="by_dept", max_length=200)
    account_name = django_filters.CharFilter(label="Sub-account", method="by_account_name", max_length=200)
    since = django_filters.DateFilter(label="Last sign-in from", method="by_since", widget=day())
    until = django_filters.DateFilter(label="Last sign-in up to", method="by_until", widget=day())
    never = django_filters.ChoiceFilter(label="Signed in", choices=[("true", "Never")], method="by_never")

    class Meta:
        model = MirrorUser
        fields = ("q", "status", "type", "dept", "account_name", "since", "until", "never")

    def __init__(self, *args: Any, types: Mapping[int, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.filters["type"].extra["choices"] = [(str(code), name) for code, name in types.items()]

    def by_text(self, rows: QuerySet[MirrorUser], _name: str, value: str) -> QuerySet[MirrorUser]:
        return search.users(rows, value)

    def by_dept(self, rows: QuerySet[MirrorUser], _name: str, value: str) -> QuerySet[MirrorUser]:
        if all(len(word) >= SHORTEST_INDEXED for word in search.words(value)):
            rows = search.users(rows, value)  # the index finds few rows; the comparison below decides
        return rows.filter(dept__iexact=value)

    def by_account_name(self, rows: QuerySet[MirrorUser], _name: str, value: str) -> QuerySet[MirrorUser]:
        return rows.filter(account__in=search.accounts(SubAccount.objects.all(), value))

    def by_since(self, rows: QuerySet[MirrorUser], _name: str, value: date) -> QuerySet[MirrorUser]:
        return rows.filter(last_login_time__gte=midnight(value))

    def by_until(self, rows: QuerySet[MirrorUser], _name: str, value: date) -> QuerySet[MirrorUser]:
        return rows.filter(last_login_time__lt=midnight(value, later=1))

    def by_never(self, rows: QuerySet[MirrorUser], _name: str, _value: str) -> QuerySet[MirrorUser]:
        return rows.filter(last_login_time=None)


def midnight(value: date, later: int = 0) -> datetime:
    """The start of a day in the person's zone; compared with the column itself, so that its index serves."""
    try:
        return timezone.make_aware(datetime.combine(value + timedelta(days=later), time.min))
    except OverflowError:
        return timezone.make_aware(datetime.combine(value, time.min), UTC)


def chosen_account(scope: Scope, params: QueryDict) -> SubAccount | None:
    """The sub-account named in the address. One out of scope does not exist: 404, and never "all users" instead."""
    text = params.get(ACCOUNT, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) > LARGEST_KEY:
        raise Http404
    rows = SubAccount.objects.for_scope(scope).select_related("connection")
    return get_object_or_404(rows, pk=int(text))


def filtered(scope: Scope, params: QueryDict, account: SubAccount | None) -> UserFilter:
    """The users in scope that the address asks for, of sub-accounts that are still there."""
    rows = MirrorUser.objects.for_scope(scope).filter(account__gone_since=None)
    if account:
        rows = rows.filter(account=account)
    # The connection tells what a type is called; its sealed credentials need not be opened for that.
    rows = rows.select_related("account__connection").defer(*SEALED)
    return UserFilter(params, queryset=rows, types=types_of([account.connection.zoom] if account else zooms()))


def zooms() -> list[Profile]:
    """The Zooms behind all connections."""
    rows = Connection.objects.order_by("profile").values_list("profile", flat=True).distinct()
    return [Connection(profile=profile).zoom for profile in rows]


def types_of(found: Iterable[Profile]) -> dict[int, str]:
    """Types of users by number; one that two Zooms call differently has both names."""
    names: dict[int, list[str]] = {}
    for zoom in found:
        for code, name in zoom.user_types.items():
            known = names.setdefault(code, [])
            known += [] if name in known else [name]
    return {code: " or ".join(names[code]) for code in sorted(names)}


class UserBar(FilterBar):
    """The filter bar with one more pill: the sub-account."""

    def __init__(self, filterset: UserFilter, request: HttpRequest, account: SubAccount | None) -> None:
        super().__init__(filterset, request, keep=(ACCOUNT,))
        self.account = account

    def _pills(self) -> Iterator[Pill]:
        if self.account:
            yield Pill("Sub-account", str(self.account), f"?{self._without((ACCOUNT,)).urlencode()}")
        yield from super()._pills()

    @property
    def clear_url(self) -> str:
        return "?" + self._without((ACCOUNT, *(bound.html_name for bound in self.fields))).urlencode()
