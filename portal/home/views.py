"""The first page after signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.access.rights import Right
from portal.access.scope import Scope
from portal.directory.freshness import freshness
from portal.gateway import health
from portal.home import attention


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    scope: Scope = request.scope  # type: ignore[attr-defined]  # set by AccessMiddleware
    twins = attention.twins(scope)
    context = {
        "may_write": scope.may(Right.WRITE),
        "may_create": scope.may(Right.CREATE_ACCOUNT),
        "problems": health.problems() if scope.everywhere else [],
        "freshness": freshness(scope),
        "running": attention.jobs(scope, attention.LIVE_JOBS),
        "approvals": attention.approvals(scope) if scope.may(Right.WRITE) else [],
        "twins": twins[: attention.SHOWN],
        "more_twins": len(twins) > attention.SHOWN,
        "waiting": attention.jobs(scope, attention.OPEN_ENDED),
        "unstarted": attention.unstarted(scope),
        "trials": attention.trials(scope),
        "legacy": attention.legacy(scope),
        "seats": attention.seats(scope),
        "ending": attention.ending(scope),
        "unread": attention.unread(scope),
    }
    return render(request, "home/home.html", context)
