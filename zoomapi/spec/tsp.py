"""Dial-in through a telephony provider of one's own (section "TSP")."""

from django.core.validators import RegexValidator

from zoomapi.spec.base import Endpoint, Family, Shape
from zoomapi.spec.fields import choice, known, secret, several, text

CODE_LENGTH = 16
COUNTRY_CODE_LENGTH = 6
NUMBER_TYPES = {"toll": "Toll", "tollfree": "Toll-free"}
_DIGITS = RegexValidator(r"\A[0-9]+\Z", message="Only digits are allowed.")


class NewDialInNumber(Shape):
    code = text("Country code", "At most 6 characters.", max_length=COUNTRY_CODE_LENGTH, required=True)
    number = text("Number", "At most 16 characters.", max_length=CODE_LENGTH, required=True)
    type = choice("Type", "Who pays for the call.", NUMBER_TYPES)


class DialInNumber(Shape):
    """A number to call."""

    code = text("Country code", "The country's telephone code.")
    number = text("Number", "The number to call.")
    type = known("Type", "Who pays for the call.", NUMBER_TYPES)


class DialInNumbers(Shape):
    """The account's provider and its numbers, in one answer."""

    tsp_provider = text("Provider", "Who offers the numbers.", allow_blank=True)
    dial_in_numbers = several(DialInNumber(), "Dial-in numbers")


class NewTspAccount(Shape):
    """A user's account at the provider."""

    conference_code = text(
        "Conference code", "At most 16 digits.", max_length=CODE_LENGTH, validators=[_DIGITS], required=True
    )
    leader_pin = secret(
        "Leader PIN",
        "At most 16 digits; makes a caller the host.",
        max_length=CODE_LENGTH,
        validators=[_DIGITS],
        required=True,
    )
    dial_in_numbers = several(NewDialInNumber(), "Dial-in numbers", required=True)


class TspAccount(Shape):
    """One account at the provider."""

    conference_code = text("Conference code", "Tells callers apart by conference.")
    leader_pin = secret("Leader PIN", "Makes a caller the host.")
    dial_in_numbers = several(DialInNumber(), "Dial-in numbers")


class TspAccountList(Shape):
    """All of a user's, in one answer."""

    tsp_accounts = several(TspAccount(), "TSP accounts")


class Tsp(Family):
    label = "TSP"

    numbers = Endpoint(
        "GET", "/tsp", title="List the provider's dial-in numbers", reply=DialInNumbers, item_key="dial_in_numbers"
    )
    list = Endpoint(
        "GET",
        "/users/{userId}/tsp",
        title="List a user's TSP accounts",
        reply=TspAccountList,
        item_key="tsp_accounts",
        mirror=True,
    )
    create = Endpoint(
        "POST",
        "/users/{userId}/tsp",
        title="Add a TSP account to a user",
        body=NewTspAccount,
        reply=TspAccount,
        status=201,
        remote_key="conference_code",
        mirror=True,
    )
    get = Endpoint("GET", "/users/{userId}/tsp/{tspId}", title="Show a TSP account", reply=TspAccount, mirror=True)
    update = Endpoint(
        "PATCH",
        "/users/{userId}/tsp/{tspId}",
        title="Replace a TSP account",
        body=NewTspAccount,
        status=204,
        mirror=True,
    )
    delete = Endpoint(
        "DELETE", "/users/{userId}/tsp/{tspId}", title="Remove a TSP account from a user", status=204, mirror=True
    )
