"""Single rows read and written without the cost of building a query anew each time.

For the few statements that every call to Zoom needs: at ten calls a second, for hours, building them is most of what a
worker computes. Each field's own adaptation of values is used, and found once. SQLite and PostgreSQL read the same
text; values are arguments.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=models.Model)
_here = threading.local()
Converter = tuple[int, Any, Callable[[Any, Any, Any], Any]]  # of the column at this place


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


def _kept(field: Any) -> frozenset[type]:
    """The classes of values that a field keeps as they are; a reference keeps what the key keeps."""
    kind = _KEYS.get(type(field.target_field), models.Field) if field.is_relation else type(field)
    return frozenset({type(None), *(value for value, kinds in _PLAIN.items() if kind in kinds)})


def _saved(field: Any, value: Any, database: Any) -> Any:
    """A value that the field does not keep as it is."""
    if type(value) is datetime and type(field) is models.DateTimeField:
        return _moment(value, database)
    return field.get_db_prep_save(value, database)


def _moment(value: datetime, database: Any) -> Any:
    """As Django does it, but without asking for the zone each time: all our databases keep UTC."""
    if database.vendor == "sqlite" and value.tzinfo is UTC:
        return str(value.replace(tzinfo=None))
    return database.ops.adapt_datetimefield_value(value)


@cache
def _field(model: type[models.Model], name: str) -> tuple[Any, frozenset[type]]:
    field = model._meta.get_field(name)
    return field, _kept(field)


def _database() -> Any:
    """This thread's connection, which stays the same; Django's look-up takes as long as a small statement."""
    found = getattr(_here, "database", None)
    if found is None:
        found = _here.database = connections[DEFAULT_DB_ALIAS]
    return found


def _run(database: Any, sql: str, values: Sequence[Any]) -> Any:
    """Execute a statement whose values are as the database keeps them; return its open cursor.

    Django's own cursor rewrites the text each time; it is used where somebody watches the queries.
    """
    if database.execute_wrappers or database.force_debug_cursor:
        cursor = database.cursor()
        cursor.execute(sql, values)
        return cursor
    if database.connection is None:
        database.ensure_connection()
    with database.wrap_database_errors:
        if database.vendor == "sqlite":
            return database.connection.execute(_for_sqlite(sql), values)
        return database.connection.execute(sql, values)


@lru_cache(maxsize=500)
def _for_sqlite(sql: str) -> str:
    return sql.replace("%s", "?")


@cache
def _insertion(
    model: type[models.Model], unless: tuple[str, ...], then: str
) -> tuple[str, tuple[tuple[str, Any, frozenset[type]], ...]]:
    fields = tuple(field for field in model._meta.local_concrete_fields if not field.primary_key)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})'  # noqa: S608  # our own names
    if unless:
        sql += f" ON CONFLICT ({', '.join(unless)}) DO {f'UPDATE SET {then}' if then else 'NOTHING'}"
    return f"{sql} RETURNING id", tuple((field.attname, field, _kept(field)) for field in fields)


def insert(row: models.Model, unless: Sequence[str] = (), then: str = "") -> bool:
    """Insert a row and give it its key.

    ``unless`` names unique columns: when such a row is there already it is changed by ``then``, SQL of ours; without
    that the result is False.
    """
    sql, fields = _insertion(type(row), tuple(unless), then)
    database = _database()
    held = row.__dict__
    values = [
        value if type(value := held[name]) in kept else _saved(field, value, database) for name, field, kept in fields
    ]
    with closing(_run(database, sql, values)) as cursor:
        found = cursor.fetchone()
    if found is None:
        return False
    row.pk = found[0]
    return True


@lru_cache(maxsize=500)
def _change(model: type[models.Model], parts: tuple[tuple[str, Sql | None], ...], where: str) -> str:
    """An UPDATE of these fields; each with its expression, or None for an argument."""
    words = ", ".join(f'"{_field(model, name)[0].column}" = {"%s" if sql is None else sql}' for name, sql in parts)
    return f'UPDATE "{model._meta.db_table}" SET {words} WHERE {where}'  # noqa: S608  # our own names


def update(model: type[models.Model], changes: Mapping[str, Any], where: str, arguments: Sequence[Any]) -> int:
    """Update rows; return how many. ``changes`` are fields with values, or with ``Sql``; ``where`` is SQL of ours."""
    database = _database()
    parts = tuple((name, value if type(value) is Sql else None) for name, value in changes.items())
    values: list[Any] = []
    for name, value in changes.items():
        if type(value) is not Sql:
            field, kept = _field(model, name)
            values.append(value if type(value) in kept else _saved(field, value, database))
    with closing(_run(database, _change(model, parts, where), [*values, *adapted(arguments)])) as cursor:
        return int(cursor.rowcount)


def first(sql: str, arguments: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row of a query."""
    with closing(_run(_database(), sql, adapted(arguments))) as cursor:
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def every(sql: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a query whose arguments are as the database keeps them."""
    with closing(_run(_database(), sql, arguments)) as cursor:
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


@cache
def _selection(model: type[models.Model], vendor: str) -> tuple[str, tuple[str, ...], tuple[Converter, ...]]:
    """The SELECT of a model, the names of its fields, and how the columns that need it become Python values."""
    database, meta = _database(), model._meta
    columns = ", ".join(f'"{field.column}"' for field in meta.concrete_fields)
    converters: list[Converter] = []
    for place, field in enumerate(meta.concrete_fields):
        column = field.get_col(meta.db_table)
        of_database: Iterable[Any] = database.ops.get_db_converters(column)
        converters += [(place, column, convert) for convert in (*of_database, *column.get_db_converters(database))]
    names = tuple(field.attname for field in meta.concrete_fields)
    sql = f'SELECT {columns} FROM "{meta.db_table}"'  # noqa: S608  # our own names
    return sql, names, tuple(converters)


def load(model: type[Row], where: str, arguments: Sequence[Any]) -> list[Row]:
    """Whole rows of a model. ``where`` is SQL of ours."""
    database = _database()
    sql, names, converters = _selection(model, database.vendor)
    found: list[Row] = []
    for row in every(f"{sql} WHERE {where}", adapted(arguments)):
        values = list(row)
        for place, column, convert in converters:
            values[place] = convert(values[place], column, database)
        found.append(made(model, zip(names, values, strict=True), adding=False))
    return found


def made(model: type[Row], values: Iterable[tuple[str, Any]], *, adding: bool) -> Row:
    """An instance with all of these values, as ``Model.__init__`` makes it; that takes longer than the query."""
    row = model.__new__(model)
    row._state = ModelState()
    row._state.adding, row._state.db = adding, None if adding else DEFAULT_DB_ALIAS
    row.__dict__.update(values)
    return row


def adapted(arguments: Sequence[Any]) -> list[Any]:
    """Arguments of conditions: keys and dates as the database keeps them."""
    return [value if type(value) in (int, str) else _adapted(value) for value in arguments]


def _adapted(value: Any) -> Any:
    database = _database()
    if isinstance(value, datetime):
        return _moment(value, database)
    if hasattr(value, "hex") and hasattr(value, "int") and not database.features.has_native_uuid_field:
        return value.hex
    return value
