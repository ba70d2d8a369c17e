"""Encryption at rest: MultiFernet over settings.FIELD_KEYS. The first key encrypts, all of them decrypt."""

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def box() -> MultiFernet:
    return _box(tuple(settings.FIELD_KEYS))


def seal(value: Any) -> str:
    """Encrypt any JSON value."""
    return box().encrypt(json.dumps(value, separators=(",", ":")).encode()).decode()


def unseal(text: str) -> Any:
    """Decrypt what ``seal`` made; ``InvalidToken`` when no configured key fits."""
    return json.loads(box().decrypt(text.encode()))


if TYPE_CHECKING:
    PlainTextField = models.TextField[str, str]
else:
    PlainTextField = models.TextField  # takes type arguments for the type checker only


class SealedTextField(PlainTextField):
    """Text that is encrypted in the database and plain in Python. Cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        return seal(value) if value else value

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        if not value:
            return value
        try:
            return unseal(value)
        except InvalidToken:
            return ""  # the key that sealed it is gone: the connection test says so in words
