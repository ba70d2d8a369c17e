"""What the dashboards take and answer."""

from zoomapi.spec.base import Shape
from zoomapi.spec.fields import choice, flag, moment, number, several, text
from zoomapi.spec.shapes import NumberedQuery, PageNumber, PageTokenQuery, Period, PeriodQuery, PeriodTokenQuery

LIVE_OR_PAST = {"past": "Past", "live": "Live now"}
LIVE_PAST_ONE = {"past": "Past", "pastOne": "Past, with one participant", "live": "Live now"}
MOST_QOS_ROWS = 10


class WebinarKind(Shape):
    type = choice("Which", "Live or past webinars.", LIVE_OR_PAST, initial="live")


class MeetingKind(Shape):
    type = choice("Which", "Live or past meetings.", LIVE_PAST_ONE, initial="live")


class QosKind(Shape):
    type = choice("Which", "A live or a past instance.", LIVE_OR_PAST, initial="live")


class MeetingListQuery(MeetingKind, PeriodTokenQuery):
    """Which meetings to list; without a type only live ones come."""


class WebinarListQuery(WebinarKind, PeriodTokenQuery):
    """Which webinars to list; without a type only live ones come."""


class MeetingParticipantQuery(MeetingKind, PageTokenQuery):
    """Participants of a live or past meeting."""


class ParticipantQuery(QosKind, PageTokenQuery):
    """Participants of a live or past instance."""


class QosListQuery(QosKind, PageTokenQuery):
    """Quality of participants, ten at most in one answer."""

    page_size = number("Page size", "Records in one answer.", initial=1, min_value=1, max_value=MOST_QOS_ROWS)


class ZoomRoomQuery(PeriodQuery, NumberedQuery):
    """A room's past meetings in a period. Paged by number or by token."""

    next_page_token = text("Page token", "From the page before; lives 15 minutes.", allow_blank=True)


class MetricRow(Shape):
    """One instance of a meeting or webinar."""

    uuid = text("UUID", "Names this instance; may contain slashes.")
    id = number("Id", "9 to 11 digits.")
    topic = text("Topic", "What it is about.", allow_blank=True)
    host = text("Host", "The host's name.")
    email = text("Host's e-mail", "The host's sign-in address; empty when the user is gone.", allow_blank=True)
    user_type = text("Host's licence", "The kind of licence.")
    start_time = moment("Start", "When it started.")
    end_time = moment("End", "When it ended; missing while it runs.")
    duration = text("Duration", "Hours, minutes and seconds.", allow_blank=True)
    participants = number("Participants", "How many take part or took part.")
    has_pstn = flag("Telephone", "Somebody called in or was called.")
    has_voip = flag("Computer audio", "Somebody used it.")
    has_3rd_party_audio = flag("Other audio provider", "Somebody used it.")
    has_video = flag("Video", "Somebody had a camera on.")
    has_screen_share = flag("Screen sharing", "Somebody shared a screen.")
    has_recording = flag("Recording", "It was recorded.")
    has_sip = flag("Room system", "An H.323 or SIP device took part.")


class Machine(Shape):
    """Who took part, with what and from where."""

    user_id = text("Id in the meeting", "Names the stay.")
    user_name = text("Name", "As shown in the meeting.", allow_blank=True)
    device = text("Device", "The kind of device.", allow_blank=True)
    ip_address = text("IP address", "Seen from outside.", allow_blank=True)
    location = text("Location", "As far as the address tells.", allow_blank=True)
    join_time = moment("Joined", "When the stay began.")
    leave_time = moment("Left", "When the stay ended.")
    pc_name = text("Computer", "The computer's name.", allow_blank=True)
    domain = text("Domain", "The computer's domain.", allow_blank=True)
    mac_addr = text("MAC address", "Of the network card.", allow_blank=True)
    harddisk_id = text("Disk id", "Of the hard disk.", allow_blank=True)
    version = text("App version", "Of the Zoom app.", allow_blank=True)


class MetricParticipant(Machine):
    """One stay of one participant."""

    id = text("Participant id", "Names the person.", allow_blank=True)
    network_type = text("Network", "The kind of network.", allow_blank=True)
    microphone = text("Microphone", "The device in use.", allow_blank=True)
    speaker = text("Speaker", "The device in use.", allow_blank=True)
    data_center = text("Data centre", "Where the connection ended.", allow_blank=True)
    connection_type = text("Connection", "The protocol in use.", allow_blank=True)
    share_application = flag("Shared a window", "At some time.")
    share_desktop = flag("Shared the screen", "At some time.")
    share_whiteboard = flag("Shared a whiteboard", "At some time.")
    recording = flag("Recorded", "At some time.")


