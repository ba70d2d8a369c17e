"""Who may enter which view: one line a view, by the name of its URL. A view that is missing here does not exist (404).

A room adds its lines to its own section. ``ByMethod`` asks for one right to look (GET, HEAD) and another to change.
"""

from dataclasses import dataclass
from enum import Enum

from portal.access.rights import Right


class Open(Enum):
    PUBLIC = "anybody, signed in or not"
    SIGNED_IN = "everybody who is signed in"


@dataclass(frozen=True)
class ByMethod:
    read: "Right | Open"
    write: Right


Need = Right | Open | ByMethod

PUBLIC = Open.PUBLIC
SIGNED_IN = Open.SIGNED_IN

MATRIX: dict[str, Need] = {
    # home
    "home": SIGNED_IN,
    # access
    "account_login": PUBLIC,
    "account_logout": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "access:welcome": PUBLIC,
    "access:profile": SIGNED_IN,
    "access:kept": SIGNED_IN,
    "access:staff": Right.STAFF,
    "access:staff_add": Right.STAFF,
    "access:person": Right.STAFF,
    "access:person_link": Right.STAFF,
    "access:person_active": Right.STAFF,
    "access:grant_add": Right.STAFF,
    "access:grant_remove": Right.STAFF,
    # gateway
    "gateway:list": Right.CONNECTIONS,
    "gateway:add": Right.CONNECTIONS,
    "gateway:edit": Right.CONNECTIONS,
    "gateway:test": Right.CONNECTIONS,
    "gateway:active": Right.CONNECTIONS,
    # audit
    "audit:list": Right.AUDIT,
    "audit:entry": Right.AUDIT,
    "audit:export": Right.EXPORT,
    "audit:verify": Right.AUDIT,
    # directory
    "directory:state": Right.VIEW,
    "directory:search": Right.VIEW,
    "directory:switcher": Right.VIEW,
    "directory:refresh": Right.WRITE,
    "directory:refresh_account": Right.WRITE,
    # accounts
    "accounts:list": Right.VIEW,
    "accounts:export": Right.EXPORT,
    "accounts:choose": Right.WRITE,
    "accounts:many": Right.WRITE,
    "accounts:create": Right.CREATE_ACCOUNT,
    "accounts:state": Right.VIEW,
    "accounts:preview": Right.CREATE_ACCOUNT,
    "accounts:detail": Right.VIEW,
    "accounts:options": ByMethod(Right.VIEW, Right.WRITE),
    "accounts:settings": ByMethod(Right.VIEW, Right.WRITE),
    "accounts:disassociate": Right.WRITE,
    # billing
    "billing:plans": Right.VIEW,
    "billing:subscribe": Right.BILLING,
    "billing:preview": Right.BILLING,
    "billing:base": Right.BILLING,
    "billing:base_confirm": Right.BILLING,
    "billing:addon": Right.BILLING,
    "billing:addon_confirm": Right.BILLING,
    "billing:contact": Right.BILLING,
    # users
    "users:list": Right.VIEW,
    "users:export": Right.EXPORT,
    "users:choose": Right.WRITE,
    "users:bulk": Right.WRITE,
    "users:where": Right.WRITE,
    "users:create": Right.WRITE,
    "users:detail": Right.VIEW,
    "users:edit": Right.WRITE,
    "users:settings": ByMethod(Right.VIEW, Right.WRITE),
    "users:password": Right.WRITE,
    "users:picture": Right.WRITE,
    "users:permissions": Right.VIEW,
    "users:assistants": ByMethod(Right.VIEW, Right.WRITE),
    "users:schedulers": Right.VIEW,
    "users:remove_helpers": Right.WRITE,
    "users:remove_helper": Right.WRITE,
    "users:groups": ByMethod(Right.VIEW, Right.WRITE),
    "users:leave_group": Right.WRITE,
    "users:status": Right.WRITE,
    "users:revoke_token": Right.WRITE,
    "users:remove": Right.WRITE,
    "users:remove_confirm": Right.WRITE,
    # groups
    "groups:list": Right.VIEW,
    "groups:account": Right.VIEW,
    "groups:create": Right.WRITE,
    "groups:detail": Right.VIEW,
    "groups:rename": Right.WRITE,
    "groups:delete": Right.WRITE,
    "groups:add": Right.WRITE,
    "groups:remove_member": Right.WRITE,
    "groups:choose": Right.WRITE,
    "groups:remove_chosen": Right.WRITE,
    "groups:choose_members": Right.WRITE,
    "groups:change_members": Right.WRITE,
    # events
    "meetings:list": Right.VIEW,
    "meetings:host": Right.VIEW,
    "meetings:choose_events": Right.WRITE,
    "meetings:change_chosen": Right.WRITE,
    "meetings:detail": Right.VIEW,
    "meetings:registrants": Right.VIEW,
    "meetings:choose": Right.WRITE,
    "meetings:decide": Right.WRITE,
    "webinars:list": Right.VIEW,
    "webinars:host": Right.VIEW,
    "webinars:choose_events": Right.WRITE,
    "webinars:change_chosen": Right.WRITE,
    "webinars:detail": Right.VIEW,
    "webinars:registrants": Right.VIEW,
    "webinars:choose": Right.WRITE,
    "webinars:decide": Right.WRITE,
    # console: a write asks for its own right, told by the operation
    "console:list": Right.VIEW,
    "console:coverage": Right.VIEW,
    "console:operation": Right.VIEW,
    "console:account_operation": Right.VIEW,
    # bulk
    "bulk:list": Right.VIEW,
    "bulk:unstarted": Right.VIEW,
    "bulk:choose": Right.WRITE,
    "bulk:discard": Right.WRITE,
    "bulk:budget": Right.BUDGET,
    "bulk:job": Right.VIEW,
    "bulk:progress": Right.VIEW,
    "bulk:result": Right.EXPORT,
    "bulk:start": Right.WRITE,
    "bulk:approval": Right.WRITE,
    "bulk:pause": Right.WRITE,
    "bulk:resume": Right.WRITE,
    "bulk:cancel": Right.WRITE,
    "bulk:retry": Right.WRITE,
    "bulk:decide": Right.WRITE,
    "bulk:decide_many": Right.WRITE,
    "bulk:twin": ByMethod(Right.VIEW, Right.WRITE),
    "bulk:schedule": Right.WRITE,
    "bulk:undo": Right.WRITE,
    "bulk:file_kinds": Right.WRITE,
    "bulk:upload": Right.WRITE,
    "bulk:import_sample": Right.WRITE,
    "bulk:import_columns": Right.WRITE,
    "bulk:import_mapping": Right.WRITE,
    "bulk:import_check": Right.WRITE,
    "bulk:import_start": Right.WRITE,
    "bulk:import_errors": Right.WRITE,
}


def need(view_name: str, method: str) -> Right | Open | None:
    """What a request must bring to enter a view; None when there is no such view."""
    found = MATRIX.get(view_name)
    if isinstance(found, ByMethod):
        return found.read if method in ("GET", "HEAD", "OPTIONS") else found.write
    return found
