"""Removing a user: the choice, and what follows from it in plain sentences."""

from typing import Any

from django import forms

from portal.directory.records import LICENSED_TYPES
from portal.users.live import Member
from zoomapi.spec.user_shapes import DELETE_ACTIONS

TRANSFERS = {
    "transfer_meeting": "coming meetings",
    "transfer_webinar": "coming webinars",
    "transfer_recording": "cloud recordings",
}


class RemovalForm(forms.Form):
    """How, and who takes over what. A pending user has nothing to hand over and can only be disassociated."""

    action = forms.ChoiceField(
        label="How",
        choices=list(DELETE_ACTIONS.items()),
        widget=forms.RadioSelect,
        initial="disassociate",
        help_text="Disassociating keeps the person's Zoom account with its content. Deleting ends it for ever.",
    )
    transfer_email = forms.EmailField(
        label="Hand over to",
        required=False,
        help_text="The address of an active user of the same sub-account. Leave empty to hand over nothing.",
    )
    transfer_meeting = forms.BooleanField(label="Coming meetings", required=False)
    transfer_webinar = forms.BooleanField(label="Coming webinars", required=False)
    transfer_recording = forms.BooleanField(label="Cloud recordings", required=False)

    def __init__(self, data: Any = None, *, user: Member | None = None) -> None:
        super().__init__(data)
        self.user = user  # None: many users at once
        if user and user.is_pending:
            self.fields = {"action": self.fields["action"]}
            self.fields["action"].choices = [  # type: ignore[attr-defined]  # it is the ChoiceField above
                ("disassociate", DELETE_ACTIONS["disassociate"])
            ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        email = cleaned.setdefault("transfer_email", "") or ""
        wanted = self.handed_over(cleaned)
        if wanted and not email and "transfer_email" not in self.errors:
            self.add_error("transfer_email", "Say who takes over, or switch off what is to be handed over.")
        if email and not wanted:
            self.add_error("transfer_email", "Switch on what this user takes over, or leave the address empty.")
        if self.user and email and email.casefold() == self.user.email.casefold():
            self.add_error("transfer_email", "This is the user who leaves. Choose somebody else.")
        if self.user and self.user.is_owner:
            self.add_error(None, "The owner of a sub-account cannot be removed. Zoom would refuse it.")
        return cleaned

    @staticmethod
    def handed_over(cleaned: dict[str, Any]) -> list[str]:
        return [text for name, text in TRANSFERS.items() if cleaned.get(name)]

    def query(self) -> dict[str, Any]:
        """The call's query; the form must be valid."""
        found: dict[str, Any] = {"action": self.cleaned_data["action"]}
        if self.cleaned_data["transfer_email"]:
            found["transfer_email"] = self.cleaned_data["transfer_email"]
            found |= {name: True for name in TRANSFERS if self.cleaned_data.get(name)}
        return found


def consequences(user: Member, form: RemovalForm) -> list[str]:
    """What will happen to the person, the content and the seat."""
    chosen, email = form.cleaned_data, user.email
    sentences = []
    if user.is_pending:
        sentences.append(f"The invitation of {email} is withdrawn. Nothing else is lost.")
    elif chosen["action"] == "delete":
        sentences.append(f"{email} is deleted for ever, with everything that is not handed over.")
    else:
        sentences.append(f"{email} leaves {user.account} and keeps existing as a free account of their own.")
        sentences.append("Nobody here can reach the user any more; only an invitation brings the user back.")
    if form.handed_over(chosen):
        sentences.append(f"{chosen['transfer_email']} takes over: {', '.join(form.handed_over(chosen))}.")
    elif not user.is_pending:
        sentences.append("Nothing is handed over to another user.")
    if user.live.get("type") in LICENSED_TYPES:
        sentences.append("The seat becomes free.")
    return sentences
