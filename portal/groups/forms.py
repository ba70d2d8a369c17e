"""Forms of groups."""

from django import forms

from portal.ui.people import PeopleField
from zoomapi.spec.groups import GROUP_NAME_LENGTH
from zoomapi.spec.shapes import BATCH


class NewGroupForm(forms.Form):
    """Zoom leaves the name optional and invents one; here a group has a name."""

    name = forms.CharField(
        label="Name",
        max_length=GROUP_NAME_LENGTH,
        help_text="Unique in its sub-account, at most 127 characters.",
        error_messages={"required": "Give the group a name."},
    )


class MembersForm(forms.Form):
    people = PeopleField(at_most=BATCH, label="New members")
