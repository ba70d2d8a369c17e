"""One confirm page for every act that cannot simply be taken back. The server enforces all of it.

The consequences are computed when the page is shown and again when it is sent: if they differ, it is shown anew. The
typed name, the reason and the operation key are checked here, not in the browser.
"""

import hashlib
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views import View

from portal.ui.forms import changed

KEY_LIFE = int(timedelta(days=1).total_seconds())
REASON_LENGTH = 500
MANY = 10


@dataclass(frozen=True)
class Confirmation:
    """What is about to happen.

    ``action`` is the button's text ("Disassociate Northwind"), ``consequences`` whole sentences computed just now.
    ``typed`` is the text to type first: an irreversible act must have one, and an act on more than ten objects
    (``count``) asks for their number when it has none. ``facts`` are (label, value) pairs, ``calls`` the API calls it
    will make. ``back`` is the text of the link to ``back_url``; a second click on the button leads to ``done_url``
    (default: the same).
    """

    title: str
    action: str
    consequences: Sequence[str]
    back_url: str
    back: str = "Cancel"
    done_url: str = ""
    typed: str = ""
    count: int = 1
    irreversible: bool = False
    reason_required: bool = True
    facts: Sequence[tuple[str, Any]] = ()
    calls: Sequence[str] = ()
    danger: bool = True

    def __post_init__(self) -> None:
        if self.irreversible and not self.typed:
            raise ValueError("An irreversible act needs a text to type.")

    @property
    def asked_text(self) -> str:
        return self.typed or (str(self.count) if self.count > MANY else "")

    @property
    def fingerprint(self) -> str:
        content = "\x1f".join([self.title, self.action, self.asked_text, *self.consequences, *self.calls])
        return hashlib.sha256(content.encode()).hexdigest()[:32]


class ConfirmForm(forms.Form):
    """Reason, typed text, operation key, and the mark of the consequences the person saw."""

    typed = forms.CharField(required=False, strip=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    reason = forms.CharField(
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the audit log, for those who ask later.",
    )
    operation_key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, confirmation: Confirmation) -> None:
        initial = {"operation_key": uuid.uuid4(), "seen": confirmation.fingerprint}
        super().__init__(data, initial=initial)
        self.confirmation = confirmation
        self.outdated = False  # the person agreed to other consequences than there are now
        self.fields["reason"].required = confirmation.reason_required
        if text := confirmation.asked_text:
            self.fields["typed"].required = True
            self.fields["typed"].label = f"Type “{text}” to confirm"
            self.fields["typed"].error_messages["required"] = f"Type “{text}” exactly."
        else:
            del self.fields["typed"]

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if plain(typed) != plain(self.confirmation.asked_text):
            raise forms.ValidationError(f"That is not the same. Type “{self.confirmation.asked_text}” exactly.")
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("seen") != self.confirmation.fingerprint:
            self.outdated = bool(cleaned.get("seen"))
            self.data = changed(self.data, "seen", self.confirmation.fingerprint)
            raise forms.ValidationError("The consequences changed since you opened this page. Read them again.")
        return cleaned


def plain(text: str) -> str:
    """The text as the eye sees it: one form of each letter, single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _cache_key(operation_key: uuid.UUID | str, who: object) -> str:
    return f"operation:{who}:{operation_key}"


def first_time(operation_key: uuid.UUID, who: object = "", leads_to: str = "/") -> bool:
    """True for the first use of an operation key by this person, False for every later one (for a day)."""
    return bool(cache.add(_cache_key(operation_key, who), leads_to, KEY_LIFE))


def sent_before(text: str, who: object = "") -> str:
    """Where the act with this operation key led, an empty text when it was not sent yet (or is no key)."""
    try:
        return str(cache.get(_cache_key(uuid.UUID(text), who), ""))
    except ValueError:
        return ""


class ConfirmMixin(View):
    """A view with one confirm page. Give ``get_confirmation`` and ``confirmed``; both get the URL's arguments."""

    template_name = "ui/confirm.html"

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        """Look at the present state and say what would happen."""
        raise NotImplementedError

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Do it. Called once per operation key."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        confirmation = self.get_confirmation(request, *args, **kwargs)
        return self.page(request, confirmation, ConfirmForm(confirmation=confirmation))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        who = request.user.pk
        led_to = sent_before(request.POST.get("operation_key", ""), who)
        if led_to:  # asked before looking at the object: the first click may have ended it
            return self._not_twice(request, led_to)
        confirmation = self.get_confirmation(request, *args, **kwargs)
        form = ConfirmForm(request.POST, confirmation=confirmation)
        if not form.is_valid():
            return self.page(request, confirmation, form, status=409 if form.outdated else 422)
        key = form.cleaned_data["operation_key"]
        leads_to = confirmation.done_url or confirmation.back_url
        if not first_time(key, who, leads_to):
            return self._not_twice(request, leads_to)
        return self.confirmed(request, form.cleaned_data["reason"], key, *args, **kwargs)

    def _not_twice(self, request: HttpRequest, url: str) -> HttpResponse:
        messages.info(request, "That was already sent; it was not sent a second time.")
        return HttpResponseRedirect(url)

    def page(
        self, request: HttpRequest, confirmation: Confirmation, form: ConfirmForm, status: int = 200
    ) -> HttpResponse:
        context = {"confirmation": confirmation, "form": form, **self.extra_context(request)}
        return render(request, self.template_name, context, status=status)

    def extra_context(self, request: HttpRequest) -> dict[str, Any]:
        """More for a template that extends the confirm page."""
        return {}
