"""Reading the environment: typed, with every problem told at once. Used by settings.py only."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured


class Environment:
    """Reads variables and collects what is wrong with them; ``check()`` refuses to start with the whole list."""

    def __init__(self, source: dict[str, str] | None = None) -> None:
        self.source = dict(os.environ) if source is None else source
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.source.get(name, "").strip() or default

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            self.problems.append(f"{name} is '{value}': use one of {', '.join(choices)}.")
            return default
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or not low <= int(value) <= high:
            self.problems.append(f"{name} is '{value}': use a whole number from {low} to {high}.")
            return default
        return int(value)

    def flag(self, name: str, *, default: bool) -> bool:
        return self.choice(name, ("on", "off"), "on" if default else "off") == "on"

    def words(self, name: str, default: str = "") -> list[str]:
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def url(self, name: str, schemes: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value and urlsplit(value).scheme not in schemes:
            # The value may hold a password, so only the name is told.
            self.problems.append(f"{name} must begin with {' or '.join(f'{s}://' for s in schemes)}.")
            return default
        return value

    def secret(self, name: str, keep_in: Path | None) -> str:
        """A secret text; on one machine (``keep_in``) it is made at first start and kept in a private file."""
        value = self.text(name)
        if not value and keep_in is not None:
            return kept(keep_in, lambda: secrets.token_urlsafe(48))
        if len(value) < 32:
            self.problems.append(f"{name} is missing or shorter than 32 characters: set a long random text.")
        return value or "refused"

    def field_keys(self, name: str, keep_in: Path | None) -> list[str]:
        """Fernet keys, newest first: the first encrypts, all of them decrypt."""
        value = self.text(name)
        if not value and keep_in is not None:
            value = kept(keep_in, lambda: Fernet.generate_key().decode())
        keys = [key.strip() for key in value.split(",") if key.strip()]
        if not keys:
            self.problems.append(f"{name} is missing: set at least one key (a url-safe base64 text of 32 bytes).")
        for position, key in enumerate(keys, 1):
            try:
                Fernet(key)
            except ValueError:
                self.problems.append(f"{name}: key {position} is not a url-safe base64 text of 32 bytes.")
        return keys

    def check(self) -> None:
        if self.problems:
            refuse(self.problems)


def kept(path: Path, make: Callable[[], str]) -> str:
    """Return the text kept in ``path``; make it at first use, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(make())
    return path.read_text().strip()


def refuse(problems: list[str]) -> NoReturn:
    raise ImproperlyConfigured("The portal does not start:\n" + "\n".join(f"  - {problem}" for problem in problems))
