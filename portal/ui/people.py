"""A field for several people, named by e-mail address or id, one a line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST_ID = 64


class PeopleField(forms.CharField):
    """Cleans to a list of {"email": …} or {"id": …}, in the order given, without doubles."""

    widget = forms.Textarea

    def __init__(self, *, at_most: int, **kwargs: Any) -> None:
        kwargs.setdefault(
            "help_text", f"One a line, or separated by commas: e-mail addresses or ids, at most {at_most}."
        )
        super().__init__(**kwargs)
        self.at_most = at_most
        self.widget.attrs["rows"] = 4

    def clean(self, value: Any) -> list[dict[str, str]]:
        text = super().clean(value)
        words = list(dict.fromkeys(word for line in text.splitlines() for word in line.replace(",", " ").split()))
        if len(words) > self.at_most:
            raise ValidationError(f"At most {self.at_most} at a time; these are {len(words)}.")
        return [self._named(word) for word in words]

    def _named(self, word: str) -> dict[str, str]:
        if "@" in word:
            try:
                validate_email(word)
            except ValidationError:
                raise ValidationError(f"“{word}” is not an e-mail address.") from None
            return {"email": word}
        if len(word) > LONGEST_ID:
            raise ValidationError(f"“{word[:20]}…” is neither an e-mail address nor an id.")
        return {"id": word}
