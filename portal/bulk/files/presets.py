"""What an address says in advance about a file sent there: its sub-account, and values that hold for all rows."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from portal.bulk.files.flows import Flow
from portal.bulk.files.user_columns import ACCOUNT
from portal.bulk.models import Job
from portal.directory.models import SubAccount
from portal.ui.requests import scope_of


@dataclass(frozen=True)
class Presets:
    """``fixed``: the labels and values, by the name of the column, that hold for all rows."""

    account: SubAccount | None = None
    fixed: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What a person is shown."""
        return [*([("Sub-account", str(self.account))] if self.account else []), *self.fixed.values()]

    def put(self, job: Job) -> None:
        """Give them to a new job. A sub-account of another master account is left out."""
        found: dict[str, Any] = {name: value for name, (_, value) in self.fixed.items()}
        constants: dict[str, Any] = {"fixed": found} if found else {}
        if self.account and self.account.connection_id == job.connection_id:
            constants["account"] = self.account.zoom_id
        if constants:
            job.options["constants"] = constants
            job.save(update_fields=["options"])


def presets_of(request: HttpRequest, flow: Flow) -> Presets:
    """Read them; what is out of scope, or no column of this kind of file, is passed over."""
    text = request.GET.get("account", "")
    usable = flow.general and text.isascii() and text.isdigit() and len(text) < 19
    rows = SubAccount.objects.for_scope(scope_of(request)).filter(pk=int(text) if usable else 0)
    columns = [column for column in flow.columns() if column.name != ACCOUNT and not column.secret]
    given = {column.name: (column.label, request.GET.get(column.name, "").strip()) for column in columns}
    fixed = {name: pair for name, pair in given.items() if pair[1]} if flow.own_form == "fixed" else {}
    return Presets(rows.first(), fixed)
