"""Fault A21: no secret reaches the log, and what is kept comes back unchanged from the database."""

from typing import Any

import pytest

from portal.audit import chain, log
from portal.audit.models import Entry
from portal.audit.redact import HIDDEN, redact, secret_names
from zoomapi import spec

CANARY = "Canary-8f2e"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.mark.parametrize(
    "name",
    ["password", "Password", "new_password", "api_secret", "access_token", "host_key", "hostKey", "start_url",
     "authorization", "zpk", "tokens", "passcode", "api-key"],
)  # fmt: skip
def test_values_under_secret_names_are_hidden(name: str) -> None:
    assert CANARY not in str(redact({"outer": [{name: CANARY}, {name: [CANARY]}, {name: {"inner": CANARY}}]}))


def test_settings_that_only_mention_passwords_stay_readable() -> None:
    assert redact({"require_password": True, "password": None}) == {"require_password": True, "password": None}


def test_tokens_in_addresses_are_hidden() -> None:
    assert redact({"note": f"https://x/y?access_token={CANARY}&a=1"}) == {
        "note": f"https://x/y?access_token={HIDDEN}&a=1"
    }


@pytest.mark.parametrize("endpoint", [e for e in spec.all_endpoints() if e.secrets], ids=lambda e: e.key)
def test_every_secret_of_the_specification_is_hidden(endpoint: spec.Endpoint) -> None:
    names = secret_names(endpoint.key)
    assert names != frozenset()
    assert redact(dict.fromkeys(names, CANARY), names) == dict.fromkeys(names, HIDDEN)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value",
    [1.0, 1e22, 0.1, 1e-7, float("nan"), float("inf"), "a\x00b", "\ud800", "é", "\u2028", {1: 2}, (1, 2), -0.0, 2**70],
)
def test_odd_values_do_not_break_the_chain(value: Any) -> None:
    log.record("users.update", actor=None, target=str(value), after={"value": value})
    assert chain.verify().intact


@pytest.mark.django_db
def test_long_texts_are_cut_to_the_columns() -> None:
    entry = log.record("users.update", actor=None, target="x" * 999, reason="y" * 999, message="z" * 999)
    assert [len(entry.target), len(entry.reason), len(entry.message)] == [254, 500, 500]
    assert Entry.objects.get() == entry
