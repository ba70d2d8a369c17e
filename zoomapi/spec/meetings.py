"""Meetings of a user, their registrants, and what is known of past ones (section "Meetings")."""

from zoomapi.spec.base import Effect, Endpoint, Family, Paging, Shape, page
from zoomapi.spec.fields import choice, flag, known, moment, secret, text
from zoomapi.spec.registration import (
    AddedRegistrant,
    NewRegistrant,
    NewRegistrantQuery,
    Registrant,
    RegistrantChange,
    RegistrantQuery,
)
from zoomapi.spec.schedule import (
    MEETING_TYPES,
    Ended,
    Event,
    EventRow,
    EventSettings,
    EventSettingsAnswer,
    OccurrenceQuery,
    Schedule,
)
from zoomapi.spec.shapes import NumberedQuery, PageNumber, PageTokenQuery

MEETING_LISTS = {"scheduled": "Scheduled", "live": "Live now", "upcoming": "Upcoming"}
MEETING_ACTIONS = {"end": "End for everybody"}


class MeetingQuery(NumberedQuery):
    """Which meetings to list; without a type only live ones come."""

    type = choice("List", "Which of the user's meetings.", MEETING_LISTS, initial="live")


class MeetingSettings(EventSettings):
    participant_video = flag("Participant video on", "Cameras of participants are on at the start.")
    cn_meeting = flag("Hosted in China", "Use servers in China.", initial=False)
    in_meeting = flag("Hosted in India", "Use servers in India.", initial=False)
    join_before_host = flag("Join before host", "People may enter while the host is absent.", initial=False)
    mute_upon_entry = flag("Mute on entry", "Participants come in muted.", initial=False)
    watermark = flag("Watermark", "Shared screens carry the viewer's mark.", initial=False)
    use_pmi = flag("Personal meeting id", "Use the host's own number instead of a new one.", initial=False)


class MeetingSettingsChange(MeetingSettings):
    registrants_confirmation_email = flag("Confirm by e-mail", "Registrants get a confirmation.")


class MeetingSettingsAnswer(EventSettingsAnswer, MeetingSettings):
    """Settings as they are."""


class NewMeeting(Schedule):
    """A meeting to schedule. Everything is optional."""

    type = choice("Type", "The kind of meeting.", MEETING_TYPES, initial=2)
    settings = MeetingSettings(required=False, label="Settings")


class MeetingChange(NewMeeting):
    settings = MeetingSettingsChange(required=False, label="Settings")


class MeetingRow(EventRow):
    """One row of the list of meetings."""

    type = known("Type", "The kind of meeting.", MEETING_TYPES)
    start_time = moment("Start", "When it starts, in UTC.")


class Meeting(Event):
    """One meeting with everything the service tells."""

    type = known("Type", "The kind of meeting.", MEETING_TYPES)
    password = secret("Password", "To join.", allow_blank=True)
    h323_password = secret("Room system password", "To join from an H.323 or SIP device.", allow_blank=True)
    settings = MeetingSettingsAnswer(required=False, label="Settings")


class MeetingAction(Shape):
    action = choice("Change", "What happens to the running meeting.", MEETING_ACTIONS)


class PastMeeting(Ended):
    """A meeting that has ended."""

    host_id = text("Host id", "The user who held it.")


class PastParticipant(Shape):
    """Somebody who took part."""

    id = text("Participant id", "Names the participant.", allow_blank=True)
    name = text("Name", "As shown in the meeting.", allow_blank=True)


class Meetings(Family):
    label = "Meetings"

    list = Endpoint(
        "GET",
        "/users/{userId}/meetings",
        title="List a user's meetings",
        query=MeetingQuery,
        reply=page("meetings", MeetingRow),
        paging=Paging.NUMBERED,
        item_key="meetings",
        mirror=True,
    )
    create = Endpoint(
        "POST",
        "/users/{userId}/meetings",
        title="Schedule a meeting",
        body=NewMeeting,
        reply=Meeting,
        status=201,
        remote_key="topic",
        mirror=True,
    )
    get = Endpoint("GET", "/meetings/{meetingId}", title="Show a meeting", reply=Meeting, mirror=True)
    update = Endpoint(
        "PATCH",
        "/meetings/{meetingId}",
        title="Change a meeting",
        body=MeetingChange,
        status=204,
        partial=True,
        mirror=True,
    )
    delete = Endpoint(
        "DELETE",
        "/meetings/{meetingId}",
        title="Delete a meeting or one occurrence",
        query=OccurrenceQuery,
        status=204,
        mirror=True,
    )
    update_status = Endpoint(
        "PUT", "/meetings/{meetingId}/status", title="End a meeting", body=MeetingAction, status=204, mirror=True
    )
    registrants = Endpoint(
        "GET",
        "/meetings/{meetingId}/registrants",
        title="List a meeting's registrants",
        query=RegistrantQuery,
        reply=page("registrants", Registrant, Paging.TOKEN, base=PageNumber),
        paging=Paging.NUMBERED,
        item_key="registrants",
        mirror=True,
    )
    add_registrant = Endpoint(
        "POST",
        "/meetings/{meetingId}/registrants",
        title="Register somebody for a meeting",
        query=NewRegistrantQuery,
        body=NewRegistrant,
        reply=AddedRegistrant,
        status=201,
        effect=Effect.CREATE_KEYED,
        remote_key="email",
        mirror=True,
    )
    update_registrants_status = Endpoint(
        "PUT",
        "/meetings/{meetingId}/registrants/status",
        title="Approve, deny or cancel a meeting's registrants",
        query=OccurrenceQuery,
        body=RegistrantChange,
        status=204,
        mirror=True,
    )
    past = Endpoint(
        "GET", "/past_meetings/{meetingUUID}", title="Show a past meeting", reply=PastMeeting, uuid=("meetingUUID",)
    )
    past_participants = Endpoint(
        "GET",
        "/past_meetings/{meetingUUID}/participants",
        title="List who took part in a past meeting",
        query=PageTokenQuery,
        reply=page("participants", PastParticipant, Paging.TOKEN),
        paging=Paging.TOKEN,
        item_key="participants",
        uuid=("meetingUUID",),
    )
