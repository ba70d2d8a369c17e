"""What a call would send, in the words of the specification: labels of fields and of choices, not their names."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from portal.bulk.models import Item
from portal.bulk.plan_changes import before_of
from portal.bulk.recipes.base import dotted, same
from portal.directory.models import MirrorGroup
from portal.ui.forms import flat
from zoomapi import spec
from zoomapi.spec.base import AnyField, leaves

MEMBERSHIP = {"groups.add_members": "added", "groups.delete_member": "taken out"}
Change = tuple[str, str, str]  # field, before, after


def groups_of(found: Iterable[Item]) -> dict[str, str]:
    """The names of the groups that users are put into or taken out of."""
    wanted = {item.path.get("groupId", "") for item in found if item.endpoint in MEMBERSHIP}
    return dict(MirrorGroup.objects.filter(zoom_id__in=wanted).values_list("zoom_id", "name")) if wanted else {}


def changes_of(item: Item, groups: Mapping[str, str]) -> Iterator[Change]:
    """What the body of a call changes; ``groups`` are the names of groups by id, ``account`` is there already."""
    endpoint = spec.endpoint(item.endpoint)
    shape = endpoint.body() if endpoint.body else None
    fields = dict(leaves(shape)) if shape is not None else {}
    there = before_of(item)
    if item.endpoint in MEMBERSHIP:
        name = groups.get(item.path.get("groupId", ""), "")
        yield (f"User group “{name}”" if name else "User group", "", MEMBERSHIP[item.endpoint])
        return
    for name, after in flat(item.body, [name for name in fields if "[]" not in name]):
        if item.endpoint == "billing.subscribe" and name.startswith("contact."):
            continue  # what is bought is told, not who gets the bill
        before = dotted(there, "status" if name == "action" else name)
        if before not in (None, "") and same(after, before):
            continue  # what Zoom takes as a whole says again what stays
        yield (_label(fields[name], name), _text(fields[name], before), _text(fields[name], after))
    for name, value in item.body.items():
        if isinstance(value, list) and name not in fields:
            label = _label(shape.fields.get(name), name) if shape is not None else name
            yield (label, "", f"{len(value):,} {'entry' if len(value) == 1 else 'entries'}")
    if item.secret:
        yield ("Secret values", "", "changed (not shown)")


def said_by(item: Item, groups: Mapping[str, str]) -> list[Change]:
    """All that a call says beside its address: what its body changes, and how, where its query says that."""
    query = spec.endpoint(item.endpoint).query
    fields = dict(leaves(query())) if query else {}
    asked = [(_label(fields[name], name), "", _text(fields[name], value)) for name, value in flat(item.query, fields)]
    return [*asked, *changes_of(item, groups)]


def _label(field: AnyField | None, name: str) -> str:
    label = getattr(field, "label", None)
    return str(label or name.rpartition(".")[2].replace("_", " ").capitalize())


def _text(field: AnyField, value: Any) -> str:
    labels = getattr(field, "choices", {})
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(labels.get(value, value)) if value not in (None, "") and not isinstance(value, list | dict) else ""
