"""Single rows written without the cost of building a query anew each time, with each field's own adaptation of values.

For the few statements that every call to Zoom needs. SQLite and PostgreSQL read the same text; values are arguments.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models


class Sql(str):
    """An expression to be put into a statement as it stands; never anything that came from outside."""

    __slots__ = ()


# Fields that keep such a value as it is. Exact classes: a field of ours may seal what it is given.
_PLAIN: dict[type, frozenset[type]] = {
    str: frozenset({models.CharField, models.TextField}),
    int: frozenset({models.IntegerField, models.BigIntegerField}),
    bool: frozenset({models.BooleanField}),
}
_KEYS: dict[type, type] = {models.AutoField: models.IntegerField, models.BigAutoField: models.BigIntegerField}


@cache
def _kind(field: Any) -> type:
    """The class of a column; of a reference, that of the key it holds."""
    return _KEYS.get(type(field.target_field), models.Field) if field.is_relation else type(field)


def _saved(field: Any, value: Any, database: Any) -> Any:
    if _kind(field) in _PLAIN.get(type(value), ()):
        return value
    return field.get_db_prep_save(value, database)


@cache
def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


@cache
def _insertion(model: type[models.Model]) -> tuple[str, tuple[Any, ...]]:
    fields = tuple(field for field in model._meta.local_concrete_fields if not field.primary_key)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})', fields  # noqa: S608  # our own names


def insert(row: models.Model, unless: Sequence[str] = (), then: str = "") -> bool:
    """Insert a row and give it its key.

    ``unless`` names unique columns: when such a row is there already it is changed by ``then``, SQL of ours; without
    that the result is False.
    """
    sql, fields = _insertion(type(row))
    if unless:
        sql += f" ON CONFLICT ({', '.join(unless)}) DO {f'UPDATE SET {then}' if then else 'NOTHING'}"
    database = connections[DEFAULT_DB_ALIAS]
    values = [_saved(field, getattr(row, field.attname), database) for field in fields]
    with database.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING id", values)
        found = cursor.fetchone()
    if found is None:
        return False
    row.pk = found[0]
    return True


def update(model: type[models.Model], changes: Mapping[str, Any], where: str, arguments: Sequence[Any]) -> int:
    """Update rows; return how many. ``changes`` are fields with values, or with ``Sql``; ``where`` is SQL of ours."""
    database = connections[DEFAULT_DB_ALIAS]
    parts: list[str] = []
    values: list[Any] = []
    for name, value in changes.items():
        field = _field(model, name)
        if isinstance(value, Sql):
            parts.append(f'"{field.column}" = {value}')
        else:
            parts.append(f'"{field.column}" = %s')
            values.append(_saved(field, value, database))
    with database.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" SET {", ".join(parts)} WHERE {where}',  # noqa: S608  # our own names
            [*values, *(adapted(value) for value in arguments)],
        )
        return int(cursor.rowcount)


def first(sql: str, arguments: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [adapted(value) for value in arguments])
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def every(sql: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a query whose arguments are as the database keeps them."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql, arguments)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def adapted(value: Any) -> Any:
    """Arguments of conditions: keys and dates as the database keeps them."""
    if hasattr(value, "tzinfo"):
        return connection.ops.adapt_datetimefield_value(value)
    if hasattr(value, "hex") and hasattr(value, "int") and not connection.features.has_native_uuid_field:
        return value.hex
    return value
