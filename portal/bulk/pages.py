"""Pages that change one thing at Zoom: show what is there, send only what changed, say how it went.

A family room subclasses ``EditView`` (a form) or uses ``settle`` after its own ``perform``. The form carries an
operation key, so a double click or a repeated POST leads to the first operation; every attempt after a refusal gets a
key of its own.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from portal.access.rights import Right
from portal.bulk.models import Item, ItemState
from portal.bulk.operations import perform
from portal.directory.models import SubAccount
from portal.ui import nav
from portal.ui.forms import SpecForm, body_from, nested
from portal.ui.meanwhile import meanwhile, told
from portal.ui.requests import person, scope_of
from zoomapi.client.errors import NotFound, ZoomError

REASON_LENGTH = 500


@dataclass(frozen=True)
class Edit:
    """One change a page offers. ``form_class`` comes from ``form_for``; ``label`` names the object in the audit."""

    account: SubAccount
    endpoint: str
    form_class: type[SpecForm]
    title: str
    label: str
    done_url: str
    done_text: str
    path: Mapping[str, Any] = field(default_factory=dict)
    object_key: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


class EditView(View):
    """Give ``get_edit`` (which reads Zoom live; a ``ZoomError`` becomes a plain page) and ``template_name``."""

    template_name = "bulk/edit.html"
    right = Right.WRITE

    def get_edit(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Edit:
        raise NotImplementedError

    def get_body(self, form: SpecForm) -> dict[str, Any]:
        """What is sent: by default only what changed."""
        return body_from(form)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # never a stream here
        except ZoomError as error:
            return unreadable(request, error)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        edit = self.get_edit(request, *args, **kwargs)
        return self.page(request, edit, edit.form_class())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        edit = self.get_edit(request, *args, **kwargs)
        form = edit.form_class(request.POST)
        if not form.is_valid():
            return self.page(request, edit, form, status=409 if form.clashes else 422)
        body = self.get_body(form)
        if not body:
            messages.info(request, "Nothing was changed, so nothing was sent.")
            return HttpResponseRedirect(edit.done_url)
        item = perform(
            scope=scope_of(request),
            actor=person(request),
            account=edit.account,
            endpoint=edit.endpoint,
            path=dict(edit.path),
            body=body,
            key=operation_key(request),
            reason=reason(request),
            title=edit.title,
            label=edit.label,
            right=self.right,
            before=nested((name, before) for name, (before, _) in form.changes().items()),
        )
        done_text = f"{edit.done_text} {told(meanwhile(form))}".strip()
        answer = settle(request, item, form, done_url=edit.done_url, done_text=done_text)
        return answer or self.page(request, edit, form, status=422)

    def page(self, request: HttpRequest, edit: Edit, form: SpecForm, status: int = 200) -> HttpResponse:
        context = {
            "edit": edit,
            "account": edit.account,
            "form": form,
            "meanwhile": meanwhile(form) if status == 409 else [],
            "operation_key": uuid.uuid4(),
            "reason": request.POST.get("reason", ""),
            "may_write": scope_of(request).may(self.right),
            **edit.context,
        }
        return render(request, self.template_name, context, status=status)


def operation_key(request: HttpRequest) -> str:
    """The key a form carried; a request without a usable one gets its own, and so no protection from doubles."""
    try:
        return str(uuid.UUID(request.POST.get("operation_key", "")))
    except ValueError:
        return str(uuid.uuid4())


def reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").replace("\x00", "").strip()[:REASON_LENGTH]


def settle(request: HttpRequest, item: Item, form: forms.Form, *, done_url: str, done_text: str) -> HttpResponse | None:
    """Answer for an ended operation; None when it was refused and the form (now with the errors) must be shown."""
    if item.state == ItemState.DONE:
        messages.success(request, done_text)
        return HttpResponseRedirect(done_url)
    if item.state in (ItemState.FAILED, ItemState.CANCELLED, ItemState.INVALID):
        told = add_errors(form, item)
        if item.message and not told:
            form.add_error(None, item.message)
        return None
    text = "Zoom did not say whether this was applied. It is being checked and will not be sent twice blindly."
    if item.state == ItemState.PENDING:
        text = item.message or "This waits for its turn at Zoom and is sent by itself."
    messages.warning(request, text)
    return HttpResponseRedirect(reverse("bulk:job", args=[item.job_id]))


def add_errors(form: forms.Form, item: Item) -> bool:
    """Put Zoom's messages beside their fields; what has no field here goes on top. True: something was said."""
    for name, texts in item.errors.items():
        place = name if name in form.fields else next((f for f in form.fields if f.endswith(f".{name}")), None)
        found = texts if isinstance(texts, list) else [texts]
        if place:
            form.add_error(place, [str(text) for text in found])
        else:
            form.add_error(None, [f"{name}: {text}" for text in found])
    return bool(item.errors)


def unreadable(request: HttpRequest, error: ZoomError) -> HttpResponse:
    """The page in place of one that needed Zoom's answer."""
    status = 404 if isinstance(error, NotFound) else 502
    match = request.resolver_match
    place = nav.place_of(match.view_name) if match else None
    context = {"problem": str(error), "missing": status == 404, "place": place}
    return render(request, "bulk/unreadable.html", context, status=status)
