"""Secrets are kept nowhere, whatever a file calls them and whatever is taken from it."""

import json

import pytest

from portal.bulk.files import results
from portal.bulk.files.secret_cells import sounds_secret, without
from portal.bulk.models import Job
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import Checked, user_in
from tests.portal.bulk.files.flows.test_hand_made import CheckedAs, checked_as
from tests.portal.bulk.files.test_results import content

pytestmark = pytest.mark.django_db
__all__ = ["checked_as"]  # a fixture


def kept(job: Job) -> str:
    """All that anybody could come to see of a job."""
    files = [content(results.response(job)), content(results.errors_response(job))]
    return json.dumps([files, job.options, list(job.items.values("source", "body", "errors", "message", "label"))])


@pytest.mark.parametrize(
    "name",
    [
        *("Password", "Temp Password [Required]", "user_password", "Initial-Passwort", "Kennwort", "Mot de passe"),
        *("Contraseña", "Host key", "hostKey", "Leader PIN", "hostPin", "PIN", "API key", "pwd", "Start URL"),
    ],
)
def test_columns_of_secrets_are_known_by_their_names(name: str) -> None:
    assert sounds_secret(name)


@pytest.mark.parametrize(
    "name", ["Shipping", "Pinned", "Opinion", "E-Mail", "Passport", "Topic", "Key account", "", "PMI"]
)
def test_other_columns_are_kept(name: str) -> None:
    assert not sounds_secret(name)


def test_a_secret_that_nothing_is_taken_from_is_not_kept(checked: Checked) -> None:
    job = checked("Email,Password,Temp Password,Kennwort,Floor\na@x.example,S3cretA1,S3cretB2,S3cretC3,4\n", type=1)
    assert "S3cret" not in kept(job)
    assert job.items.get(step=0).source["cells"] == ["a@x.example", "", "", "", "4"]


def test_the_file_of_new_users_in_another_flow_leaves_no_passwords_behind(
    checked_as: CheckedAs, acme: SubAccount
) -> None:
    user_in(acme, "a@x.example")
    job = checked_as("users_status", "Email,Password,Status\na@x.example,S3cretA1,inactive\n")
    assert [item.action for item in job.items.all()] == ["update"]
    assert "S3cret" not in kept(job)


@pytest.mark.parametrize(
    "row",
    [
        "a@x.example,1,too many,S3cretA1",
        "a@x.example,S3cretA1",
        "a@x.example,1,S3cretA1,S3cretB2,S3cretC3",
    ],
)
def test_a_row_whose_cells_have_moved_leaves_no_secret_behind(checked: Checked, row: str) -> None:
    job = checked(f"Email,Type,Password\nb@x.example,1,S3cretD4\n{row}\n")
    assert [item.action for item in job.items.filter(step=0)] == ["create", "error"]
    assert "S3cret" not in kept(job)
    assert without(["a", "b", "c", "d"], {3}, 3) == ["a", "b", "", ""]
    assert without(["a", "b", "c", "d"], {1}) == ["a", "", "c", "d"]
