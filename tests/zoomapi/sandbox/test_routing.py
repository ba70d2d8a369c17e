import pytest

from zoomapi.sandbox.routing import NoSuchPath, Router, WrongMethod
from zoomapi.spec import Endpoint, all_endpoints, endpoint
from zoomapi.spec.base import Family


@pytest.fixture(scope="module")
def router() -> Router:
    return Router(all_endpoints())


@pytest.fixture(scope="module")
def slashes() -> Router:
    past = Endpoint("GET", "/past/{uuid}", uuid=("uuid",), mirror=True)
    rows = Endpoint("GET", "/past/{uuid}/rows", uuid=("uuid",), odd_mirror=("GET", "/accounts/{accountId}/old/{uuid}"))
    return Router([past, rows])


def test_a_path_names_its_operation_and_parameters(router: Router) -> None:
    match = router.match("DELETE", "/users/a%40b.example/assistants/x")
    assert (match.route.endpoint, match.params) == (
        endpoint("users.delete_assistant"),
        {"userId": "a@b.example", "assistantId": "x"},
    )


def test_a_mirrored_path_has_the_account_too(router: Router) -> None:
    match = router.match("GET", "/accounts/A/users/U/settings")
    assert (match.route.endpoint.key, match.route.mirrored) == ("users.settings", True)
    assert match.params == {"accountId": "A", "userId": "U"}
    assert router.match("GET", "/accounts/A/settings").route.endpoint.key == "accounts.settings"


def test_a_fixed_word_wins_unless_it_has_no_such_method(router: Router) -> None:
    assert router.match("GET", "/users/email").route.endpoint.key == "users.check_email"
    assert router.match("PATCH", "/users/email").params == {"userId": "email"}


def test_operations_without_a_mirror_are_not_mirrored(router: Router) -> None:
    with pytest.raises(NoSuchPath):
        router.match("GET", "/accounts/A/users/U/permissions")


def test_unknown_paths_and_methods_are_told_apart(router: Router) -> None:
    for path in ("/", "//", "/user", "/users/x/y", "/users//settings", "/users/x/settings/y"):
        with pytest.raises(NoSuchPath):
            router.match("GET", path)
    with pytest.raises(WrongMethod) as wrong:
        router.match("PUT", "/groups/g")
    assert wrong.value.allowed == ["DELETE", "GET", "PATCH"]


@pytest.mark.parametrize(
    ("path", "uuid"),
    [
        ("/past/abc%3D%3D", "abc=="),
        ("/past/%252Fa%252F%252Fb%253D", "/a//b="),
        ("/past//a//b=", "/a//b="),
        ("/past/a/b=", "a/b="),
        ("/accounts/A/past//a/b", "/a/b"),
    ],
)
def test_uuids_arrive_encoded_once_or_twice_or_raw(slashes: Router, path: str, uuid: str) -> None:
    assert slashes.match("GET", path).params["uuid"] == uuid


def test_a_raw_uuid_may_stand_in_the_middle(slashes: Router) -> None:
    match = slashes.match("GET", "/past//a/b/rows")
    assert (match.params["uuid"], match.route.endpoint.path) == ("/a/b", "/past/{uuid}/rows")
    assert slashes.match("GET", "/accounts/A/old/u").params == {"accountId": "A", "uuid": "u"}


def test_every_form_of_every_operation_has_a_route(router: Router) -> None:
    wanted = sum(1 + e.mirror + len(e.odd_mirrors) for e in all_endpoints())
    assert (len(router.routes()), "users" in Family.registry) == (wanted, True)


@pytest.mark.parametrize(
    ("method", "path", "key", "query"),
    [
        ("GET", "report/active/users", "reports.users", (("type", "active"),)),
        ("GET", "report/inactive/users", "reports.users", (("type", "inactive"),)),
        ("GET", "report/users", "reports.users", ()),
        ("GET", "report/active/users/u1/meetings", "reports.user_meetings", ()),
        ("GET", "report/webinars/123456789/questions", "reports.webinar_qa", ()),
        ("PUT", "webinars/123456789/panelists", "webinars.add_panelists", ()),
        ("POST", "webinars/123456789/panelists", "webinars.add_panelists", ()),
    ],
)
def test_odd_mirrored_paths_lead_to_the_direct_operation(
    router: Router, method: str, path: str, key: str, query: tuple[tuple[str, str], ...]
) -> None:
    match = router.match(method, f"/accounts/acc/{path}")
    assert (match.route.endpoint.key, match.route.query, match.params["accountId"]) == (key, query, "acc")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/metrics/meetings//a//b==", "dashboards.meeting"),
        ("/metrics/meetings//a//b==/participants", "dashboards.meeting_participants"),
        ("/metrics/meetings//a//b==/participants/qos", "dashboards.meeting_qos"),
        ("/metrics/meetings//a//b==/participants/x/y==/qos", "dashboards.meeting_participant_qos"),
        ("/past_meetings//a//b==/participants", "meetings.past_participants"),
        ("/report/webinars//a//b==/qa", "reports.webinar_qa"),
        ("/meetings//a//b==/recordings", "recordings.get"),
    ],
)
def test_a_raw_uuid_leaves_the_words_after_it_alone(router: Router, path: str, key: str) -> None:
    match = router.match("GET", path)
    assert (match.route.endpoint.key, next(iter(match.params.values()))) == (key, "/a//b==")
