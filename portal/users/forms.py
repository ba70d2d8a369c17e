"""Forms of users, where a rule of Zoom's goes beyond single fields."""

from typing import Any

from django import forms

from portal.directory.records import LICENSED_TYPES
from portal.ui.forms import SpecForm, form_for
from portal.users.seats import Seats
from zoomapi.spec.profiles import Profile
from zoomapi.spec.user_shapes import NewUser

PASSWORD_FIELD = "user_info.password"  # noqa: S105  # the name of a field
TYPE_FIELD = "user_info.type"
EMAIL_FIELD = "user_info.email"

WAYS = (
    (
        "create",
        "By invitation",
        "Zoom sends a mail with a link. The user is pending until it is followed, and chooses the password then.",
    ),
    (
        "autoCreate",
        "At once, in a managed domain",
        "The user can sign in straight away with the password you give here. Only for e-mail domains that are managed.",
    ),
    (
        "custCreate",
        "For the API only",
        "A user without a password who cannot sign in: for meetings that a program starts. Zoom sends no mail.",
    ),
    (
        "ssoCreate",
        "Ahead of single sign-on",
        "The user exists before signing in for the first time through your identity provider. Zoom sends no mail.",
    ),
)


def new_user_form(seats: Seats, zoom: Profile) -> type[SpecForm]:
    """The body of users.create as that Zoom takes it, with the rules on passwords and seats."""
    base = form_for(zoom.shape(NewUser))

    def clean(self: SpecForm) -> dict[str, Any]:
        cleaned: dict[str, Any] = base.clean(self)
        action, password = cleaned.get("action"), cleaned.get(PASSWORD_FIELD)
        if action == "autoCreate" and not password and PASSWORD_FIELD not in self.errors:
            self.add_error(PASSWORD_FIELD, "A user who is created at once needs a password.")
        if action and action != "autoCreate" and password:
            self.add_error(
                PASSWORD_FIELD, "Only a user who is created at once gets a password. Leave this empty for this way."
            )
        if objection := seats.objection(cleaned.get(TYPE_FIELD), chosen_name(self, TYPE_FIELD)):
            self.add_error(TYPE_FIELD, objection)
        return cleaned

    made: type[SpecForm] = type("NewUserForm", (base,), {"clean": clean})
    return made


def with_seats(base: type[SpecForm], seats: Seats, present: Any) -> type[SpecForm]:
    """A form for changing a user that explains a missing seat. ``present`` is the type the user has now."""

    def clean(self: SpecForm) -> dict[str, Any]:
        cleaned: dict[str, Any] = base.clean(self)
        wanted = cleaned.get("type")
        objection = seats.objection(wanted, chosen_name(self, "type"))
        if objection and wanted != present and not seats_held(present):
            self.add_error("type", objection)
        return cleaned

    made: type[SpecForm] = type(base.__name__, (base,), {"clean": clean})
    return made


def chosen_name(form: forms.Form, name: str) -> str:
    """What a form calls the choice that was made in a field."""
    chosen = form.cleaned_data.get(name)
    choices: Any = getattr(form.fields[name], "choices", ())
    return next((str(label) for value, label in choices if str(value) == str(chosen)), str(chosen))


def seats_held(user_type: Any) -> bool:
    """Whether the user takes a seat already, so that another licensed type needs no further one."""
    return user_type in LICENSED_TYPES


class WhereForm(forms.Form):
    """Which sub-account to look for."""

    q = forms.CharField(
        label="Sub-account",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text="A part of its name or of its owner's e-mail address.",
    )
