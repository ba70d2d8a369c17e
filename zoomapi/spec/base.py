"""What an operation is: an ``Endpoint`` is data, a ``Family`` is a class full of them.

Everything else derives from these: client methods, sandbox routes and checks, HTML forms, CSV columns, coverage
table, documentation. Shapes are REST framework serializers; a server-side default is written ``initial=`` so that a
client never sends what its caller did not give.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from rest_framework import serializers

from zoomapi.spec.limits import RateClass, rate_class


class Shape(serializers.Serializer[Any]):
    """A bag of named fields: what a call takes or answers."""


ShapeClass = type[Shape]
AnyField = serializers.Field[Any, Any, Any, Any]


class Effect(StrEnum):
    """What a call does at the remote side, and so how an unknown outcome is settled."""

    READ = "read"
    CREATE_KEYED = "A"  # the server refuses a second one with the same key
    SET = "B"  # absolute value; repeating is harmless
    DELETE = "C"
    CREATE = "D"  # no key: a repeat makes a twin
    MONEY = "E"  # never repeated blindly
    PEOPLE = "F"  # a person notices (mail, password, permanent loss)


class Paging(StrEnum):
    NUMBERED = "page_number"
    TOKEN = "next_page_token"  # noqa: S105 - the name of a paging member


class SecretField(serializers.CharField):
    """Text that must never reach a log, a page, an export, the audit or a task argument."""

    secret = True


class CommaList(serializers.CharField):
    """Several codes in one text, separated by commas. ``codes`` are the allowed ones, None means any."""

    def __init__(self, *, codes: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.codes = codes

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        parts = [part.strip() for part in text.split(",") if part.strip()]
        unknown = [part for part in parts if self.codes is not None and part not in self.codes]
        if unknown:
            raise serializers.ValidationError(f"Unknown: {', '.join(unknown)}.")
        return ",".join(parts)


class OddMirror(NamedTuple):
    """A mirrored form that differs from its direct twin in more than the prefix.

    ``query`` holds what its path already says: ``report/active/users`` is ``report/users?type=active``.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Endpoint:
    """One documented operation.

    ``path`` starts after "/v2" and uses the document's own placeholders. ``mirror`` says whether it is also served
    below ``/accounts/{accountId}``; ``odd_mirror`` names a second mirrored (method, path) that differs in more than
    the prefix, and ``odd_mirrors`` are all such forms (declare these when there are several or when a path stands
    for a query). ``item_key`` is the key of the list in an answer that holds one, paged or not. ``uuid`` lists path
    parameters that carry meeting UUIDs. ``partial`` marks a PATCH, which sends only given keys. ``upload`` is the
    multipart field name. ``remote_key`` is the dotted body field that tells two creations apart (effect A and D).
    A NUMBERED operation whose query knows ``next_page_token`` is paged both ways.
    """

    method: str
    path: str
    query: ShapeClass | None = None
    body: ShapeClass | None = None
    reply: ShapeClass | None = None
    status: int = 200
    effect: Effect | None = None
    mirror: bool = False
    odd_mirror: tuple[str, str] | None = None
    odd_mirrors: tuple[OddMirror, ...] = ()
    paging: Paging | None = None
    item_key: str = ""
    partial: bool = False
    uuid: tuple[str, ...] = ()
    upload: str = ""
    remote_key: str = ""
    title: str = ""
    section: str = ""
    name: str = field(default="", init=False)
    family: str = field(default="", init=False)

    def __post_init__(self) -> None:
        if self.odd_mirror and not self.odd_mirrors:
            object.__setattr__(self, "odd_mirrors", (OddMirror(*self.odd_mirror),))

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "family", snake(owner.__name__))
        if self.effect is None:
            default = {"GET": Effect.READ, "DELETE": Effect.DELETE, "PUT": Effect.SET, "PATCH": Effect.SET}
            object.__setattr__(self, "effect", default.get(self.method, Effect.CREATE))

    @property
    def key(self) -> str:
        """``family.name``, the operation's one name everywhere: ``users.create``."""
        return f"{self.family}.{self.name}"

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    @cached_property
    def rate(self) -> RateClass:
        return rate_class(self.path)

    @cached_property
    def params(self) -> tuple[str, ...]:
        """Path parameters of the direct form, in order."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def mirror_path(self) -> str:
        return f"/accounts/{{accountId}}{self.path}"

    @cached_property
    def secrets(self) -> frozenset[str]:
        """Dotted names of secret fields, of arguments and of the answer."""
        shapes = (self.query, self.body, self.reply)
        return frozenset(name for shape in shapes if shape for name, f in leaves(shape()) if is_secret(f))

    def __repr__(self) -> str:
        return f"<{self.key}: {self.method} {self.path}>"


class Family:
    """Base of one module's operations. Subclasses register themselves under their snake-case name."""

    registry: ClassVar[dict[str, type["Family"]]] = {}
    label: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        Family.registry[snake(cls.__name__)] = cls

    @classmethod
    def endpoints(cls) -> Iterator[Endpoint]:
        return (value for value in vars(cls).values() if isinstance(value, Endpoint))


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def is_secret(spec_field: AnyField) -> bool:
    return bool(getattr(spec_field, "secret", False))


def leaves(shape: AnyField, prefix: str = "") -> Iterator[tuple[str, AnyField]]:
    """Yield (dotted name, field) of every field that holds a value; lists of shapes go by ``name[]``."""
    if isinstance(shape, serializers.ListSerializer) and shape.child is not None:
        yield from leaves(shape.child, f"{prefix[:-1]}[].")
    elif isinstance(shape, serializers.Serializer):
        for name, value in shape.fields.items():
            yield from leaves(value, f"{prefix}{name}.")
    else:
        yield prefix[:-1], shape


def page(item_key: str, item: ShapeClass, paging: Paging = Paging.NUMBERED, *, base: ShapeClass = Shape) -> ShapeClass:
    """Build the answer of a list operation: the paging members around a list of ``item``, after those of ``base``."""
    fields: dict[str, Any] = {
        "page_count": serializers.IntegerField(required=False),
        "page_size": serializers.IntegerField(required=False),
        "total_records": serializers.IntegerField(required=False),
        item_key: item(many=True),
    }
    if paging is Paging.NUMBERED:
        fields["page_number"] = serializers.IntegerField(required=False)
    else:
        fields["next_page_token"] = serializers.CharField(required=False, allow_blank=True)
    return type(f"{item.__name__}Page", (base,), fields)


def all_endpoints() -> Iterator[Endpoint]:
    """Every declared operation, family by family."""
    return (endpoint for family in Family.registry.values() for endpoint in family.endpoints())


def endpoint(key: str) -> Endpoint:
    """Return the operation of that ``family.name``; KeyError when there is none."""
    family, _, name = key.partition(".")
    found = vars(Family.registry[family]).get(name)
    if not isinstance(found, Endpoint):
        raise KeyError(key)
    return found
