"""Webhooks: addresses the service calls when something happens (section "Webhooks")."""

from zoomapi.spec.base import AnyField, Endpoint, Family, Shape
from zoomapi.spec.events import EVENTS
from zoomapi.spec.fields import choice, choices_of, moment, number, secret, several, text

WEBHOOK_VERSIONS = {"v1": "Version 1", "v2": "Version 2"}
WEBHOOK_EVENTS = {event.classic: event.title for event in EVENTS}


class WebhookVersion(Shape):
    version = choice("Version", "The form of webhooks the account uses.", WEBHOOK_VERSIONS, required=True)


class WebhookChange(Shape):
    """Properties of a webhook that can be changed; only those given are."""

    url = text("Address", "Called with every event.", max_length=256)
    auth_user = text("User name", "Sent along for HTTP Basic authentication.", max_length=128)
    auth_password = secret("Password", "Sent along for HTTP Basic authentication.", max_length=64)
    events = choices_of("Events", "What the address is told of.", WEBHOOK_EVENTS)


class NewWebhook(WebhookChange):
    """A webhook to create; all of it must be given."""

    def get_fields(self) -> dict[str, AnyField]:
        fields: dict[str, AnyField] = super().get_fields()
        for value in fields.values():
            value.required = True
        return fields


class Webhook(Shape):
    """One webhook."""

    webhook_id = text("Webhook id", "Names the webhook in every later call.")
    url = text("Address", "Called with every event.")
    auth_user = text("User name", "Sent along for HTTP Basic authentication.")
    auth_password = secret("Password", "Sent along for HTTP Basic authentication.")
    events = choices_of("Events", "What the address is told of.", WEBHOOK_EVENTS)
    created_at = moment("Created", "When the webhook was created.")


class WebhookList(Shape):
    """All webhooks of an account, in one answer."""

    total_records = number("Webhooks", "How many there are.")
    webhooks = several(Webhook(), "Webhooks")


class Webhooks(Family):
    label = "Webhooks"

    switch_version = Endpoint(
        "PATCH", "/webhooks/options", title="Choose the webhook version", body=WebhookVersion, status=204
    )
    list = Endpoint("GET", "/webhooks", title="List webhooks", reply=WebhookList, item_key="webhooks")
    create = Endpoint(
        "POST", "/webhooks", title="Create a webhook", body=NewWebhook, reply=Webhook, status=201, remote_key="url"
    )
    get = Endpoint("GET", "/webhooks/{webhookId}", title="Show a webhook", reply=Webhook)
    update = Endpoint(
        "PATCH", "/webhooks/{webhookId}", title="Change a webhook", body=WebhookChange, status=204, partial=True
    )
    delete = Endpoint("DELETE", "/webhooks/{webhookId}", title="Delete a webhook", status=204)
