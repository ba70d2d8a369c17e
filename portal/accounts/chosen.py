"""Which sub-accounts are meant."""

from django.db.models import QuerySet
from django.http import QueryDict

from portal.access.scope import Scope
from portal.accounts.filters import SubAccountFilter
from portal.bulk.account_changes import changeable
from portal.bulk.chosen import Choice
from portal.bulk.selection import SelectionRefused
from portal.directory.models import SubAccount

MOST = 3000


def chosen(scope: Scope, choice: Choice) -> list[SubAccount]:
    """The sub-accounts of one master account that a choice means. Raises SelectionRefused."""
    rows = changeable(scope)
    rows = narrowed(rows, choice.filters) if choice.words is None else rows.filter(pk__in=choice.keys())
    found = list(rows.order_by("name", "pk")[: MOST + 1])
    if not found or (choice.words is not None and len(found) < len(choice.keys())):
        raise SelectionRefused(
            "Some of the chosen sub-accounts are not there any more. Nothing was done. Choose again."
        )
    if len(found) > MOST:
        raise SelectionRefused(f"More than {MOST:,} sub-accounts match. Narrow the list, and do it in parts.")
    if len({account.connection_id for account in found}) > 1:
        raise SelectionRefused("They belong to several master accounts. Choose those of one. Nothing was done.")
    return found


def narrowed(rows: QuerySet[SubAccount], filters: QueryDict) -> QuerySet[SubAccount]:
    """All that match. A filter that cannot be read must not mean "no filter" here."""
    found = SubAccountFilter(filters, queryset=rows)
    if not found.form.is_valid():
        raise SelectionRefused("One of the filters could not be understood, so nothing was chosen. Filter again.")
    matching: QuerySet[SubAccount] = found.qs
    return matching
