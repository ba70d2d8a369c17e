"""What an operation does and what a field takes, in plain words: for pages and for the reference."""

from zoomapi.spec.base import Effect
from zoomapi.spec.describe import FieldInfo, Kind

EFFECTS = {
    Effect.READ: "Reads only.",
    Effect.CREATE_KEYED: "Creates something; a second one of the same key is refused.",
    Effect.SET: "Sets values; repeating it does no harm.",
    Effect.DELETE: "Removes something.",
    Effect.CREATE: "Creates something; repeating it would create a twin.",
    Effect.MONEY: "Costs money.",
    Effect.PEOPLE: "People notice it: a mail, a new password, or a loss that cannot be undone.",
}
KINDS = {
    Kind.TEXT: "text",
    Kind.EMAIL: "e-mail address",
    Kind.INTEGER: "whole number",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "yes or no",
    Kind.CHOICE: "choice",
    Kind.CODES: "codes separated by commas",
    Kind.DATETIME: "date and time",
    Kind.DATE: "date",
    Kind.LIST: "list",
    Kind.OBJECT: "object",
}
MOST_CHOICES = 24  # longer lists are counted, not written out


def kind(info: FieldInfo) -> str:
    """The kind of a field: "text", "list of objects"."""
    if info.type is Kind.LIST:
        return "list of objects" if info.members else "list"
    return KINDS[info.type]


def limits(info: FieldInfo) -> str:
    """The bounds of a field, an empty text when it has none: "1 to 300", "at most 64 characters"."""
    found = []
    if info.min is not None or info.max is not None:
        found.append(_span(info.min, info.max, ""))
    if info.min_length is not None or info.max_length is not None:
        found.append(_span(info.min_length, info.max_length, " characters"))
    if info.max_items is not None:
        found.append(f"at most {info.max_items:,} entries")
    return ", ".join(found)


def choices(info: FieldInfo) -> str:
    """The allowed values with their labels, or how many there are."""
    if not info.choices:
        return ""
    if len(info.choices) > MOST_CHOICES:
        return f"one of {len(info.choices)} codes"
    return ", ".join(
        f"{value}" if str(value) == label else f"{value} ({label})" for value, label in info.choices.items()
    )


def default(info: FieldInfo) -> str:
    """The default the service takes, as the wire writes it."""
    if info.default is None or info.default == "":
        return ""
    return str(info.default).lower() if isinstance(info.default, bool) else str(info.default)


def _span(least: float | None, most: float | None, unit: str) -> str:
    if least is None:
        return f"at most {most:,}{unit}"
    if most is None:
        return f"at least {least:,}{unit}"
    return f"exactly {most:,}{unit}" if least == most else f"{least:,} to {most:,}{unit}"
