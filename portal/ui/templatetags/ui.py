"""The kit in templates: ``{% load ui %}``."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import Select
from django.utils.safestring import SafeString

from portal.ui import formats
from portal.ui.charts import BarChart
from portal.ui.filters import FilterBar
from portal.ui.numbered import NumberedPage
from portal.ui.paging import KeysetPage
from portal.ui.steps import Step
from portal.ui.tables import Empty, Freshness, Table

register = template.Library()

register.filter("when", formats.when)
register.filter("day", formats.day)
register.filter("second", formats.second)
register.filter("number", formats.number)
register.filter("shown", formats.shown)
register.filter("yes_no", formats.yes_no)
register.simple_tag(formats.badge, name="badge")
register.simple_tag(formats.icon, name="icon")
register.simple_tag(formats.meter, name="meter")

_MESSAGE_TONES = {"success": "good", "warning": "warn", "error": "bad"}
_TONE_ICONS = {"good": "check-circle", "warn": "exclamation-triangle", "bad": "exclamation-circle"}


@register.filter
def status(value: Any) -> SafeString:
    """``{{ job.state|status }}``: a badge whose colour follows the word; choices give their label."""
    text = getattr(value, "label", None) or str(value).replace("_", " ")
    return formats.badge(text[:1].upper() + text[1:], formats.TONE_OF.get(str(value).lower(), ""))


@register.filter
def message_tone(level: str) -> str:
    return _MESSAGE_TONES.get(level, "info")


@register.filter
def message_icon(level: str) -> str:
    return _TONE_ICONS.get(message_tone(level), "information-circle")


@register.inclusion_tag("ui/table.html", takes_context=True)
def table(context: template.Context, table: Table) -> dict[str, Any]:
    """The whole table: freshness, head, rows, bulk bar, pager, or what to do when it is empty."""
    return {"table": table, "request": context.get("request")}


@register.inclusion_tag("ui/pager.html")
def pager(page: KeysetPage | NumberedPage, target: str = "results") -> dict[str, Any]:
    return {"page": page, "target": target}


@register.inclusion_tag("ui/filters.html")
def filterbar(bar: FilterBar, target: str = "results") -> dict[str, Any]:
    return {"bar": bar, "target": target}


@register.inclusion_tag("ui/pills.html")
def filterpills(bar: FilterBar) -> dict[str, Any]:
    """Belongs into the results part, so that it changes with the rows."""
    return {"bar": bar}


@register.inclusion_tag("ui/freshness.html")
def freshness(found: Any) -> dict[str, Any]:
    """How old and how complete: takes a Freshness, the directory's own, or None."""
    return {"fresh": Freshness.of(found) if found else None}


@register.inclusion_tag("ui/empty.html")
def empty(state: Empty) -> dict[str, Any]:
    return {"empty": state}


@register.inclusion_tag("ui/progress.html")
def progress(
    done: int, total: int, label: str = "", *, tone: str = "", detail: str = "", unit: str = ""
) -> dict[str, Any]:
    """A bar with its text: "412 of 1,200 users (34 %)"."""
    share = min(100, done * 100 // total) if total else 0
    return {"done": done, "total": total, "share": share, "label": label, "tone": tone, "detail": detail, "unit": unit}


@register.inclusion_tag("ui/stepper.html")
def stepper(steps: Iterable[Step]) -> dict[str, Any]:
    return {"steps": steps}


@register.inclusion_tag("ui/facts.html")
def facts(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A list of (label, value); values are drawn like table cells."""
    return {"pairs": [(label, formats.shown(value)) for label, value in pairs]}


@register.inclusion_tag("ui/tabs.html", takes_context=True)
def tabs(
    context: template.Context, items: Iterable[tuple[Any, ...]], label: str = "Parts of this page"
) -> dict[str, Any]:
    """Links as tabs: (label, address) or (label, address, count). The one of this address is the current one."""
    request = context.get("request")
    path = request.path if request else ""
    return {"label": label, "items": [(*(*item, None)[:3], item[1].partition("?")[0] == path) for item in items]}


@register.inclusion_tag("ui/bar_chart.html")
def bar_chart(chart: BarChart) -> dict[str, Any]:
    return {"chart": chart}


@register.inclusion_tag("ui/note.html")
def note(text: Any, tone: str = "info", title: str = "") -> dict[str, Any]:
    """A message that stays on the page; ``text`` may be a list of sentences."""
    lines = list(text) if isinstance(text, list | tuple) else [text]
    return {"lines": lines, "tone": tone, "title": title, "icon": _TONE_ICONS.get(tone, "information-circle")}


@register.inclusion_tag("ui/form_errors.html")
def form_errors(*forms: Any, consequence: str = "nothing was sent yet") -> dict[str, Any]:
    """All problems of a form at once (or of several that are sent together), each a link to its field."""
    problems = [problem for form in forms for problem in _problems(form)]
    return {"problems": problems, "consequence": consequence}


def _problems(form: Any) -> list[tuple[str, str, str]]:
    shown = [
        (bound.id_for_label or bound.auto_id, str(bound.label), error)
        for bound in form
        for error in bound.errors
        if not bound.is_hidden
    ]
    hidden = [("", str(bound.label), error) for bound in form.hidden_fields() for error in bound.errors]
    return [("", "", error) for error in form.non_field_errors()] + shown + hidden


@register.inclusion_tag("ui/fields.html")
def fields(form: Any, *names: str) -> dict[str, Any]:
    """Draw the named fields of a form, or all that are visible."""
    return {"bounds": [form[name] for name in names] if names else form.visible_fields()}


def _always_answered(widget: Any) -> bool:
    """A list in which one thing is always chosen: that it must be is not worth saying."""
    if not isinstance(widget, Select) or widget.allow_multiple_selected:
        return False
    return all(value not in ("", None) for value, _ in widget.choices)


@register.inclusion_tag("ui/field.html")
def field(bound: Any) -> dict[str, Any]:
    """One field with label, help and error, tied together for screen readers."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "")
    is_group = bool(getattr(widget, "use_fieldset", False))
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    attrs: dict[str, Any] = {}
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    wide = widget.__class__.__name__ in ("Textarea", "CheckboxSelectMultiple") or widget.attrs.get("data-wide")
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attrs),
        "is_check": kind == "checkbox" and not is_group,
        "is_group": is_group,
        "is_wide": bool(wide),
        "is_hidden": bound.is_hidden,
        "is_required": bound.field.required and not _always_answered(widget),
    }
