"""Personal audio conferences of a user (section "PAC")."""

from zoomapi.spec.base import Endpoint, Family, Shape
from zoomapi.spec.fields import number, secret, several, text


class CountryNumber(Shape):
    """A number to call."""

    number = text("Number", "The number to call.")
    country = text("Country", "Where it can be called from.")


class PacAccount(Shape):
    """One personal audio conference."""

    dedicated_dial_in_number = several(CountryNumber(), "Own dial-in numbers")
    global_dial_in_numbers = several(CountryNumber(), "Global dial-in numbers")
    conference_id = number("Conference id", "Names the conference.")
    participant_password = secret("Participant password", "Digits; lets a caller take part.")
    listen_only_password = secret("Listener password", "Digits; lets a caller listen.")


class PacAccountList(Shape):
    """All of a user's, in one answer; the key is the specification's."""

    tsp_accounts = several(PacAccount(), "PAC accounts")


class Pac(Family):
    label = "PAC"

    list = Endpoint(
        "GET",
        "/users/{userId}/pac",
        title="List a user's personal audio conferences",
        reply=PacAccountList,
        item_key="tsp_accounts",
    )
