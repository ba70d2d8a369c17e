"""Short makers for the fields the families share, so that a shape reads like a table: name, label, help, limits.

Every argument is optional unless it says ``required=True``. A server-side default is ``initial=``.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from zoomapi.spec.base import CommaList, SecretField, Shape
from zoomapi.spec.times import Day, LocalMoment, UtcMoment

NAME_LENGTH = 64
EMAIL_LENGTH = 128
PASSWORD_LENGTH = 31
CHINESE_WORDS = 5
AUDIO_INFO_LENGTH = 2048

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")


class KnownChoice(serializers.ChoiceField):
    """A choice in an answer: known values have labels, a value we do not know is kept as it came."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict | list):
            self.fail("invalid_choice", input=data)
        return self.choice_strings_to_values.get(str(data), data)


class Minutes(serializers.IntegerField):
    """How long something lasts, in whole minutes."""


def few_chinese_words(value: str) -> None:
    """Refuse a name with more than five Chinese characters."""
    if len(_HAN.findall(value)) > CHINESE_WORDS:
        raise serializers.ValidationError(f"At most {CHINESE_WORDS} Chinese characters are allowed.")


def ports(value: str) -> None:
    """Refuse anything but port numbers separated by commas."""
    parts = [part.strip() for part in value.split(",")]
    if not all(re.fullmatch("[0-9]{1,5}", part) and 1 <= int(part) <= 65535 for part in parts):
        raise serializers.ValidationError("Give port numbers from 1 to 65535, separated by commas.")


def flag(label: str, help_text: str, **options: Any) -> serializers.BooleanField:
    return serializers.BooleanField(label=label, help_text=help_text, **_optional(options))


def text(label: str, help_text: str, **options: Any) -> serializers.CharField:
    return serializers.CharField(label=label, help_text=help_text, **_optional(options))


def secret(label: str, help_text: str, **options: Any) -> SecretField:
    return SecretField(label=label, help_text=help_text, **_optional(options))


def digits(label: str, help_text: str, *, length: int, **options: Any) -> serializers.CharField:
    return text(label, help_text, **_exactly(length), **options)


def secret_digits(label: str, help_text: str, *, length: int, **options: Any) -> SecretField:
    return secret(label, help_text, **_exactly(length), **options)


def number(label: str, help_text: str, **options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(label=label, help_text=help_text, **_optional(options))


def minutes(label: str, **options: Any) -> Minutes:
    return Minutes(label=label, help_text="Minutes.", **_optional(options))


def moment(label: str, help_text: str, **options: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(label=label, help_text=help_text, **_optional(options))


def local_moment(label: str, help_text: str, **options: Any) -> LocalMoment:
    """Make a date-time that is UTC with a Z, and without one local to the time zone beside it."""
    return LocalMoment(label=label, help_text=help_text, **_optional(options))


def utc_moment(label: str, help_text: str, **options: Any) -> UtcMoment:
    return UtcMoment(label=label, help_text=help_text, **_optional(options))


def day(label: str, help_text: str, **options: Any) -> Day:
    """Make a date; a date-time counts as its day."""
    return Day(label=label, help_text=help_text, **_optional(options))


def amount(label: str, help_text: str, **options: Any) -> serializers.FloatField:
    return serializers.FloatField(label=label, help_text=help_text, **_optional(options))


def choice(label: str, help_text: str, choices: Mapping[Any, str], **options: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(
        choices=list(choices.items()), label=label, help_text=help_text, **_optional(options)
    )


def known(label: str, help_text: str, choices: Mapping[Any, str], **options: Any) -> KnownChoice:
    return KnownChoice(choices=list(choices.items()), label=label, help_text=help_text, **_optional(options))


def codes(label: str, help_text: str, allowed: dict[str, str] | None = None, **options: Any) -> CommaList:
    options.setdefault("allow_blank", True)
    return CommaList(codes=allowed, label=label, help_text=help_text, **_optional(options))


def mail_address(label: str, help_text: str, **options: Any) -> serializers.EmailField:
    options.setdefault("max_length", EMAIL_LENGTH)
    return serializers.EmailField(label=label, help_text=help_text, **_optional(options))


def person_name(label: str, help_text: str, **options: Any) -> serializers.CharField:
    return text(label, help_text, max_length=NAME_LENGTH, validators=[few_chinese_words], **options)


def new_password(label: str, help_text: str, **options: Any) -> SecretField:
    # Spaces at the ends may be meant.
    return secret(label, help_text, max_length=PASSWORD_LENGTH, trim_whitespace=False, **options)


def texts(label: str, help_text: str, **options: Any) -> serializers.ListField:
    """Make a list of texts."""
    return serializers.ListField(child=serializers.CharField(), label=label, help_text=help_text, **_optional(options))


def choices_of(label: str, help_text: str, allowed: Mapping[Any, str], **options: Any) -> serializers.ListField:
    """Make a list of codes."""
    child = serializers.ChoiceField(choices=list(allowed.items()))
    return serializers.ListField(child=child, label=label, help_text=help_text, **_optional(options))


def several(
    child: Shape, label: str, *, at_most: int | None = None, required: bool = False
) -> serializers.ListSerializer[Any]:
    """Make a list of shapes, at most so many."""
    return serializers.ListSerializer(child=child, label=label, max_length=at_most, required=required)


def _exactly(length: int) -> dict[str, Any]:
    rule = RegexValidator(rf"\A[0-9]{{{length}}}\Z", message=f"Give exactly {length} digits.")
    return {"min_length": length, "max_length": length, "validators": [rule]}


def _optional(options: dict[str, Any]) -> dict[str, Any]:
    return {"required": False, **options}
