"""What several families do with users: making one, looking for one, describing many."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from zoomapi.sandbox.models import Assistant, Membership, User
from zoomapi.sandbox.store import new_id

DEFAULT_TIMEZONE = "America/Los_Angeles"
Json = dict[str, Any]


def new_user(*, account_id: str, email: str, password: str = "", **values: Any) -> User:
    """Make a user, not yet saved, with what the service invents: id, personal meeting id, host key."""
    values.setdefault("timezone", DEFAULT_TIMEZONE)
    return User(
        id=new_id(),
        account_id=account_id,
        email=email,
        pmi=free_pmi(),
        host_key=f"{secrets.randbelow(10**6):06}",
        password=hashed(password) if password else "",
        **values,
    )


def hashed(password: str) -> str:
    """Return a salted digest: a password is accepted, never kept."""
    salt = secrets.token_hex(8)
    return f"{salt}${hashlib.sha256((salt + password).encode()).hexdigest()}"


def free_pmi() -> str:
    while True:
        pmi = str(secrets.randbelow(9 * 10**9) + 10**9)
        if not User.objects.filter(pmi=pmi).exists():
            return pmi


def email_taken(email: str) -> bool:
    """Tell whether anybody anywhere has the address; leaving an account does not free it."""
    return User.objects.filter(email=email.lower()).exists()


def groups_of(users: Iterable[User]) -> dict[str, dict[str, list[str]]]:
    """Return user id -> kind of group -> group ids, in one query."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    ids = [user.id for user in users]
    rows = Membership.objects.filter(user_id__in=ids).order_by("id").values_list("user_id", "kind", "group_id")
    for user_id, kind, group_id in rows:
        found[user_id][kind].append(group_id)
    return found


def user_rows(users: list[User]) -> list[Json]:
    groups = groups_of(users)
    return [user_row(user, groups.get(user.id, {})) for user in users]


def user_row(user: User, groups: dict[str, list[str]]) -> Json:
    """Describe a user as lists do; moments that never were are left out."""
    answer: Json = {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "type": user.type,
        "pmi": user.pmi,
        "timezone": user.timezone,
        "dept": user.dept,
        "created_at": user.created_at,
        "last_client_version": user.last_client_version,
        "group_ids": groups.get("group", []),
        "im_group_ids": groups.get("im", []),
    }
    if user.last_login_time:
        answer["last_login_time"] = user.last_login_time
    return answer


def forget(user: User) -> None:
    """Take a user out of groups and out of other users' assistants."""
    Membership.objects.filter(user_id=user.id).delete()
    Assistant.objects.filter(user_id=user.id).delete()
    Assistant.objects.filter(assistant_id=user.id).delete()
