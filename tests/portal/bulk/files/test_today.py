"""Files for today's Zoom: its types of users, its pace, and operations it has no more."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.access.models import Staff
from portal.bulk.files import jobs
from portal.bulk.files.flows import flow_named
from portal.bulk.files.plans import Call, RowPlan
from portal.bulk.files.reader import Row
from portal.bulk.files.refusal import FileRefused
from portal.bulk.files.rows import Checked as CheckedRow
from portal.bulk.files.summary import DAY, EFFICIENCY, Summary, forecast, seconds
from portal.bulk.models import Item, Job
from portal.bulk.rights import right_of
from portal.directory.models import SubAccount
from portal.ui.formats import moment_text
from tests.portal.bulk.files.conftest import Checked, stored
from zoomapi.spec import all_endpoints
from zoomapi.spec.profiles import CLASSIC, CURRENT, CURRENT_BUSINESS

pytestmark = pytest.mark.django_db
TYPES = "Email,User Type\na@x.example,Licensed\nb@x.example,none\nc@x.example,Corp\nd@x.example,1\ne@x.example,99\n"
GONE = "Events are subscribed to in the settings of an app"


@pytest.fixture(params=["classic", "current"])
def profile(request: pytest.FixtureRequest, acme: SubAccount) -> str:
    acme.connection.profile = request.param
    acme.connection.save()
    return str(request.param)


def types(job: Job) -> list[Any]:
    """What each row sends as the type, or what is wrong with it."""
    rows = Item.objects.filter(job=job, step=0).order_by("row")
    return [row.body["user_info"]["type"] if row.endpoint else row.message for row in rows]


def test_cells_hold_the_types_of_the_connection(profile: str, checked: Checked) -> None:
    wrong = "User Type: Not one of the possible values: {}."
    classic, today = wrong.format("Basic, Pro, Corp"), wrong.format("Basic, Licensed, None (single sign-on only)")
    expected = {"classic": [2, classic, 3, 1, classic], "current": [2, 99, today, 1, 99]}
    assert types(checked(TYPES)) == expected[profile]


def test_the_operation_itself_knows_the_types_of_the_connection(profile: str, olga: Staff, acme: SubAccount) -> None:
    flow = flow_named("users.create", acme.connection.zoom)
    field = next(column.field for column in flow.columns() if column.name == "user_info.type")
    assert list(getattr(field, "choices", {})) == {"classic": [1, 2, 3], "current": [1, 2, 99]}[profile]


def test_a_forecast_goes_by_the_pace_of_the_connection() -> None:
    paces = {zoom: seconds({"users.create": 900}, zoom) * EFFICIENCY for zoom in (CLASSIC, CURRENT, CURRENT_BUSINESS)}
    assert {zoom: round(pace, 2) for zoom, pace in paces.items()} == {
        CLASSIC: 90.0,
        CURRENT: 30.0,
        CURRENT_BUSINESS: 11.25,
    }


def test_a_forecast_names_the_day_when_it_is_another_one() -> None:
    end = timezone.now() + timedelta(days=3)
    assert forecast(DAY * 3) == f"about 72 h 0 min, ends {moment_text(end)}"


@pytest.mark.parametrize(("rows", "days"), [(100, 0), (101, 1), (250, 2)])
def test_many_meetings_of_one_host_take_days(rows: int, days: int) -> None:
    comes_to = {zoom: Summary({}, zoom) for zoom in (CLASSIC, CURRENT)}
    for summary in comes_to.values():
        for number in range(rows):
            call = Call("meetings.create", {"userId": "ada"}, body={"topic": str(number)})
            summary.add(RowPlan(CheckedRow(Row(number, number, number, [])), "create", calls=[call]))
    found = {zoom: summary.as_dict()["seconds"] // DAY for zoom, summary in comes_to.items()}
    assert found == {CLASSIC: 0, CURRENT: days}


def test_a_file_takes_the_same_right_on_every_zoom() -> None:
    assert {e.key for e in all_endpoints() if right_of(CURRENT.view(e)) is not right_of(e)} == set()


def test_a_retired_operation_takes_no_file(profile: str, olga: Staff, acme: SubAccount) -> None:
    def create() -> str:
        flow = flow_named("webhooks.delete", acme.connection.zoom)
        try:
            return jobs.create(olga, acme.connection, stored("webhookId\n1\n"), "rows.csv", flow).title
        except FileRefused as refusal:
            return str(refusal)

    told = create()
    assert (GONE in told, Job.objects.count()) == {"classic": (False, 1), "current": (True, 0)}[profile]


def test_a_retired_operation_is_explained_before_a_file_is_sent(
    profile: str, olga: Staff, acme: SubAccount, client_of: Any
) -> None:
    client = client_of(olga)
    listed = client.get("/jobs/import/kinds/?q=webhook").content.decode()
    offered = client.get("/jobs/import/?what=webhooks.delete").content.decode()
    expected = (False, True) if profile == "classic" else (True, False)
    assert (GONE in listed, "?what=webhooks.delete" in listed) == expected
    assert (GONE in offered, 'type="file"' in offered) == expected
