"""H.323 and SIP devices of an account."""

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.models import Record
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.store import new_id
from zoomapi.sandbox.validation import Json
from zoomapi.spec.devices import Devices

KIND = "device"


def _device(call: Call) -> Record:
    device_id = call.params["deviceId"]
    found = Record.objects.filter(id=device_id, kind=KIND, account_id=call.account_id).first()
    if found is None:
        raise errors.nothing_such("The device", device_id)
    return found


@serves(Devices.list)
def list_devices(call: Call) -> Json:
    mine = Record.objects.filter(kind=KIND, account_id=call.account_id).order_by("created_at", "id")
    return call.page(mine, lambda rows: [{"id": record.id, **record.data} for record in rows])


@serves(Devices.create)
def create(call: Call) -> Json:
    record = Record(id=new_id(), kind=KIND, account_id=call.account_id, created_at=call.now, data=call.body)
    record.save(force_insert=True)
    return {"id": record.id, **record.data}


@serves(Devices.update)
def update(call: Call) -> None:
    record = _device(call)
    record.data = call.body
    record.save(update_fields=["data"])


@serves(Devices.delete)
def delete(call: Call) -> None:
    _device(call).delete()
