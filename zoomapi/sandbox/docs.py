"""The sandbox's own description: ``/v2/openapi.json`` and, for people, Swagger UI at ``/docs/``. No token is needed.

Everything comes from this machine: the pages of Swagger UI lie in an installed package, and no script stands in a page.
"""

import importlib.util
import json
from functools import cached_property
from pathlib import Path

from zoomapi.openapi import document
from zoomapi.sandbox.app import as_json
from zoomapi.sandbox.http import Request, Response
from zoomapi.sandbox.registry import HANDLERS
from zoomapi.spec import all_endpoints
from zoomapi.spec.profiles import Profile

OPENAPI = "/v2/openapi.json"
DOCS = "/docs/"
PACKAGE = "drf_spectacular_sidecar"
FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
# Swagger UI draws its icons from data addresses.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Zoom API v2 sandbox</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="icon" href="favicon-32x32.png">
  <link rel="stylesheet" href="swagger-ui.css">
</head>
<body>
  <div id="swagger-ui"></div>
  <noscript>This list needs JavaScript. The same is in <a href="/v2/openapi.json">openapi.json</a>.</noscript>
  <script src="swagger-ui-bundle.js"></script>
  <script src="start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({
  url: "/v2/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
});
"""


class Docs:
    """Answers for the two addresses, None for every other."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def __call__(self, request: Request) -> Response | None:
        path = request.target.partition("?")[0]
        if path not in (OPENAPI, DOCS.rstrip("/")) and not path.startswith(DOCS):
            return None
        if request.method not in ("GET", "HEAD"):
            return as_json(405, {"code": 405, "message": "This can only be read."})
        if path == OPENAPI:
            return Response(200, self._document, headers={"Cache-Control": "no-cache"})
        if path == DOCS.rstrip("/"):
            return Response(302, headers={"Location": DOCS})
        return self._file(path.removeprefix(DOCS))

    @cached_property
    def _document(self) -> bytes:
        served = [endpoint for endpoint in all_endpoints() if endpoint.key in HANDLERS]
        return json.dumps(document(served, profile=self._profile), ensure_ascii=False).encode()

    def _file(self, name: str) -> Response:
        headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
        if name in ("", "index.html"):
            return Response(200, PAGE.encode(), "text/html; charset=utf-8", headers)
        if name == "start.js":
            return Response(200, START.encode(), "text/javascript; charset=utf-8", headers)
        folder = swagger_folder()
        if name not in FILES or folder is None:
            return as_json(404, {"code": 404, "message": "There is no such page."})
        return Response(200, (folder / name).read_bytes(), FILES[name], headers)


def swagger_folder() -> Path | None:
    """Where the package keeps Swagger UI; None when it is not installed. The package itself is not imported."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "static" / PACKAGE / "swagger-ui-dist"
