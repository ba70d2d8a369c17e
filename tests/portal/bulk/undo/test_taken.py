"""What an undo took back is told with the job that did so, and is not offered again."""

import html
import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.access.models import Staff
from portal.bulk import jobs, operations, schedule
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import Step
from portal.bulk.undo.planning import can_undo, parts
from portal.bulk.undo.taken import TAKEN
from portal.bulk.views.words import account
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import user_in
from tests.portal.bulk.undo.test_dryrun import change, done, undo
from tests.portal.bulk.views.test_pages import ClientOf, address

pytestmark = pytest.mark.django_db
BUTTON = '<a class="button" href="{}">'
WHY_NOT = 'Nothing of this job can be taken back. <a href="{}">Why not</a>'
WHAT_WAS = 'Nothing of this job is left that can be taken back. <a href="{}">What was</a>'


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
    shown = browser.get(address("job", job)).content.decode()
    links = [link.format(address("undo", job)) in shown for link in (BUTTON, WHAT_WAS, WHY_NOT)]
    assert links == [False, True, False]
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
    shown = browser.get(address("job", made)).content.decode()
    assert (can_undo(made), BUTTON.format(address("undo", made)) in shown) == (False, False)
    assert WHY_NOT.format(address("undo", made)) in shown
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


def test_who_may_not_undo_is_not_led_there(acme: SubAccount, olga: Staff, anna: Staff, client_of: ClientOf) -> None:
    made = carried_out(creation(olga, acme), olga)
    assert address("undo", made) not in client_of(anna).get(address("job", made)).content.decode()


def test_a_job_that_did_nothing_says_nothing_of_an_undo(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    job = creation(olga, acme)
    job.items.update(state=ItemState.FAILED)
    assert address("undo", job) not in client_of(olga).get(address("job", job)).content.decode()


def two_undos(owner: Staff, account: SubAccount) -> tuple[Job, Job]:
    """Two undos of one job, both checked before either began."""
    job = creation(owner, account)
    return undo(job, owner), undo(job, owner)


def states(job: Job) -> list[tuple[str, str]]:
    return list(job.items.order_by("row", "step").values_list("state", "message"))


def test_what_another_undo_takes_back_meanwhile_is_left_out_at_the_start(acme: SubAccount, olga: Staff) -> None:
    first, second = two_undos(olga, acme)
    operations.start(first, olga)
    first.items.filter(row=2).update(state=ItemState.FAILED)
    operations.start(second, olga)
    assert [state for state, _ in states(first)] == [ItemState.PENDING, ItemState.FAILED]
    assert states(second) == [(ItemState.SKIPPED, TAKEN), (ItemState.PENDING, states(second)[1][1])]


def test_an_undo_with_nothing_left_to_take_back_ends_well_and_offers_no_retry(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    first, second = two_undos(olga, acme)
    for made in (first, second):
        operations.start(made, olga)
    assert jobs.finish(second.pk)
    second.refresh_from_db()
    page = client_of(olga).get(address("job", second)).content.decode()
    assert (second.state, TAKEN in page, "Retry failed" in page) == (JobState.DONE, True, False)


def test_an_undo_at_a_later_time_looks_when_it_begins_and_does_not_hold_the_other_up(
    acme: SubAccount, olga: Staff
) -> None:
    later, now = two_undos(olga, acme)
    assert schedule.schedule(later, olga, at=timezone.now() + timedelta(hours=1))
    operations.start(now, olga)
    assert [state for state, _ in states(now)] == [ItemState.PENDING, ItemState.PENDING]
    assert schedule.begin(later)
    assert states(later) == [(ItemState.SKIPPED, TAKEN)] * 2


def test_rows_that_cannot_be_undone_are_called_so_after_the_run_too(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    user = user_in(acme, "a@x.example", dept="Old")
    removal = Step(row=2, account=acme, endpoint="users.delete", path={"userId": "u"}, label="gone@x.example")
    made = undo(done(olga, acme, change(acme, user, dept="New"), removal), olga)
    operations.start(made, olga)
    made.items.filter(row=1).update(state=ItemState.DONE)
    assert jobs.finish(made.pk)
    made.refresh_from_db()
    assert made.state == JobState.DONE
    browser = client_of(olga)
    pages = [browser.get(address("job", made) + query).content.decode() for query in ("", "?state=invalid")]
    words = ("Cannot be taken back", "Cannot be undone", "Not usable")
    assert [[word in page for word in words] for page in pages] == [[True, True, False]] * 2
    assert ("gone@x.example" in pages[1], "a@x.example" in pages[1]) == (True, False)
    assert account(made, {**dict.fromkeys(ItemState.values, 0), "done": 1, "invalid": 1}) == (
        "1 done, 0 not done, 1 that cannot be taken back"
    )


def test_a_conflict_of_an_undo_keeps_its_name_and_is_an_error(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    people = [user_in(acme, f"{name}@x.example", dept="Old") for name in "ab"]
    job = done(olga, acme, *(change(acme, user, row, dept="New") for row, user in enumerate(people, 1)))
    type(people[0]).objects.filter(pk=people[0].pk).update(dept="Third")
    made = undo(job, olga)
    operations.start(made, olga)
    made.items.filter(row=2).update(state=ItemState.DONE)
    assert jobs.finish(made.pk)
    made.refresh_from_db()
    page = client_of(olga).get(f"{address('job', made)}?rows=table").content.decode()
    assert (made.state, ">Conflict</span>" in page) == (JobState.DONE_WITH_ERRORS, True)
