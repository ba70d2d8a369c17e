"""Changes to people and grants. Each joins one transaction with its entry in the audit log."""

from datetime import datetime
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.access.sign_in import end_sessions
from portal.audit import log
from portal.audit.verbs import Verb
from portal.directory.models import SubAccount


class Refusal(Exception):
    """A change that would leave the portal in a bad state; the message says why."""


def picture(staff: Staff) -> dict[str, Any]:
    """A person as the audit log shows them."""
    return {"email": staff.email, "name": staff.name, "role": staff.role, "timezone": staff.timezone}


@transaction.atomic
def add(actor: Staff | None, email: str, name: str, role: str, timezone: str = "UTC") -> Staff:
    """Create a person who cannot sign in yet: a one-time link lets them choose a password."""
    staff = Staff.objects.create_user(email, name=name, role=role, timezone=timezone)
    log.record(Verb.STAFF_ADDED, actor=actor, target=staff.email, after=picture(staff), result="done")
    return staff


@transaction.atomic
def change(actor: Staff, staff: Staff, **fields: Any) -> Staff:
    """Change name, time zone or role. Another role ends the person's sessions. Raises Refusal."""
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    before = picture(staff)
    role = fields.get("role", staff.role)
    if role != staff.role:
        if staff.pk == actor.pk:
            raise Refusal("You cannot change your own role. Ask another administrator.")
        _keep_one_administrator(staff)
        end_sessions(staff)
    for name in ("name", "timezone", "role"):
        setattr(staff, name, fields.get(name, getattr(staff, name)))
    staff.save()
    if picture(staff) != before:
        verb = Verb.PROFILE_CHANGED if staff.pk == actor.pk else Verb.STAFF_CHANGED
        log.record(verb, actor=actor, target=staff.email, before=before, after=picture(staff), result="done")
    return staff


@transaction.atomic
def set_active(actor: Staff, staff: Staff, *, active: bool) -> None:
    """Disable a person, which ends their sessions at once, or let them in again. Raises Refusal."""
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if staff.is_active == active:
        return
    if not active:
        if staff.pk == actor.pk:
            raise Refusal("You cannot disable yourself. Ask another administrator.")
        _keep_one_administrator(staff)
        end_sessions(staff)
    staff.is_active = active
    staff.save(update_fields=("is_active", "session_epoch"))
    verb = Verb.STAFF_ENABLED if active else Verb.STAFF_DISABLED
    log.record(verb, actor=actor, target=staff.email, result="done")


def _keep_one_administrator(staff: Staff) -> None:
    if staff.role != Role.ADMINISTRATOR:
        return
    # All of them are locked, so that two administrators cannot remove each other at the same moment.
    others = (
        Staff.objects.select_for_update(no_key=True)
        .filter(role=Role.ADMINISTRATOR, is_active=True)
        .exclude(pk=staff.pk)
    )
    if not list(others):
        raise Refusal(f"{staff} is the last administrator. Make somebody else administrator first.")


@transaction.atomic
def password_link(actor: Staff, staff: Staff) -> str:
    """Path of a page on which the person chooses a password, once, within three days."""
    log.record(Verb.PASSWORD_LINK_MADE, actor=actor, target=staff.email, result="done")
    uid = urlsafe_base64_encode(force_bytes(staff.pk))
    return reverse("access:welcome", args=[uid, default_token_generator.make_token(staff)])


def password_changed(staff: Staff, message: str) -> None:
    log.record(Verb.PASSWORD_CHANGED, actor=staff, target=staff.email, message=message, result="done")


@transaction.atomic
def grant(actor: Staff | None, staff: Staff, account: SubAccount, expires_at: datetime | None = None) -> Grant:
    """Let a reseller see and change a sub-account; an existing grant gets the new end."""
    found = Grant.objects.select_for_update(no_key=True).filter(staff=staff, account=account).first()
    after = {"person": staff.email, "until": expires_at}
    if found is None:
        found = Grant.objects.create(staff=staff, account=account, expires_at=expires_at)
        log.record(Verb.GRANT_ADDED, actor=actor, account=account, target=staff.email, after=after, result="done")
    elif found.expires_at != expires_at:
        before = {"person": staff.email, "until": found.expires_at}
        found.expires_at = expires_at
        found.save(update_fields=("expires_at",))
        log.record(
            Verb.GRANT_CHANGED,
            actor=actor,
            account=account,
            target=staff.email,
            before=before,
            after=after,
            result="done",
        )
    return found


@transaction.atomic
def revoke(actor: Staff, found: Grant) -> None:
    """Take a grant away; it ends with the person's next request."""
    before = {"person": found.staff.email, "until": found.expires_at}
    log.record(
        Verb.GRANT_REMOVED, actor=actor, account=found.account, target=found.staff.email, before=before, result="done"
    )
    found.delete()
