"""The other dashboards: Zoom Rooms, ports of the room connector, and what users write to each other."""

from django.db.models import Max, Q

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.models import Record, Session
from zoomapi.sandbox.paging import Listed
from zoomapi.sandbox.past import metrics
from zoomapi.sandbox.past.phone import ports
from zoomapi.sandbox.past.reporting import hosts
from zoomapi.sandbox.past.rooms import held_in, rooms
from zoomapi.sandbox.past.traffic import Traffic, traffic
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.validation import Json
from zoomapi.sandbox.windows import window
from zoomapi.spec.dashboards import Dashboards

IN_MEETING = "In Meeting"


@serves(Dashboards.zoom_rooms)
def zoom_rooms(call: Call) -> Json:
    return call.page(rooms(call.account_id), _rooms)


def _rooms(part: list[Record]) -> list[Json]:
    """Describe rooms; where something runs in one, its status says so."""
    if not part:
        return []
    held = Session.objects.filter(account_id=part[0].account_id, room_id__in=[room.id for room in part])
    last = held.order_by().values("room_id").annotate(at=Max("start"), live=Max("due", filter=Q(end="")))
    known = {row["room_id"]: row for row in last}
    return [_room(room, known.get(room.id, {})) for room in part]


def _room(room: Record, held: Json) -> Json:
    data = room.data
    return {
        "id": room.id,
        "room_name": data["name"],
        "calender_name": data["calendar"],
        "email": data["email"],
        "account_type": data["account_type"],
        "status": IN_MEETING if held.get("live") else data["status"],
        "device_ip": data["device_ip"],
        "camera": data["camera"],
        "microphone": data["microphone"],
        "speaker": data["speaker"],
        "last_start_time": held.get("at", ""),
    }


@serves(Dashboards.zoom_room)
def zoom_room(call: Call) -> Json:
    days, clock, reference = window(call.query), call.setup.clock, call.params["zoomroomId"]
    room = rooms(call.account_id).filter(id=reference).first()
    if room is None:
        raise errors.nothing_such("The Zoom Room", reference)
    held = held_in(room)
    running = metrics.rows(held.filter(end=""), clock)
    over = held.exclude(end="").filter(start__gte=days.begin, start__lt=days.end)
    meetings = call.page_both_ways(over, lambda part: metrics.rows(part, clock), key="meetings")
    live = {"live_meeting": running[-1]} if running else {}
    return _rooms([room])[0] | live | {"past_meetings": days.echo() | meetings}


@serves(Dashboards.crc)
def crc(call: Call) -> Json:
    days = window(call.query)
    usage = [
        {
            "date_time": day,
            "crc_ports_hour_usage": [
                {"hour": f"{hour:02}", "max_usage": most, "total_usage": total}
                for hour, (most, total) in enumerate(hours)
            ],
        }
        for day, hours in ports(call.account_id, days).items()
    ]
    return days.echo() | {"crc_ports_usage": usage}


@serves(Dashboards.im)
def im(call: Call) -> Json:
    days = window(call.query)
    found = traffic(call.account_id, days, call.now)
    return days.echo() | call.page(Listed(sorted(found.items())), _chat_use)


def _chat_use(part: list[tuple[str, Traffic]]) -> list[Json]:
    known = hosts(user_id for user_id, _ in part)
    return [
        {"user_id": user_id, "user_name": known[user_id].name, "email": known[user_id].email} | counts.as_members()
        for user_id, counts in part
    ]
