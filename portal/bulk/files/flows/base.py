"""What a kind of file is: its columns, the checks of its cells, and the planner that decides about its rows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk.files.accounts import Account, AccountIndex
from portal.bulk.files.checks import Check
from portal.bulk.files.columns import Column
from portal.bulk.files.judging import Unknown, judging
from portal.bulk.files.plans import Keys, RowPlan
from portal.bulk.files.refusal import Bad
from portal.bulk.files.rows import Checked
from portal.bulk.files.user_columns import ACCOUNT, plain_account_headers
from portal.gateway.models import Connection

KIND = "file"  # Job.kind of every file but the import of users; the flow is in Job.options
SAME = "Sub-account"


class Planner(Protocol):
    """Reads one file once, chunk by chunk. ``accounts`` are those that rows may name."""

    accounts: AccountIndex

    def plan(self, rows: Sequence[Checked]) -> list[RowPlan]:
        """Decide about each row. Never raises for what a row says; its problems are in the row."""


MakePlanner = Callable[[Connection, Scope, Mapping[str, Any]], Planner]


@dataclass(frozen=True)
class Flow:
    """One kind of file. ``key`` is its name in addresses and jobs; for the generic ones that of the operation.

    ``needed``: of each group of column names one must be mapped or have a constant; the texts say so otherwise.
    ``removes``: what it takes away ("users"); then the number must be typed and the first call waits a minute.
    ``object_id``: the column that says which object a row is about, where another job's result file may say it.
    ``gone``: why Zoom does not have it any more.
    ``general``: whether a sub-account can be named for all rows; ``own_form``: the form that says the rest.
    """

    key: str
    title: str
    lede: str
    right: Right
    columns: Callable[[], tuple[Column, ...]]
    checks: Callable[[], dict[str, Check]]
    planner: MakePlanner
    needed: tuple[tuple[tuple[str, ...], str], ...] = ()
    removes: str = ""
    kind: str = KIND
    general: bool = True
    own_form: str = "fixed"
    hints: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    labels: Mapping[str, str] = field(default_factory=dict)
    gone: str = ""
    object_id: str = ""

    @property
    def place(self) -> str:
        """The URL name of the link in the navigation that its pages belong to."""
        return "bulk:upload" if self.own_form == "users" else "bulk:file_kinds"

    def key_column(self) -> str:
        """The column that is looked for when a file has no header: the first that is needed."""
        return self.needed[0][0][0] if self.needed else ""


def account_column(*, required: bool = False) -> Column:
    return Column(
        ACCOUNT,
        SAME,
        "Its name, its account id, or the e-mail of its owner.",
        None,
        plain_account_headers(),
        required=required,
    )


class RowPlanner:
    """Common ground: the sub-account of each row, and rows that say the same twice.

    ``advice``: what else to say of a row whose key an earlier one has.
    """

    advice = ""

    def __init__(self, connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> None:
        self.connection, self.scope, self.constants = connection, scope, constants
        self.accounts = AccountIndex(connection, scope)
        named = str(constants.get("account") or "")
        self.default = self.accounts.find(named) if named else None
        self.keys = Keys()
        self.stir: Callable[[int], None] = lambda number: None  # is told the number of each row before it is decided

    def plan(self, rows: Sequence[Checked]) -> list[RowPlan]:
        # Labels of what could be read, also where a cell beside it was refused.
        plans = [
            RowPlan(row, label=self.label_of(dict(row.values) if row.problems else row.values)[:254]) for row in rows
        ]
        self.prepare(plans)
        for number, plan in enumerate(plans):
            self.stir(number)
            if not plan.checked.misshapen:  # else its cells may belong to other columns
                with judging:
                    self.decide(plan)
            self.keys.settle(plan)
        return plans

    def label_of(self, values: Mapping[str, Any]) -> str:
        raise NotImplementedError

    def prepare(self, plans: Sequence[RowPlan]) -> None:
        """Look up at once what the rows of a chunk need. Some of their cells may have been refused."""

    def decide(self, plan: RowPlan) -> None:
        """Tell all that is wrong with a row; when that is nothing, set its action, account and calls.

        A cell may have been refused. Who asks for its value gets ``Unknown``, so each judgement that can be made
        without what comes before stands in a block ``with judging``.
        """
        raise NotImplementedError

    def account_of(self, plan: RowPlan) -> Account:
        """The row's own sub-account, or the one of all rows. Raises Unknown, with a problem, when there is neither."""
        text = str(plan.checked.values.get(ACCOUNT, ""))
        if text:
            try:
                return self.accounts.find(text)
            except Bad as bad:
                plan.checked.refuse(SAME, " ".join(bad.messages))
                raise Unknown(ACCOUNT) from bad
        if self.default is None:
            plan.checked.refuse("", "No sub-account: the row names none and no general one was chosen.")
            raise Unknown(ACCOUNT)
        return self.default

    def first_time(self, plan: RowPlan, key: Any, what: str) -> None:
        """A problem when an earlier row has this key."""
        self.keys.first_time(plan, key, what, self.advice)


def refuse_empty(plan: RowPlan, body: Mapping[str, Any], besides: Collection[str]) -> None:
    """A problem when a row changes nothing. A cell that was refused is something, but for those ``besides``."""
    if not body and plan.checked.refused <= {*besides}:
        plan.checked.refuse("", "Nothing to change: all cells of this row are empty.")
