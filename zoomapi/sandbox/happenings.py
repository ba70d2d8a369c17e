"""One thing that happened, and how each Zoom writes it for those who listen: the document's, and today's."""

from dataclasses import dataclass
from typing import Any

from zoomapi.spec.events import BY_CLASSIC_NAME

Json = dict[str, Any]
EXTENSIONS = {"MP4": "MP4", "M4A": "M4A", "CHAT": "TXT", "TRANSCRIPT": "VTT"}
NUMBERED = ("meeting_registered", "recording_completed", "recording_transcript_completed")  # ids are numbers there


@dataclass(frozen=True)
class Happening:
    """``event`` is the document's name, ``kind`` meeting or webinar, ``at`` seconds, ``about`` the meeting as the
    document would write it, with its participant, registrant or recording files.
    """

    event: str
    kind: str
    account_id: str
    at: float
    about: Json

    def name(self, *, today: bool) -> str:
        """Return what that Zoom calls it; empty when it does not tell of it."""
        return BY_CLASSIC_NAME[self.event].today(self.kind) if today else self.event

    def written(self, *, today: bool) -> Json:
        if not today:
            return {"event": self.event, "payload": {"account_id": self.account_id, "meeting": self.about}}
        return {
            "event": self.name(today=True),
            "event_ts": int(self.at * 1000),
            "payload": {"account_id": self.account_id, "object": self._object()},
        }

    def _object(self) -> Json:
        about = dict(self.about)
        if self.event not in NUMBERED:
            about["id"] = str(about["id"])
        if "recording_files" in about:
            files = [file | {"file_extension": EXTENSIONS[file["file_type"]]} for file in about["recording_files"]]
            size = sum(file["file_size"] for file in files)
            about |= {"account_id": self.account_id, "total_size": size, "recording_count": len(files)}
            about["recording_files"] = files
        return about
