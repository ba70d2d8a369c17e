"""What hangs on a user: assistants, schedulers, settings, picture, permissions, tokens."""

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

from zoomapi.sandbox.calls import Call, Setup
from zoomapi.sandbox.errors import Refusal, invalid, no_user
from zoomapi.sandbox.images import image_problem
from zoomapi.sandbox.models import Assistant, User
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.seats import may_hold_webinars
from zoomapi.sandbox.validation import Json, merged, tree_of_defaults
from zoomapi.spec.user_settings import UserSettingsAnswer
from zoomapi.spec.users import Users

TWO_HOURS = 2 * 3600
NINETY_DAYS = 90 * 86400
API_LOGIN = 99

PERMISSIONS = {
    "member": ["Meeting:Read", "Meeting:Edit", "Recording:Read", "Recording:Edit", "Webinar:Read", "Webinar:Edit"],
    "admin": ["User:Read", "User:Edit", "Group:Read", "Group:Edit", "AccountSetting:Read", "AccountSetting:Edit"],
    "owner": ["Billing:Read", "Billing:Edit", "Role:Read", "Role:Edit", "SubAccount:Read", "SubAccount:Edit"],
}


@cache
def default_settings() -> Json:
    return merged(tree_of_defaults(UserSettingsAnswer), {"feature": {"meeting_capacity": 100}})


def _described(ids: Any) -> Json:
    users = User.objects.filter(id__in=ids).order_by("created_at", "id")
    return {"assistants": [{"id": user.id, "email": user.email} for user in users]}


@serves(Users.assistants)
def assistants(call: Call) -> Json:
    return _described(Assistant.objects.filter(user_id=call.user().id).values("assistant_id"))


@serves(Users.schedulers)
def schedulers(call: Call) -> Json:
    return _described(Assistant.objects.filter(assistant_id=call.user().id).values("user_id"))


@serves(Users.add_assistants)
def add_assistants(call: Call) -> Json:
    user = call.user()
    helpers = [call.person(ref) for ref in call.body.get("assistants", [])]
    if any(helper.id == user.id or helper.status != "active" for helper in helpers):
        raise invalid("assistants", message="An assistant is another active user of the account.")
    for helper in helpers:
        Assistant.objects.get_or_create(user_id=user.id, assistant_id=helper.id)
    return {"ids": ",".join(helper.id for helper in helpers), "add_at": call.now}


@serves(Users.delete_assistants)
def delete_assistants(call: Call) -> None:
    Assistant.objects.filter(user_id=call.user().id).delete()


@serves(Users.delete_schedulers)
def delete_schedulers(call: Call) -> None:
    Assistant.objects.filter(assistant_id=call.user().id).delete()


@serves(Users.delete_assistant)
def delete_assistant(call: Call) -> None:
    _unlink(call, call.user(), call.user("assistantId"), "assistantId")


@serves(Users.delete_scheduler)
def delete_scheduler(call: Call) -> None:
    _unlink(call, call.user("schedulerId"), call.user(), "schedulerId")


def _unlink(call: Call, user: User, assistant: User, param: str) -> None:
    deleted, _ = Assistant.objects.filter(user_id=user.id, assistant_id=assistant.id).delete()
    if not deleted:
        raise no_user(call.params[param])


@serves(Users.upload_picture)
def upload_picture(call: Call) -> None:
    user, file = call.user(), call.files.get(call.endpoint.upload)
    if file is None:
        raise invalid(call.endpoint.upload)
    problem = image_problem(file.data)
    if problem:
        raise Refusal(400, 300, "Validation Failed.", [(call.endpoint.upload, problem)])
    digest = hashlib.sha256(file.data).hexdigest()[:16]
    user.pic_url = f"https://sandbox.example/p/{user.id}/{digest}"
    user.save(update_fields=["pic_url"])


@serves(Users.settings)
def settings(call: Call) -> Json:
    user = call.user()
    return merged(default_settings(), user.settings) | {"feature": _features(user)}


def _features(user: User) -> Json:
    """Without a setting of the user's own, a licence brings webinars."""
    features: Json = merged(default_settings()["feature"], user.settings.get("feature", {}))
    return features | {"webinar": may_hold_webinars(user)}


@serves(Users.update_settings)
def update_settings(call: Call) -> None:
    user = call.user()
    user.settings = merged(user.settings, call.body)
    user.save(update_fields=["settings"])


@serves(Users.permissions)
def permissions(call: Call) -> Json:
    """A role has its own permissions and those of the lesser ones."""
    roles = ["member", "admin", "owner"]
    held = roles[: roles.index(call.user().role) + 1]
    return {"permissions": sorted(name for role in held for name in PERMISSIONS[role])}


@serves(Users.token)
def token(call: Call) -> Json:
    user = call.user()
    if user.status != "active":
        raise Refusal(400, 300, "Only an active user has tokens.")
    kind = call.query.get("type") or "token"
    life = NINETY_DAYS if kind == "zak" and user.login_type == API_LOGIN else TWO_HOURS
    body = [kind, user.id, user.token_serial, call.setup.clock.now() + life]
    return {"token": _signed(call.setup, json.dumps(body).encode())}


@serves(Users.revoke_token)
def revoke_token(call: Call) -> None:
    user = call.user()
    user.token_serial += 1
    user.save(update_fields=["token_serial"])


@serves(Users.check_zpk)
def check_zpk(call: Call) -> Json:
    """Seconds a zpk has left; 0 when it is over or was revoked, a refusal when it never was one."""
    try:
        raw = base64.urlsafe_b64decode(call.query["zpk"].encode())
    except ValueError:
        raise invalid("zpk") from None
    if not hmac.compare_digest(_signature(call.setup, raw[32:]), raw[:32]):
        raise invalid("zpk")
    kind, user_id, serial, good_until = json.loads(raw[32:])
    if kind != "zpk":
        raise invalid("zpk")
    valid = User.objects.filter(id=user_id, token_serial=serial).exists()
    return {"expire_in": max(0, int(good_until - call.setup.clock.now())) if valid else 0}


def _signed(setup: Setup, body: bytes) -> str:
    return base64.urlsafe_b64encode(_signature(setup, body) + body).decode()


def _signature(setup: Setup, body: bytes) -> bytes:
    return hmac.digest(setup.secret.encode(), b"user token\0" + body, hashlib.sha256)
