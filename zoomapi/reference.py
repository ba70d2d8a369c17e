"""Reference pages derived from the spec: one a family, and a list of them. ``manage.py zoom_reference`` writes them."""

from collections.abc import Iterable, Iterator

from zoomapi.spec import Endpoint, Family
from zoomapi.spec.base import Effect, ShapeClass
from zoomapi.spec.corrections import RENAMED, RETIRED, corrections_of
from zoomapi.spec.describe import FieldInfo, describe_shape
from zoomapi.spec.words import EFFECTS, choices, default, kind, limits

NOTE = "<!-- Written by `manage.py zoom_reference`. Change the specification, not this page. -->"
INDEX = "README.md"
HEADS = "| Name | Type | Needed | Limits | Default | Meaning |\n|---|---|---|---|---|---|"


def pages() -> dict[str, str]:
    """File name to content, of everything below ``docs/reference``."""
    families = sorted(Family.registry.items())
    made = {f"{name}.md": family_page(name, family) for name, family in families}
    return {INDEX: index_page(families), **made}


def index_page(families: Iterable[tuple[str, type[Family]]]) -> str:
    lines = [
        NOTE,
        "",
        "# Reference of the Zoom API v2",
        "",
        "Every operation as `zoomapi.spec` declares it: the client sends it, the sandbox serves it. A mirrored one is",
        "also found below `/accounts/{accountId}`. `manage.py zoom_openapi` writes the same as an OpenAPI document.",
        "",
        "| Family | Operations | Mirrored |",
        "|---|---|---|",
    ]
    for name, family in families:
        endpoints = list(family.endpoints())
        mirrored = sum(endpoint.mirror for endpoint in endpoints)
        lines.append(f"| [{title(name, family)}]({name}.md) | {len(endpoints)} | {mirrored} |")
    return _text(lines)


def family_page(name: str, family: type[Family]) -> str:
    endpoints = list(family.endpoints())
    lines = [NOTE, "", f"# {title(name, family)}", "", "| Operation | Call | |", "|---|---|---|"]
    for endpoint in endpoints:
        anchor = endpoint.key.replace(".", "")
        lines.append(f"| [`{endpoint.key}`](#{anchor}) | `{endpoint.method} {endpoint.path}` | {endpoint.title} |")
    for endpoint in endpoints:
        lines += ["", *operation(endpoint)]
    return _text(lines)


def title(name: str, family: type[Family]) -> str:
    return family.label or name.replace("_", " ").capitalize()


def operation(endpoint: Endpoint) -> Iterator[str]:
    """One operation's section."""
    yield f"## {endpoint.key}"
    yield ""
    yield f"{endpoint.title}: `{endpoint.method} {endpoint.path}`"
    yield ""
    yield from (f"- {line}" for line in facts(endpoint))
    for heading, shape, partial in (("Query", endpoint.query, False), ("Body", endpoint.body, endpoint.partial)):
        if shape is not None:
            yield from ("", f"**{heading}**", "", *arguments(shape, partial=partial))
    notes = [f"- {found.subject}: {found.rule} {found.reason}" for found in corrections_of(endpoint.key)]
    if notes:
        yield from ("", "**Corrections**", "", *notes)


def facts(endpoint: Endpoint) -> Iterator[str]:
    yield f"Answers {endpoint.status} when it is done."
    yield f"Limit: {endpoint.rate} (class `{endpoint.rate.name}`)."
    yield EFFECTS[endpoint.effect or Effect.READ]
    if endpoint.mirror:
        yield f"Mirrored: `{endpoint.method} {endpoint.mirror_path}`."
    for odd in endpoint.odd_mirrors:
        said = f" ({', '.join(f'{name}={value}' for name, value in odd.query)})" if odd.query else ""
        yield f"Also mirrored as `{odd.method} {odd.path}`{said}."
    if endpoint.uuid:
        yield f"Takes a UUID as {', '.join(f'`{name}`' for name in endpoint.uuid)}."
    if endpoint.paging is not None:
        yield f"Paged by `{endpoint.paging.value}`; the list is `{endpoint.item_key}`."
    if endpoint.upload:
        yield f"Takes a file as multipart field `{endpoint.upload}`."
    if endpoint.key in RENAMED:
        yield f"Today found at `{RENAMED[endpoint.key].path}`. {RENAMED[endpoint.key].reason}"
    if endpoint.key in RETIRED:
        yield f"Retired since. {RETIRED[endpoint.key]}"


def arguments(shape: ShapeClass, *, partial: bool) -> list[str]:
    """A table of a shape's fields, those of nested shapes under their dotted names."""
    return [*HEADS.split("\n"), *(row(info, partial=partial) for info in _all(describe_shape(shape)))]


def row(info: FieldInfo, *, partial: bool) -> str:
    meaning = " ".join(part for part in (info.help, f"Values: {choices(info)}." if info.choices else "") if part)
    cells = (
        f"`{info.name}`",
        f"{kind(info)}, secret" if info.secret else kind(info),
        "yes" if info.required and not partial else "",
        limits(info),
        f"`{default(info)}`" if default(info) else "",
        meaning or info.label,
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _all(infos: Iterable[FieldInfo]) -> Iterator[FieldInfo]:
    for info in infos:
        yield info
        yield from _all(info.members)


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
