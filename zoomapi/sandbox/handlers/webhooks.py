"""Webhooks of an account."""

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.events import OPTIONS, WEBHOOK
from zoomapi.sandbox.models import Record
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.store import new_id
from zoomapi.sandbox.validation import Json
from zoomapi.spec.webhooks import Webhooks


def _webhook(call: Call) -> Record:
    webhook_id = call.params["webhookId"]
    found = Record.objects.filter(id=webhook_id, kind=WEBHOOK, account_id=call.account_id).first()
    if found is None:
        raise errors.nothing_such("The webhook", webhook_id)
    return found


def _described(record: Record) -> Json:
    return {"webhook_id": record.id, **record.data, "created_at": record.created_at}


@serves(Webhooks.switch_version)
def switch_version(call: Call) -> None:
    Record.objects.update_or_create(
        id=f"{OPTIONS}-{call.account_id}",
        defaults={"kind": OPTIONS, "account_id": call.account_id, "data": {"version": call.body["version"]}},
    )


@serves(Webhooks.list)
def list_webhooks(call: Call) -> Json:
    mine = Record.objects.filter(kind=WEBHOOK, account_id=call.account_id).order_by("created_at", "id")
    found = [_described(record) for record in mine]
    return {"total_records": len(found), "webhooks": found}


@serves(Webhooks.create)
def create(call: Call) -> Json:
    record = Record(id=new_id(), kind=WEBHOOK, account_id=call.account_id, created_at=call.now, data=call.body)
    record.save(force_insert=True)
    return _described(record)


@serves(Webhooks.get)
def get(call: Call) -> Json:
    return _described(_webhook(call))


@serves(Webhooks.update)
def update(call: Call) -> None:
    record = _webhook(call)
    record.data = record.data | call.body
    record.save(update_fields=["data"])


@serves(Webhooks.delete)
def delete(call: Call) -> None:
    _webhook(call).delete()
