from typing import Any

import pytest
from django import forms as django_forms
from django.template.loader import render_to_string
from rest_framework import serializers

from portal.ui.forms import SEEN, SpecForm, body_from, form_for
from portal.ui.templatetags.ui import field
from tests.portal.ui.submitted import submitted
from zoomapi.spec.base import CommaList, SecretField, Shape

COUNTRIES = {"DE": "Germany", "FR": "France", "US": "United States"}


class Feature(Shape):
    large = serializers.BooleanField(required=False, label="Large meeting")
    capacity = serializers.IntegerField(required=False, min_value=1, max_value=500, label="Capacity")


class Entry(Shape):
    email = serializers.EmailField()


class Body(Shape):
    email = serializers.EmailField(required=True, label="E-mail", help_text="Must be free.")
    type = serializers.ChoiceField(choices=[(1, "Basic"), (2, "Pro")], required=True, label="Type")
    dept = serializers.CharField(required=False, allow_blank=True, max_length=10, label="Department")
    pmi = serializers.CharField(required=False, min_length=10, max_length=10, label="PMI")
    key = SecretField(required=False, max_length=6, label="Host key")
    countries = CommaList(required=False, codes=COUNTRIES, label="Countries", allow_blank=True)
    open = serializers.BooleanField(required=False, initial=True, label="Open", help_text="Anybody may join.")
    until = serializers.DateTimeField(required=False, label="Until")
    lines = serializers.ListField(child=serializers.CharField(), required=False, label="Lines")
    people = serializers.ListSerializer(child=Entry(), required=False, label="People")
    feature = Feature(required=False, label="Features")


NOW: dict[str, Any] = {
    "email": "ann@x.example",
    "type": 2,
    "dept": "Sales",
    "pmi": 1234567890,
    "key": "654321",
    "countries": "FR,DE",
    "open": False,
    "until": "2026-03-01T09:12:30Z",
    "lines": ["a", "b"],
    "feature": {"large": True, "capacity": 100, "unheard_of": 1},
    "unheard_of": "kept",
}


def sent(initial: dict[str, Any] | None, later: dict[str, Any] | None = None, **changes: Any) -> SpecForm:
    """The form after a person changed some fields; ``later`` is the object when the form arrives."""
    data = submitted(render_to_string("ui/form.html", {"form": form_for(Body, initial=initial)()}))
    for name, value in changes.items():
        data.setlist(name.replace("__", "."), value if isinstance(value, list) else [value])
    return form_for(Body, initial=later or initial)(data)


def test_a_new_object_sends_only_what_was_given() -> None:
    form = form_for(Body)({"email": "a@x.example", "type": "1", "dept": "", "feature.capacity": "25"})
    assert form.is_valid(), form.errors
    assert body_from(form) == {"email": "a@x.example", "type": 1, "feature": {"capacity": 25}}


def test_an_unchanged_form_sends_nothing() -> None:
    form = sent(NOW)
    assert form.is_valid(), form.errors
    assert body_from(form) == {}


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        ({"type": "1"}, {"type": 1}),
        ({"dept": "Care"}, {"dept": "Care"}),
        ({"dept": ""}, {"dept": ""}),
        ({"open": ["off", "on"]}, {"open": True}),
        ({"feature__large": ["off"]}, {"feature": {"large": False}}),
        ({"feature__capacity": "101"}, {"feature": {"capacity": 101}}),
        ({"countries": ["", "DE", "FR"]}, {}),
        ({"countries": ["", "DE"]}, {"countries": "DE"}),
        ({"countries": [""]}, {"countries": ""}),
        ({"key": "111111"}, {"key": "111111"}),
        ({"lines": "a\n\n c "}, {"lines": ["a", "c"]}),
        ({"lines": ""}, {"lines": []}),
        ({"until": "2026-03-02T10:00"}, {"until": "2026-03-02T10:00:00Z"}),
        ({"people": '[{"email": "b@x.example"}]'}, {"people": [{"email": "b@x.example"}]}),
    ],
)
def test_an_edit_sends_exactly_what_changed(changes: dict[str, Any], body: dict[str, Any]) -> None:
    form = sent(NOW, **changes)
    assert form.is_valid(), form.errors
    assert body_from(form) == body


def test_a_field_that_was_not_on_the_page_is_not_touched() -> None:
    form = form_for(Body, initial=NOW)({"dept": "Care"})
    assert form.is_valid(), form.errors
    assert body_from(form) == {"dept": "Care"}


