"""What is shown of requests and answers."""

import shlex

from portal.console.calls import next_page
from portal.console.masking import MOST_SHOWN, curl, cut, headers_shown, http_text, masked
from portal.gateway.outgoing import Outgoing, outgoing
from zoomapi.spec import endpoint

URL = "https://zoom.example/v2/users?page_size=1"


def test_secrets_are_hidden_and_page_tokens_are_not() -> None:
    found = masked(endpoint("users.token"), {"token": "abc", "next_page_token": "p2", "nested": {"password": "x"}})
    assert found == {"token": "(hidden)", "next_page_token": "p2", "nested": {"password": "(hidden)"}}


def test_a_long_answer_is_cut_and_says_so() -> None:
    text, left_out = cut("x" * (MOST_SHOWN + 5))
    assert (len(text), left_out) == (MOST_SHOWN, 5)


def test_curl_survives_a_shell() -> None:
    body = {"name": 'It\'s $HOME `x` "y"'}
    words = shlex.split(curl(Outgoing("POST", URL, body)))
    assert words[:4] == ["curl", "--request", "POST", URL]
    assert words[-1] == '{"name": "It\'s $HOME `x` \\"y\\""}'
    assert "Authorization: Bearer $TOKEN" in words


def test_the_request_names_host_path_and_body() -> None:
    assert http_text(Outgoing("PATCH", URL, {"a": 1})).splitlines() == [
        "PATCH /v2/users?page_size=1 HTTP/1.1",
        "Host: zoom.example",
        "Authorization: Bearer $TOKEN",
        "Accept: application/json",
        "Content-Type: application/json",
        "",
        "{",
        '  "a": 1',
        "}",
    ]


def test_an_upload_names_its_field() -> None:
    assert shlex.split(curl(Outgoing("POST", URL), "pic_file"))[-2:] == ["--form", "pic_file=@FILE"]


def test_a_uuid_with_slashes_is_quoted_twice() -> None:
    out = outgoing(endpoint("meetings.past"), "https://zoom.example/v2/", None, {"meetingUUID": "/a//b=="}, {}, {})
    assert out.url == "https://zoom.example/v2/past_meetings/%252Fa%252F%252Fb%253D%253D"


def test_only_telling_headers_are_shown() -> None:
    found = headers_shown({"x-ratelimit-limit": "10", "server": "x", "retry-after": "1"})
    assert found == [("x-ratelimit-limit", "10"), ("retry-after", "1")]


def test_the_next_page_is_named_by_number_or_by_token() -> None:
    numbered = endpoint("users.list")
    assert next_page(numbered, {"page_number": 1, "page_count": 2}) == {"page_number": "2"}
    assert next_page(numbered, {"page_number": 2, "page_count": 2}) == {}
    assert next_page(endpoint("dashboards.meetings"), {"next_page_token": "t"}) == {"next_page_token": "t"}
    assert next_page(endpoint("users.get"), {"page_number": 1, "page_count": 2}) == {}
