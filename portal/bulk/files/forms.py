"""The form that says how a file is read and what its columns mean."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from portal.access.scope import Scope
from portal.bulk.files import halves, slashes, users
from portal.bulk.files.accounts import AccountIndex
from portal.bulk.files.detect import DELIMITERS, ENCODINGS, Layout
from portal.bulk.files.flows import flow_of
from portal.bulk.files.flows.base import Flow
from portal.bulk.files.refusal import Bad
from portal.bulk.files.slashes import Seen
from portal.bulk.files.user_columns import ACCOUNT
from portal.bulk.models import Job
from zoomapi.spec.user_shapes import CREATE_ACTIONS

MODES = {
    "both": "Create new users and change existing ones",
    "create": "Only create new users; leave existing ones as they are",
    "update": "Only change existing users",
}
READING = ("sheet", "encoding", "delimiter", "begin", "header", "dates")
LISTED = 300  # sub-accounts offered by name; with more, one types


class MappingForm(forms.Form):
    """How to read the file, what each column is, and what holds for all rows. Use ``mapping_form``."""

    flow: Flow
    own: tuple[str, ...] = ()  # further fields that hold for all rows

    encoding = forms.ChoiceField(choices=ENCODINGS.items(), label="Encoding")
    delimiter = forms.CharField(label="Cells are separated by")
    sheet = forms.CharField(label="Sheet")
    header = forms.BooleanField(label="Its first row holds the column names", required=False)
    begin = forms.IntegerField(
        label="The table begins in line", required=False, min_value=1, help_text="What stands above it is left out."
    )
    dates = forms.ChoiceField(
        label="Dates with slashes have",
        choices=[("", "— not said —"), *slashes.ORDERS.items()],
        required=False,
        help_text="2026-12-24, 24.12.2026 and Dec 24, 2026 are always read. The check shows how others were read.",
    )
    shown = forms.CharField(widget=forms.HiddenInput, required=False)  # which doubt about dates is on the page
    confirmed = forms.BooleanField(label="I have checked this: letters, columns and dates are right", required=False)
    account = forms.CharField(
        label="Sub-account of all rows", required=False, help_text="For rows that name none: name, account id or owner."
    )
    short_ok = forms.BooleanField(
        label="Cells missing at the end of a row count as empty",
        required=False,
        help_text="Otherwise such rows are errors.",
    )
    save_as = forms.CharField(
        label="Keep this mapping as",
        required=False,
        max_length=80,
        help_text="It is offered again for files with these columns, or most of them. Empty: it is not kept.",
    )
    shared = forms.BooleanField(label="For everybody who sees all sub-accounts", required=False)

    def __init__(self, job: Job, scope: Scope, *args: Any, **kwargs: Any) -> None:
        options = job.options
        self.flow = flow_of(job)
        self.columns_known = self.flow.columns()
        kwargs.setdefault("initial", self.initial_of(options))
        super().__init__(*args, **kwargs)
        self.job, self.taken = job, options["mapping"]
        self.dates_seen = self._seen(options["mapping"], (options.get("constants") or {}).get("fixed", {}))
        self.index = AccountIndex(job.connection, scope)
        self.positions = range(options["keep"])
        named = [(column.name, column.label) for column in self.columns_known]
        choices = [("", "— leave out —"), *named, *halves.choices(self.columns_known)]
        for position in self.positions:
            field = forms.ChoiceField(
                choices=choices, required=False, label=options["header"][position] or f"Column {position + 1}"
            )
            field.initial = next((n for n, place in options["mapping"].items() if place == position), "")
            self.fields[f"column_{position}"] = field
        self._reading(options)
        self._dates()
        self._accounts()
        if not scope.everywhere:
            del self.fields["shared"]

    @property
    def doubts(self) -> list[str]:
        """What is to be looked at: of the file, and of its dates as the columns are mapped now."""
        together = halves.doubts(self.taken, self.columns_known, self.job.options["header"])
        return [*self.job.options.get("doubts", []), *together, *filter(None, [self.dates_seen.doubt])]

    def initial_of(self, options: dict[str, Any]) -> dict[str, Any]:
        layout = options["layout"]
        delimiter = "tab" if layout["delimiter"] == "\t" else layout["delimiter"]
        constants = options.get("constants") or {}
        return {**layout, "delimiter": delimiter, **constants, "short_ok": options.get("short_ok", False)}

    def _reading(self, options: dict[str, Any]) -> None:
        if "sheets" in options:
            self.fields["sheet"] = forms.ChoiceField(choices=[(n, n) for n in options["sheets"]], label="Sheet")
            del self.fields["encoding"], self.fields["delimiter"]
            return
        del self.fields["sheet"]
        current = options["layout"]["delimiter"]
        choices = dict(DELIMITERS) | ({} if current in DELIMITERS else {current: current})
        words = {"\t": "tab"}
        listed = [
            (words.get(sign, sign), f"{name} ({sign})" if sign != "\t" else name) for sign, name in choices.items()
        ]
        self.fields["delimiter"] = forms.ChoiceField(choices=listed, label="Cells are separated by")

    def _dates(self) -> None:
        if not any(map(slashes.is_date, self.columns_known)):
            del self.fields["dates"], self.fields["shown"]
            return
        self.initial["dates"] = self.dates_seen.order or self.initial.get("dates", "")
        self.initial["shown"] = self.dates_seen.mark

    def _accounts(self) -> None:
        if not self.flow.general:
            del self.fields["account"]
        elif len(self.index) <= LISTED:
            places = sorted((account.name, account.zoom_id) for account in self.index.by_pk.values())
            listed = [(zoom_id, name) for name, zoom_id in places]
            self.fields["account"].widget = forms.Select(choices=[("", "— each row names its own —"), *listed])
            if len(listed) == 1:
                self.fields["account"].initial = listed[0][0]
                self.initial["account"] = self.initial.get("account") or listed[0][0]

    def reading(self) -> list[BoundField]:
        """The fields that say how the file is read."""
        return [self[name] for name in READING if name in self.fields]

    def for_all(self) -> list[BoundField]:
        """The fields that hold for all rows."""
        return [self[name] for name in (*self.own, "account", "short_ok") if name in self.fields]

    def keeping(self) -> list[BoundField]:
        return [self[name] for name in ("save_as", "shared") if name in self.fields]

    def fixed_fields(self) -> list[BoundField]:
        """Further values for all rows, one for each column; none in a form that has words of its own for them."""
        return []

    def columns(self) -> Iterator[tuple[int, BoundField]]:
        return ((position, self[f"column_{position}"]) for position in self.positions)

    def can_be_read(self) -> bool:
        return not {"encoding", "delimiter", "sheet", "begin"} & self.errors.keys()

    def layout(self) -> Layout:
        data, now = self.cleaned_data, Layout(**self.job.options["layout"])
        if "sheet" in self.fields:
            begin = (data["begin"] or now.begin) if data["sheet"] == now.sheet else 1
            return replace(now, header=data["header"], sheet=data["sheet"], begin=begin)
        sign = "\t" if data["delimiter"] == "tab" else data["delimiter"]
        begin = data["begin"] or now.begin
        return replace(now, encoding=data["encoding"], delimiter=sign, header=data["header"], begin=begin)

    def mapping(self) -> dict[str, int]:
        return {name: n for n in self.positions if (name := self.cleaned_data.get(f"column_{n}"))}

    def constants(self) -> dict[str, Any]:
        """What holds for all rows, as the flow's planner takes it."""
        found = {"account": self.cleaned_data.get("account", "").strip()}
        return found | ({"dates": self.cleaned_data.get("dates", "")} if "dates" in self.fields else {})

    def chosen(self) -> dict[str, Any]:
        """Mapping and constants as far as they are right, whatever else the form lacks."""
        faulty = {name.partition("_")[0] for name in self.errors}
        found: dict[str, Any] = {} if "column" in faulty else {"mapping": self.mapping()}
        if faulty.isdisjoint({"account", "fixed", *self.own}):
            found["constants"] = self.constants()
        return found

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        taken: dict[str, int] = {}
        for position in self.positions:
            name = data.get(f"column_{position}")
            if name and name in taken:
                self.add_error(f"column_{position}", f"Column {taken[name] + 1} is used for this already.")
            elif name:
                taken[name] = position
        self.taken = taken
        for position, problem in halves.lonely(taken, self.columns_known):
            self.add_error(f"column_{position}", problem)
        for names, text in self.flow.needed:
            if not any(name in taken or self.is_fixed(name) for name in names):
                self.add_error(None, f"No column holds {text}. Choose one: a row is nothing without it.")
        self._clean_dates(taken)
        if self.doubts and not data.get("confirmed"):
            self.add_error("confirmed", "Look at the sample below and confirm that it is right.")
        return data

    def fixed(self) -> dict[str, str]:
        """Texts for all rows by the name of their column."""
        return {}

    def _seen(self, mapping: dict[str, int], fixed: dict[str, str]) -> Seen:
        return slashes.seen_in(self.job.options.get("dates", {}), self.columns_known, mapping, fixed)

    def _clean_dates(self, mapping: dict[str, int]) -> None:
        """What the dates prove holds, and nobody confirms a doubt that was not on the page: other columns, others."""
        if "dates" not in self.fields:
            return
        self.dates_seen = seen = self._seen(mapping, self.fixed())
        chosen, shown = self.cleaned_data.get("dates", ""), self.cleaned_data.get("shown", "")
        again = QueryDict(mutable=True)
        again.update(self.data)
        again["shown"] = seen.mark
        if seen.mark and seen.mark != shown:
            self.add_error("dates", "The columns chosen raise a new doubt, see above. Look at this again.")
            again["dates"] = seen.order
            again.pop("confirmed", None)
        elif seen.order and chosen != seen.order:
            told = slashes.ORDERS[seen.order]
            self.add_error("dates", f"The file proves another order, see above. Choose “{told}”, or mend that line.")
        elif seen.asks and not chosen:
            self.add_error("dates", "Choose which comes first: the file has such dates, see above.")
        self.data = again  # is shown where the form comes back

    def is_fixed(self, name: str) -> bool:
        """Whether all rows have one value for this column."""
        return False

    def clean_account(self) -> str:
        text: str = self.cleaned_data["account"].strip()
        if text:
            try:
                text = self.index.find(text).zoom_id
            except Bad as bad:
                raise forms.ValidationError(list(bad.messages)) from bad
        return text


