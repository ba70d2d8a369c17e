"""Forms about people."""

import zoneinfo
from functools import cache
from typing import Any

from django import forms
from django.utils import timezone

from portal.access.models import Staff
from portal.access.rights import Role
from portal.directory.models import SubAccount


@cache
def zones() -> list[tuple[str, str]]:
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
    return [(name, name.replace("_", " ")) for name in names]


class ZoneField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=zones, label="Time zone", help_text="Dates and times are shown in it.", **kwargs)


class ProfileForm(forms.Form):
    name = forms.CharField(max_length=120)
    timezone = ZoneField()


class PersonForm(ProfileForm):
    role = forms.ChoiceField(choices=Role.choices)


class NewPersonForm(forms.Form):
    email = forms.EmailField(label="E-mail", max_length=254, help_text="They sign in with it. It cannot be changed.")
    name = forms.CharField(max_length=120)
    role = forms.ChoiceField(choices=Role.choices, initial=Role.OPERATOR)
    timezone = ZoneField(initial="UTC")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if Staff.objects.filter(email=email).exists():
            raise forms.ValidationError("There is a person with this e-mail already, perhaps a disabled one.")
        return email


class GrantForm(forms.Form):
    """The sub-accounts chosen on a person's page, and until when."""

    accounts = forms.ModelMultipleChoiceField(
        queryset=SubAccount.objects.none(),
        error_messages={
            "required": "Choose at least one sub-account.",
            "invalid_choice": "One of these sub-accounts does not exist any more.",
        },
    )
    expires_on = forms.DateField(
        label="Until (optional)",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The last day on which they may see these sub-accounts, in your time zone.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["accounts"]
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = grantable()

    def clean_expires_on(self) -> Any:
        day = self.cleaned_data["expires_on"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError("That day is over. Choose today or a later day.")
        return day


def grantable() -> Any:
    """Sub-accounts that can be given to a reseller: present ones, never the master account itself."""
    return SubAccount.objects.filter(gone_since=None, is_master=False)
