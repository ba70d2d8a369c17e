"""The form that takes a file."""

from typing import Any

from django import forms

from portal.access.scope import Scope
from portal.bulk.files.upload import StoredFile
from portal.directory.models import SubAccount
from portal.gateway.models import Connection


class UploadForm(forms.Form):
    """``usable`` are the connections that hold a sub-account of the person's."""

    connection = forms.ModelChoiceField(Connection.objects.none(), label="Master account", empty_label=None)
    file = forms.FileField(
        label="CSV or XLSX file",
        help_text="At most 100,000 rows and 50 MB. Comma, semicolon or tab, or a workbook; with or without a header.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,.xlsx"}),
        error_messages={
            "required": "Choose a file first.",
            "empty": "The file is empty. Nothing was stored.",
            "max_length": "The file's name is too long. Rename it and send it again.",
        },
        max_length=200,
    )

    def __init__(self, scope: Scope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = SubAccount.objects.for_scope(scope).values("connection")
        usable = Connection.objects.filter(is_active=True, pk__in=mine)
        field = self.fields["connection"]
        field.queryset = usable  # type: ignore[attr-defined]  # a ModelChoiceField, seen as a plain field
        self.usable = list(usable)
        if len(self.usable) == 1:
            del self.fields["connection"]

    def clean(self) -> dict[str, Any]:
        if len(self.usable) == 1:
            self.cleaned_data["connection"] = self.usable[0]
        return self.cleaned_data

    def clean_file(self) -> StoredFile:
        found = self.cleaned_data["file"]
        if not isinstance(found, StoredFile) or found.refused:
            raise forms.ValidationError(
                getattr(found, "refused", "") or "The file did not arrive whole. Send it again."
            )
        return found
