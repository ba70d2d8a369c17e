"""The form of a connection. Credentials go in and never come out again."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings

from portal.gateway.models import Connection

KEEP = "Leave it empty to keep the present one."


def address_problem(address: str) -> str:
    """Why credentials must not be sent to this address; empty when they may."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "This is not an address. It looks like https://api.zoom.us/v2."
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        return "This is not an address. It looks like https://api.zoom.us/v2."
    if "@" in parts.netloc or any(ord(letter) <= 32 or letter == "\\" for letter in address):
        return "The address must hold neither a user name nor blanks."
    host = parts.hostname if port is None else f"{parts.hostname}:{port}"
    if host not in {name.lower() for name in settings.ZOOM_HOSTS}:
        known = ", ".join(settings.ZOOM_HOSTS)
        return f"Credentials are sent to known hosts only: {known}. The setting ZOOM_HOSTS names further ones."
    if parts.scheme != "https" and address != settings.SANDBOX_URL:
        return "The address must begin with https://, so that nobody on the way can read along."
    return ""


if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Connection]
else:
    ModelForm = forms.ModelForm  # takes type arguments for the type checker only


class ConnectionForm(ModelForm):
    profile = forms.ChoiceField(
        label="Kind of app",
        choices=Connection.Profile.choices,
        required=False,
        help_text="The app you made in Zoom. JWT apps work with the sandbox; Zoom itself takes Server-to-Server OAuth.",
    )
    account_id = forms.CharField(
        label="Account ID",
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="Server-to-Server OAuth only: shown with the app's credentials in Zoom.",
    )
    tier = forms.ChoiceField(
        label="Plan of the account",
        choices=Connection.Tier.choices,
        required=False,
        help_text="Server-to-Server OAuth only: how many calls Zoom allows. When in doubt, Pro.",
    )
    api_key = forms.CharField(
        label="API key or client ID",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    api_secret = forms.CharField(
        label="API secret or client secret",
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = Connection
        fields = ("name", "profile", "base_url", "account_id", "api_key", "api_secret", "tier")
        help_texts = {"base_url": "For Zoom itself: https://api.zoom.us/v2"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.kept = {name: getattr(self.instance, name) for name in ("api_key", "api_secret", "base_url")}
            for name in ("api_key", "api_secret"):
                self.initial[name] = ""
                self.fields[name].required = False
                self.fields[name].help_text = KEEP
        else:
            self.initial.setdefault("base_url", "https://api.zoom.us/v2")
            self.initial["profile"] = Connection.Profile.CURRENT

    def clean_base_url(self) -> str:
        address: str = self.cleaned_data["base_url"].strip().rstrip("/")
        problem = address_problem(address)
        if problem:
            raise forms.ValidationError(problem)
        return address

    def clean_profile(self) -> str:
        return str(self.cleaned_data["profile"] or self.instance.profile)

    def clean_tier(self) -> str:
        return str(self.cleaned_data["tier"] or self.instance.tier)

    def clean_account_id(self) -> str:
        given: str = self.cleaned_data["account_id"].strip()
        if self.cleaned_data.get("profile") != Connection.Profile.CURRENT:
            return ""
        if not given:
            raise forms.ValidationError(
                "Server-to-Server OAuth needs the account ID: it is shown beside the client ID."
            )
        if not re.fullmatch(r"[A-Za-z0-9_-]+", given):
            raise forms.ValidationError("An account ID has letters, digits, dashes and underscores only.")
        return given

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.instance.pk:
            return cleaned
        moved = cleaned.get("base_url", self.kept["base_url"]) != self.kept["base_url"]
        for name in ("api_key", "api_secret"):
            if cleaned.get(name):
                continue
            if moved:
                # Whoever may point a connection elsewhere must not thereby learn its credentials.
                self.add_error(name, "The address changed: enter the credentials again.")
            else:
                cleaned[name] = self.kept[name]
        return cleaned
