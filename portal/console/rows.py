"""A list of shapes as repeated rows of fields: blank rows are not sent, one more is added by a button."""

import re
from typing import Any

from portal.ui.forms import SpecForm, body_from, form_for

FIRST = 2  # rows to begin with
MOST = 100
_PLACE = re.compile(r"(?P<list>.+?)(\.(?P<dot>\d+)|\[(?P<bracket>\d+)\])\.?(?P<field>.*)")


class Rows:
    """``name`` is the list's dotted name, ``spec`` its field in the shape."""

    def __init__(self, name: str, spec: Any, data: Any = None) -> None:
        self.name = name
        self.label = str(spec.label or name)
        self.required = bool(spec.required)
        self.most: int | None = spec.max_length
        self.errors: list[str] = []
        self._class = form_for(type(spec.child))
        self._data = data
        self._count = min(max(self._asked(), 1), self.most or MOST)
        self._make()

    def _make(self) -> None:
        self.forms: list[SpecForm] = [self._form(number) for number in range(self._count)]

    def _form(self, number: int) -> SpecForm:
        prefix = self._prefix(number)
        return self._class(self._data if self._is_filled(prefix) else None, prefix=prefix)

    def _prefix(self, number: int) -> str:
        return f"row-{self.name}-{number}"

    def _is_filled(self, prefix: str) -> bool:
        data = self._data
        if data is None:
            return False
        return any(value.strip() for key in data if key.startswith(f"{prefix}-") for value in data.getlist(key))

    def _asked(self) -> int:
        text = self._data.get(self.count_name, "") if self._data is not None else ""
        return int(text) if text.isdecimal() and len(text) < 4 else FIRST

    @property
    def count_name(self) -> str:
        return f"count-{self.name}"

    @property
    def count(self) -> int:
        return self._count

    @property
    def can_grow(self) -> bool:
        return self._count < (self.most or MOST)

    @property
    def filled(self) -> list[SpecForm]:
        return [form for form in self.forms if form.is_bound]

    def add(self) -> None:
        if self.can_grow:
            self._count += 1
            self._make()

    def values(self) -> list[dict[str, Any]]:
        """The filled rows. They must be valid."""
        return [body_from(form) for form in self.filled]

    def place(self, name: str, texts: list[str]) -> bool:
        """Put messages where they belong: at this list, or at its entry of that number among the filled rows."""
        if name == self.name:
            self.errors += texts
            return True
        match = _PLACE.fullmatch(name)
        if match is None or match["list"] != self.name:
            return False
        number, field = int(match["dot"] or match["bracket"]), match["field"]
        if number < len(self.filled) and field in self.filled[number].fields:
            self.filled[number].add_error(field, texts)
        elif number < len(self.filled):
            self.filled[number].add_error(None, texts)
        else:
            self.errors += texts
        return True
