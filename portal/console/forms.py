"""The form of any operation, from its specification: path, query, body, lists as rows, or the body as JSON."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from rest_framework import serializers

from portal.bulk.pages import REASON_LENGTH
from portal.console.catalogue import ACCOUNT, is_grave
from portal.console.rawbody import RawBody
from portal.console.rows import Rows
from portal.ui.forms import SpecForm, body_from, form_for, nested, spec_leaves
from zoomapi.spec import Endpoint
from zoomapi.spec.base import ShapeClass
from zoomapi.spec.describe import flat
from zoomapi.spec.words import limits

MOST_BYTES = 2 * 1024 * 1024
AS_FORM, AS_JSON = "form", "json"
Json = dict[str, Any]


class PathForm(forms.Form):
    """The parameters of the path, but for the sub-account's."""

    def __init__(self, endpoint: Endpoint, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, prefix="path", initial=initial)
        for name in endpoint.params:
            if name != ACCOUNT:
                self.fields[name] = forms.CharField(
                    label=spaced(name), help_text=self._help(endpoint, name), max_length=254
                )

    def _help(self, endpoint: Endpoint, name: str) -> str:
        if name in endpoint.uuid:
            return "An id, or a UUID just as Zoom shows it: its slashes are quoted for you."
        return "An id or an e-mail address." if name == "userId" else "The id."


