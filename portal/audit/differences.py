"""Before and after, side by side: one line for every value that is in either."""

import json
from dataclasses import dataclass
from typing import Any

ABSENT = object()


@dataclass(frozen=True)
class Difference:
    name: str
    before: str
    after: str
    changed: bool


def differences(before: Any, after: Any) -> list[Difference]:
    """Compare two JSON values, name by name; changed ones first."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    rows = [_difference(name, old.get(name, ABSENT), new.get(name, ABSENT)) for name in dict.fromkeys([*old, *new])]
    return sorted(rows, key=lambda row: not row.changed)


def _difference(name: str, before: Any, after: Any) -> Difference:
    return Difference(name, _shown(before), _shown(after), after is not ABSENT and before != after)


def _leaves(value: Any, prefix: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, f"{prefix}.{key}" if prefix else key)]
    return [] if value is None and not prefix else [(prefix or "value", value)]


def _shown(value: Any) -> str:
    if value is ABSENT or value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)
