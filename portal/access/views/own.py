"""One's own pages: sign-out, first password, name and time zone, password."""

from typing import Any

from allauth.account.views import LogoutView
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from portal.access import people
from portal.access.forms import ProfileForm
from portal.access.kept import kept
from portal.access.models import Staff
from portal.access.sign_in import may_sign_in
from portal.access.strict import only_own_fields
from portal.ui.errors import too_many
from portal.ui.requests import person, scope_of


class SignOut(LogoutView):  # type: ignore[misc]  # allauth ships no types
    """Asks on GET, signs out on POST, and tells the browser to forget the pages it kept."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().post(*args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


class Welcome(PasswordResetConfirmView):
    """The page behind a one-time link: choose a password. The link's token is moved from the address to the session."""

    template_name = "access/welcome.html"
    success_url = reverse_lazy("account_login")

    def get_user(self, uidb64: str) -> Any:
        user = super().get_user(uidb64)
        return user if isinstance(user, Staff) and may_sign_in(user) else None

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response = super().form_valid(form)
            people.password_changed(form.user, "With a one-time link.")
        messages.success(self.request, "Your password is set. Sign in with it.")
        return response


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name and time zone of the signed-in person."""
    staff = person(request)
    form = ProfileForm(request.POST or None, initial={"name": staff.name, "timezone": staff.timezone})
    if request.method == "POST":
        only_own_fields(request, form)
        if form.is_valid():
            people.change(staff, staff, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("access:profile")
    grants = staff.grants.select_related("account").order_by("account__name")
    context = {"form": form, "staff": staff, "grants": grants, "everywhere": scope_of(request).everywhere}
    return render(request, "access/profile.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; every other session of the person ends."""
    staff = person(request)
    form = PasswordChangeForm(staff, request.POST or None)
    if request.method == "POST":
        only_own_fields(request, form)
        if not ratelimit.consume(request, action="change_password", user=staff):
            return too_many(request)
        if form.is_valid():
            with transaction.atomic():
                form.save()
                people.password_changed(staff, "By the person.")
            update_session_auth_hash(request, staff)
            messages.success(request, "Your password is changed. All your other sessions have ended.")
            return redirect("access:profile")
    return render(request, "access/password.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def kept_form(request: HttpRequest) -> HttpResponse:
    """Show the form that arrived after the session had ended, to be sent now or dropped."""
    found = kept(request)
    if found is None:
        messages.info(request, "No form is waiting to be sent.")
        return redirect("home")
    return render(request, "access/kept.html", {"kept": found})
