"""The body as JSON text, for whoever would rather write it, or needs what the form cannot say."""

import json
import re
from typing import Any

from django import forms
from django.http import QueryDict

from portal.console.masking import HIDDEN, holds_mask, masked, pretty
from zoomapi.spec import Endpoint

LONGEST = 200_000


class RawBody(forms.Form):
    raw = forms.CharField(
        label="Body as JSON",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"class": "mono", "rows": 10, "spellcheck": "false"}),
        help_text="An object. Sent as it is once it fits the specification; the fields above are then left out.",
    )

    def __init__(self, endpoint: Endpoint, data: QueryDict | None = None) -> None:
        given = data.get("raw", "") if data is not None else ""
        super().__init__(data)
        self._given, self.endpoint = given, endpoint

    def clean_raw(self) -> dict[str, Any]:
        text = self.cleaned_data["raw"].strip() or "{}"
        try:
            value = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError) as problem:
            raise forms.ValidationError(f"This is not JSON: {problem}.") from None
        if not isinstance(value, dict):
            raise forms.ValidationError("The body must be an object: { … }.")
        if holds_mask(value):
            raise forms.ValidationError(f"“{HIDDEN}” stands where a secret was. Write the secret itself again.")
        return value

    def for_page(self) -> None:
        """Take the secrets out of what is shown again."""
        if not self.is_bound or not self._given:
            return
        try:
            value = json.loads(self._given)
        except (ValueError, RecursionError):
            shown = self._without_secrets(self._given)
        else:
            shown = pretty(masked(self.endpoint, value))
        self.data = {**self.data, "raw": shown}

    def _without_secrets(self, text: str) -> str:
        """Hide in text that is no JSON whatever follows a secret's name."""
        names = {name.rpartition(".")[2] for name in self.endpoint.secrets}
        for name in names:
            text = re.sub(rf"""({re.escape(name)}["']?\s*[:=]\s*)[^\n,}}]*""", rf'\1"{HIDDEN}"', text)
        return text


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
