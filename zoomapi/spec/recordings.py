"""Cloud recordings: whole meetings and single files, the trash and the way back (section "Cloud Recording").

A meeting is named by its id, which means its last instance, or by the UUID of one instance.
"""

from zoomapi.spec.base import Effect, Endpoint, Family, Paging, Shape, page
from zoomapi.spec.fields import amount, choice, flag, minutes, moment, number, text
from zoomapi.spec.shapes import Period, PeriodTokenQuery

DELETE_RECORDING = {"trash": "Move to the trash", "delete": "Delete for ever"}
RECOVER_RECORDING = {"recover": "Bring back from the trash"}


class RecordingQuery(PeriodTokenQuery):
    """Which recordings to list."""

    mc = flag("Meeting connector", "Recordings of meetings held through a meeting connector.", initial=False)
    trash = flag("Trash", "Those in the trash instead of the others.", initial=False)


class RecordingFile(Shape):
    """One file. Files in the trash have no addresses but a time of deletion."""

    id = text("File id", "Names the file.")
    meeting_id = text("Meeting", "UUID of the meeting's instance.")
    recording_start = text("Start", "When recording began.")
    recording_end = text("End", "When recording stopped.", allow_blank=True)
    file_type = text("File type", "What the file holds.")
    file_size = amount("Size", "Bytes.")
    play_url = text("Play address", "Where it can be watched.", allow_blank=True)
    download_url = text("Download address", "Where it can be fetched.", allow_blank=True)
    status = text("Status", "Whether it is ready.")
    deleted_time = text("Deleted", "When it went to the trash.", allow_blank=True)
    recording_type = text("View", "Whose picture it shows.")


class RecordedMeeting(Shape):
    """One instance of a meeting with its files."""

    uuid = text("UUID", "Names this instance; may contain slashes.")
    id = number("Meeting id", "9 to 11 digits.")
    account_id = text("Account id", "The account of the host.")
    host_id = text("Host id", "The user who held it.")
    topic = text("Topic", "What it was about.", allow_blank=True)
    start_time = moment("Start", "When it started.")
    duration = minutes("Duration")
    total_size = text("Total size", "Bytes of all files together.")
    recording_count = text("Files", "How many files there are.")
    recording_files = RecordingFile(many=True, required=False, label="Files")


class RecordingRemoval(Shape):
    action = choice("How", "The trash keeps recordings for a while.", DELETE_RECORDING, initial="trash")


class RecordingReturn(Shape):
    action = choice("Change", "What happens to what is in the trash.", RECOVER_RECORDING)


class Recordings(Family):
    label = "Cloud recording"

    list = Endpoint(
        "GET",
        "/users/{userId}/recordings",
        title="List a user's recordings",
        query=RecordingQuery,
        reply=page("meetings", RecordedMeeting, Paging.TOKEN, base=Period),
        paging=Paging.TOKEN,
        item_key="meetings",
    )
    get = Endpoint(
        "GET",
        "/meetings/{meetingId}/recordings",
        title="Show a meeting's recordings",
        reply=RecordedMeeting,
        item_key="recording_files",
        uuid=("meetingId",),
    )
    delete = Endpoint(
        "DELETE",
        "/meetings/{meetingId}/recordings",
        title="Delete a meeting's recordings",
        query=RecordingRemoval,
        status=204,
        effect=Effect.PEOPLE,
        uuid=("meetingId",),
    )
    delete_file = Endpoint(
        "DELETE",
        "/meetings/{meetingId}/recordings/{recordingId}",
        title="Delete one recording file",
        query=RecordingRemoval,
        status=204,
        effect=Effect.PEOPLE,
        uuid=("meetingId",),
    )
    recover = Endpoint(
        "PUT",
        "/meetings/{meetingId}/recordings/status",
        title="Recover a meeting's recordings",
        body=RecordingReturn,
        status=204,
        uuid=("meetingId",),
    )
    recover_file = Endpoint(
        "PUT",
        "/meetings/{meetingId}/recordings/{recordingId}/status",
        title="Recover one recording file",
        body=RecordingReturn,
        status=204,
        uuid=("meetingId",),
    )
