"""Pages on which ticked rows of a list become a job: the choice in an address, one confirm page, one job.

Rows are named in the address by short words (``word_of``), so that three hundred of them fit into it.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect

from portal.access.models import Staff
from portal.bulk import operations, schedule
from portal.bulk.approval import TooManyDeletes, check_most
from portal.bulk.files.summary import seconds
from portal.bulk.models import Job, JobState
from portal.bulk.pages import unreadable
from portal.bulk.progress import duration
from portal.bulk.schedule import GRACE
from portal.bulk.selection import SelectionRefused
from portal.gateway.models import Connection
from portal.ui.confirm import ConfirmMixin
from zoomapi.client.errors import ZoomError

WORD = 10  # letters
LONGEST = 3800  # of a query: gunicorn takes a line of 4,094
SECOND = "A second person with the same rights must approve it first: you ask for that here."
NOTHING = "Nothing was chosen. Tick some rows, then choose what to do."


def word_of(text: object) -> str:
    """A short stand-in for an id: three hundred ids would make an address too long."""
    return sha256(str(text).encode()).hexdigest()[:WORD]


@dataclass(frozen=True)
class Choice:
    """What an address asks for: ``words`` name the ticked rows; None means all that match ``filters``."""

    action: str
    words: tuple[str, ...] | None
    filters: QueryDict

    @classmethod
    def of(cls, params: QueryDict, actions: Collection[str]) -> "Choice":
        """Raises SelectionRefused when it names nothing, or nothing that can be done."""
        action = params.get("do", "")
        everything = params.get("all") == "1"
        words = None if everything else tuple(dict.fromkeys(filter(None, params.get("ids", "").split("."))))
        if action not in actions or words == ():
            raise SelectionRefused(NOTHING)
        return cls(action, words, QueryDict(params.get("filters", "")))

    def keys(self) -> tuple[int, ...]:
        """The words as primary keys. Raises SelectionRefused."""
        words = self.words or ()
        if not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
            raise SelectionRefused(NOTHING)
        return tuple(dict.fromkeys(map(int, words)))


def chosen_address(
    request: HttpRequest,
    actions: Collection[str],
    *,
    leads_to: str,
    back_url: str,
    keep: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Turn the ticked rows into an address, so that the next page can be reloaded and gone back to."""
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in (keep or {}).items() if value})
    query["do"] = request.POST.get("action", "")
    if filters := request.POST.get("filters", ""):
        query["filters"] = filters
    if request.POST.get("everything") == "1":
        query["all"] = "1"
    else:
        query["ids"] = ".".join(request.POST.getlist("selected"))
    if query["do"] not in actions or not (query.get("ids") or query.get("all")):
        messages.info(request, NOTHING)
        return HttpResponseRedirect(with_filters(back_url, filters))
    if "ids" in query and len(query.urlencode()) > LONGEST:
        query.pop("filters", None)  # they only lead back to the same view of the list
    return HttpResponseRedirect(f"{leads_to}?{query.urlencode()}")


def with_filters(url: str, filters: str) -> str:
    """The list as it was looked at."""
    query = QueryDict(filters).urlencode()
    return f"{url}?{query}" if query else url


class NotSaid(Exception):
    """The change is not fully said yet; ``form`` asks for the rest."""

    def __init__(self, form: forms.Form) -> None:
        super().__init__("The change is not fully said.")
        self.form = form


class ChosenView(ConfirmMixin):
    """Confirms a change of chosen rows, with consequences looked up just now, and makes its job.

    Give ``get_confirmation``, ``make`` and ``back_url``; ``ask`` where the change has to be said first.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # never a stream here
        except NotSaid as question:
            return self.ask(request, question.form, *args, **kwargs)
        except ZoomError as error:
            return unreadable(request, error)
        except (SelectionRefused, TooManyDeletes) as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.back_url(request, *args, **kwargs))

    def back_url(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        """The list that the rows were chosen from."""
        raise NotImplementedError

    def make(self, request: HttpRequest, reason: str, key: str, *args: Any, **kwargs: Any) -> Job:
        """Make the job and let it begin. The same ``key`` gives the same job."""
        raise NotImplementedError

    def ask(self, request: HttpRequest, form: forms.Form, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page that asks for what the change needs."""
        raise NotImplementedError

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return redirect("bulk:job", self.make(request, reason, str(operation_key), *args, **kwargs).pk)


def launch(job: Job, actor: Staff, *, removes: bool) -> Job:
    """Let a READY job begin; what cannot be taken back begins a minute later."""
    if removes and job.state == JobState.READY:
        schedule.give_grace(job)
    operations.start(job, actor)
    return job


def calls_told(calls: Mapping[str, int], connection: Connection) -> str:
    """How many calls it takes, and how long at the permitted rate. No time of day: the page may stay open."""
    number = sum(calls.values())
    time = duration(seconds(calls, connection.zoom))
    return f"{number:,} call{plural(number)} will be made to Zoom, which takes about {time} at the permitted rate."


def removal_told(number: int, *, alone: bool = False) -> list[str]:
    """What a person must know before many things are removed. Raises TooManyDeletes when one job may not do it.

    ``alone``: no number of these removals needs a second person, nor has a limit.
    """
    sentences = []
    if not alone:
        check_most(number)
    if not alone and number > settings.BULK_APPROVAL_DELETES:
        sentences.append(SECOND)
    return [
        *sentences,
        f"The first call is made after {GRACE.seconds} seconds. Until then the job can be cancelled.",
    ]


def plural(number: int) -> str:
    return "" if number == 1 else "s"
