"""Addresses that only take a form: asked for without one, they lead to the page that has it.

Without one comes who goes back, loads an answer with errors anew, or signs in after the form was lost.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponseBase]


def takes_form_of(page: str) -> Callable[[View], View]:
    """``page`` is the name of an address of the same job."""

    def decorate(view: View) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def answer(request: HttpRequest, job_id: UUID, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, job_id, **kwargs)
            query = request.META.get("QUERY_STRING", "")  # tabs and pages of an answer with errors are relative
            return HttpResponseRedirect(reverse(page, args=[job_id]) + (f"?{query}" if query else ""))

        return answer

    return decorate
