"""Single rows written without the cost of building a query anew each time, with each field's own adaptation of values.

For the few statements that every call to Zoom needs. SQLite and PostgreSQL read the same text; values are arguments.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection, models


class Sql(str):
    """An expression to be put into a statement as it stands; never anything that came from outside."""

    __slots__ = ()


@cache
def _insertion(model: type[models.Model]) -> tuple[str, tuple[Any, ...]]:
    fields = tuple(field for field in model._meta.local_concrete_fields if not field.primary_key)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})', fields  # noqa: S608  # our own names


def insert(row: models.Model, unless: Sequence[str] = ()) -> bool:
    """Insert a row and give it its key. ``unless`` names unique columns: False when such a row is there already."""
    sql, fields = _insertion(type(row))
    if unless:
        sql += f" ON CONFLICT ({', '.join(unless)}) DO NOTHING"
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING id", values)
        found = cursor.fetchone()
    if found is None:
        return False
    row.pk = found[0]
    return True


def update(model: type[models.Model], changes: Mapping[str, Any], where: str, arguments: Sequence[Any]) -> int:
    """Update rows; return how many. ``changes`` are fields with values, or with ``Sql``; ``where`` is SQL of ours."""
    parts: list[str] = []
    values: list[Any] = []
    for name, value in changes.items():
        field: Any = model._meta.get_field(name)
        if isinstance(value, Sql):
            parts.append(f'"{field.column}" = {value}')
        else:
            parts.append(f'"{field.column}" = %s')
            values.append(field.get_db_prep_save(value, connection))
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" SET {", ".join(parts)} WHERE {where}',  # noqa: S608  # our own names
            [*values, *(_adapted(value) for value in arguments)],
        )
        return int(cursor.rowcount)


def first(sql: str, arguments: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [_adapted(value) for value in arguments])
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def _adapted(value: Any) -> Any:
    """Arguments of conditions: keys and dates as the database keeps them."""
    if hasattr(value, "tzinfo"):
        return connection.ops.adapt_datetimefield_value(value)
    if hasattr(value, "hex") and hasattr(value, "int") and not connection.features.has_native_uuid_field:
        return value.hex
    return value
