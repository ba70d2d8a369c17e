"""The order of a list: its fields, how blanks sort, and how "beyond this row" is said to the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, F, Field, Func, Model, Q, QuerySet, Value
from django.db.models.expressions import OrderBy


@dataclass(frozen=True)
class SortKey:
    """One field of the order. ``name`` may follow relations (``account__name``) or name an annotation."""

    name: str
    descending: bool
    field: "Field[Any, Any]"
    nullable: bool

    def order(self, backwards: bool) -> OrderBy:
        descending = self.descending != backwards
        nulls: dict[str, Any] = {}
        if self.nullable:
            nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        return F(self.name).desc(**nulls) if descending else F(self.name).asc(**nulls)

    def equal(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def beyond(self, value: Any, backwards: bool) -> Q | None:
        """Match what comes after ``value`` (before it, backwards); None when nothing can."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if backwards else None
        found = Q(**{f"{self.name}__{'lt' if self.descending != backwards else 'gt'}": value})
        return found | Q(**{f"{self.name}__isnull": True}) if self.nullable and not backwards else found

    def read(self, row: Model) -> Any:
        value: Any = row
        for part in self.name.split("__"):
            value = getattr(value, part, None)
        return value


class RowBeyond(Func):
    """``(a, b) > (x, y)``: both databases walk straight to the place in an index of those columns."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, keys: Sequence[SortKey], values: Sequence[Any], sign: str) -> None:
        parts = [
            *(F(key.name) for key in keys),
            *(Value(v, output_field=k.field) for k, v in zip(keys, values, strict=True)),
        ]
        super().__init__(*parts)
        self.width, self.sign = len(keys), sign

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # narrower by purpose
        compiled = [compiler.compile(part) for part in self.source_expressions]
        texts = [sql for sql, _ in compiled]
        left, right = ", ".join(texts[: self.width]), ", ".join(texts[self.width :])
        return f"({left}) {self.sign} ({right})", [value for _, values in compiled for value in values]


def sort_keys(queryset: QuerySet[Any], sort: Sequence[str]) -> tuple[SortKey, ...]:
    """Resolve the names, and close the order with the primary key so that no two rows are equal."""
    model = queryset.model
    names = [name for name in sort if name.lstrip("-") not in ("pk", model._meta.pk.name)]
    tail = next((name for name in sort if name.lstrip("-") in ("pk", model._meta.pk.name)), None)
    if tail is None:
        tail = "-pk" if names and all(name.startswith("-") for name in names) else "pk"
    return tuple(_sort_key(queryset, name) for name in (*names, tail))


def _sort_key(queryset: QuerySet[Any], text: str) -> SortKey:
    name, descending = text.removeprefix("-"), text.startswith("-")
    annotation = queryset.query.annotations.get(name)
    if annotation is not None:
        return SortKey(name, descending, annotation.output_field, nullable=True)
    if name == "pk":
        return SortKey(name, descending, queryset.model._meta.pk, nullable=False)
    model: Any = queryset.model
    nullable = False
    parts = name.split("__")
    for position, part in enumerate(parts):
        field = model._meta.get_field(part)
        if not isinstance(field, Field):
            raise FieldDoesNotExist(f"{name} is not a column of {queryset.model.__name__}.")
        nullable = nullable or bool(field.null)
        if position < len(parts) - 1:
            model = field.related_model
    return SortKey(name, descending, field, nullable)
