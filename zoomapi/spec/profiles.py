"""Which Zoom is meant: the one of the specification, or today's.

A ``Profile`` shows every operation as that Zoom wants it: ``CURRENT.view(endpoint)`` is the same operation with
today's path, rate class and user types. Everything that works from an ``Endpoint`` works from such a view, so client
and sandbox need no second code for today's Zoom. What has been withdrawn is told by ``retired``.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from rest_framework import serializers

from zoomapi.spec.base import AnyField, Endpoint, Shape, ShapeClass
from zoomapi.spec.catalogue import USER_TYPES, USER_TYPES_TODAY
from zoomapi.spec.corrections import RENAMED, RETIRED
from zoomapi.spec.limits import TODAY, Tier, is_host_write, label_of


@dataclass(frozen=True)
class Profile:
    """``tier``: the account's plan, as far as limits depend on it; None for the Zoom of the specification."""

    name: str
    tier: Tier | None = None
    _views: dict[str, Endpoint] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_current(self) -> bool:
        return self.tier is not None

    @property
    def user_types(self) -> dict[int, str]:
        """Names of the types of users."""
        return USER_TYPES_TODAY if self.is_current else USER_TYPES

    def view(self, endpoint: Endpoint) -> Endpoint:
        """Return the operation as this Zoom knows it: the same key, and arguments of the same names."""
        if self.tier is None:
            return endpoint
        if endpoint.key not in self._views:
            self._views[endpoint.key] = _today(endpoint, self.tier)
        return self._views[endpoint.key]

    def shape(self, shape: ShapeClass) -> ShapeClass:
        """Return one shape as this Zoom knows it."""
        return _retyped(shape) if self.is_current else shape

    def retired(self, endpoint: Endpoint) -> str:
        """Why this Zoom does not have the operation any more; empty when it does."""
        return RETIRED.get(endpoint.key, "") if self.is_current else ""

    def counts_by_host(self, endpoint: Endpoint) -> bool:
        """Tell whether the operation is also counted per host and day."""
        return self.is_current and is_host_write(endpoint.method, endpoint.path)


CLASSIC = Profile("classic")
CURRENT = Profile("current", Tier.PRO)
CURRENT_BUSINESS = Profile("current", Tier.BUSINESS)


def current(tier: Tier) -> Profile:
    return CURRENT_BUSINESS if tier is Tier.BUSINESS else CURRENT


def _today(endpoint: Endpoint, tier: Tier) -> Endpoint:
    path = RENAMED[endpoint.key].path if endpoint.key in RENAMED else endpoint.path
    query, body, reply = (shape and _retyped(shape) for shape in (endpoint.query, endpoint.body, endpoint.reply))
    view = replace(endpoint, path=path, query=query, body=body, reply=reply)
    object.__setattr__(view, "name", endpoint.name)
    object.__setattr__(view, "family", endpoint.family)
    is_list = endpoint.is_read and bool(endpoint.item_key)
    view.__dict__["rate"] = TODAY[tier][label_of(path, is_list=is_list)]
    return view


@lru_cache(maxsize=1024)
def _retyped(shape: ShapeClass) -> ShapeClass:
    """Return the shape with today's user types; the same class when it has none."""
    if not any(_is_user_type(member) for member in _members(shape())):
        return shape

    def get_fields(self: Shape) -> dict[str, AnyField]:
        fields: dict[str, AnyField] = super(today, self).get_fields()
        for member in fields.values():
            _retype(member)
        return fields

    today: ShapeClass = type(shape.__name__, (shape,), {"get_fields": get_fields, "__doc__": shape.__doc__})
    return today


def _retype(member: AnyField) -> None:
    for inner in _members(member):
        if _is_user_type(inner):
            inner.choices = list(USER_TYPES_TODAY.items())  # type: ignore[attr-defined]  # a ChoiceField


def _members(member: Any) -> list[AnyField]:
    if isinstance(member, serializers.ListSerializer):
        return _members(member.child)
    if isinstance(member, serializers.Serializer):
        return [leaf for inner in member.fields.values() for leaf in _members(inner)]
    return [member]


def _is_user_type(member: AnyField) -> bool:
    return isinstance(member, serializers.ChoiceField) and dict(member.choices) == USER_TYPES
