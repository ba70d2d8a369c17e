"""Dashboards of meetings and webinars: live ones and past ones, who took part, how well, and what was shown."""

from collections.abc import Callable
from functools import partial

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.models import Session
from zoomapi.sandbox.paging import Listed
from zoomapi.sandbox.past import metrics, sessions
from zoomapi.sandbox.past.people import Participant, participant, participants
from zoomapi.sandbox.past.sessions import MEETING, WEBINAR
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.validation import Json
from zoomapi.sandbox.windows import window
from zoomapi.spec.dashboards import Dashboards

LIVE, PAST_ONE = "live", "pastOne"


def _list(call: Call, kind: str) -> Json:
    """Live ones come whatever the period is; past ones began within it."""
    days, clock = window(call.query), call.setup.clock
    found = sessions.live(call.account_id, kind)
    if call.query["type"] != LIVE:
        found = sessions.over(call.account_id, days, kind)
    if call.query["type"] == PAST_ONE:
        found = found.filter(participants=1)
    return days.echo() | call.page(found, lambda part: metrics.rows(part, clock))


def _one(call: Call, kind: str) -> Session:
    """Return the live or past instance the path names, of the type the query names."""
    reference, wanted = call.params[f"{kind}Id"], call.query["type"]
    session = sessions.one(call, reference, kind=kind, running=wanted == LIVE)
    if wanted == PAST_ONE and session.participants != 1:
        raise errors.no_meeting(reference)
    return session


def _detail(call: Call, kind: str) -> Json:
    return metrics.rows([_one(call, kind)], call.setup.clock)[0]


def _people(call: Call, kind: str, describe: Callable[[Session, Participant], Json]) -> Json:
    session = _one(call, kind)
    return call.page(Listed(participants(session)), lambda part: [describe(session, person) for person in part])


def _attendance(call: Call, kind: str) -> Json:
    return _people(call, kind, lambda session, person: metrics.stay(person))


def _quality(call: Call, kind: str) -> Json:
    return _people(call, kind, lambda session, person: metrics.measured(session, person, call.setup.clock))


def _quality_of_one(call: Call, kind: str) -> Json:
    session, reference = _one(call, kind), call.params["participantId"]
    person = participant(session, reference)
    if person is None:
        raise errors.nothing_such("The participant", reference)
    return metrics.measured(session, person, call.setup.clock)


def _shown(call: Call, kind: str) -> Json:
    shown = metrics.shown(_one(call, kind), call.setup.clock)
    return call.page(Listed(shown), lambda part: part)


serves(Dashboards.meetings)(partial(_list, kind=MEETING))
serves(Dashboards.meeting)(partial(_detail, kind=MEETING))
serves(Dashboards.meeting_participants)(partial(_attendance, kind=MEETING))
serves(Dashboards.meeting_participant_qos)(partial(_quality_of_one, kind=MEETING))
serves(Dashboards.meeting_qos)(partial(_quality, kind=MEETING))
serves(Dashboards.meeting_sharing)(partial(_shown, kind=MEETING))
serves(Dashboards.webinars)(partial(_list, kind=WEBINAR))
serves(Dashboards.webinar)(partial(_detail, kind=WEBINAR))
serves(Dashboards.webinar_participants)(partial(_attendance, kind=WEBINAR))
serves(Dashboards.webinar_participant_qos)(partial(_quality_of_one, kind=WEBINAR))
serves(Dashboards.webinar_qos)(partial(_quality, kind=WEBINAR))
serves(Dashboards.webinar_sharing)(partial(_shown, kind=WEBINAR))
