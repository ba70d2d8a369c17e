"""Pages of the connections to master accounts."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.access.strict import only_own_fields
from portal.gateway import connections, trial
from portal.gateway.forms import ConnectionForm
from portal.gateway.models import Connection
from portal.ui.requests import person
from portal.ui.tables import Column, Empty, Table

COLUMNS = (
    Column("Name", "name", head=True, link=lambda row: reverse("gateway:edit", args=[row.pk])),
    Column("API address", "base_url", priority=2),
    Column("Kind of app", "get_profile_display", priority=3),
    Column("State", template="gateway/_state.html"),
    Column("Sub-accounts", "accounts", numeric=True, priority=2),
    Column("Last test", template="gateway/_test.html"),
)


@require_GET
def connection_list(request: HttpRequest) -> HttpResponse:
    present = Q(sub_accounts__gone_since=None, sub_accounts__is_master=False)
    rows = list(Connection.objects.annotate(accounts=Count("sub_accounts", filter=present)).order_by("name"))
    empty = Empty(
        "No master account is connected",
        "Add one with the credentials of its app in Zoom.",
        (("Add a connection", reverse("gateway:add")),),
        "link",
    )
    table = Table(COLUMNS, rows, request, caption="Connections", empty=empty)
    return render(request, "gateway/list.html", {"table": table})


@sensitive_post_parameters("api_key", "api_secret")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    return _form_page(request, ConnectionForm(request.POST or None))


@sensitive_post_parameters("api_key", "api_secret")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, connection_id: int) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=connection_id)
    return _form_page(request, ConnectionForm(request.POST or None, instance=connection))


def _form_page(request: HttpRequest, form: ConnectionForm) -> HttpResponse:
    if request.method == "POST":
        only_own_fields(request, form)
        if form.is_valid() and _saved(request, form):
            return redirect("gateway:edit", form.instance.pk)
    context = {"form": form, "connection": form.instance if form.instance.pk else None}
    return render(request, "gateway/edit.html", context, status=422 if form.errors else 200)


def _saved(request: HttpRequest, form: ConnectionForm) -> bool:
    given = bool(request.POST.get("api_key") or request.POST.get("api_secret"))
    try:
        saved = connections.save(person(request), form.instance, new_credentials=given)
    except connections.Refusal as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"{saved} is saved. Test it to see whether Zoom takes it.")
    return True


@require_POST
def test(request: HttpRequest, connection_id: int) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=connection_id)
    verdict = trial.test(person(request), connection)
    tell = messages.success if verdict.ok else messages.error
    tell(request, f"{connection}: {verdict.text}")
    return redirect("gateway:edit", connection.pk)


@require_POST
def active(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Switch on or off, as the button said."""
    connection = get_object_or_404(Connection, pk=connection_id)
    wanted = request.POST.get("active") == "1"
    try:
        connections.set_active(person(request), connection, active=wanted)
    except connections.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        text = "is in use." if wanted else "is switched off: nothing is sent over it, and its jobs wait."
        messages.success(request, f"{connection} {text}")
    return redirect("gateway:edit", connection.pk)
