"""Whatever is sent, the answer is JSON and no server error."""

import json
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.sandbox import Sandbox
from zoomapi.spec import Endpoint, all_endpoints
from zoomapi.spec.base import leaves

ENDPOINTS = sorted(all_endpoints(), key=lambda endpoint: endpoint.key)
TEXTS = st.one_of(
    st.text(max_size=40), st.sampled_from(["me", "\0", "\ud800", "9" * 30, "-1", "1e999", "true", "None"])
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(min_value=2**62), st.floats(), TEXTS, st.just(10**400)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3))
)
PATIENT = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def requests_to(draw: st.DrawFn) -> tuple[Endpoint, str, str, bytes]:
    """Draw an operation with path values, a query and a body that is nearly right: known names, any values."""
    endpoint = draw(st.sampled_from(ENDPOINTS))
    values = {name: quote(draw(TEXTS).encode("utf-8", "replace"), safe="") or "x" for name in endpoint.params}
    if "userId" in values and draw(st.booleans()):
        values["userId"] = "me"
    query = "&".join(
        f"{name}={quote(draw(TEXTS).encode('utf-8', 'replace'))}"
        for name in (endpoint.query().fields if endpoint.query else {})
        if draw(st.booleans())
    )
    return endpoint, endpoint.path.format(**values), query, draw(bodies(endpoint))


def bodies(endpoint: Endpoint) -> st.SearchStrategy[bytes]:
    names = (
        [name.partition(".")[0].partition("[")[0] for name, _ in leaves(endpoint.body())] if endpoint.body else ["a"]
    )
    objects = st.dictionaries(st.sampled_from(names), VALUES, max_size=4)
    written = st.one_of(objects, VALUES).map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
    return st.one_of(written, st.binary(max_size=60))


def check(sandbox: Sandbox, answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.content:
        assert isinstance(answer.json(), dict)


@PATIENT
@given(case=requests_to())
def test_nearly_right_requests_never_break_the_server(sandbox: Sandbox, case: tuple[Endpoint, str, str, bytes]) -> None:
    endpoint, path, query, body = case
    if endpoint.key in ("accounts.delete", "users.delete"):
        path = path.replace("/me", "/nobody")
    answer = sandbox.call(endpoint.method, f"{path}?{query}", data=body, headers={"Content-Type": "application/json"})
    check(sandbox, answer)


@PATIENT
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"]),
    path=st.text(max_size=60),
    body=st.binary(max_size=100),
)
def test_any_path_and_method_gets_an_answer(sandbox: Sandbox, method: str, path: str, body: bytes) -> None:
    safe = quote(path.encode("utf-8", "replace"), safe="/?&=%")
    check(sandbox, sandbox.call(method, f"/{safe}", data=body))
