"""Which recipe settles which operation. A new operation follows its effect unless it is named here."""

from typing import Any

from portal.bulk.calls import Request
from portal.bulk.reading import Reader
from portal.bulk.recipes import money, people, places, plain, registrants, states
from portal.bulk.recipes.base import Finding, Found, Look, Recipe, twin
from zoomapi.spec.base import Effect, Endpoint

BY_OPERATION: dict[str, Recipe] = {
    "users.create": people.user_created,
    "users.add_assistants": people.all_members,
    "groups.add_members": people.all_members,
    "im_groups.add_members": people.all_members,
    "webinars.add_panelists": people.all_members,
    "meetings.add_registrant": registrants.registrant_added,
    "webinars.add_registrant": registrants.registrant_added,
    "meetings.update_status": states.ended,
    "webinars.update_status": states.ended,
    "users.update_status": states.switched,
    "recordings.recover": states.recovered,
    "recordings.recover_file": states.recovered,
    "meetings.update_registrants_status": registrants.registrants_decided,
    "webinars.update_registrants_status": registrants.registrants_decided,
}
BY_EFFECT: dict[Effect, Recipe] = {
    Effect.CREATE_KEYED: plain.listed,
    Effect.SET: plain.set_value,
    Effect.DELETE: plain.deleted,
    Effect.CREATE: plain.created,
    Effect.MONEY: money.ordered,
}
BY_METHOD: dict[str, Recipe] = {"DELETE": plain.deleted, "POST": plain.listed}  # effect F


def uploaded(look: Look) -> Finding:
    """A file is not kept, so it cannot be sent again."""
    return Finding(
        Found.UNCLEAR, "Whether the file has arrived cannot be told. Please look at it in Zoom, then decide."
    )


def recipe_for(endpoint: Endpoint) -> Recipe:
    if endpoint.upload:
        return uploaded
    if endpoint.key in BY_OPERATION:
        return BY_OPERATION[endpoint.key]
    if places.by_place(endpoint):
        return places.removed
    effect = endpoint.effect
    if effect in BY_EFFECT:
        return BY_EFFECT[effect]
    return BY_METHOD.get(endpoint.method, plain.set_value)


def remembers(endpoint: Endpoint) -> bool:
    """Whether something must be remembered before the first send."""
    return endpoint.effect in (Effect.CREATE, Effect.MONEY) or places.by_place(endpoint)


def baseline_of(reader: Reader, request: Request) -> dict[str, Any] | None:
    """What must be remembered (effects D and E, and what has no id); None where nothing can be."""
    endpoint = request.endpoint
    if places.by_place(endpoint):
        return places.held(reader, request.path)
    if endpoint.effect is Effect.CREATE and endpoint.remote_key:
        found: dict[str, Any] = plain.names_before(reader, endpoint, request.path, request.body)
        return found
    if endpoint.effect is Effect.MONEY:
        return {"plans": money.plans_now(reader)}
    return None


def baseline_reads(endpoint: Endpoint) -> dict[str, int]:
    """How often ``baseline_of`` reads what, for forecasts; a list of several pages is read in as many calls."""
    if places.by_place(endpoint):
        return {places.LIST: 1}
    if endpoint.effect is Effect.MONEY:
        return {"billing.plans": 1}
    source = twin(endpoint) if endpoint.effect is Effect.CREATE and endpoint.remote_key else None
    if source is None or not source.item_key:
        return {}
    return {source.key: len(plain.ASKED.get(endpoint.key, ({},)))}
