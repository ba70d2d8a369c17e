"""Reports: what took place, by day, by host, by meeting, by person. Days are those of UTC."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, F, Sum
from django.db.models.functions import Substr

from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.clock import moment
from zoomapi.sandbox.errors import invalid
from zoomapi.sandbox.handlers.meetings import ended
from zoomapi.sandbox.models import Session, User
from zoomapi.sandbox.paging import Listed
from zoomapi.sandbox.past import questions, reporting
from zoomapi.sandbox.past.people import Participant, participants
from zoomapi.sandbox.past.phone import PhoneCall, phone_calls
from zoomapi.sandbox.past.questions import Asked
from zoomapi.sandbox.past.sessions import MEETING, WEBINAR, over
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.validation import Json
from zoomapi.sandbox.windows import Window, window
from zoomapi.spec.reports import Reports

MONTHS_KEPT = 6
DATE = len("2018-07-01")
MINUTES = Sum(F("participants") * F("duration") - F("missing"))


@serves(Reports.daily)
def daily(call: Call) -> Json:
    days = _month(call)
    held = over(call.account_id, days).order_by().annotate(day=Substr("start", 1, DATE)).values("day")
    found = {
        row["day"]: row
        for row in held.annotate(meetings=Count("uuid"), people=Sum("participants"), meeting_minutes=MINUTES)
    }
    came = User.objects.filter(account_id=call.account_id, created_at__gte=days.begin, created_at__lt=days.end)
    new = Counter(at[:DATE] for at in came.values_list("created_at", flat=True))
    dates = [_day(day.isoformat(), found.get(day.isoformat(), {}), new) for day in days.days()]
    return {"year": days.first.year, "month": days.first.month, "dates": dates}


def _month(call: Call) -> Window:
    """Return the days of the month asked for, up to today; 300 for one that is to come or too long ago."""
    today = moment(call.now).date()
    first = date(call.query.get("year", today.year), call.query.get("month", today.month), 1)
    if not today.replace(day=1) - relativedelta(months=MONTHS_KEPT) <= first <= today:
        raise invalid("year", "month", message=f"Only the last {MONTHS_KEPT} months are reported.")
    return Window(first, min(first + relativedelta(months=1) - timedelta(days=1), today))


def _day(day: str, sums: dict[str, Any], new: Counter[str]) -> Json:
    return {
        "date": day,
        "new_users": new[day],
        "meetings": sums.get("meetings", 0),
        "participants": sums.get("people", 0),
        "meeting_minutes": sums.get("meeting_minutes", 0),
    }


@serves(Reports.users)
def hosts(call: Call) -> Json:
    days = window(call.query)
    held = over(call.account_id, days).order_by("host_id").values("host_id")
    sums = {
        row["host_id"]: (row["meetings"], row["people"], row["minutes"])
        for row in held.annotate(meetings=Count("uuid"), people=Sum("participants"), minutes=MINUTES)
    }
    if call.query.get("type") == "inactive":
        active = User.objects.filter(account_id=call.account_id, status="active")
        idle = [user_id for user_id in active.order_by("id").values_list("id", flat=True) if user_id not in sums]
        return days.echo() | _totals([]) | call.page(Listed(idle), lambda part: _hosts(part, {}))
    return days.echo() | _totals(list(sums.values())) | call.page(Listed(list(sums)), lambda part: _hosts(part, sums))


def _totals(sums: list[tuple[int, int, int]]) -> Json:
    """Add up all hosts, not only those of one page."""
    return {
        "total_meetings": sum(meetings for meetings, _, _ in sums),
        "total_participants": sum(people for _, people, _ in sums),
        "total_meeting_minutes": sum(minutes for _, _, minutes in sums),
    }


def _hosts(ids: list[str], sums: dict[str, tuple[int, int, int]]) -> list[Json]:
    known = reporting.hosts(ids)
    return [_host(user_id, known[user_id], sums.get(user_id, (0, 0, 0))) for user_id in ids]


def _host(user_id: str, host: reporting.Host, sums: tuple[int, int, int]) -> Json:
    meetings, people, minutes = sums
    return {
        "id": user_id,
        "email": host.email,
        "user_name": host.name,
        "type": host.type,
        "dept": host.dept,
        "meetings": meetings,
        "participants": people,
        "meeting_minutes": minutes,
    }


@serves(Reports.user_meetings)
def user_meetings(call: Call) -> Json:
    days, user = window(call.query), call.user()
    held = over(call.account_id, days).filter(host_id=user.id)
    return days.echo() | call.page(held, lambda part: [ended(session, user) for session in part])


@serves(Reports.meeting)
def meeting(call: Call) -> Json:
    return ended(reporting.reported(call, "meetingId", MEETING))


@serves(Reports.webinar)
def webinar(call: Call) -> Json:
    return ended(reporting.reported(call, "webinarId", WEBINAR))


@serves(Reports.meeting_participants)
def meeting_participants(call: Call) -> Json:
    people = Listed(participants(reporting.reported(call, "meetingId", MEETING)))
    return call.page(people, lambda part: [_stay(person, person.attentiveness) for person in part])


@serves(Reports.webinar_participants)
def webinar_participants(call: Call) -> Json:
    people = Listed(participants(reporting.reported(call, "webinarId", WEBINAR)))
    return call.page(people, lambda part: [_stay(person, str(person.attentiveness)) for person in part])


def _stay(person: Participant, attentiveness: int | str) -> Json:
    return {
        "id": person.id,
        "user_id": person.user_id,
        "name": person.name,
        "user_email": person.email,
        "join_time": person.joined,
        "leave_time": person.left,
        "duration": person.minutes * 60,
        "attentiveness_score": attentiveness,
    }


@serves(Reports.meeting_polls)
def meeting_polls(call: Call) -> Json:
    session = reporting.reported(call, "meetingId", MEETING)
    return _answers(session, questions.polls(session))


@serves(Reports.webinar_polls)
def webinar_polls(call: Call) -> Json:
    session = reporting.reported(call, "webinarId", WEBINAR)
    return _answers(session, questions.polls(session))


@serves(Reports.webinar_qa)
def webinar_qa(call: Call) -> Json:
    session = reporting.reported(call, "webinarId", WEBINAR)
    return _answers(session, questions.questions(session))


def _answers(session: Session, asked: list[Asked]) -> Json:
    return {
        "id": session.meeting_id,
        "uuid": session.uuid,
        "start_time": session.start,
        "questions": [
            {
                "name": person.name,
                "email": person.email,
                "question_details": [{"question": question, "answer": answer} for question, answer in details],
            }
            for person, details in asked
        ],
    }


@serves(Reports.telephone)
def telephone(call: Call) -> Json:
    days = window(call.query)
    return days.echo() | call.page(Listed(phone_calls(call.account_id, days)), _phone_calls)


def _phone_calls(part: list[PhoneCall]) -> list[Json]:
    known = reporting.hosts({call.session.host_id for call in part})
    return [_phone_call(call, known[call.session.host_id]) for call in part]


def _phone_call(call: PhoneCall, host: reporting.Host) -> Json:
    return {
        "meeting_id": call.session.meeting_id,
        "phone_number": call.number,
        "host_name": host.name,
        "host_email": host.email,
        "dept": host.dept,
        "start_time": call.start,
        "end_time": call.end,
        "duration": call.minutes,
        "total": call.total,
    }
