"""The console: any documented operation, found, filled in, looked at, performed."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from portal.access.middleware import refuse
from portal.access.rights import Right
from portal.access.scope import Scope
from portal.accounts.forms import connections_for
from portal.audit.models import Entry, Phase
from portal.bulk.pages import operation_key, reason
from portal.console import calls, catalogue
from portal.console.calls import Shown, Target
from portal.console.forms import OperationForm
from portal.console.masking import curl, http_text, masked
from portal.directory.models import SubAccount
from portal.gateway.outgoing import Outgoing, outgoing, problems
from portal.gateway.zooms import zoom_of
from portal.ui.requests import person, scope_of
from zoomapi import coverage as table
from zoomapi.spec import Endpoint
from zoomapi.spec.base import Effect, is_secret, leaves
from zoomapi.spec.corrections import corrections_of
from zoomapi.spec.limits import HOST_WRITES
from zoomapi.spec.words import EFFECTS

MOST_ACCOUNTS = 12
MOST_CALLS = 8
SEND, SHOW, ADD = "send", "show", "add:"


@require_GET
def operation_list(request: HttpRequest) -> HttpResponse:
    """Every operation, or those that match the search."""
    words = request.GET.get("q", "")[:200]
    found = catalogue.groups(words, zoom_of(scope_of(request)))
    context = {
        "groups": found,
        "total": sum(len(group.operations) for group in found),
        "words": words,
        "history": history(request),
        "may_audit": scope_of(request).may(Right.AUDIT),
    }
    return render(request, "console/list.html", context)


@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """Every documented operation: in spec, client, sandbox, mirrored."""
    rows = table.known_rows()
    families: dict[str, list[table.Row]] = {}
    for row in rows:
        families.setdefault(row.family, []).append(row)
    return render(request, "console/coverage.html", {"families": families, "summary": table.summary(rows)})


@require_http_methods(["GET", "POST"])
def operation(request: HttpRequest, operation: str) -> HttpResponse:
    """An operation in the master account itself; or the choice of the sub-account it is for."""
    endpoint, scope = catalogue.operation_or_404(operation), scope_of(request)
    if (asked := request.GET.get(f"path-{catalogue.ACCOUNT}")) and catalogue.in_accounts(endpoint):
        account = SubAccount.objects.for_scope(scope).filter(zoom_id=asked[:254], is_master=False).first()
        if account is not None:
            url = reverse("console:account_operation", args=[endpoint.key, account.pk])
            return redirect(f"{url}?{request.GET.urlencode()}")
    connection = None
    connections = list(connections_for(scope)) if catalogue.direct(endpoint, scope) else []
    asked = request.POST.get("connection") or request.GET.get("connection", "")
    if connections:
        connection = next((one for one in connections if str(one.pk) == asked), connections[0])
    page = Page(request, endpoint, Target(connection) if connection else None)
    page.context["connections"] = connections if len(connections) > 1 else []
    return page.answer()


@require_http_methods(["GET", "POST"])
def account_operation(request: HttpRequest, operation: str, account_id: int) -> HttpResponse:
    """An operation in one sub-account."""
    endpoint, scope = catalogue.operation_or_404(operation), scope_of(request)
    rows = SubAccount.objects.for_scope(scope).select_related("connection")
    account = get_object_or_404(rows, pk=account_id, is_master=False)
    if not catalogue.in_accounts(endpoint):
        raise Http404
    return Page(request, endpoint, Target(account.connection, account)).answer()


class Page:
    """One request of the operation's page. Without a target there is no form, only the choice of a sub-account."""

    def __init__(self, request: HttpRequest, endpoint: Endpoint, target: Target | None) -> None:
        self.request, self.target = request, target
        zoom = target.connection.zoom if target else zoom_of(scope_of(request))
        self.endpoint = endpoint = zoom.view(endpoint)
        self.retired = zoom.retired(endpoint)
        self.per_host = HOST_WRITES.per_day if zoom.counts_by_host(endpoint) else None
        self.scope: Scope = scope_of(request)
        self.right = catalogue.right_of(endpoint)
        self.context: dict[str, Any] = {}
        self.form = OperationForm(endpoint, given=request.GET)
        self.status = 200

    def answer(self) -> HttpResponse:
        if self.request.method == "POST":
            if not self.scope.may(self.right):
                refuse(self.request, self.right)
            if self.target is None:
                raise Http404
            if self.retired:
                self.status = 422
            else:
                self._work(self.target)
        return self._page()

    def _work(self, target: Target) -> None:
        endpoint, data = self.endpoint, self.request.POST
        do = data.get("do", "") or (SEND if endpoint.is_read else SHOW)
        self.form = OperationForm(endpoint, data, self.request.FILES)
        if do.startswith(ADD):
            self.form.add_row(do.removeprefix(ADD))
            self.form.quiet(act_only=False)
        elif self._is_sendable(target, act=do == SEND):
            path, query, body = self.form.values()
            self.context["request_shown"] = self._request(target, path, query, body)
            if do == SEND:
                self._show(self._perform(target, path, query, body))
        else:
            self.status = 422
        if do == SHOW:
            self.form.quiet(act_only=True)
        if self.form.raw is not None:
            self.form.raw.for_page()

    def _is_sendable(self, target: Target, *, act: bool) -> bool:
        if not self.form.is_valid(act=act):
            return False
        found = problems(self.endpoint, target.account, *self.form.values())
        for name, texts in found.items():
            self.form.place(name, texts)
        return not found

    def _request(self, target: Target, path: Any, query: Any, body: Any) -> dict[str, str]:
        """The request with its secrets hidden, as text and as a line for a shell."""
        endpoint = self.endpoint
        hidden = masked(endpoint, query), masked(endpoint, body)
        out = outgoing(endpoint, target.connection.base_url, target.account, path, *hidden)
        return shown_request(endpoint, out)

    def _perform(self, target: Target, path: Any, query: Any, body: Any) -> Shown:
        endpoint, actor = self.endpoint, person(self.request)
        if endpoint.is_read:
            address = self.context["request_shown"]["target"]
            return calls.read(self.scope, actor, target, endpoint, path, query, address)
        return calls.write(
            self.scope,
            actor,
            target,
            endpoint,
            path=path,
            query=query,
            body=body,
            files=self.form.file.sent() if self.form.file else None,
            key=operation_key(self.request),
            reason=reason(self.request),
        )

    def _show(self, shown: Shown) -> None:
        self.context["shown"] = shown
        for name, texts in shown.errors.items():
            self.form.place(name, texts)
        if shown.tone == "bad":
            self.status = 422 if shown.errors else 502 if shown.status is None else 200
        if shown.next_page:
            self.context["carried"] = carried(self.request, self.endpoint, shown.next_page)

    def _page(self) -> HttpResponse:
        endpoint, account = self.endpoint, self.target.account if self.target else None
        context = {
            "endpoint": endpoint,
            "family": catalogue.label(endpoint.family),
            "form": self.form,
            "target": self.target,
            "account": account,
            "right": self.right,
            "may": self.scope.may(self.right),
            "effect": EFFECTS[endpoint.effect or Effect.READ],
            "news": catalogue.news(endpoint),
            "retired": self.retired,
            "per_host": self.per_host,
            "corrections": list(corrections_of(endpoint.key)),
            "may_direct": catalogue.direct(endpoint, self.scope),
            "has_secrets": has_secrets(endpoint),
            "operation_key": uuid.uuid4(),
            "history": history(self.request, endpoint),
            "may_audit": self.scope.may(Right.AUDIT),
            **self._accounts(account),
            **self.context,
        }
        return render(self.request, "console/operation.html", context, status=self.status)

    def _accounts(self, chosen: SubAccount | None) -> dict[str, Any]:
        """Sub-accounts to choose from; those of the search, when there is one."""
        if chosen is not None or not catalogue.in_accounts(self.endpoint):
            return {}
        find = self.request.GET.get("find", "")[:200].strip()
        rows = SubAccount.objects.for_scope(self.scope).filter(is_master=False, gone_since=None).order_by("name", "pk")
        if find:
            rows = rows.filter(Q(name__icontains=find) | Q(owner_email__icontains=find) | Q(zoom_id=find))
        given = [pair for pair in self.request.GET.items() if pair[0].startswith(("path-", "query-"))]
        onward = f"?{urlencode(given)}" if given else ""
        found = [
            (account, reverse("console:account_operation", args=[self.endpoint.key, account.pk]) + onward)
            for account in rows[: MOST_ACCOUNTS + 1]
        ]
        return {
            "choice": found[:MOST_ACCOUNTS],
            "more_accounts": len(found) > MOST_ACCOUNTS,
            "find": find,
            "given": given,
            "choosing": True,
        }


