"""What today's Zoom does with the paths of the document, and whose meetings a write concerns."""

from collections.abc import Iterable

from zoomapi.sandbox.errors import Refusal
from zoomapi.sandbox.models import Meeting, User
from zoomapi.sandbox.routing import Match, NoSuchPath, Router, WrongMethod
from zoomapi.spec import Endpoint
from zoomapi.spec.profiles import Profile

LICENSED, CORP = 2, 3


def router(profile: Profile, endpoints: Iterable[Endpoint]) -> Router:
    """Return the router of what the profile still has, at its present paths."""
    return Router(profile.view(endpoint) for endpoint in endpoints if not profile.retired(endpoint))


class Former:
    """Paths of the document that today's Zoom has moved or withdrawn; it has none of them on the classic profile."""

    def __init__(self, profile: Profile, endpoints: Iterable[Endpoint]) -> None:
        self._profile = profile
        self._router = Router(
            endpoint
            for endpoint in endpoints
            if profile.retired(endpoint) or profile.view(endpoint).path != endpoint.path
        )

    def refuse(self, method: str, path: str) -> None:
        """Raise 404 and say what became of it when the path was one of these."""
        try:
            endpoint = self._router.match(method, path).route.endpoint
        except (NoSuchPath, WrongMethod):
            return
        retired = self._profile.retired(endpoint)
        told = retired or f"It is now {endpoint.method} {self._profile.view(endpoint).path}."
        raise Refusal(404, 404, f"The API has no such path any more. {told}")


def host_of(match: Match, master_id: str) -> str:
    """Return the id of the user whose meetings a write concerns; what the path says when nobody is found."""
    params = match.params
    if "userId" not in params:
        number = params.get("meetingId") or params.get("webinarId") or ""
        found = Meeting.objects.filter(id=int(number)).first() if number.isdecimal() and len(number) < 19 else None
        return found.host_id if found else number
    who, account = params["userId"], params.get("accountId", master_id)
    people = User.objects.filter(account_id=account)
    user = people.filter(email=who.lower()).first() if "@" in who else people.filter(id=who).first()
    return user.id if user else who


def retype_people(profile: Profile) -> None:
    """Today there is no type 3: people of the world, or of a file written before, who have it are licensed."""
    if profile.is_current:
        User.objects.filter(type=CORP).update(type=LICENSED)