class ActForm(forms.Form):
    """What every write needs: why, and for grave ones the operation's name, typed."""

    reason = forms.CharField(
        max_length=REASON_LENGTH,
        help_text="Kept in the audit log.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    typed = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, endpoint: Endpoint, data: Any = None) -> None:
        super().__init__(data)
        self.endpoint = endpoint
        if is_grave(endpoint):
            self.fields["typed"].label = f"Type “{endpoint.key}” to confirm"
        else:
            del self.fields["typed"]

    def clean_typed(self) -> str:
        if self.cleaned_data["typed"].strip() != self.endpoint.key:
            raise forms.ValidationError(f"Type “{self.endpoint.key}” exactly.")
        return self.endpoint.key


class FileForm(forms.Form):
    """The one file of an upload."""

    def __init__(self, endpoint: Endpoint, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, prefix="file")
        self.fields[endpoint.upload] = forms.FileField(label="File", help_text=f"{endpoint.upload}; at most 2 MB.")

    def clean(self) -> Json:
        cleaned = super().clean() or self.cleaned_data
        for name, file in list(cleaned.items()):  # a refused one is taken out
            if isinstance(file, UploadedFile) and (file.size or 0) > MOST_BYTES:
                self.add_error(name, "The file is larger than 2 MB.")
        return cleaned

    def sent(self) -> Json:
        return {
            name: (file.name, file.read(), file.content_type or "application/octet-stream")
            for name, file in self.cleaned_data.items()
        }


class OperationForm:
    """All parts of the form of one operation, acting as one. ``given``: what an address says to begin with."""

    def __init__(
        self,
        endpoint: Endpoint,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
        given: QueryDict | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.path = PathForm(endpoint, data, initial=_initial(given, "path"))
        self.query = _part(endpoint.query, data, "query", partial=False, given=given)
        lists = list_fields(endpoint.body)
        self.body = _part(endpoint.body, data, "body", partial=endpoint.partial, exclude=tuple(lists))
        self.rows = [Rows(name, spec, data) for name, spec in lists.items()]
        self.raw = RawBody(endpoint, data) if endpoint.body is not None else None
        self.file = FileForm(endpoint, data, files) if endpoint.upload else None
        self.act = None if endpoint.is_read else ActForm(endpoint, data)
        self.as_json = bool(self.raw and data is not None and data.get("body_as") == AS_JSON)
        self.general: list[str] = []
        silence(self.unsent)

    @property
    def parts(self) -> list[forms.BaseForm]:
        """The forms whose fields are sent."""
        body = [self.raw] if self.as_json else self._fields
        return [form for form in (self.path, self.query, *body, self.file) if form is not None]

    @property
    def unsent(self) -> list[forms.BaseForm]:
        """The other way to write the body: kept, but nothing in it can be wrong."""
        return [form for form in (self._fields if self.as_json else [self.raw]) if form is not None]

    @property
    def _fields(self) -> list[SpecForm | None]:
        return [self.body, *(form for rows in self.rows for form in rows.filled)]

    @property
    def every_part(self) -> list[forms.BaseForm]:
        return [*self.parts, *([self.act] if self.act else [])]

    def is_valid(self, *, act: bool = True) -> bool:
        """Whether all parts are; without ``act`` a missing reason does not matter yet."""
        wrong = [form for form in (self.every_part if act else self.parts) if not form.is_valid()]
        return not wrong and not self.general

    def add_row(self, name: str) -> None:
        for rows in self.rows:
            if rows.name == name:
                rows.add()

    def values(self) -> tuple[Json, Json, Json]:
        """Path, query and body as given. The parts must be valid."""
        query = body_from(self.query) if self.query else {}
        return dict(self.path.cleaned_data), query, self._body()

    def _body(self) -> Json:
        if self.as_json and self.raw is not None:
            given: Json = self.raw.cleaned_data["raw"]
            return given
        pairs = [(name, after) for name, (_, after) in self.body.changes().items()] if self.body else []
        return nested([*pairs, *((rows.name, rows.values()) for rows in self.rows if rows.filled)])

    def quiet(self, *, act_only: bool) -> None:
        """Tell no errors yet: the person is still filling in, or only wants to see the request."""
        act = [self.act] if self.act else []
        silence(act if act_only else [*self.every_part, *self.unsent])

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Every message, with the id and the label of its field."""
        found = [("", "", text) for text in self.general]
        for form in self.every_part:
            found += [("", "", str(text)) for text in form.non_field_errors()]
            found += [(bound.auto_id, str(bound.label), str(text)) for bound in form for text in bound.errors]
        return found + [("", rows.label, text) for rows in self.rows for text in rows.errors]

    def place(self, name: str, texts: list[str]) -> None:
        """Put messages beside the field they are about, or on top when no field here has that name."""
        if self.as_json and self.raw is not None and name not in self.path.fields:
            in_query = self.query is not None and name in self.query.fields
            if not in_query:
                self.raw.add_error("raw", [f"{name}: {text}" if name else text for text in texts])
                return
        if any(rows.place(name, texts) for rows in self.rows):
            return
        for form in (self.path, self.query, self.body):
            found = _field_of(form, name)
            if form is not None and found:
                form.add_error(found, texts)
                return
        self.general += [f"{name}: {text}" if name else text for text in texts]


def silence(parts: Iterable[forms.BaseForm]) -> None:
    for form in parts:
        if form.is_bound:
            form._errors = ErrorDict()  # type: ignore[attr-defined]  # where Django keeps them


def list_fields(shape: ShapeClass | None) -> dict[str, Any]:
    """Lists of shapes in a body, by dotted name: each becomes rows."""
    if shape is None:
        return {}
    return {name: spec for name, spec in spec_leaves(shape()) if isinstance(spec, serializers.ListSerializer)}


def _initial(given: QueryDict | None, prefix: str) -> Json:
    start = f"{prefix}-"
    return {name.removeprefix(start): text for name, text in (given or {}).items() if name.startswith(start)}


def _part(
    shape: ShapeClass | None,
    data: Any,
    prefix: str,
    *,
    partial: bool,
    exclude: tuple[str, ...] = (),
    given: QueryDict | None = None,
) -> SpecForm | None:
    """The form of a shape. A partial change is an edit of which nothing is known: no field is needed."""
    if shape is None:
        return None
    made = form_for(shape, initial={} if partial else None, exclude=exclude)(
        data, prefix=prefix, initial=_initial(given, prefix)
    )
    explain(made, shape)
    return made


def explain(form: SpecForm, shape: ShapeClass) -> None:
    """Say the name on the wire and the limits in each field's help."""
    infos = {info.name: info for info in flat(shape)}
    for name in form.specs:
        field, info = form.fields[name], infos.get(name)
        # Many helps tell the length in their own words.
        bounds = limits(info) if info and "character" not in info.help else ""
        field.help_text = format_html("<code>{}</code>{} {}", name, f", {bounds}." if bounds else ".", field.help_text)


def _field_of(form: forms.BaseForm | None, name: str) -> str:
    if form is None or not name:
        return ""
    return name if name in form.fields else next((field for field in form.fields if field.endswith(f".{name}")), "")


def spaced(name: str) -> str:
    """A placeholder's name as a label: "meetingUUID" is "Meeting UUID"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).split()
    return " ".join([words[0].capitalize(), *(word if word.isupper() else word.lower() for word in words[1:])])
