"""Uploading a user's picture. It is checked, sent and forgotten: the portal keeps no copy."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.bulk.operations import perform
from portal.bulk.pages import operation_key, reason, settle, unreadable
from portal.ui.requests import person, scope_of
from portal.users.live import Member
from portal.users.pictures import MAX_BYTES, NotUsable, Picture, picture_of
from portal.users.views.change import changeable
from zoomapi.client.errors import ZoomError
from zoomapi.spec.users import Users


class PictureForm(forms.Form):
    picture = forms.FileField(
        label="Picture",
        help_text="JPEG, PNG or GIF, at most 2 MB and 4 million pixels. Square pictures look best.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/gif"}),
        error_messages={"required": "Choose a picture first.", "empty": "The file is empty. Choose another."},
    )

    def clean_picture(self) -> Picture:
        file: Any = self.cleaned_data["picture"]
        try:
            return picture_of(file.read(MAX_BYTES + 1))
        except NotUsable as problem:
            raise ValidationError(str(problem)) from None


@require_http_methods(["GET", "POST"])
def picture(request: HttpRequest, account_id: int, user_id: str) -> HttpResponse:
    try:
        user = changeable(request, account_id, user_id)
    except ZoomError as error:
        return unreadable(request, error)
    form = PictureForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        answer = send(request, user, form)
        if answer:
            return answer
    context = {
        "account": user.account,
        "member": user,
        "form": form,
        "operation_key": uuid.uuid4(),
        "reason": request.POST.get("reason", ""),
        "back_url": reverse("users:detail", args=[user.account.pk, user.user_id]),
    }
    return render(request, "users/picture.html", context, status=422 if form.errors else 200)


def send(request: HttpRequest, user: Member, form: PictureForm) -> HttpResponse | None:
    item = perform(
        scope=scope_of(request),
        actor=person(request),
        account=user.account,
        endpoint="users.upload_picture",
        path={"userId": user.user_id},
        files={Users.upload_picture.upload: form.cleaned_data["picture"].file},
        key=operation_key(request),
        reason=reason(request),
        title=f"Upload a picture of {user.email}",
        label=user.email,
    )
    home = reverse("users:detail", args=[user.account.pk, user.user_id])
    return settle(request, item, form, done_url=home, done_text=f"{user.email} has a new picture.")
