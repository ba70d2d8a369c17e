"""Changes to connections, each with its entry in the audit log. Credentials are never part of an entry."""

from typing import Any

from django.db import transaction

from portal.access.models import Staff
from portal.access.rights import Role
from portal.access.sign_in import may_sign_in
from portal.audit import log
from portal.audit.verbs import Verb
from portal.gateway import credentials
from portal.gateway.models import Connection


class Refusal(Exception):
    """A change that would leave the portal in a bad state; the message says why."""


def picture(connection: Connection) -> dict[str, Any]:
    picture: dict[str, Any] = {
        "name": connection.name,
        "kind": connection.get_profile_display(),
        "base_url": connection.base_url,
        "in_use": connection.is_active,
    }
    if connection.is_current:
        picture |= {"account_id": connection.account_id, "plan": connection.get_tier_display()}
    return picture


@transaction.atomic
def save(actor: Staff | None, connection: Connection, *, new_credentials: bool) -> Connection:
    """Store a new or edited connection. Raises Refusal."""
    old = Connection.objects.filter(pk=connection.pk).first() if connection.pk else None
    _somebody_must_get_in(connection)
    connection.bad_since = connection.unreachable_since = connection.clock_offset = None
    connection.save()
    credentials.forget_token(connection)
    before = {**picture(old), "key_and_secret": "as before"} if old else None
    after = {**picture(connection), "key_and_secret": "replaced" if new_credentials else "as before"}
    verb = Verb.CONNECTION_CHANGED if old else Verb.CONNECTION_ADDED
    log.record(
        verb, actor=actor, connection=connection, target=connection.name, before=before, after=after, result="done"
    )
    return connection


@transaction.atomic
def set_active(actor: Staff, connection: Connection, *, active: bool) -> None:
    """Switch a connection on or off. Off: nothing is sent over it and its jobs wait. Raises Refusal."""
    connection = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    if connection.is_active == active:
        return
    connection.is_active = active
    _somebody_must_get_in(connection)
    connection.save(update_fields=("is_active",))
    verb = Verb.CONNECTION_ENABLED if active else Verb.CONNECTION_DISABLED
    log.record(verb, actor=actor, connection=connection, target=connection.name, result="done")


def _somebody_must_get_in(connection: Connection) -> None:
    """Demo people cannot sign in beside a real connection: an administrator of flesh and blood must be there first."""
    if not connection.is_active or connection.is_sandbox:
        return
    own = Staff.objects.filter(role=Role.ADMINISTRATOR, is_active=True, is_demo=False)
    if not any(staff.has_usable_password() and may_sign_in(staff) for staff in own):
        raise Refusal(
            "Demo people can no longer sign in once a real connection is in use. First add an administrator of your "
            "own under Staff, and let them choose a password. Nothing was saved."
        )
