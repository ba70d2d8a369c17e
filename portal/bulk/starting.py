"""The form that starts a prepared job: now, later or within a daily window, with what must be said first."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from portal.bulk import storage
from portal.bulk.schedule import Window

NOW, LATER, DAILY = "now", "later", "daily"
WHEN = ((NOW, "Now"), (LATER, "At a later time"), (DAILY, "Only within a daily window"))
TIMES = {"at": LATER, "window_from": DAILY, "window_to": DAILY}  # which choice each field belongs to
IGNORED = "You filled in a time, but “{chosen}” is chosen. Choose “{needed}”, or empty this field."


def _time_input(kind: str, name: str) -> dict[str, str]:
    """Attributes of a field; the script chooses by ``data-chooses`` what the field belongs to."""
    return {"type": kind, "data-chooses": f"when={TIMES[name]}"}


class StartForm(forms.Form):
    """Which rows to run, said explicitly when some cannot be used; a typed yes or number where it is called for.

    ``told``: warnings that need a yes. ``typed``: a text to type, for what cannot be taken back.
    """

    leave_out = forms.BooleanField(required=False)
    yes = forms.CharField(required=False, label="Type yes to run it all the same")
    typed = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    when = forms.ChoiceField(choices=WHEN, widget=forms.RadioSelect, required=False, initial=NOW, label="When")
    at = forms.DateTimeField(
        required=False,
        label="Begin",
        widget=forms.DateTimeInput(attrs=_time_input("datetime-local", "at"), format="%Y-%m-%dT%H:%M"),
    )
    window_from = forms.TimeField(
        required=False, label="From", widget=forms.TimeInput(attrs=_time_input("time", "window_from"), format="%H:%M")
    )
    window_to = forms.TimeField(
        required=False, label="To", widget=forms.TimeInput(attrs=_time_input("time", "window_to"), format="%H:%M")
    )
    reason = forms.CharField(required=False, max_length=500, help_text="Kept in the audit log. May stay empty.")

    def __init__(
        self, *args: Any, bad: int = 0, told: tuple[str, ...] | list[str] = (), typed: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.bad, self.told, self.phrase = bad, list(told), typed
        self.zone = timezone.get_current_timezone_name()
        self.fields["leave_out"].label = (
            "Leave out the row that cannot be used and run the others"
            if bad == 1
            else f"Leave out the {bad:,} rows that cannot be used and run the others"
        )
        self.fields["typed"].label = f"Type “{typed}” to confirm"
        for name in TIMES:
            self.fields[name].help_text = f"In {self.zone}."

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if self.bad and not data.get("leave_out"):
            self.add_error("leave_out", "Say that what cannot be used is to be left out, or mend the file first.")
        if self.told and data.get("yes", "").strip().casefold() != "yes":
            self.add_error("yes", "Type yes, or do not run it.")
        if self.phrase and " ".join(data.get("typed", "").split()) != self.phrase:
            self.add_error("typed", f"Type “{self.phrase}” exactly.")
        self._check_time(data)
        return data

    def _check_time(self, data: dict[str, Any]) -> None:
        when = data.get("when") or NOW
        self._refuse_ignored(data, when)
        if when == LATER and "at" not in self.errors:
            if data.get("at") is None:
                self.add_error("at", "Say when it is to begin.")
            elif data["at"] <= storage.now():
                self.add_error("at", "This time is over. Choose a later one, or run it now.")
        if when == DAILY and not {"window_from", "window_to"} & self.errors.keys():
            if data.get("window_from") is None or data.get("window_to") is None:
                self.add_error("window_from", "Say both when the window opens and when it closes.")
            elif data["window_from"] == data["window_to"]:
                self.add_error("window_to", "The window closes as it opens. Choose another time.")

    def _refuse_ignored(self, data: dict[str, Any], when: str) -> None:
        """A time that the choice would pass over: a job meant for the night must not run at once."""
        told: set[str] = set()
        for name, needed in TIMES.items():
            if data.get(name) is not None and needed not in (when, *told):
                self.add_error(name, IGNORED.format(chosen=dict(WHEN)[when], needed=dict(WHEN)[needed]))
                told.add(needed)

    @property
    def is_about_time(self) -> bool:
        """Whether a form that was sent says when: the part of the page that asks for it is then open."""
        return self.is_bound and (self["when"].value() not in (None, "", NOW) or any(self[n].value() for n in TIMES))

    @property
    def at_time(self) -> datetime | None:
        """When to begin; None for now."""
        found: datetime | None = self.cleaned_data["at"] if self.cleaned_data.get("when") == LATER else None
        return found

    @property
    def window(self) -> Window | None:
        data = self.cleaned_data
        if data.get("when") != DAILY:
            return None
        return Window(data["window_from"], data["window_to"], self.zone)
