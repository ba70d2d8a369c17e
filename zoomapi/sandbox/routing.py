"""Which operation a method and a path mean. Built from the spec alone: direct, mirrored and odd mirrored forms."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from zoomapi.spec import Endpoint

ACCOUNT = "accountId"


@dataclass(frozen=True)
class Route:
    """``query`` is what the path itself says already."""

    endpoint: Endpoint
    mirrored: bool
    params: tuple[str, ...]
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Match:
    """``params`` are decoded; with a mirrored route, the account's id is among them."""

    route: Route
    params: dict[str, str]


class NoSuchPath(Exception):
    pass


class WrongMethod(Exception):
    def __init__(self, allowed: list[str]) -> None:
        super().__init__()
        self.allowed = allowed


@dataclass
class _Node:
    fixed: dict[str, "_Node"] = field(default_factory=dict)
    any: "_Node | None" = None
    routes: dict[str, Route] = field(default_factory=dict)


class Router:
    """Finds the route of a request; a fixed word (``/users/email``) wins over a placeholder (``/users/{userId}``)."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._root = _Node()
        self._sloppy: list[tuple[str, re.Pattern[str], Route]] = []
        for endpoint in endpoints:
            self._add(endpoint.method, endpoint.path, endpoint, mirrored=False)
            if endpoint.mirror:
                self._add(endpoint.method, endpoint.mirror_path, endpoint, mirrored=True)
            for odd in endpoint.odd_mirrors:
                self._add(odd.method, odd.path, endpoint, mirrored=True, query=odd.query)
        # A raw UUID takes as few words of the path as it can: patterns with more words of their own come first.
        self._sloppy.sort(key=lambda entry: entry[1].pattern.count("/"), reverse=True)

    def _add(
        self, method: str, path: str, endpoint: Endpoint, *, mirrored: bool, query: tuple[tuple[str, str], ...] = ()
    ) -> None:
        route = Route(endpoint, mirrored, tuple(re.findall(r"{(\w+)}", path)), query)
        node = self._root
        for part in path.strip("/").split("/"):
            if part.startswith("{"):
                node.any = node.any or _Node()
                node = node.any
            else:
                node = node.fixed.setdefault(part, _Node())
        node.routes[method] = route
        if endpoint.uuid:
            # Sloppy clients leave the slashes of a meeting UUID as they are.
            names = [(f"(?P<{n}>.+)" if n in endpoint.uuid else f"(?P<{n}>[^/]+)") for n in route.params]
            pattern = re.sub(r"{\w+}", lambda _: names.pop(0), path)
            self._sloppy.append((method, re.compile(pattern), route))

    def match(self, method: str, path: str) -> Match:
        """Resolve an undecoded path below "/v2". Raises NoSuchPath or WrongMethod."""
        parts = path.strip("/").split("/")
        nodes = list(_walk(self._root, parts, []))
        for node, values in nodes:
            if method in node.routes:
                return _matched(node.routes[method], values)
        for allowed, pattern, route in self._sloppy:
            found = pattern.fullmatch("/" + path.lstrip("/"))
            if found and allowed == method:
                return _matched(route, [found[name] for name in route.params])
        methods = {name for node, _ in nodes for name in node.routes}
        if methods:
            raise WrongMethod(sorted(methods))
        raise NoSuchPath

    def routes(self) -> list[Route]:
        """Every route once, for tests and counts."""
        found: list[Route] = []
        todo = [self._root]
        while todo:
            node = todo.pop()
            found += node.routes.values()
            todo += node.fixed.values()
            if node.any:
                todo.append(node.any)
        return found


def _walk(node: _Node, parts: list[str], values: list[str]) -> list[tuple[_Node, list[str]]]:
    if not parts:
        return [(node, values)] if node.routes else []
    found = []
    if parts[0] in node.fixed:
        found += _walk(node.fixed[parts[0]], parts[1:], values)
    if node.any and parts[0]:
        found += _walk(node.any, parts[1:], [*values, parts[0]])
    return found


def _matched(route: Route, values: list[str]) -> Match:
    params = {name: unquote(value, errors="replace") for name, value in zip(route.params, values, strict=True)}
    for name in route.endpoint.uuid:
        params[name] = unquote(params[name], errors="replace")  # a UUID with slashes is encoded twice
    return Match(route, params)
