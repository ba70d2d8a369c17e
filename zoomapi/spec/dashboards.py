"""Dashboards: live and past meetings and webinars, rooms, room connector ports, chat (section "Dashboards").

A meeting or webinar is named by its id, which means its last instance, or by the UUID of one instance.
"""

from zoomapi.spec.base import Endpoint, Family, Paging, ShapeClass, page
from zoomapi.spec.dashboard_shapes import (
    ChatUse,
    CrcUse,
    MeetingKind,
    MeetingListQuery,
    MeetingParticipantQuery,
    MetricParticipant,
    MetricRow,
    ParticipantQos,
    ParticipantQuery,
    QosKind,
    QosListQuery,
    SharingParticipant,
    WebinarKind,
    WebinarListQuery,
    ZoomRoom,
    ZoomRoomQuery,
    ZoomRoomRow,
)
from zoomapi.spec.shapes import NumberedQuery, Period, PeriodQuery, PeriodTokenQuery


def _list(kind: str, query: ShapeClass) -> Endpoint:
    return Endpoint(
        "GET",
        f"/metrics/{kind}",
        title=f"List live or past {kind}",
        query=query,
        reply=page(kind, MetricRow, Paging.TOKEN, base=Period),
        paging=Paging.TOKEN,
        item_key=kind,
        mirror=True,
    )


def _one(path: str, param: str, title: str, query: ShapeClass, reply: ShapeClass) -> Endpoint:
    uuid = (param, "participantId") if "{participantId}" in path else (param,)
    return Endpoint("GET", path, title=title, query=query, reply=reply, uuid=uuid, mirror=True)


def _participants(path: str, param: str, title: str, query: ShapeClass, row: ShapeClass) -> Endpoint:
    return Endpoint(
        "GET",
        path,
        title=title,
        query=query,
        reply=page("participants", row, Paging.TOKEN),
        paging=Paging.TOKEN,
        item_key="participants",
        uuid=(param,),
        mirror=True,
    )


class Dashboards(Family):
    """Meetings and webinars have the same six operations each."""

    label = "Dashboards"

    meetings = _list("meetings", MeetingListQuery)
    meeting = _one("/metrics/meetings/{meetingId}", "meetingId", "Show a live or past meeting", MeetingKind, MetricRow)
    meeting_participants = _participants(
        "/metrics/meetings/{meetingId}/participants",
        "meetingId",
        "List a meeting's participants with their devices",
        MeetingParticipantQuery,
        MetricParticipant,
    )
    meeting_participant_qos = _one(
        "/metrics/meetings/{meetingId}/participants/{participantId}/qos",
        "meetingId",
        "Show the quality one participant of a meeting had",
        QosKind,
        ParticipantQos,
    )
    meeting_qos = _participants(
        "/metrics/meetings/{meetingId}/participants/qos",
        "meetingId",
        "List the quality participants of a meeting had",
        QosListQuery,
        ParticipantQos,
    )
    meeting_sharing = _participants(
        "/metrics/meetings/{meetingId}/participants/sharing",
        "meetingId",
        "List what participants of a meeting shared or recorded",
        ParticipantQuery,
        SharingParticipant,
    )
    webinars = _list("webinars", WebinarListQuery)
    webinar = _one("/metrics/webinars/{webinarId}", "webinarId", "Show a live or past webinar", WebinarKind, MetricRow)
    webinar_participants = _participants(
        "/metrics/webinars/{webinarId}/participants",
        "webinarId",
        "List a webinar's participants with their devices",
        ParticipantQuery,
        MetricParticipant,
    )
    webinar_participant_qos = _one(
        "/metrics/webinars/{webinarId}/participants/{participantId}/qos",
        "webinarId",
        "Show the quality one participant of a webinar had",
        QosKind,
        ParticipantQos,
    )
    webinar_qos = _participants(
        "/metrics/webinars/{webinarId}/participants/qos",
        "webinarId",
        "List the quality participants of a webinar had",
        QosListQuery,
        ParticipantQos,
    )
    webinar_sharing = _participants(
        "/metrics/webinars/{webinarId}/participants/sharing",
        "webinarId",
        "List what participants of a webinar shared or recorded",
        ParticipantQuery,
        SharingParticipant,
    )
    zoom_rooms = Endpoint(
        "GET",
        "/metrics/zoomrooms",
        title="List Zoom Rooms",
        query=NumberedQuery,
        reply=page("zoom_rooms", ZoomRoomRow),
        paging=Paging.NUMBERED,
        item_key="zoom_rooms",
        mirror=True,
    )
    zoom_room = Endpoint(
        "GET",
        "/metrics/zoomrooms/{zoomroomId}",
        title="Show a Zoom Room and its meetings",
        query=ZoomRoomQuery,
        reply=ZoomRoom,
        mirror=True,
    )
    crc = Endpoint(
        "GET",
        "/metrics/crc",
        title="Show the use of room connector ports",
        query=PeriodQuery,
        reply=CrcUse,
        item_key="crc_ports_usage",
        mirror=True,
    )
    im = Endpoint(
        "GET",
        "/metrics/im",
        title="List what users sent and received in chats",
        query=PeriodTokenQuery,
        reply=page("users", ChatUse, Paging.TOKEN, base=Period),
        paging=Paging.TOKEN,
        item_key="users",
        mirror=True,
    )
