"""Key rotation: everything sealed is sealed again with the first of FIELD_KEYS, so that older keys can be dropped."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import connection, models, transaction

from portal.gateway.crypto import SealedTextField, box


@dataclass(frozen=True)
class Rotation:
    sealed: int
    unreadable: list[str]  # "gateway.Connection 3 api_key"


def sealed_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Every column that holds sealed text: ``SealedTextField``s, and those a model names in ``sealed_fields``."""
    for model in apps.get_models():
        named = getattr(model, "sealed_fields", ())
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedTextField) or field.name in named:
                yield model, field.name


def rotate() -> Rotation:
    """Seal everything anew. What no key opens is left as it is and named."""
    count, unreadable = 0, []
    for model, name in sealed_columns():
        for key, text in _texts(model, name):
            try:
                fresh = box().rotate(text.encode()).decode()
            except InvalidToken:
                unreadable.append(f"{model._meta.label} {key} {name}")
                continue
            _replace(model, name, key, text, fresh)
            count += 1
    return Rotation(count, unreadable)


def _names(model: type[models.Model], name: str) -> tuple[str, str, str]:
    columns = {field.name: field.column or field.name for field in model._meta.concrete_fields}
    quoted = (model._meta.db_table, columns[model._meta.pk.name], columns[name])
    table, key, column = (connection.ops.quote_name(text) for text in quoted)
    return table, key, column


def _texts(model: type[models.Model], name: str) -> list[tuple[Any, str]]:
    # The field itself would open the text, so the column is read as it is.
    table, key, column = _names(model, name)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {column} FROM {table} WHERE {column} <> ''")  # noqa: S608  # names of our models
        return list(cursor.fetchall())


def _replace(model: type[models.Model], name: str, row: Any, old: str, new: str) -> None:
    """Only if nobody has changed it meanwhile; what somebody changed is sealed with the first key already."""
    table, key, column = _names(model, name)
    sql = f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s"  # noqa: S608  # names of our models
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [new, row, old])