class UsersForm(MappingForm):
    """The import of users has words of its own for what holds for all rows."""

    own = ("mode", "action", "type")

    mode = forms.ChoiceField(choices=MODES.items(), label="What to do")
    action = forms.ChoiceField(choices=CREATE_ACTIONS.items(), label="How new users come into being")
    type = forms.TypedChoiceField(coerce=int, label="Type of new users", help_text="For rows whose type is empty.")

    def __init__(self, job: Job, scope: Scope, *args: Any, **kwargs: Any) -> None:
        super().__init__(job, scope, *args, **kwargs)
        self.fields["type"].choices = list(job.connection.zoom.user_types.items())  # type: ignore[attr-defined]  # a ChoiceField

    def initial_of(self, options: dict[str, Any]) -> dict[str, Any]:
        return {**asdict(users.Constants()), **super().initial_of(options)}

    def constants(self) -> dict[str, Any]:
        data = self.cleaned_data
        return asdict(users.Constants(data["action"], data["type"], data["account"].strip(), data["mode"]))


class FixedForm(MappingForm):
    """Any column may have one value for all rows; secrets may not, since the job's own page would hold them."""

    def __init__(self, job: Job, scope: Scope, *args: Any, **kwargs: Any) -> None:
        super().__init__(job, scope, *args, **kwargs)
        kept = (job.options.get("constants") or {}).get("fixed", {})
        self.fixable = [c for c in self.columns_known if not c.secret and c.name != ACCOUNT]
        for number, column in enumerate(self.fixable):
            field = forms.CharField(
                label=column.label, required=False, help_text=column.help_text, initial=kept.get(column.name, "")
            )
            choices = getattr(column.field, "choices", None)
            if choices and len(choices) <= LISTED:
                labelled = [("", "—"), *((str(value), str(label)) for value, label in choices.items())]
                field.widget = forms.Select(choices=labelled)
            self.fields[f"fixed_{number}"] = field

    def fixed_fields(self) -> list[BoundField]:
        return [self[f"fixed_{number}"] for number in range(len(self.fixable))]

    @property
    def has_fixed(self) -> bool:
        """Whether a value is there to be seen."""
        return any(bound.value() for bound in self.fixed_fields())

    def is_fixed(self, name: str) -> bool:
        return name in self.fixed()

    def fixed(self) -> dict[str, str]:
        data = self.cleaned_data
        pairs = ((column.name, data.get(f"fixed_{n}", "").strip()) for n, column in enumerate(self.fixable))
        return {name: text for name, text in pairs if text}

    def constants(self) -> dict[str, Any]:
        return {**super().constants(), "fixed": self.fixed()}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        checks = slashes.reading(self.flow.checks(), self.columns_known, data.get("dates", ""))
        places = {column.name: f"fixed_{number}" for number, column in enumerate(self.fixable)}
        for name, text in self.fixed().items():
            try:
                checks[name](text)
            except Bad as bad:
                self.add_error(places[name], list(bad.messages))
        return data


def mapping_form(job: Job, scope: Scope, data: Any = None) -> MappingForm:
    """The form of the job's kind of file."""
    kind = UsersForm if flow_of(job).own_form == "users" else FixedForm
    return kind(job, scope, data)
