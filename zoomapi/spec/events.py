"""What webhooks tell of, under both of its names: the document's, and today's for meetings and for webinars.

The document has one set of names for meetings and webinars alike. Today's service names them apart, and some events
exist for meetings only.
"""

from dataclasses import dataclass

MEETING, WEBINAR = "meeting", "webinar"


@dataclass(frozen=True)
class EventName:
    """``classic`` is the document's name and the one used inside; a name that today's service lacks is empty."""

    classic: str
    meeting: str
    webinar: str
    title: str

    def today(self, kind: str) -> str:
        return self.webinar if kind == WEBINAR else self.meeting


EVENTS = (
    EventName("meeting_started", "meeting.started", "webinar.started", "A meeting has started"),
    EventName("meeting_ended", "meeting.ended", "webinar.ended", "A meeting has ended"),
    EventName("meeting_jbh", "meeting.participant_jbh_joined", "", "Somebody has joined before the host"),
    EventName("meeting_join", "meeting.participant_jbh_waiting", "", "Somebody is waiting for the host"),
    EventName(
        "recording_completed", "recording.completed", "recording.completed", "A meeting's cloud recordings are ready"
    ),
    EventName(
        "participant_joined", "meeting.participant_joined", "webinar.participant_joined", "A participant has joined"
    ),
    EventName("participant_left", "meeting.participant_left", "webinar.participant_left", "A participant has left"),
    EventName(
        "meeting_registered", "meeting.registration_created", "webinar.registration_created", "Somebody has registered"
    ),
    EventName(
        "recording_transcript_completed",
        "recording.transcript_completed",
        "recording.transcript_completed",
        "A recording's transcript is ready",
    ),
)
BY_CLASSIC_NAME = {event.classic: event for event in EVENTS}
TODAY = tuple(dict.fromkeys(name for event in EVENTS for name in (event.meeting, event.webinar) if name))
"""Every name an event subscription of today can ask for."""
