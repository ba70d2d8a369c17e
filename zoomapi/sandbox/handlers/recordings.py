"""Cloud recordings: listing, the trash, and the way back."""

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.models import Session
from zoomapi.sandbox.past import recordings, sessions
from zoomapi.sandbox.past.recordings import DELETE, File, files
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.validation import Json
from zoomapi.sandbox.windows import window
from zoomapi.spec.recordings import Recordings


def _file(session: Session, file: File) -> Json:
    answer: Json = {
        "id": file.id,
        "meeting_id": session.uuid,
        "recording_start": session.start,
        "recording_end": session.end,
        "file_type": file.type,
        "file_size": file.size,
        "status": "completed",
        "recording_type": file.view,
    }
    if file.deleted_at:
        return answer | {"deleted_time": file.deleted_at}
    return answer | {
        "play_url": recordings.address(file, "play"),
        "download_url": recordings.address(file, "download"),
    }


def _meeting(session: Session, chosen: list[File]) -> Json:
    return {
        "uuid": session.uuid,
        "id": session.meeting_id,
        "account_id": session.account_id,
        "host_id": recordings.keeper(session),
        "topic": session.topic,
        "start_time": session.start,
        "duration": session.duration,
        "total_size": str(sum(file.size for file in chosen)),
        "recording_count": str(len(chosen)),
        "recording_files": [_file(session, file) for file in chosen],
    }


@serves(Recordings.list)
def list_recordings(call: Call) -> Json:
    user, days, trash = call.user(), window(call.query), bool(call.query.get("trash"))
    found = sessions.over(call.account_id, days).filter(recordings.kept_by(user.id))
    found = found.filter(trashed__gt=0) if trash else found.filter(kept__gt=0)
    if call.query.get("mc"):
        found = found.none()  # nobody here has a meeting connector
    return days.echo() | call.page(found, lambda rows: [_meeting(row, files(row, trash=trash)) for row in rows])


def _session(call: Call) -> Session:
    return sessions.one(call, call.params["meetingId"])


def _need(chosen: list[File], reference: str) -> list[File]:
    if not chosen:
        raise errors.no_recording(reference)
    return chosen


def _only(call: Call, chosen: list[File]) -> list[File]:
    wanted = call.params["recordingId"]
    return _need([file for file in chosen if file.id == wanted], wanted)


@serves(Recordings.get)
def get(call: Call) -> Json:
    session = _session(call)
    return _meeting(session, _need(files(session), call.params["meetingId"]))


def _removable(session: Session, action: str) -> list[File]:
    """What is in the trash can be deleted, but not put there again."""
    return files(session) + (files(session, trash=True) if action == DELETE else [])


@serves(Recordings.delete)
def delete(call: Call) -> None:
    session, action = _session(call), call.query["action"]
    chosen = _need(_removable(session, action), call.params["meetingId"])
    recordings.remove(session, chosen, action, call.now)


@serves(Recordings.delete_file)
def delete_file(call: Call) -> None:
    session, action = _session(call), call.query["action"]
    recordings.remove(session, _only(call, _removable(session, action)), action, call.now)


@serves(Recordings.recover)
def recover(call: Call) -> None:
    session = _session(call)
    recordings.recover(session, _need(files(session, trash=True), call.params["meetingId"]))


@serves(Recordings.recover_file)
def recover_file(call: Call) -> None:
    session = _session(call)
    recordings.recover(session, _only(call, files(session, trash=True)))