def shown_request(endpoint: Endpoint, out: Outgoing) -> dict[str, str]:
    target = "/" + out.url.partition("://")[2].partition("/")[2]
    return {"http": http_text(out, endpoint.upload), "curl": curl(out, endpoint.upload), "target": target}


def has_secrets(endpoint: Endpoint) -> bool:
    """Whether something secret is asked for."""
    shapes = (shape() for shape in (endpoint.query, endpoint.body) if shape is not None)
    return any(is_secret(field) for shape in shapes for _, field in leaves(shape))


def carried(request: HttpRequest, endpoint: Endpoint, onward: dict[str, str]) -> list[tuple[str, str]]:
    """What the form of the next page carries: this page's values, but for secrets, led on by one page."""
    secret = {f"query-{name}" for name in endpoint.secrets}
    left = {"csrfmiddlewaretoken", "do", *secret, "query-page_number", "query-next_page_token"}
    kept = [(name, value) for name in request.POST if name not in left for value in request.POST.getlist(name)]
    return [*kept, *((f"query-{name}", value) for name, value in onward.items()), ("do", SEND)]


def history(request: HttpRequest, endpoint: Endpoint | None = None) -> list[Entry]:
    """The person's last calls to Zoom in what is now in scope, by the audit log; of one operation or of all."""
    scope = scope_of(request)
    mine = Entry.objects.filter(actor_id=person(request).pk, phase__in=(Phase.EVENT, Phase.OUTCOME))
    mine = mine.filter(verb=endpoint.key) if endpoint else mine.filter(verb__contains=".")
    in_scope = scope.where("account_id") | Q(account_id=None) if not scope.everywhere else Q()
    return list(mine.filter(in_scope).order_by("-number")[:MOST_CALLS])
