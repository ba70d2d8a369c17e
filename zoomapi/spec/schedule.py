"""What meetings and webinars have in common: time, recurrence, settings, occurrences, and what is kept afterwards."""

from django.core.validators import RegexValidator

from zoomapi.spec.base import SecretField, Shape
from zoomapi.spec.catalogue import TIMEZONES
from zoomapi.spec.fields import (
    choice,
    codes,
    flag,
    known,
    local_moment,
    minutes,
    moment,
    number,
    secret,
    text,
)
from zoomapi.spec.recurrence import Recurrence

MEETING_TYPES = {
    1: "Instant meeting",
    2: "Scheduled meeting",
    3: "Recurring meeting without fixed time",
    8: "Recurring meeting with fixed time",
}
WEBINAR_TYPES = {
    5: "Webinar",
    6: "Recurring webinar without fixed time",
    9: "Recurring webinar with fixed time",
}
EVENT_TYPES = {**MEETING_TYPES, **WEBINAR_TYPES}
APPROVAL_TYPES = {0: "Automatic", 1: "By hand", 2: "No registration"}
REGISTRATION_TYPES = {
    1: "Once for all occurrences",
    2: "For each occurrence",
    3: "Once, for chosen occurrences",
}
AUDIO = {"both": "Telephone and computer audio", "telephony": "Telephone only", "voip": "Computer audio only"}
RECORDING = {"local": "On the host's computer", "cloud": "In the cloud", "none": "Off"}
JOIN_PASSWORD_LENGTH = 10
_JOIN_PASSWORD = RegexValidator(r"\A[a-zA-Z0-9@\-_*]*\Z", message="Only letters, digits and @ - _ * are allowed.")


def join_password() -> SecretField:
    return secret(
        "Password",
        "To join: at most 10 letters, digits or @ - _ *.",
        max_length=JOIN_PASSWORD_LENGTH,
        validators=[_JOIN_PASSWORD],
        allow_blank=True,
    )


class Schedule(Shape):
    """What an event is about and when it takes place."""

    topic = text("Topic", "What it is about.", allow_blank=True)
    start_time = local_moment("Start", "With Z in UTC, without Z local to the time zone below.")
    duration = minutes("Duration", min_value=0)
    timezone = choice("Time zone", "Of a start without Z, and of every recurrence.", TIMEZONES)
    password = join_password()
    agenda = text("Description", "What participants should know.", allow_blank=True)
    recurrence = Recurrence(required=False, label="Recurrence")


class EventSettings(Shape):
    """Settings both kinds of event have."""

    host_video = flag("Host video on", "The host's camera is on at the start.")
    approval_type = choice("Registration", "Whether people register, and who lets them in.", APPROVAL_TYPES, initial=2)
    registration_type = choice(
        "Registration for",
        "With recurrence at fixed times: what one registration is good for.",
        REGISTRATION_TYPES,
        initial=1,
    )
    audio = choice("Audio", "How people hear and speak.", AUDIO, initial="both")
    auto_recording = choice("Record automatically", "What is recorded without being asked.", RECORDING, initial="none")
    enforce_login = flag("Sign-in needed", "Only people signed in to Zoom may join.")
    enforce_login_domains = text("Allowed domains", "Only people of these domains may join.", allow_blank=True)
    alternative_hosts = codes("Alternative hosts", "E-mail addresses or ids of users, separated by commas.")


class EventSettingsAnswer(EventSettings):
    """The same in an answer; goes before the shape of one kind's settings."""

    approval_type = known("Registration", "Whether people register, and who lets them in.", APPROVAL_TYPES)
    registration_type = known("Registration for", "What one registration is good for.", REGISTRATION_TYPES)
    audio = known("Audio", "How people hear and speak.", AUDIO)
    auto_recording = known("Record automatically", "What is recorded without being asked.", RECORDING)


class Occurrence(Shape):
    """One time of a recurring event."""

    occurrence_id = number("Occurrence id", "Names this one time in later calls.")
    start_time = moment("Start", "When it starts, in UTC.")
    duration = minutes("Duration")
    status = text("Status", "Whether it still takes place.")


class OccurrenceQuery(Shape):
    occurrence_id = number("Occurrence", "One time of a recurring event; without it all are meant.")


class EventRow(Shape):
    """What a list and a single answer tell of every event."""

    uuid = text("UUID", "Names this instance; may contain slashes.")
    id = number("Id", "9 to 11 digits.")
    host_id = text("Host id", "The user who holds it.")
    topic = text("Topic", "What it is about.", allow_blank=True)
    duration = minutes("Duration")
    timezone = known("Time zone", "Of the start.", TIMEZONES)
    created_at = moment("Created", "When it was scheduled.")
    join_url = text("Join address", "Where participants join.")


class Event(EventRow):
    """One event with everything both kinds tell."""

    start_time = moment("Start", "When it starts, in UTC.")
    agenda = text("Description", "What participants should know.", allow_blank=True)
    start_url = secret("Start address", "Makes whoever opens it the host; lives two hours.")
    occurrences = Occurrence(many=True, required=False, label="Occurrences")


class Ended(Shape):
    """An event that took place."""

    uuid = text("UUID", "Names this instance; may contain slashes.")
    id = number("Id", "9 to 11 digits.")
    type = known("Type", "The kind of event.", EVENT_TYPES)
    topic = text("Topic", "What it was about.", allow_blank=True)
    user_name = text("Host", "The host's name.")
    user_email = text("Host's e-mail", "The host's sign-in address; empty when the user is gone.", allow_blank=True)
    start_time = moment("Start", "When it started.")
    end_time = moment("End", "When it ended.")
    duration = minutes("Duration")
    total_minutes = number("Total minutes", "Minutes of all participants together.")
    participants_count = number("Participants", "How many took part.")
