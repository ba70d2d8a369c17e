"""Addresses that only take a form: asked for without one, they lead to the page that has it.

That is where the button Back, a reload after an error, and a sign-in that lost the form come from.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, UUID, P], HttpResponseBase]


def takes_form_of(page: str) -> Callable[[View[P]], View[P]]:
    """``page`` is the name of an address of the same job."""

    def decorate(view: View[P]) -> View[P]:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def answer(request: HttpRequest, job_id: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, job_id, *args, **kwargs)
            query = request.META.get("QUERY_STRING", "")  # tabs and pages of an answer with errors are relative
            return HttpResponseRedirect(reverse(page, args=[job_id]) + (f"?{query}" if query else ""))

        return answer

    return decorate
