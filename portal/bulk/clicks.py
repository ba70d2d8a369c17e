"""Changes made by one click on a page (remove one person from a list): perform, then back to the page with a word."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from portal.bulk.models import Item, ItemState

WAITING = "Zoom did not say whether this was applied. It is being checked and will not be sent twice blindly."


def settle_click(
    request: HttpRequest, item: Item, *, done_url: str, done_text: str, back_url: str = ""
) -> HttpResponse:
    """Answer for an ended operation that has no form. A refusal leads to ``back_url``, or else to ``done_url``."""
    if item.state == ItemState.DONE:
        messages.success(request, done_text)
        return HttpResponseRedirect(done_url)
    if item.state in (ItemState.FAILED, ItemState.CANCELLED, ItemState.INVALID):
        messages.error(request, " ".join([item.message or "Zoom refused this.", *details(item)]))
        return HttpResponseRedirect(back_url or done_url)
    messages.warning(request, item.message or WAITING)
    return HttpResponseRedirect(reverse("bulk:job", args=[item.job_id]))


def details(item: Item) -> list[str]:
    """Zoom's messages by field, as sentences, except those the message already says."""
    pairs = (
        (name, str(text))
        for name, texts in item.errors.items()
        for text in (texts if isinstance(texts, list) else [texts])
    )
    return [f"{name}: {text}" for name, text in pairs if text not in item.message]
