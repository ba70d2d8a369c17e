"""Changing a sub-account: its options, its settings, and letting it go."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from portal.access.rights import Right
from portal.accounts.columns import plan_name
from portal.accounts.views.detail import account_or_404
from portal.bulk.models import ItemState
from portal.bulk.operations import perform
from portal.bulk.pages import Edit, EditView
from portal.gateway.clients import client_for
from portal.ui.confirm import Confirmation, ConfirmMixin
from portal.ui.forms import form_for
from portal.ui.requests import person, scope_of
from zoomapi.spec.account_settings import AccountSettings
from zoomapi.spec.accounts import AccountOptions


class OptionsView(EditView):
    """PATCH …/options: connectors and who pays."""

    template_name = "accounts/options.html"

    def get_edit(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Edit:
        account = account_or_404(request, kwargs["account_id"])
        live = client_for(scope_of(request), account, actor=person(request)).accounts.get() or {}
        return Edit(
            account=account,
            endpoint="accounts.update_options",
            form_class=form_for(AccountOptions, initial=live.get("options") or {}),
            title=f"Options of {account}",
            label=str(account),
            done_url=reverse("accounts:options", args=[account.pk]),
            done_text="The options were saved at Zoom.",
        )


class SettingsView(EditView):
    """PATCH …/settings: the whole tree on one page; only what changed is sent."""

    template_name = "accounts/settings.html"

    def get_edit(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Edit:
        account = account_or_404(request, kwargs["account_id"])
        live = client_for(scope_of(request), account, actor=person(request)).accounts.settings() or {}
        return Edit(
            account=account,
            endpoint="accounts.update_settings",
            form_class=form_for(AccountSettings, initial=live),
            title=f"Settings of {account}",
            label=str(account),
            done_url=reverse("accounts:settings", args=[account.pk]),
            done_text="The changed settings were saved at Zoom.",
        )


class DisassociateView(ConfirmMixin):
    """DELETE /accounts/{accountId}: it keeps existing, but leaves the master account for good."""

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        account = account_or_404(request, kwargs["account_id"])
        users = account.users.count()
        plan = f"It holds the plan {plan_name(account)} ({account.plan_hosts} hosts). " if account.plan_type else ""
        return Confirmation(
            title=f"Disassociate {account}",
            action=f"Disassociate {account}",
            consequences=(
                f"{account} leaves the master account; nobody here reaches it or its {users:,} users any more.",
                "The account, its users, meetings and recordings keep existing on their own.",
                f"{plan}Ask Zoom who is billed for it from now on.",
                "Only Zoom's support can bring it back.",
            ),
            back_url=reverse("accounts:detail", args=[account.pk]),
            done_url=reverse("accounts:list"),
            typed=str(account),
            irreversible=True,
            facts=(("Account id", account.zoom_id), ("Owner", account.owner_email)),
            calls=(f"DELETE /v2/accounts/{account.zoom_id}",),
        )

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        account = account_or_404(request, kwargs["account_id"])
        item = perform(
            scope=scope_of(request),
            actor=person(request),
            account=account,
            endpoint="accounts.delete",
            key=str(operation_key),
            reason=reason,
            title=f"Disassociate {account}",
            label=str(account),
            right=Right.WRITE,
        )
        if item.state == ItemState.DONE:
            messages.success(request, f"{account} is no longer part of the master account.")
            return HttpResponseRedirect(reverse("accounts:list"))
        messages.error(request, item.message or "Zoom did not answer; it is being checked.")
        return HttpResponseRedirect(reverse("bulk:job", args=[item.job_id]))
