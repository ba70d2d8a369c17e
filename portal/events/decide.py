"""Approving, denying or cancelling chosen registrants: ticked, confirmed with a fresh look, done by a job."""

import uuid
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from portal.bulk.chosen import plural
from portal.bulk.operations import start
from portal.bulk.pages import unreadable
from portal.bulk.registrants import Decision, plan_decision
from portal.directory.asking import account_or_404, changeable_or_404
from portal.directory.models import SubAccount
from portal.events import live
from portal.events.kinds import Kind, kind_of
from portal.events.live import Event
from portal.ui.confirm import Confirmation, ConfirmMixin
from portal.ui.requests import person, scope_of
from zoomapi.client.errors import ZoomError
from zoomapi.spec.registration import REGISTRANT_ACTIONS, REGISTRANT_STATUSES
from zoomapi.spec.shapes import BATCH

NOBODY = "No registrant was chosen. Tick some, then choose what to do."
OUTCOME = {
    "approve": "They may come. Zoom writes to each of them, as the {one} is set up.",
    "deny": "They may not come, and a join address they have does not work any more. They can be approved later.",
    "cancel": "They are registered no more, and vanish from the list. To come all the same they must register anew.",
}


@require_POST
def choose(request: HttpRequest, account_id: int, event_id: int) -> HttpResponse:
    """Turn the ticked rows into an address, so that the next page can be reloaded and gone back to."""
    kind, account = kind_of(request), changeable_or_404(request, account_id)
    query = {"do": request.POST.get("action", ""), "status": request.GET.get("status", "")}
    if request.POST.get("everything") == "1":
        query["all"] = "1"
    else:
        query["chosen"] = ".".join(request.POST.getlist("selected"))
    if query["do"] not in REGISTRANT_ACTIONS or not (query.get("all") or query.get("chosen")):
        messages.info(request, NOBODY)
        return HttpResponseRedirect(list_url(kind, account, event_id, request.GET))
    return HttpResponseRedirect(f"{kind.url('decide', account.pk, event_id)}?{urlencode(query)}")


def list_url(kind: Kind, account: SubAccount, event_id: int, params: QueryDict) -> str:
    """The list of the status that was looked at."""
    status = params.get("status", "")
    query = f"?status={status}" if status in REGISTRANT_STATUSES else ""
    return f"{kind.url('registrants', account.pk, event_id)}{query}"


class Nobody(Exception):
    """The choice cannot be worked on; ``str()`` says why. Nothing was done."""


@dataclass(frozen=True)
class Choice:
    """What an address asks for. ``marks`` stand for the ticked registrants; None means all of that status."""

    action: str
    status: str
    marks: frozenset[str] | None

    @classmethod
    def of(cls, params: QueryDict) -> "Choice":
        action, status = params.get("do", ""), params.get("status", "")
        marks = None if params.get("all") == "1" else frozenset(params.get("chosen", "").split(".")) - {""}
        if action not in REGISTRANT_ACTIONS or status not in REGISTRANT_STATUSES or marks == frozenset():
            raise Nobody(NOBODY)
        return cls(action, status, marks)


class DecideView(ConfirmMixin):
    """Looks who of the chosen still has that status, says what will happen, and makes the job."""

    event: Event
    choice: Choice
    people: list[dict[str, Any]]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kind, account = kind_of(request), changeable_or_404(request, kwargs["account_id"])
        try:
            self.choice = Choice.of(request.GET)
            return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # never a stream here
        except ZoomError as error:
            return unreadable(request, error)
        except Nobody as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(list_url(kind, account, kwargs["event_id"], request.GET))

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        kind, account = kind_of(request), account_or_404(request, kwargs["account_id"])
        self.event = live.read_event(request, kind, account, kwargs["event_id"])
        self.people = live.chosen_of(request, self.event, self.choice.status, self.choice.marks)
        if not self.people:
            raise Nobody("None of the chosen registrants has that status any more. Nothing was done.")
        if len(self.people) > live.MOST:
            raise Nobody(f"More than {live.MOST:,} registrants match. Choose them page by page, or send a file.")
        number, action = f"{len(self.people):,} registrant{plural(len(self.people))}", self.choice.action
        return Confirmation(
            title=f"{REGISTRANT_ACTIONS[action]} {number} of {self.event}",
            action=f"{REGISTRANT_ACTIONS[action]} {number}",
            consequences=self.consequences(kind),
            back_url=list_url(kind, account, self.event.event_id, request.GET),
            typed=f"cancel {number}" if action == "cancel" else "",
            count=len(self.people),
            irreversible=action == "cancel",
            danger=action != "approve",
            facts=(
                (kind.one.capitalize(), str(self.event)),
                ("Start", self.event.start),
                ("Sub-account", str(account)),
            ),
        )

    def consequences(self, kind: Kind) -> list[str]:
        """Whole sentences, from the state just read."""
        count, calls = len(self.people), ceil(len(self.people) / BATCH)
        left_out = len(self.choice.marks) - count if self.choice.marks is not None else 0
        label = REGISTRANT_STATUSES[self.choice.status].lower()
        sentences = [OUTCOME[self.choice.action].format(one=kind.one)]
        if left_out:
            were = "was" if left_out == 1 else "were"
            sentences.append(f"{left_out:,} of the chosen {were} left out: no longer {label}.")
        sentences.append(
            f"{calls:,} call{plural(calls)} will be made to Zoom, with at most {BATCH} people in each. "
            "Zoom takes or refuses all people of a call together."
        )
        return sentences

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        event, actor = self.event, person(request)
        decision = Decision(event.account, event.kind.family, event.event_id, self.choice.action, str(event))
        job = plan_decision(scope_of(request), actor, decision, self.people, key=str(operation_key), reason=reason)
        start(job, actor)
        return redirect("bulk:job", job.pk)
