"""Dial-in through a provider of one's own (TSP), and personal audio conferences (PAC)."""

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.models import Record
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.store import new_id
from zoomapi.sandbox.validation import Json
from zoomapi.spec.pac import Pac
from zoomapi.spec.tsp import Tsp

TSP, PAC, PROVIDER = "tsp", "pac", "tsp_provider"


def _of_user(call: Call, kind: str) -> list[Record]:
    return list(Record.objects.filter(kind=kind, owner_id=call.user().id).order_by("created_at", "id"))


@serves(Tsp.numbers)
def numbers(call: Call) -> Json:
    provider = Record.objects.filter(kind=PROVIDER, account_id=call.account_id).first()
    return provider.data if provider else {"tsp_provider": "", "dial_in_numbers": []}


@serves(Tsp.list)
def list_accounts(call: Call) -> Json:
    return {"tsp_accounts": [record.data for record in _of_user(call, TSP)]}


@serves(Tsp.create)
def create(call: Call) -> Json:
    owner = call.user()
    record = Record(id=new_id(), kind=TSP, account_id=call.account_id, owner_id=owner.id, data=call.body)
    # Moments have whole seconds; the place in the list keeps the order of those made in one second.
    record.created_at, record.key = call.now, call.body["conference_code"]
    record.id = f"{Record.objects.filter(kind=TSP, owner_id=owner.id).count():04}-{record.id}"
    record.save(force_insert=True)
    return call.body


def _account(call: Call) -> Record:
    """Return the account at a place in the list, from 1."""
    place, mine = call.params["tspId"], _of_user(call, TSP)
    if place.isascii() and place.isdigit() and len(place) < 5 and 1 <= int(place) <= len(mine):
        return mine[int(place) - 1]
    raise errors.nothing_such("The TSP account", place)


@serves(Tsp.get)
def get(call: Call) -> Json:
    data: Json = _account(call).data
    return data


@serves(Tsp.update)
def update(call: Call) -> None:
    record = _account(call)
    record.data, record.key = call.body, call.body["conference_code"]
    record.save(update_fields=["data", "key"])


@serves(Tsp.delete)
def delete(call: Call) -> None:
    _account(call).delete()


@serves(Pac.list)
def list_conferences(call: Call) -> Json:
    return {"tsp_accounts": [record.data for record in _of_user(call, PAC)]}
