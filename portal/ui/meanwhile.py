"""What somebody else changed while a person had a form open: three values side by side, and a choice."""

from collections.abc import Sequence
from dataclasses import dataclass

from rest_framework.fields import empty

from portal.ui.forms import SpecForm
from portal.ui.wire import same
from zoomapi.spec.base import is_secret


@dataclass(frozen=True)
class Meanwhile:
    """One field in words: ``was`` when the form was opened, ``now`` at Zoom, ``yours`` (empty: you left it alone)."""

    name: str
    label: str
    was: str
    now: str
    yours: str = ""


def meanwhile(form: SpecForm) -> list[Meanwhile]:
    """Fields whose value is no longer what the person saw, and not what the person wants either."""
    wanted = {name: after for name, (_, after) in form.changes().items()} | form.clashes
    found = []
    for name, spec in form.specs.items():
        was, now = form.seen.get(name), form.known.get(name)
        if is_secret(spec) or same(spec, was, now):
            continue
        yours = wanted.get(name, empty)
        if yours is not empty and same(spec, yours, now):
            continue
        words = "" if yours is empty else form.worded(name, yours)
        label = str(form.fields[name].label or name)
        found.append(Meanwhile(name, label, form.worded(name, was), form.worded(name, now), words))
    return found


def told(rows: Sequence[Meanwhile]) -> str:
    """One sentence about what was kept of somebody else's changes; empty when there were none."""
    if not rows:
        return ""
    names = ", ".join(f"{row.label} (now {row.now})" for row in rows)
    return f"Somebody else changed meanwhile, and it was kept: {names}."
