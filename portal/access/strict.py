"""Forms take exactly their own fields: a request with any other is not one of our pages."""

from django.core.exceptions import SuspiciousOperation
from django.forms import BaseForm
from django.http import HttpRequest

ALWAYS = frozenset({"csrfmiddlewaretoken"})


def only_own_fields(request: HttpRequest, form: BaseForm) -> None:
    """Answer 400 when the request carries a field that the form does not have."""
    extra = set(request.POST) - {form.add_prefix(name) for name in form.fields} - ALWAYS
    if extra:
        raise SuspiciousOperation(f"Unexpected fields: {', '.join(sorted(extra))[:200]}")
