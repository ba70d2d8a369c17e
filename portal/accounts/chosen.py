"""Which sub-accounts are meant, and what is to be set for all of them."""

from collections.abc import Iterator

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from portal.access.scope import Scope
from portal.accounts.filters import SubAccountFilter
from portal.bulk.account_changes import OPTIONS, SETTINGS, AccountChange, changeable
from portal.bulk.chosen import Choice, NotSaid
from portal.bulk.selection import SelectionRefused
from portal.directory.models import SubAccount
from portal.ui.forms import SpecForm, body_from, form_for
from zoomapi.spec.account_settings import AccountSettings
from zoomapi.spec.accounts import AccountOptions

MOST = 3000
NO_VALUE = "Say what it is to be, or go back."


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


class SettingForm(forms.Form):
    """Which one of the settings."""

    setting = forms.ChoiceField(label="Setting", error_messages={"required": "Choose one."})

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["setting"].choices = [("", "Choose"), *by_section()]  # type: ignore[attr-defined]  # the ChoiceField above


def by_section() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """All settings as (section, [(dotted name, label)])."""
    for section in form_for(AccountSettings, initial={})().sections():
        yield section.title, [(bound.name, str(bound.label)) for bound in section.bounds]


def change_of(action: str, params: QueryDict) -> AccountChange:
    """What an address says is to be set. Raises NotSaid with the form that asks for the rest."""
    if action == "options":
        return said(OPTIONS, form_for(AccountOptions, initial={}), params)
    which = SettingForm(params if "setting" in params else None)
    if not which.is_bound or not which.is_valid():
        raise NotSaid(which)
    return said(SETTINGS, form_for(AccountSettings, initial={}, only=[which.cleaned_data["setting"]]), params)


def said(endpoint: str, form_class: type[SpecForm], params: QueryDict) -> AccountChange:
    form = form_class(params if any(name in params for name in form_class.specs) else None)
    if not form.is_bound or not form.is_valid():
        raise NotSaid(form)
    body = body_from(form)
    if not body:
        form.add_error(None, NO_VALUE)
        raise NotSaid(form)
    told = [f"“{form.fields[name].label}” to {form.worded(name, value)}" for name, (_, value) in form.changes().items()]
    return AccountChange(endpoint, body, " and ".join(told))
