"""The OpenAPI document: valid, complete, and true to what the sandbox answers."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from django.core.management import call_command
from drf_spectacular.validation import validate_schema
from jsonschema import Draft4Validator

from tests.support.sandbox import Sandbox
from zoomapi.openapi import document
from zoomapi.openapi.document import forms
from zoomapi.spec import all_endpoints, endpoint
from zoomapi.spec.documented import DIRECT, MASTER, nameless


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document()


def operations(made: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), nameless(path)): operation
        for path, methods in made["paths"].items()
        for method, operation in methods.items()
    }


def schema(made: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = made["components"]["schemas"][name]
    return found


def test_it_is_valid_openapi(made: dict[str, Any]) -> None:
    validate_schema(made)


def test_a_spec_driven_checker_can_read_every_operation(made: dict[str, Any]) -> None:
    found = [result.ok() for result in schemathesis.openapi.from_dict(made).get_all_operations()]
    assert len(found) == len(operations(made))


def test_every_documented_operation_is_in_it_direct_and_mirrored(made: dict[str, Any]) -> None:
    assert {found.form for found in (*DIRECT, *MASTER)} - set(operations(made)) == set()


def test_each_form_has_a_name_of_its_own(made: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(made).values()]
    assert len(names) == len(set(names)) == sum(len(list(forms(found))) for found in all_endpoints())


def test_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    references = set(json.dumps(made).split('"#/components/schemas/')[1:])
    assert {reference.partition('"')[0] for reference in references} - set(made["components"]["schemas"]) == set()


def test_a_query_carries_limits_defaults_and_choices(made: dict[str, Any]) -> None:
    found = {found["name"]: found["schema"] for found in operations(made)["GET", "/users"]["parameters"]}
    assert found["page_size"] == {"type": "integer", "minimum": 1, "maximum": 300, "default": 30}
    assert found["status"] == {
        "type": "string",
        "enum": ["active", "inactive", "pending"],
        "default": "active",
    }


def test_a_creation_names_what_it_needs_and_hides_its_password(made: dict[str, Any]) -> None:
    found = schema(made, "NewAccount")
    assert (found["required"], found["properties"]["password"]["format"]) == (
        ["first_name", "last_name", "email", "password"],
        "password",
    )


def test_a_partial_change_needs_nothing(made: dict[str, Any]) -> None:
    for found in all_endpoints():
        if found.partial and found.body is not None:
            body = operations(made)[found.method, nameless(found.path)]["requestBody"]
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert "required" not in schema(made, name)


def test_an_upload_is_multipart(made: dict[str, Any]) -> None:
    content = operations(made)["POST", "/users/{}/picture"]["requestBody"]["content"]
    assert list(content) == ["multipart/form-data"]


def test_a_path_that_says_part_of_the_query_does_not_ask_for_it(made: dict[str, Any]) -> None:
    found = operations(made)["GET", "/accounts/{}/report/active/users"]["parameters"]
    assert "type" not in [parameter["name"] for parameter in found]


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    call_command("zoom_openapi", "--out", str(tmp_path / "api.json"), stdout=StringIO())
    assert json.loads((tmp_path / "api.json").read_text()) == document()


def test_the_command_writes_to_the_output(made: dict[str, Any]) -> None:
    out = StringIO()
    call_command("zoom_openapi", "--server", "http://127.0.0.1:1/v2", stdout=out)
    assert json.loads(out.getvalue())["servers"] == [{"url": "http://127.0.0.1:1/v2"}]


# --- at the sandbox ---------------------------------------------------------------------------------------------------


def at(sandbox: Sandbox, path: str, **options: Any) -> requests.Response:
    return requests.get(sandbox.base_url.removesuffix("/v2") + path, timeout=30, **options)


def test_the_sandbox_serves_it_without_a_token(sandbox: Sandbox) -> None:
    answer = at(sandbox, "/v2/openapi.json")
    assert (answer.status_code, answer.json()["openapi"]) == (200, "3.0.3")
    validate_schema(answer.json())


def test_the_sandbox_describes_only_what_it_serves(sandbox: Sandbox) -> None:
    described = at(sandbox, "/v2/openapi.json").json()
    for (method, path), found in operations(described).items():
        if method == "GET" and "{}" not in path:
            assert sandbox.call("GET", path).status_code in (200, 300, 400, 429), found["operationId"]


def test_todays_zoom_is_described_as_it_is(todays_sandbox: Sandbox) -> None:
    described = at(todays_sandbox, "/v2/openapi.json").json()
    validate_schema(described)
    paths = described["paths"]
    assert ("/webhooks" in paths, "/metrics/im" in paths, "/metrics/chat" in paths) == (False, False, True)
    assert paths["/users"]["get"]["x-rate-limit"] == "20 a second"
    assert schema(described, "NewUserInfo")["properties"]["type"]["enum"] == [1, 2, 99]


def test_swagger_ui_comes_from_the_sandbox_itself(sandbox: Sandbox) -> None:
    page = at(sandbox, "/docs/")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "//" not in page.text.replace("<!doctype", "")
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "start.js"):
        assert at(sandbox, f"/docs/{name}").status_code == 200


def test_an_address_without_the_last_slash_leads_to_the_pages(sandbox: Sandbox) -> None:
    answer = at(sandbox, "/docs", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/docs/")


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "swagger-ui.css.map", "etc/passwd"])
def test_no_other_file_is_served(sandbox: Sandbox, name: str) -> None:
    with requests.Session() as session:
        request = requests.Request("GET", sandbox.base_url).prepare()
        request.url = sandbox.base_url.removesuffix("/v2") + f"/docs/{name}"
        assert session.send(request, timeout=30).status_code == 404


def test_the_description_cannot_be_written(sandbox: Sandbox) -> None:
    url = sandbox.base_url.removesuffix("/v2") + "/docs/"
    assert requests.post(url, timeout=30).status_code == 405


@pytest.mark.parametrize("key", ["accounts.list", "users.list", "groups.list"])
def test_answers_fit_the_schema_that_describes_them(sandbox: Sandbox, made: dict[str, Any], key: str) -> None:
    found = endpoint(key)
    described = operations(made)["GET", nameless(found.path)]["responses"]["200"]["content"]["application/json"]
    whole = {**described["schema"], "components": made["components"]}
    Draft4Validator(whole).validate(sandbox.call("GET", found.path).json())
