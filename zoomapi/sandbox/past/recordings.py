"""Files of cloud recordings: made from the instance's seed, with what was done to them kept in its row."""

import random
from dataclasses import dataclass

from django.db.models import Q

from zoomapi.sandbox.models import Session
from zoomapi.sandbox.past.numbers import SITE, made_id
from zoomapi.sandbox.past.sessions import RECORDED

MP4, M4A, CHAT, TRANSCRIPT = "MP4", "M4A", "CHAT", "TRANSCRIPT"
BYTES_A_MINUTE = {MP4: 1_700_000, M4A: 240_000, CHAT: 110, TRANSCRIPT: 900}
TRASH, DELETE = "trash", "delete"
KEEPER = "keeper"


@dataclass(frozen=True)
class File:
    """``deleted_at`` is when it went to the trash, "" when it did not."""

    id: str
    type: str
    view: str
    size: int
    deleted_at: str


def made_files(session: Session) -> list[tuple[str, str, int]]:
    """Return (type, view, bytes) of what was recorded, in the order of the list."""
    if not session.features & RECORDED or not session.end:
        return []
    source = random.Random(f"{session.seed}/recording")
    kinds = [(MP4, "active_speaker"), (M4A, "audio_only")]
    kinds += [(MP4, "gallery_view")] if source.random() < 0.4 else []
    kinds += [(CHAT, "chat_file")] if source.random() < 0.5 else []
    kinds += [(TRANSCRIPT, "audio_transcript")] if source.random() < 0.4 else []
    length = max(1, session.duration)
    return [(kind, view, int(BYTES_A_MINUTE[kind] * length * source.uniform(0.7, 1.4))) for kind, view in kinds]


def files(session: Session, *, trash: bool = False) -> list[File]:
    """Return the files that are there, or those in the trash."""
    return [file for file in _all(session) if bool(file.deleted_at) == trash]


def _all(session: Session) -> list[File]:
    trashed, gone = session.files.get("trash", {}), session.files.get("gone", [])
    found = []
    for number, (kind, view, size) in enumerate(made_files(session)):
        file_id = made_id(session.seed, "file", number)
        if file_id not in gone:
            found.append(File(file_id, kind, view, size, trashed.get(file_id, "")))
    return found


def remove(session: Session, chosen: list[File], action: str, now: str) -> None:
    """Put files into the trash, or delete them for ever."""
    for file in chosen:
        if action == TRASH:
            session.files.setdefault("trash", {})[file.id] = now
        else:
            session.files.get("trash", {}).pop(file.id, None)
            session.files.setdefault("gone", []).append(file.id)
    _save(session)


def recover(session: Session, chosen: list[File]) -> None:
    for file in chosen:
        session.files["trash"].pop(file.id)
    _save(session)


def _save(session: Session) -> None:
    session.kept, session.trashed = len(files(session)), len(files(session, trash=True))
    session.save(update_fields=["kept", "trashed", "files"])


def kept_by(user_id: str) -> Q:
    """Whose recordings they are: the host's, unless they were handed over."""
    return Q(files__keeper=user_id) | (Q(host_id=user_id) & ~Q(files__has_key=KEEPER))


def keeper(session: Session) -> str:
    return str(session.files.get(KEEPER, session.host_id))


def hand_over(user_id: str, receiver_id: str) -> None:
    """Give a user's recordings to somebody else, those in the trash too; who held the meetings stays known."""
    for session in Session.objects.filter(kept_by(user_id)).exclude(kept=0, trashed=0):
        session.files[KEEPER] = receiver_id
        session.save(update_fields=["files"])


def address(file: File, what: str) -> str:
    """Where a file could be played or downloaded; nothing is served there."""
    return f"{SITE}/recording/{what}/{file.id}"
