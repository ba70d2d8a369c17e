"""Forms of groups."""

from collections.abc import Sequence
from typing import Any

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


class TargetForm(forms.Form):
    """Where members are moved to. ``groups`` are (id, name)."""

    to = forms.ChoiceField(label="To the group", error_messages={"required": "Choose one."})

    def __init__(self, data: Any = None, *, groups: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["to"].choices = [("", "Choose"), *groups]  # type: ignore[attr-defined]  # it is the ChoiceField above
