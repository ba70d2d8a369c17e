"""The API as an OpenAPI 3 document, derived from the spec."""

from zoomapi.openapi.document import document

__all__ = ["document"]