def test_what_cannot_be_emptied_says_so() -> None:
    form = sent(NOW, type="", feature__capacity="")
    assert not form.is_valid()
    assert "feature.capacity" in form.errors


def test_all_problems_come_together_and_beside_their_fields() -> None:
    form = form_for(Body)({"email": "nonsense", "pmi": "12", "feature.capacity": "900", "dept": "x" * 11})
    assert not form.is_valid()
    assert set(form.errors) == {"email", "type", "pmi", "feature.capacity", "dept"}


def test_a_faulty_entry_of_a_list_is_named() -> None:
    form = sent(NOW, people='[{"email": "b@x.example"}, {"email": "b"}]')
    assert form.errors["people"] == ["Entry 2: email: Enter a valid email address."]


def test_fault_U14_a_value_somebody_else_changed_is_not_reverted() -> None:
    form = sent(NOW, later={**NOW, "dept": "Care"}, type="1")
    assert form.is_valid(), form.errors
    assert body_from(form) == {"type": 1}


def test_fault_U14_two_people_changing_the_same_value_are_told_once() -> None:
    form = sent(NOW, later={**NOW, "dept": "Care"}, dept="Lab")
    assert form.errors["dept"] == ["Somebody changed this to “Care” meanwhile. Send again to replace it."]
    again = form_for(Body, initial={**NOW, "dept": "Care"})(form.data)
    assert again.is_valid(), again.errors
    assert body_from(again) == {"dept": "Lab"}


def test_fault_U14_sending_again_does_not_revert_what_only_the_other_changed() -> None:
    later = {**NOW, "dept": "Care", "pmi": 5555555555}
    clash = sent(NOW, later=later, dept="Lab")
    assert (clash.is_valid(), clash.clashes) == (False, {"dept": "Lab"})
    again = form_for(Body, initial=later)(clash.data)
    assert again.is_valid(), again.errors
    assert body_from(again) == {"dept": "Lab"}


def test_a_secret_is_never_drawn_nor_sealed_into_the_page() -> None:
    form = form_for(Body, initial=NOW)()
    page = render_to_string("ui/form.html", {"form": form})
    assert "654321" not in page
    assert "key" not in form.known
    again = form_for(Body)({"key": "987654", "email": "x"})
    assert "987654" not in render_to_string("ui/form.html", {"form": again})


def test_a_damaged_seal_compares_with_the_present_state() -> None:
    form = sent(NOW, dept="Care", **{SEEN: "damaged"})
    assert form.is_valid(), form.errors
    assert body_from(form) == {"dept": "Care"}


def test_a_value_the_specification_does_not_list_stays_choosable() -> None:
    odd = {**NOW, "type": 99, "countries": "DE,XX"}
    form = sent(odd)
    assert form.is_valid(), form.errors
    assert body_from(form) == {}
    assert ("99", "99 (not in the specification)") in form.fields["type"].choices


def test_fields_can_be_chosen_and_left_out_by_their_dotted_names() -> None:
    assert list(form_for(Body, only=["feature", "email"])().fields) == ["email", "feature.large", "feature.capacity"]
    assert "feature.large" not in form_for(Body, exclude=["feature"])().fields
    assert "feature.capacity" in form_for(Body, exclude=["feature.large"])().fields


def test_the_default_of_the_server_is_told() -> None:
    assert form_for(Body)().fields["open"].help_text == "Anybody may join. If you leave it, Zoom takes: yes."


def test_a_page_ties_label_help_and_error_to_the_control() -> None:
    page = render_to_string("ui/form.html", {"form": form_for(Body)({"email": "nonsense", "type": "1"})})
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_email_help id_email_error"' in page
    assert '<a href="#id_email">E-mail</a>' in page
    assert '<label for="id_feature.capacity">' in page


def test_sections_follow_the_nested_shapes() -> None:
    assert [(one.name, one.title) for one in form_for(Body)().sections()] == [("", ""), ("feature", "Features")]


class Asked(django_forms.Form):
    name = django_forms.CharField()
    how = django_forms.ChoiceField(choices=[("a", "This"), ("b", "That")])
    group = django_forms.ChoiceField(choices=[("", "Choose"), ("a", "Staff")])


def test_a_list_that_always_has_an_answer_does_not_say_that_it_needs_one() -> None:
    assert [field(bound)["is_required"] for bound in Asked()] == [True, False, True]