class Stream(Shape):
    """Quality of sound in one direction."""

    bitrate = text("Bit rate", "In kbps.", allow_blank=True)
    latency = text("Latency", "In ms.", allow_blank=True)
    jitter = text("Jitter", "In ms.", allow_blank=True)
    avg_loss = text("Average loss", "Percent of packets.", allow_blank=True)
    max_loss = text("Highest loss", "Percent of packets.", allow_blank=True)


class PictureStream(Stream):
    """Quality of a picture in one direction."""

    resolution = text("Resolution", "Width and height.", allow_blank=True)
    frame_rate = text("Frame rate", "Pictures a second.", allow_blank=True)


class CpuUse(Shape):
    zoom_min_cpu_usage = text("Zoom, lowest", "Percent of the processor.", allow_blank=True)
    zoom_avg_cpu_usage = text("Zoom, average", "Percent of the processor.", allow_blank=True)
    zoom_max_cpu_usage = text("Zoom, highest", "Percent of the processor.", allow_blank=True)
    system_max_cpu_usage = text("Whole system, highest", "Percent of the processor.", allow_blank=True)


class Quality(Shape):
    """One sample of all streams."""

    date_time = moment("Measured", "When the sample was taken.")
    audio_input = Stream(required=False, label="Sound received")
    audio_output = Stream(required=False, label="Sound sent")
    video_input = PictureStream(required=False, label="Video received")
    video_output = PictureStream(required=False, label="Video sent")
    as_input = PictureStream(required=False, label="Shared screen received")
    as_output = PictureStream(required=False, label="Shared screen sent")
    cpu_usage = CpuUse(required=False, label="Processor")


class ParticipantQos(Machine):
    """One stay of one participant with its quality."""

    user_qos = Quality(required=False, label="Quality")


class SharingDetail(Shape):
    content = text("Content", "What was shared or recorded.")
    start_time = text("Start", "When it began.")
    end_time = text("End", "When it ended.", allow_blank=True)


class SharingParticipant(Shape):
    """What one participant shared or recorded."""

    id = text("Participant id", "Names the person.", allow_blank=True)
    user_id = text("Id in the meeting", "Names the stay.")
    user_name = text("Name", "As shown in the meeting.", allow_blank=True)
    details = SharingDetail(many=True, required=False, label="Details")


class ZoomRoomRow(Shape):
    """One Zoom Room."""

    id = text("Room id", "Names the room.")
    room_name = text("Room", "The room's name.")
    calender_name = text("Calendar name", "The calendar the room follows.", allow_blank=True)
    email = text("E-mail", "The room's address.", allow_blank=True)
    account_type = text("Account type", "The kind of account.", allow_blank=True)
    status = text("Status", "What the room is doing.")
    device_ip = text("Address", "IP address of the room's computer.", allow_blank=True)
    camera = text("Camera", "The device in use.", allow_blank=True)
    microphone = text("Microphone", "The device in use.", allow_blank=True)
    speaker = text("Speaker", "The device in use.", allow_blank=True)
    last_start_time = text("Last start", "When the room was started last.", allow_blank=True)


class RoomMeetings(Period, PageNumber):
    """The room's meetings in the period asked for."""

    page_count = number("Pages", "How many pages there are.")
    page_size = number("Page size", "Records in one answer.")
    total_records = number("Meetings", "How many there are.")
    next_page_token = text("Page token", "Of the next page; empty on the last.", allow_blank=True)
    meetings = MetricRow(many=True, required=False, label="Meetings")


class ZoomRoom(ZoomRoomRow):
    """One Zoom Room with what takes place in it and what took place."""

    live_meeting = MetricRow(required=False, label="Live meeting")
    past_meetings = RoomMeetings(required=False, label="Past meetings")


class HourUse(Shape):
    hour = text("Hour", "The hour of the day.")
    max_usage = number("Highest", "Ports in use at a time.")
    total_usage = number("Total", "Ports used in that hour.")


class DayUse(Shape):
    """One day, hour by hour."""

    date_time = text("Day", "The day.")
    crc_ports_hour_usage = HourUse(many=True, required=False, label="Hours")


class CrcUse(Period):
    """Use of the cloud room connector's ports."""

    crc_ports_usage = several(DayUse(), "Days")


_CHAT_KINDS = {
    "total": "All messages",
    "group": "Group messages",
    "calls": "Calls",
    "files": "Files",
    "images": "Pictures",
    "voice": "Voice messages",
    "videos": "Videos",
    "emoji": "Emoji",
}


class ChatUse(Shape):
    """What one user sent and received in chats."""

    user_id = text("User id", "Names the user.")
    user_name = text("Name", "The user's name.")
    email = text("E-mail", "The user's sign-in address; empty when the user is gone.", allow_blank=True)
    for _kind, _label in _CHAT_KINDS.items():
        vars()[f"{_kind}_send"] = number(f"{_label} sent", "How many in the period.")
        vars()[f"{_kind}_receive"] = number(f"{_label} received", "How many in the period.")
