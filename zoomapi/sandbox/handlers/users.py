"""Users: listing, creating, reading, changing, removing."""

from zoomapi.sandbox import errors, people, scheduling
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.errors import Refusal, invalid
from zoomapi.sandbox.models import User
from zoomapi.sandbox.people import email_taken, groups_of, new_user, user_row, user_rows
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.seats import HOLDING, LICENSED, need_seat
from zoomapi.sandbox.validation import Json
from zoomapi.spec.users import Users

JOIN = "https://sandbox.example"
LOGIN_TYPES = {"create": 100, "autoCreate": 100, "custCreate": 99, "ssoCreate": 101}


@serves(Users.list)
def list_users(call: Call) -> Json:
    users = User.objects.filter(account_id=call.account_id, status=call.query["status"]).order_by("created_at", "id")
    return call.page(users, user_rows)


@serves(Users.create)
def create(call: Call) -> Json:
    action, info = call.body["action"], call.body.get("user_info") or {}
    if not info:
        raise invalid("user_info")
    email = info["email"].lower()
    if action == "autoCreate" and not info.get("password"):
        raise invalid("user_info.password")
    if email_taken(email) and not call.setup.doubles:
        raise errors.email_used(email)
    if info["type"] in LICENSED:
        need_seat(call.account)
    user = new_user(
        account_id=call.account_id,
        email=email,
        password=info.get("password", "") if action == "autoCreate" else "",
        first_name=info.get("first_name", ""),
        last_name=info.get("last_name", ""),
        type=info["type"],
        status="pending" if action == "create" else "active",
        verified=0 if action == "create" else 1,
        login_type=LOGIN_TYPES[action],
        created_at=call.now,
    )
    if action == "ssoCreate" and user.type in LICENSED:
        user.vanity_name = _free_vanity_name(email.partition("@")[0], user)
    user.save(force_insert=True)
    return {"id": user.id, **{name: getattr(user, name) for name in ("first_name", "last_name", "email", "type")}}


def _free_vanity_name(wanted: str, user: User) -> str:
    return f"{wanted}.{user.pmi}" if vanity_name_taken(wanted) else wanted


def vanity_name_taken(name: str, but_for: str = "") -> bool:
    return User.objects.filter(vanity_name=name).exclude(id=but_for).exists()


@serves(Users.get)
def get(call: Call) -> Json:
    user = call.user()
    answer = user_row(user, groups_of([user]).get(user.id, {}))
    return answer | {
        "personal_meeting_url": f"{JOIN}/j/{user.pmi}",
        "vanity_url": f"{JOIN}/my/{user.vanity_name}" if user.vanity_name else "",
        "verified": user.verified,
        "pic_url": user.pic_url,
        "cms_user_id": user.cms_user_id,
        "account_id": user.account_id,
        "host_key": user.host_key,
    }


@serves(Users.update)
def update(call: Call) -> None:
    user, body = call.user(), call.body
    if body.get("pmi") and User.objects.filter(pmi=body["pmi"]).exclude(id=user.id).exists():
        raise invalid("pmi", message="Another user has this personal meeting ID.")
    if body.get("vanity_name") and vanity_name_taken(body["vanity_name"], but_for=user.id):
        raise invalid("vanity_name", message="Another user has this personal room name.")
    takes_seat = user.type not in LICENSED and body.get("type") in LICENSED
    if takes_seat and user.status in HOLDING:
        need_seat(call.account)
    for name, value in body.items():
        setattr(user, name, value)
    user.save()


@serves(Users.delete)
def delete(call: Call) -> None:
    user, query = call.user(), call.query
    if user.role == "owner":
        raise errors.no_permission("The owner of an account cannot be removed from it.")
    receiver = _receiver(call, user)
    if query["action"] == "delete" and user.status == "pending":
        raise Refusal(400, 300, "A pending user can only be disassociated.")
    scheduling.hand_over(call.setup, user, receiver, query)
    people.forget(user)
    if query["action"] == "delete" or user.status == "pending":
        user.delete()
    else:
        user.account_id = ""  # the person keeps an account, and so the address, elsewhere
        user.type = 1
        user.save()


def _receiver(call: Call, user: User) -> User | None:
    """What is transferred goes to another active user of the same account."""
    query = call.query
    wanted = any(query.get(f"transfer_{what}") for what in ("meeting", "webinar", "recording"))
    if not query.get("transfer_email"):
        if wanted:
            raise invalid("transfer_email")
        return None
    receiver = call.find_user(query["transfer_email"])
    if receiver.id == user.id or receiver.status != "active":
        raise invalid("transfer_email")
    return receiver


@serves(Users.update_status)
def update_status(call: Call) -> None:
    user = call.user()
    wanted = "active" if call.body["action"] == "activate" else "inactive"
    if user.status == "pending":
        raise Refusal(400, 300, "A pending user can only be disassociated.")
    if user.role == "owner" and wanted == "inactive":
        raise errors.no_permission("The owner of an account cannot be deactivated.")
    if user.status != wanted and wanted == "active" and user.type in LICENSED:
        need_seat(call.account)
    user.status = wanted
    user.save(update_fields=["status"])


@serves(Users.update_password)
def update_password(call: Call) -> None:
    user = call.user()
    if user.status == "pending":
        raise Refusal(400, 300, "A pending user can only be disassociated.")
    if user.login_type != 100:
        raise Refusal(400, 300, "This user has no password and cannot have one.")
    user.password = people.hashed(call.body["password"])
    user.save(update_fields=["password"])


@serves(Users.check_email)
def check_email(call: Call) -> Json:
    return {"existed_email": email_taken(call.query["email"])}


@serves(Users.check_vanity_name)
def check_vanity_name(call: Call) -> Json:
    return {"existed": vanity_name_taken(call.query["vanity_name"])}
