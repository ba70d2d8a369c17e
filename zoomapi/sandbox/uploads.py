"""Multipart bodies."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from zoomapi.sandbox.calls import Upload
from zoomapi.sandbox.errors import invalid
from zoomapi.sandbox.http import MAX_BODY, Request


class _InMemory(MemoryFileUploadHandler):
    """The body is in memory already and small; no file is ever written."""

    def handle_raw_input(self, *args: object, **kwargs: object) -> None:
        self.activated = True


def read_files(request: Request) -> dict[str, Upload]:
    """Return a multipart request's files by field name; anything else has none."""
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith("multipart/form-data"):
        return {}
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(min(len(request.body), MAX_BODY))}
    try:
        _, files = MultiPartParser(meta, BytesIO(request.body), [_InMemory()], "utf-8").parse()
    except (MultiPartParserError, ValueError, UnicodeError):
        raise invalid("body") from None
    return {name: _upload(file) for name, file in files.items() if isinstance(file, UploadedFile)}


def _upload(file: "UploadedFile[Any]") -> Upload:
    return Upload(file.name or "", file.content_type or "", file.read())
