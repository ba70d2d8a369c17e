"""Taking a file in: stored under a name of our own, for its owner only, and no further than the limit."""

import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from portal.bulk.files import workbook

BROKEN_OFF = "The connection broke before the whole file had arrived. Nothing was stored. Send it again."
PATIENCE = 4  # how many times the limit is read and thrown away, so that the answer reaches the browser


class StoredFile(UploadedFile):  # type: ignore[type-arg]  # generic in the stubs only
    """A file that lies in the upload folder already. ``path`` is where; ``refused`` says why it is not there.

    ``is_taken``: it belongs to a job.
    """

    def __init__(self, path: Path, name: str | None, size: int, refused: str) -> None:
        super().__init__(None, name, "text/csv", size)
        self.path, self.refused, self.is_taken = path, refused, False


class LimitedUpload(FileUploadHandler):
    """Writes each chunk as it comes and stops storing at the limit: what is too large never fills the disk."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.begun: list[Path] = []
        self.stored: list[StoredFile] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.size, self.refused = 0, ""
        self.path = Path(settings.UPLOAD_DIR) / f"{uuid.uuid4().hex}.csv"
        self.begun.append(self.path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.handle = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size += len(raw_data)
        if self.size <= settings.UPLOAD_MAX_BYTES:
            self.handle.write(raw_data)
            return
        if not self.refused:
            limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
            self.refused = f"The file is larger than {limit} MB. Nothing was stored. Split it and send the parts."
            self._drop()
        if self.size > settings.UPLOAD_MAX_BYTES * PATIENCE:
            raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> StoredFile:
        self.handle.close()
        self.stored.append(StoredFile(self.path, self.file_name, file_size, self.refused))
        return self.stored[-1]

    def remove_others(self) -> None:
        """Remove what came and no job has taken: whatever was wrong with it, or with the request."""
        taken = {file.path for file in self.stored if file.is_taken}
        for path in self.begun:
            if path not in taken:
                workbook.remove(path)
        if self.begun:
            with suppress(OSError):  # a full disk refuses what was still to be written
                self.handle.close()

    def upload_interrupted(self) -> None:
        if hasattr(self, "handle"):
            self._drop()

    def _drop(self) -> None:
        self.handle.close()
        self.path.unlink(missing_ok=True)


def came_whole(request: HttpRequest) -> bool:
    """Whether as many bytes came as were announced. A body cut off in the middle reads like a shorter file."""
    stream: Any = getattr(request, "_stream", None)  # Django's own count; nothing public tells it
    return bool(stream is None or not hasattr(stream, "limit") or stream._pos >= stream.limit)
