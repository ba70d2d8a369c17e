"""Deleting or ending chosen events of a host: ticked, confirmed with a fresh look, done by a job."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.bulk.chosen import Choice, ChosenView, calls_told, chosen_address, launch, plural, removal_told
from portal.bulk.events import ACTIONS, DELETE, END, EventsChange, plan_events
from portal.bulk.models import Job
from portal.bulk.selection import SelectionRefused
from portal.directory.asking import changeable_or_404
from portal.directory.models import MirrorUser
from portal.events import live
from portal.events.kinds import Kind, kind_of
from portal.ui.confirm import Confirmation
from portal.ui.requests import person, scope_of
from portal.ui.tables import BulkAction

OFFERED = (BulkAction("End…", END, "pause-circle", danger=True), BulkAction("Delete…", DELETE, "trash", danger=True))
OUTCOME = {
    DELETE: (
        "They are gone for good, each recurring {one} with all its times. Nobody can join any more.",
        "Their registrations go with them.",
    ),
    END: (
        "A {one} that is running ends for everybody in it, at once. One that is not running is left as it is.",
        "They stay scheduled, and the host can start them again.",
    ),
}


def list_url(kind: Kind, host: MirrorUser) -> str:
    return kind.url("host", host.account_id, host.zoom_id)


@require_POST
def choose(request: HttpRequest, account_id: int, user_id: str) -> HttpResponse:
    kind = kind_of(request)
    host = live.host_or_404(changeable_or_404(request, account_id), user_id)
    leads_to = kind.url("change_chosen", host.account_id, host.zoom_id)
    return chosen_address(request, ACTIONS, leads_to=leads_to, back_url=list_url(kind, host))


class ChangeChosenView(ChosenView):
    """DELETE, or PUT …/status, for each of the chosen that the host still has."""

    kind: Kind
    host: MirrorUser
    change: EventsChange
    events: list[dict[str, Any]]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kind = kind_of(request)
        self.host = live.host_or_404(changeable_or_404(request, kwargs["account_id"]), kwargs["user_id"])
        return super().dispatch(request, *args, **kwargs)

    def back_url(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return list_url(self.kind, self.host)

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        choice, kind = Choice.of(request.GET, ACTIONS), self.kind
        account = self.host.account
        self.change = EventsChange(account, kind.family, choice.action, str(self.host))
        self.events = live.chosen_events(request, kind, self.host, choice.words)
        if not self.events:
            raise SelectionRefused(f"None of the chosen {kind.family} is there any more. Nothing was done.")
        if len(self.events) > live.MOST:
            raise SelectionRefused(f"More than {live.MOST:,} {kind.family}. Choose them page by page, or send a file.")
        number = f"{len(self.events):,} {kind.one}{plural(len(self.events))}"
        verb = choice.action.capitalize()
        return Confirmation(
            title=f"{verb} {number} of {self.host}",
            action=f"{verb} {number}",
            consequences=self.consequences(choice),
            back_url=self.back_url(request),
            done_url=reverse("bulk:list"),
            typed=f"{choice.action} {number}",
            count=len(self.events),
            irreversible=True,
            facts=(("Host", self.host.email), ("Sub-account", str(account))),
        )

    def consequences(self, choice: Choice) -> list[str]:
        """Whole sentences, from the list just read."""
        count = len(self.events)
        sentences = [text.format(one=self.kind.one) for text in OUTCOME[choice.action]]
        if choice.words is not None and (left_out := len(choice.words) - count) > 0:
            were = "was" if left_out == 1 else "were"
            sentences.append(f"{left_out:,} of the chosen {were} left out: no longer in the list of {self.host}.")
        sentences.append(calls_told({self.change.endpoint: count}, self.host.account.connection))
        return [*sentences, *removal_told(count)] if choice.action == DELETE else sentences

    def make(self, request: HttpRequest, reason: str, key: str, *args: Any, **kwargs: Any) -> Job:
        actor = person(request)
        job = plan_events(scope_of(request), actor, self.change, self.events, key=key, reason=reason)
        return launch(job, actor, removes=self.change.action == DELETE)
