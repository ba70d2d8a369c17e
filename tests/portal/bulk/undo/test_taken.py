"""What an undo took back is told with the job that did so, and is not offered again."""

import html
import re
import uuid

import pytest

from portal.access.models import Staff
from portal.bulk import operations
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import Step
from portal.bulk.undo.planning import can_undo, parts
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import user_in
from tests.portal.bulk.undo.test_dryrun import change, done, undo
from tests.portal.bulk.views.test_pages import ClientOf, address

pytestmark = pytest.mark.django_db


def creation(owner: Staff, account: SubAccount) -> Job:
    """A job that created two users and changed the first of them."""
    steps = []
    for row, name in enumerate("ab", 1):
        user_in(account, f"{name}@x.example", zoom_id=f"id-{row}", status="pending", first_name="", last_name="")
        body = {"action": "create", "user_info": {"email": f"{name}@x.example", "type": 1}}
        steps.append(Step(row=row, account=account, endpoint="users.create", body=body, label=f"{name}@x.example"))
    path = {"userId": "{after.remote_id}"}
    steps.append(Step(row=1, step=1, account=account, endpoint="users.update", path=path, body={"dept": ""}, after=0))
    job = done(owner, account, *steps)
    for item in job.items.filter(step=0):
        Item.objects.filter(pk=item.pk).update(remote_id=f"id-{item.row}")
    return job


def carried_out(job: Job, actor: Staff, *failed: int) -> Job:
    """An undo of the job that was run; these rows of it failed."""
    made = undo(job, actor)
    operations.start(made, actor)
    made.items.update(state=ItemState.DONE)
    made.items.filter(row__in=failed).update(state=ItemState.FAILED)
    Job.objects.filter(pk=made.pk).update(state=JobState.DONE)
    made.refresh_from_db()
    return made


def told(page: bytes) -> str:
    """The words of a page below its heading."""
    text = html.unescape(page.decode()).partition("<main")[2]
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def test_what_is_taken_back_is_not_offered_again(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    job, browser = creation(olga, acme), client_of(olga)
    assert (can_undo(job), [(part.title, part.number) for part in parts(job)]) == (
        True,
        [("Create a user", 2), ("Change a user", 1)],
    )
    made = carried_out(job, olga)
    assert (can_undo(job), parts(job)) == (False, [])
    assert f'href="{address("undo", job)}"' not in browser.get(address("job", job)).content.decode()
    page = browser.get(address("undo", job)).content
    assert f'<a href="{address("job", made)}">{made}</a>' in page.decode()
    assert "Taken back already What was done Calls By Create a user 2 Undo: Change Done Change a user 1" in told(page)
    assert 'name="operation_key"' not in page.decode()
    answer = browser.post(address("undo", job), {"operation_key": str(uuid.uuid4())}, follow=True)
    assert "Nothing of this job is left that can be taken back. Nothing was changed." in told(answer.content)
    assert job.children.count() == 1


def test_what_an_undo_did_not_take_back_is_still_offered(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    job = creation(olga, acme)
    carried_out(job, olga, 2)
    assert (can_undo(job), [(part.title, part.number) for part in parts(job)]) == (True, [("Create a user", 1)])
    page = told(client_of(olga).get(address("undo", job)).content)
    assert "Can be taken back What was done Calls Create a user 1 Taken back already" in page


def test_what_an_undo_of_the_undo_restored_is_offered_again(acme: SubAccount, olga: Staff) -> None:
    user = user_in(acme, "a@x.example", dept="Old")
    job = done(olga, acme, change(acme, user, dept="New"))
    first = carried_out(job, olga)
    assert (can_undo(job), can_undo(first)) == (False, True)
    type(user).objects.filter(pk=user.pk).update(dept="Old")
    carried_out(first, olga)
    assert (can_undo(job), can_undo(first)) == (True, False)


def test_an_undo_of_removals_offers_no_undo(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    made = carried_out(creation(olga, acme), olga)
    browser = client_of(olga)
    assert (
        can_undo(made),
        f'href="{address("undo", made)}"' in browser.get(address("job", made)).content.decode(),
    ) == (
        False,
        False,
    )
    page = told(browser.get(address("undo", made)).content)
    assert "Nothing of what this job did can be taken back." in page


def test_an_undo_of_somebody_else_is_told_without_a_link(
    acme: SubAccount, olga: Staff, rita: Staff, client_of: ClientOf
) -> None:
    job = creation(olga, acme)
    made = carried_out(job, olga)
    Job.objects.filter(pk=job.pk).update(owner=rita)
    page = client_of(rita).get(address("undo", job)).content
    assert "Create a user 2 Another person's job" in told(page)
    assert address("job", made) not in page.decode()
