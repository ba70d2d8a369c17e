"""The lines that tell a person where to go, once everything works."""

from django.conf import settings

from portal.access.models import Staff
from portal.access.sign_in import demo_allowed
from portal.supervisor.prepare import release_database, sandbox_credentials


def text() -> str:
    """Addresses, and the demo's people while they may sign in."""
    lines = ["", f"Master Portal   http://127.0.0.1:{settings.PORT}"]
    if sandbox_credentials():
        lines.append(f"Zoom sandbox    {settings.SANDBOX_URL}")
    lines += _sign_ins()
    lines += ["", "Ctrl-C ends everything; the data stay."]
    release_database()
    return "\n".join(lines)


def _sign_ins() -> list[str]:
    people = Staff.objects.filter(is_demo=True, is_active=True).order_by("pk") if demo_allowed() else []
    rows = [f"  {person.email:<28} {person.get_role_display()}" for person in people]
    return ["", f"Demo sign-ins, all with the password {settings.DEMO_PASSWORD}", *rows] if rows else []
