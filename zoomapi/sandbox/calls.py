"""A call on its way to its handler: who is meant, what was sent, and the questions every handler asks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from zoomapi.sandbox import errors
from zoomapi.sandbox.agenda import Agenda
from zoomapi.sandbox.clock import Clock
from zoomapi.sandbox.models import Account, User
from zoomapi.sandbox.paging import Rows, Tokens, numbered
from zoomapi.spec import Endpoint, Paging
from zoomapi.spec.profiles import CLASSIC, Profile

Json = dict[str, Any]


@dataclass
class Setup:
    """What this sandbox was started with.

    ``doubles``: creating does not refuse a used e-mail or group name. ``deliver_anywhere``: webhooks may be elsewhere.
    ``profile``: the Zoom it behaves like.
    """

    clock: Clock
    tokens: Tokens
    secret: str
    doubles: bool = False
    deliver_anywhere: bool = False
    profile: Profile = CLASSIC
    agenda: Agenda = field(default_factory=Agenda)

    def master(self) -> Account:
        return Account.objects.get(is_master=True)


@dataclass(frozen=True)
class Upload:
    name: str
    content_type: str
    data: bytes


@dataclass
class Call:
    """``account_id`` is the account acted in: the master's, or the sub-account of a mirrored path.

    ``query`` and ``body`` are checked values; ``raw`` is the body as it came.
    """

    endpoint: Endpoint
    setup: Setup
    account_id: str
    params: dict[str, str]
    query: Json = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    raw: Json = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    @cached_property
    def account(self) -> Account:
        return Account.objects.get(id=self.account_id)

    @property
    def now(self) -> str:
        return self.setup.clock.stamp()

    def sub_account(self) -> Account:
        """Return the sub-account the path names, or 404 with code 2001."""
        return sub_account(self.params["accountId"])

    def user(self, param: str = "userId") -> User:
        """Return the user the path names by id, e-mail or "me"."""
        return self.find_user(self.params[param])

    def person(self, ref: Json) -> User:
        """Return the user a body names by ``id`` or ``email``."""
        return self.find_user(str(ref.get("id") or ref.get("email") or ""))

    def find_user(self, who: str) -> User:
        """404 with code 1001 for a stranger, 400 with code 1010 for somebody of another account of this master."""
        if who == "me":
            return User.objects.get(id=self.account.owner_id)
        named = {"email": who.lower()} if "@" in who else {"id": who}
        found = list(User.objects.filter(**named).order_by("created_at", "id"))
        for user in found:
            if user.account_id == self.account_id:
                return user
        ours = [user for user in found if user.account_id and is_ours(user.account_id)]
        raise errors.foreign_user(who) if ours else errors.no_user(who)

    def page(self, rows: Rows, write: Callable[[list[Any]], list[Any]]) -> Json:
        """Answer one page in the endpoint's own paging style; ``write`` turns rows into answer members."""
        if self.endpoint.paging is Paging.TOKEN:
            scope = f"{self.endpoint.key}|{self.account_id}|{sorted(self.params.items())}"
            now = self.setup.clock.now()
            return self.setup.tokens.page(rows, self.endpoint.item_key, self.query, scope, now, write)
        return numbered(rows, self.endpoint.item_key, self.query, write)

    def page_both_ways(self, rows: Rows, write: Callable[[list[Any]], list[Any]], *, key: str = "") -> Json:
        """Answer one page by the token a caller brings, else by number; every answer has its number and the next
        page's token.

        ``key`` is the list's, where the endpoint names none.
        """
        scope = f"{self.endpoint.key}|{self.account_id}|{sorted(self.params.items())}|{self.query.get('status')}"
        now, start = self.setup.clock.now(), 0
        if not self.query.get("next_page_token"):
            start = (self.query["page_number"] - 1) * self.query["page_size"]
        key = key or self.endpoint.item_key
        return self.setup.tokens.page(rows, key, self.query, scope, now, write, start=start, numbered=True)


def sub_account(account_id: str) -> Account:
    account = Account.objects.filter(id=account_id).exclude(master_id="").first()
    if account is None:
        raise errors.no_account(account_id)
    return account


def is_ours(account_id: str) -> bool:
    """Tell whether an account is the master account or still one of its sub-accounts."""
    account = Account.objects.filter(id=account_id).first()
    return account is not None and (account.is_master or bool(account.master_id))
