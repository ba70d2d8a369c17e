"""Who may sign in now.

A second factor and approvals find their place here and in ``adapter.py``: sign-in is one path, so another stage before
``StaffAdapter.login`` covers every way in.
"""

from portal.access.models import Staff
from portal.gateway.models import Connection


def may_sign_in(staff: Staff) -> bool:
    """Disabled people may not; demo people only while every connection in use leads to the sandbox."""
    if not staff.is_active:
        return False
    return not staff.is_demo or demo_allowed()


def demo_allowed() -> bool:
    return all(connection.is_sandbox for connection in Connection.objects.filter(is_active=True).only("base_url"))


def end_sessions(staff: Staff) -> None:
    """End every session of a person. The caller saves ``session_epoch``."""
    staff.session_epoch += 1
