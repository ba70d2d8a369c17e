"""The gauge of the API budget."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from portal.bulk import budget as figures
from portal.gateway.models import Connection
from portal.gateway.usage import tally


@require_GET
def budget(request: HttpRequest) -> HttpResponse:
    """Calls per rate class now and today, by whom, what is left of the day, and what is paused."""
    tally.flush()
    context = {
        "gauges": [
            {
                "connection": connection,
                "uses": figures.uses(connection),
                "people": figures.by_person(connection),
                "accounts": figures.by_account(connection),
                "jobs": figures.by_job(connection),
                "paused": figures.paused(connection),
            }
            for connection in Connection.objects.filter(is_active=True)
        ],
        "now": timezone.now(),
        "day_ends": figures.day_ends(),
        "live_id": "budget",
        "live_url": f"{reverse('bulk:budget')}?part=live",
        "running": True,
    }
    part = request.GET.get("part") == "live"
    return render(request, "bulk/_budget.html" if part else "bulk/budget.html", context)
