"""Webinars, their panelists and registrants."""

from zoomapi.sandbox import errors, registering, scheduling
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.models import Meeting, Record, Session
from zoomapi.sandbox.past.numbers import SITE
from zoomapi.sandbox.past.sessions import WEBINAR
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.scheduling import PANELIST
from zoomapi.sandbox.seats import may_hold_webinars
from zoomapi.sandbox.store import new_id
from zoomapi.sandbox.validation import Json
from zoomapi.spec.webinars import Webinars, WebinarSettings


def _webinar(call: Call) -> Meeting:
    return scheduling.find(call, "webinarId", WEBINAR)


@serves(Webinars.list)
def list_webinars(call: Call) -> Json:
    mine = Meeting.objects.filter(host_id=call.user().id, kind=WEBINAR).order_by("created_at", "id")
    return call.page(mine, lambda rows: [scheduling.row(webinar) for webinar in rows])


@serves(Webinars.create)
def create(call: Call) -> Json:
    host = call.user()
    if not may_hold_webinars(host):
        raise errors.no_permission("This user has no webinar licence: give the user a licence or switch webinars on.")
    return scheduling.described(call, scheduling.schedule(call, host, WEBINAR), WebinarSettings)


@serves(Webinars.get)
def get(call: Call) -> Json:
    return scheduling.described(call, _webinar(call), WebinarSettings)


@serves(Webinars.update)
def update(call: Call) -> None:
    webinar = _webinar(call)
    scheduling.apply(call, webinar, call.body)
    webinar.save()


@serves(Webinars.delete)
def delete(call: Call) -> None:
    scheduling.remove(call, _webinar(call))


@serves(Webinars.update_status)
def update_status(call: Call) -> None:
    scheduling.end_now(call, _webinar(call), call.body.get("status"))


def _panel(webinar: Meeting) -> list[Record]:
    return list(Record.objects.filter(kind=PANELIST, owner_id=str(webinar.id)).order_by("created_at", "id"))


def _panelist(record: Record) -> Json:
    return {"id": record.id, **record.data, "join_url": _join_url(record)}


def _join_url(record: Record) -> str:
    return f"{SITE}/w/{record.owner_id}?pl={record.id}"


@serves(Webinars.panelists)
def panelists(call: Call) -> Json:
    found = [_panelist(record) for record in _panel(_webinar(call))]
    return {"total_records": len(found), "panelists": found}


@serves(Webinars.add_panelists)
def add_panelists(call: Call) -> Json:
    """Put people on the panel; the answer describes the last one, as the document has room for one only."""
    webinar = _webinar(call)
    answer: Json = {}
    for person in call.body.get("panelists", []):
        answer = _seat(webinar, person.get("name", ""), person.get("email", "").lower(), call.now)
    return answer


def _seat(webinar: Meeting, name: str, email: str, now: str) -> Json:
    record = next((seated for seated in _panel(webinar) if email and seated.data["email"] == email), None)
    if record is None:
        record = Record(id=new_id(), kind=PANELIST, account_id=webinar.account_id, owner_id=str(webinar.id))
        record.created_at = now
    record.data = {"name": name, "email": email}
    record.save()
    return {"id": record.id, "join_url": _join_url(record)}


@serves(Webinars.delete_panelists)
def delete_panelists(call: Call) -> None:
    Record.objects.filter(kind=PANELIST, owner_id=str(_webinar(call).id)).delete()


@serves(Webinars.delete_panelist)
def delete_panelist(call: Call) -> None:
    panelist_id = call.params["panelistId"]
    mine = Record.objects.filter(kind=PANELIST, owner_id=str(_webinar(call).id), id=panelist_id)
    if not mine.delete()[0]:
        raise errors.nothing_such("The panelist", panelist_id)


@serves(Webinars.registrants)
def registrants(call: Call) -> Json:
    return registering.listed(call, _webinar(call))


@serves(Webinars.add_registrant)
def add_registrant(call: Call) -> Json:
    return registering.add(call, _webinar(call))


@serves(Webinars.update_registrants_status)
def update_registrants_status(call: Call) -> None:
    registering.change(call, _webinar(call))


@serves(Webinars.past_instances)
def past_instances(call: Call) -> Json:
    """Every time a webinar took place, oldest first; also of one that was deleted since."""
    number = call.params["webinarId"]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise errors.no_meeting(number)
    held = Session.objects.filter(meeting_id=int(number), account_id=call.account_id, kind=WEBINAR)
    found = [{"uuid": each.uuid, "start_time": each.start} for each in held.exclude(end="").order_by("start")]
    if not found:
        _webinar(call)
    return {"webinars": found}
