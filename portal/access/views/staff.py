"""Administration of people: list, add, change, disable, one-time links, grants."""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.access import people
from portal.access.forms import GrantForm, NewPersonForm, PersonForm, grantable
from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.access.strict import only_own_fields
from portal.directory import search
from portal.ui.requests import person as signed_in
from portal.ui.tables import Column, Empty, Table

CHOICES = 50  # sub-accounts offered at once


def _state(staff: Staff) -> str:
    if not staff.is_active:
        return "Disabled"
    return "Active" if staff.has_usable_password() else "No password yet"


COLUMNS = (
    Column("Name", "name", head=True, link=lambda staff: reverse("access:person", args=[staff.pk])),
    Column("E-mail", "email"),
    Column("Role", "get_role_display"),
    Column("State", template="access/_state.html"),
    Column("Last sign-in", "last_login", priority=2),
    Column("Time zone", "timezone", priority=3),
)


@require_GET
def staff_list(request: HttpRequest) -> HttpResponse:
    rows = list(Staff.objects.order_by("-is_active", "name", "pk"))
    for row in rows:
        row.state = _state(row)  # type: ignore[attr-defined]  # for the page only
    table = Table(COLUMNS, rows, request, caption="People", empty=Empty("No people yet"))
    return render(request, "access/staff.html", {"table": table})


@require_http_methods(["GET", "HEAD", "POST"])
def staff_add(request: HttpRequest) -> HttpResponse:
    form = NewPersonForm(request.POST or None)
    if request.method == "POST":
        only_own_fields(request, form)
        if form.is_valid():
            added = people.add(signed_in(request), **form.cleaned_data)
            messages.success(request, f"{added} is added and cannot sign in yet. Make a one-time link and pass it on.")
            return redirect("access:person", added.pk)
    return render(request, "access/staff_add.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, staff_id: int) -> HttpResponse:
    """One person: what may be changed, and for a reseller the sub-accounts."""
    staff = get_object_or_404(Staff, pk=staff_id)
    initial = {"name": staff.name, "timezone": staff.timezone, "role": staff.role}
    form = PersonForm(request.POST or None, initial=initial)
    if request.method == "POST":
        only_own_fields(request, form)
        if form.is_valid() and _changed(request, staff, form):
            return redirect("access:person", staff.pk)
    return _person_page(request, staff, form, GrantForm())


def _changed(request: HttpRequest, staff: Staff, form: PersonForm) -> bool:
    try:
        people.change(signed_in(request), staff, **form.cleaned_data)
    except people.Refusal as refusal:
        form.add_error("role", str(refusal))
        return False
    messages.success(request, "Saved.")
    return True


def _person_page(request: HttpRequest, staff: Staff, form: PersonForm, grant_form: GrantForm) -> HttpResponse:
    query = request.GET.get("account", "").strip()[:200]
    context: dict[str, Any] = {
        "staff": staff,
        "state": _state(staff),
        "form": form,
        "grant_form": grant_form,
        "is_reseller": staff.role == Role.RESELLER,
        "grants": staff.grants.select_related("account").order_by("account__name", "pk"),
        "now": timezone.now(),
        "account_query": query,
    }
    if context["is_reseller"]:
        offered = grantable().exclude(grants__staff=staff)
        found = search.accounts(offered, query) if query else offered
        context["offered"] = list(found.order_by("name", "pk")[: CHOICES + 1])[:CHOICES]
        context["more_offered"] = found.count() > CHOICES
    return render(request, "access/person.html", context, status=422 if form.errors or grant_form.errors else 200)


@require_POST
def person_link(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Show a one-time link, this once."""
    staff = get_object_or_404(Staff, pk=staff_id)
    if not staff.is_active:
        messages.error(request, f"{staff} is disabled, so a link would lead nowhere. Enable {staff} first.")
        return redirect("access:person", staff.pk)
    link = request.build_absolute_uri(people.password_link(signed_in(request), staff))
    return render(request, "access/link.html", {"staff": staff, "link": link})


@require_POST
def person_active(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Disable or enable, as the button said."""
    staff = get_object_or_404(Staff, pk=staff_id)
    active = request.POST.get("active") == "1"
    try:
        people.set_active(signed_in(request), staff, active=active)
    except people.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{staff} may sign in." if active else f"{staff} is disabled and signed out.")
    return redirect("access:person", staff.pk)


@require_POST
def grant_add(request: HttpRequest, staff_id: int) -> HttpResponse:
    staff = get_object_or_404(Staff, pk=staff_id, role=Role.RESELLER)
    form = GrantForm(request.POST)
    only_own_fields(request, form)
    if not form.is_valid():
        initial = {"name": staff.name, "timezone": staff.timezone, "role": staff.role}
        return _person_page(request, staff, PersonForm(initial=initial), form)
    day = form.cleaned_data["expires_on"]
    # The last day counts in full, in the time zone of who sets it.
    until = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) if day else None
    for account in form.cleaned_data["accounts"]:
        people.grant(signed_in(request), staff, account, until)
    messages.success(request, f"{staff} may now see {len(form.cleaned_data['accounts'])} more sub-accounts.")
    return redirect("access:person", staff.pk)


@require_POST
def grant_remove(request: HttpRequest, staff_id: int, grant_id: int) -> HttpResponse:
    grant = get_object_or_404(Grant.objects.select_related("staff", "account"), pk=grant_id, staff_id=staff_id)
    people.revoke(signed_in(request), grant)
    messages.success(request, f"{grant.staff} no longer sees {grant.account}.")
    return redirect("access:person", staff_id)
