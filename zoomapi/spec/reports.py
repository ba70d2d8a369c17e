"""Reports on what took place: a month at most, six months back (section "Reports").

A meeting or webinar is named by its id, which means its last instance, or by the UUID of one instance.
"""

from zoomapi.spec.base import Endpoint, Family, OddMirror, Paging, page
from zoomapi.spec.report_shapes import (
    DailyReport,
    Host,
    HostQuery,
    HostTotals,
    MeetingParticipant,
    MonthQuery,
    PhoneCall,
    QuestionReport,
    TelephoneQuery,
    WebinarParticipant,
)
from zoomapi.spec.schedule import Ended
from zoomapi.spec.shapes import PageTokenQuery, Period, PeriodTokenQuery

BELOW = "/accounts/{accountId}/report"


class Reports(Family):
    label = "Reports"

    daily = Endpoint(
        "GET",
        "/report/daily",
        title="Totals day by day",
        query=MonthQuery,
        reply=DailyReport,
        item_key="dates",
        mirror=True,
    )
    users = Endpoint(
        "GET",
        "/report/users",
        title="List active or inactive hosts",
        query=HostQuery,
        reply=page("users", Host, base=HostTotals),
        paging=Paging.NUMBERED,
        item_key="users",
        mirror=True,
        odd_mirrors=(
            OddMirror("GET", f"{BELOW}/active/users", (("type", "active"),)),
            OddMirror("GET", f"{BELOW}/inactive/users", (("type", "inactive"),)),
        ),
    )
    user_meetings = Endpoint(
        "GET",
        "/report/users/{userId}/meetings",
        title="List a user's past meetings",
        query=PeriodTokenQuery,
        reply=page("meetings", Ended, Paging.TOKEN, base=Period),
        paging=Paging.TOKEN,
        item_key="meetings",
        mirror=True,
        odd_mirror=("GET", f"{BELOW}/active/users/{{userId}}/meetings"),
    )
    meeting = Endpoint(
        "GET", "/report/meetings/{meetingId}", title="Report on a meeting", reply=Ended, uuid=("meetingId",)
    )
    meeting_participants = Endpoint(
        "GET",
        "/report/meetings/{meetingId}/participants",
        title="List who took part in a meeting",
        query=PageTokenQuery,
        reply=page("participants", MeetingParticipant, Paging.TOKEN),
        paging=Paging.TOKEN,
        item_key="participants",
        uuid=("meetingId",),
        mirror=True,
    )
    meeting_polls = Endpoint(
        "GET",
        "/report/meetings/{meetingId}/polls",
        title="Show a meeting's polls",
        reply=QuestionReport,
        item_key="questions",
        uuid=("meetingId",),
    )
    webinar = Endpoint(
        "GET", "/report/webinars/{webinarId}", title="Report on a webinar", reply=Ended, uuid=("webinarId",)
    )
    webinar_participants = Endpoint(
        "GET",
        "/report/webinars/{webinarId}/participants",
        title="List who took part in a webinar",
        query=PageTokenQuery,
        reply=page("participants", WebinarParticipant, Paging.TOKEN),
        paging=Paging.TOKEN,
        item_key="participants",
        uuid=("webinarId",),
    )
    webinar_polls = Endpoint(
        "GET",
        "/report/webinars/{webinarId}/polls",
        title="Show a webinar's polls",
        reply=QuestionReport,
        item_key="questions",
        uuid=("webinarId",),
        mirror=True,
    )
    webinar_qa = Endpoint(
        "GET",
        "/report/webinars/{webinarId}/qa",
        title="Show a webinar's questions and answers",
        reply=QuestionReport,
        item_key="questions",
        uuid=("webinarId",),
        mirror=True,
        odd_mirror=("GET", f"{BELOW}/webinars/{{webinarId}}/questions"),
    )
    telephone = Endpoint(
        "GET",
        "/report/telephone",
        title="List telephone calls",
        query=TelephoneQuery,
        reply=page("telephony_usage", PhoneCall, base=Period),
        paging=Paging.NUMBERED,
        item_key="telephony_usage",
        mirror=True,
    )
