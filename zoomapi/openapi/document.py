"""The whole document: every operation in each of its forms, with arguments, answers and the error body."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from zoomapi.openapi.schemas import Components, Schema, Use
from zoomapi.spec import Endpoint, Family, all_endpoints
from zoomapi.spec.base import Effect
from zoomapi.spec.corrections import corrections_of
from zoomapi.spec.profiles import CLASSIC, Profile

ACCOUNT = "accountId"
USER = "userId"
TITLE = "Zoom API v2 sandbox"
ABOUT = (
    "The Zoom v2 API as the sandbox serves it. Every operation that has a mirrored form is listed twice: for the "
    "account of the credential, and below `/accounts/{accountId}` for one of its sub-accounts."
)
TODAY = " Paths, limits and types of users are those of today's Zoom."
ERRORS = {
    "400": "The arguments were refused; code 300 names the fields.",
    "401": "The token is missing, wrong or too old.",
    "404": "There is no such object.",
    "429": "Too many requests; the limit is in the operation's description.",
}


class Form(NamedTuple):
    """One way to call an operation. ``said`` is the query that its path says already."""

    operation_id: str
    method: str
    path: str
    endpoint: Endpoint
    said: frozenset[str] = frozenset()


def document(
    endpoints: Iterable[Endpoint] | None = None, server: str = "/v2", profile: Profile = CLASSIC
) -> dict[str, Any]:
    """Return the OpenAPI document of these operations, by default of all that are declared, as that Zoom has them."""
    declared = all_endpoints() if endpoints is None else endpoints
    chosen = [profile.view(endpoint) for endpoint in declared if not profile.retired(endpoint)]
    components = Components(profile)
    paths: dict[str, dict[str, Any]] = {}
    names: dict[str, str] = {}
    for form in (form for endpoint in chosen for form in forms(endpoint)):
        # Two templates that differ in their names only are one path.
        path = names.setdefault(re.sub(r"{\w+}", "{}", form.path), form.path)
        paths.setdefault(path, {})[form.method.lower()] = _operation(form, path, components)
    families = sorted({endpoint.family for endpoint in chosen})
    return {
        "openapi": "3.0.3",
        "info": {"title": TITLE, "version": "2", "description": f"{ABOUT}{TODAY if profile.is_current else ''}"},
        "servers": [{"url": server}],
        "security": [{"jwt": []}, {"token": []}],
        "tags": [{"name": label(family)} for family in families],
        "paths": paths,
        "components": {
            "schemas": {"Error": _error(), **dict(sorted(components.schemas.items()))},
            "securitySchemes": {
                "jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "token": {"type": "apiKey", "in": "query", "name": "access_token"},
            },
        },
    }


def forms(endpoint: Endpoint) -> Iterator[Form]:
    """The direct form, the mirrored one, and those of odd paths."""
    yield Form(endpoint.key, endpoint.method, endpoint.path, endpoint)
    if endpoint.mirror:
        yield Form(f"{endpoint.key}.mirrored", endpoint.method, endpoint.mirror_path, endpoint)
    for number, odd in enumerate(endpoint.odd_mirrors, 1):
        said = frozenset(name for name, _ in odd.query)
        yield Form(f"{endpoint.key}.odd{number}", odd.method, odd.path, endpoint, said)


def label(family: str) -> str:
    return Family.registry[family].label or family.replace("_", " ").capitalize()


def _operation(form: Form, path: str, components: Components) -> dict[str, Any]:
    endpoint = form.endpoint
    made: dict[str, Any] = {
        "operationId": form.operation_id,
        "tags": [label(endpoint.family)],
        "summary": endpoint.title,
        "description": _description(endpoint),
        "parameters": [*_path_parameters(endpoint, path), *_query_parameters(form, components)],
        "responses": _responses(endpoint, components),
        "x-rate-limit": str(endpoint.rate),
        "x-effect": _effect(endpoint).name.lower(),
    }
    if endpoint.upload:
        file: Schema = {"type": "string", "format": "binary"}
        shape = {"type": "object", "properties": {endpoint.upload: file}, "required": [endpoint.upload]}
        made["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": shape}}}
    elif endpoint.body is not None:
        use = Use.CHANGE if endpoint.partial else Use.SENT
        content = {"application/json": {"schema": components.ref(endpoint.body, use, endpoint.family)}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _effect(endpoint: Endpoint) -> Effect:
    return endpoint.effect or Effect.READ


def _description(endpoint: Endpoint) -> str:
    lines = [f"Limit: {endpoint.rate}."]
    lines += [f"{found.subject}: {found.rule} ({found.reason})" for found in corrections_of(endpoint.key)]
    return "\n\n".join(lines)


def _path_parameters(endpoint: Endpoint, path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", path):
        found: dict[str, Any] = {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
        }
        if name.lower() in {uuid.lower() for uuid in endpoint.uuid}:
            found["description"] = "An id or a UUID; a UUID that begins with / or holds // is quoted twice."
        elif name == ACCOUNT:
            found["description"] = "The sub-account."
        elif name == USER:
            found["description"] = "An id, an e-mail address, or `me` for the account's owner."
            found["example"] = "me"
        yield found


def _query_parameters(form: Form, components: Components) -> Iterator[dict[str, Any]]:
    endpoint = form.endpoint
    if endpoint.query is None:
        return
    for name, spec in endpoint.query().fields.items():
        if name in form.said:
            continue
        schema = components.of(spec, Use.SENT, endpoint.family)
        found = {"name": name, "in": "query", "required": bool(spec.required)}
        if text := schema.pop("description", ""):
            found["description"] = text
        schema.pop("title", None)
        yield {**found, "schema": schema}


def _responses(endpoint: Endpoint, components: Components) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done." if not endpoint.is_read else "Found."}
    if endpoint.status != 204:
        schema: Schema = {"type": "object"}
        if endpoint.reply is not None:
            schema = components.ref(endpoint.reply, Use.ANSWER, endpoint.family)
        if getattr(endpoint.reply, "many", False):
            schema = {"type": "array", "items": schema}
        good["content"] = {"application/json": {"schema": schema}}
    problems = dict(ERRORS)
    if _effect(endpoint) in (Effect.CREATE, Effect.CREATE_KEYED):
        problems["409"] = "It exists already."
    found: dict[str, Any] = {str(endpoint.status): good}
    for status, text in [*sorted(problems.items()), ("default", "Any other refusal.")]:
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        found[status] = {"description": text, "content": content}
    return found


def _error() -> Schema:
    place = {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}}
    return {
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": {"type": "integer"},
            "message": {"type": "string"},
            "errors": {"type": "array", "items": place},
        },
    }
