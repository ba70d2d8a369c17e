"""The state of an address: a list where Zoom has one (United States and Canada), free text elsewhere."""

from django import forms

from portal.ui.forms import SpecForm
from zoomapi.spec.billing import STATE_COUNTRIES
from zoomapi.spec.catalogue import STATES


def state_field(form: forms.Form, name: str, country: str) -> None:
    """Give the form the field that fits the country."""
    old = form.fields[name]
    if country in STATE_COUNTRIES:
        by_name = sorted(STATES.items(), key=lambda pair: pair[1])
        old.widget = forms.Select(choices=[("", "Choose a state or province"), *by_name])
        return
    form.fields[name] = forms.CharField(
        label=old.label, help_text=old.help_text, required=old.required, initial=old.initial, max_length=100
    )


def with_states(form_class: type[SpecForm], country: str) -> type[SpecForm]:
    """An address form whose state follows the country that was sent, else the one that is known."""

    class AddressForm(form_class):  # type: ignore[misc,valid-type]  # made by form_for at run time
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)
            state_field(self, "state", self.data.get(self.add_prefix("country")) or country)

    return AddressForm
