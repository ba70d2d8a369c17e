"""Which groups a list shows: those in scope, narrowed by its filters."""

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from portal.access.scope import Scope
from portal.bulk.chosen import word_of
from portal.bulk.selection import SelectionRefused
from portal.directory.filters import ByAccountName
from portal.directory.models import MirrorGroup


class GroupFilter(ByAccountName):
    name = django_filters.CharFilter(
        label="Name",
        lookup_expr="icontains",
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    class Meta:
        model = MirrorGroup
        fields = ("name", "account_name")


def in_scope(scope: Scope) -> QuerySet[MirrorGroup]:
    rows = MirrorGroup.objects.filter(scope.where("account"), account__gone_since=None)
    return rows.select_related("account")


def group_word(group: MirrorGroup) -> str:
    """What stands for a group in an address. Its primary key would not do: reading groups anew gives new ones."""
    return word_of(f"{group.account_id}/{group.zoom_id}")


def matching(scope: Scope, filters: QueryDict, *, account: str, everything: bool) -> QuerySet[MirrorGroup]:
    """The groups that ticked ones are among, or (``everything``) all that the list shows.

    Raises SelectionRefused for filters that cannot be read: they must not mean "no filter".
    """
    rows = in_scope(scope).select_related("account__connection")
    if account:
        usable = account.isascii() and account.isdigit() and len(account) < 19
        rows = rows.filter(account=int(account)) if usable else rows.none()
    if not everything or account:
        return rows
    found = GroupFilter(filters, queryset=rows)
    if not found.form.is_valid():
        raise SelectionRefused("One of the filters could not be understood, so nothing was chosen. Filter again.")
    narrowed: QuerySet[MirrorGroup] = found.qs
    return narrowed
