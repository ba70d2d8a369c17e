"""Reading sub-accounts, their plans and their users into the mirror.

A run is one ``Sync`` row. What is left to do is told by the rows themselves (``users_at`` and ``detail_at`` older than
the run's start), so a run may be cut anywhere and goes on where it was. Users and details are walked side by side,
because plans may be asked for only once a second.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from portal.access.scope import SYSTEM_SCOPE
from portal.directory import records
from portal.directory.models import MirrorGroup, MirrorUser, SubAccount, Sync
from portal.gateway import clock
from portal.gateway.clients import client_for, master_client
from portal.gateway.models import Connection
from zoomapi.client.errors import NotFound, NotSent, ZoomError

STATUSES = ("active", "inactive", "pending")
PAGE_SIZE = 300
READERS = 4  # calls in flight; the permits decide the pace
SLICE = 25.0  # seconds one task works before it rings for the next
DEAD_AFTER = timedelta(seconds=120)

log = logging.getLogger(__name__)


def begin(connection: Connection) -> Sync | None:
    """Start a run, or take up one whose worker died. None: a run is alive and needs no second worker."""
    running = Sync.objects.filter(connection=connection, state=Sync.State.RUNNING).first()
    if running is None:
        return Sync.objects.create(connection=connection, beat_at=clock.now())
    # One statement decides between two that find the same dead run.
    now = clock.now()
    dead = Sync.objects.filter(pk=running.pk, beat_at__lt=now - DEAD_AFTER)
    return running if dead.update(beat_at=now) else None


def sync_accounts(connection: Connection) -> int:
    """Read the list of sub-accounts; returns how many there are. Accounts no longer listed are marked as gone."""
    started = timezone.now()
    zoom = master_client(SYSTEM_SCOPE, connection, lane="bulk")
    seen = 0
    for data in zoom.accounts.list.each(page_size=PAGE_SIZE):
        save_account(connection, data, seen_at=started)
        seen += 1
    SubAccount.objects.update_or_create(
        connection=connection,
        is_master=True,
        defaults={"zoom_id": "me", "name": f"{connection.name} (master account)", "seen_at": started},
    )
    left = SubAccount.objects.filter(connection=connection, gone_since=None).exclude(seen_at__gte=started)
    left.update(gone_since=timezone.now())
    return seen


def save_account(connection: Connection, data: dict[str, Any], *, seen_at: datetime) -> SubAccount:
    """Insert or refresh one row from the list of accounts (section "Accounts")."""
    fields: dict[str, Any] = {
        "name": records.text(data.get("account_name"), 200),
        "owner_email": records.text(data.get("owner_email"), 254),
        "account_type": records.text(data.get("account_type"), 60),
        "seats": records.number(data.get("seats")),
        "subscription_start_time": records.moment(data.get("subscription_start_time")),
        "subscription_end_time": records.moment(data.get("subscription_end_time")),
        "created_at": records.moment(data.get("created_at")),
        "seen_at": seen_at,
        "gone_since": None,
    }
    row, _ = SubAccount.objects.update_or_create(
        connection=connection, zoom_id=records.text(data.get("id"), 64), defaults=fields
    )
    return row


def sync_users(account: SubAccount) -> None:
    """Read all three statuses of users; rows that were not seen again are removed."""
    started = timezone.now()
    zoom = client_for(SYSTEM_SCOPE, account, lane="bulk")
    for status in STATUSES:
        batch: list[MirrorUser] = []
        for data in zoom.users.list.each(page_size=PAGE_SIZE, status=status):
            batch.append(records.user_row(account, data, status=status, seen_at=timezone.now()))
            if len(batch) == PAGE_SIZE:
                records.save_users(batch)
                batch = []
        records.save_users(batch)
    with transaction.atomic():
        MirrorUser.objects.filter(account=account, seen_at__lt=started).delete()
        SubAccount.objects.filter(pk=account.pk).update(users_at=started, sync_problem="")
    records.recount(account)


def sync_detail(account: SubAccount) -> None:
    """Read options, groups and, where the master account pays, plans of one sub-account."""
    zoom = client_for(SYSTEM_SCOPE, account, lane="bulk")
    if account.is_master:
        save_groups(account, list(zoom.groups.list().get("groups") or []))
        SubAccount.objects.filter(pk=account.pk).update(detail_at=timezone.now())
        return
    detail: dict[str, Any] = zoom.accounts.get() or {}
    options: dict[str, Any] = found if isinstance(found := detail.get("options"), dict) else {}
    fields: dict[str, Any] = {
        "owner_id": records.text(detail.get("owner_id"), 64),
        "pay_mode": records.text(options.get("pay_mode"), 20),
        "detail_at": timezone.now(),
    }
    save_groups(account, list(zoom.groups.list().get("groups") or []))
    if fields["pay_mode"] == "master":
        fields |= plan_fields(zoom.billing.plans())
    SubAccount.objects.filter(pk=account.pk).update(**fields)


def plan_fields(plans: Any) -> dict[str, Any]:
    plans = plans if isinstance(plans, dict) else {}
    base = plans.get("plan_base") if isinstance(plans.get("plan_base"), dict) else {}
    return {
        "plans": plans,
        "plan_type": records.text(base.get("type"), 60),
        "plan_hosts": records.number(base.get("hosts")),
    }


def save_groups(account: SubAccount, groups: list[Any]) -> None:
    rows = [
        MirrorGroup(
            account=account,
            zoom_id=records.text(group.get("id"), 64),
            name=records.text(group.get("name"), 200),
            total_members=records.number(group.get("total_members")),
        )
        for group in groups
        if isinstance(group, dict) and group.get("id")
    ]
    with transaction.atomic():
        MirrorGroup.objects.filter(account=account).delete()
        MirrorGroup.objects.bulk_create(rows)


def left_to_do(sync: Sync, part: str) -> QuerySet[SubAccount]:
    """Accounts whose users or detail are older than the run; ``sync_problem`` marks those that failed in it."""
    stamp = {"users": "users_at", "detail": "detail_at"}[part]
    live = SubAccount.objects.filter(connection=sync.connection_id, gone_since=None, seen_at__isnull=False)
    old = live.filter(Q(**{stamp: None}) | Q(**{f"{stamp}__lt": sync.started_at}))
    return old.exclude(failed_sync=sync.pk).order_by(F(stamp).asc(nulls_first=True), "pk")


def work(sync: Sync, part: str) -> bool:
    """Work for one slice of time on one part of a run. True: something is left, ring again."""
    read = {"users": sync_users, "detail": sync_detail}[part]
    until = monotonic() + SLICE
    with ThreadPoolExecutor(READERS) as pool:
        while monotonic() < until:
            accounts = list(left_to_do(sync, part)[: READERS * 2])
            if not accounts:
                finish(sync)
                return False
            list(pool.map(lambda account: _one(sync, account, read), accounts))
            Sync.objects.filter(pk=sync.pk).update(beat_at=clock.now(), **progress(sync))
    return True


def _one(sync: Sync, account: SubAccount, read: Callable[[SubAccount], None]) -> None:
    try:
        read(account)
    except ZoomError as error:
        note_problem(account, error, failed_sync=sync.pk)
    finally:
        database.close()


def note_problem(account: SubAccount, error: ZoomError, **fields: Any) -> None:
    """Write down why a sub-account could not be read."""
    if isinstance(error, NotFound):
        fields["gone_since"] = timezone.now()
    if isinstance(error, NotSent):
        log.warning("account %s was not read: %s", account.pk, error)
    SubAccount.objects.filter(pk=account.pk).update(sync_problem=str(error)[:300], **fields)


def progress(sync: Sync) -> dict[str, int]:
    live = SubAccount.objects.filter(connection=sync.connection_id, gone_since=None)
    done = live.filter(users_at__gte=sync.started_at).count() + live.filter(detail_at__gte=sync.started_at).count()
    return {"total": 2 * live.count(), "done": done}


def finish(sync: Sync) -> None:
    """Close the run once neither part has anything left."""
    if left_to_do(sync, "users").exists() or left_to_do(sync, "detail").exists():
        return
    failed = SubAccount.objects.filter(connection=sync.connection_id, failed_sync=sync.pk).count()
    state = Sync.State.PARTIAL if failed else Sync.State.DONE
    problem = f"{failed} sub-accounts could not be read completely." if failed else ""
    Sync.objects.filter(pk=sync.pk, state=Sync.State.RUNNING).update(
        state=state, ended_at=timezone.now(), problem=problem, **progress(sync)
    )
    take_stock()


def take_stock() -> None:
    """Let PostgreSQL count what a run has brought: until then it plans a list of 200,000 as if it were empty."""
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("ANALYZE directory_mirroruser, directory_subaccount")


def fail(sync: Sync, message: str) -> None:
    Sync.objects.filter(pk=sync.pk).update(state=Sync.State.FAILED, ended_at=timezone.now(), problem=message[:300])
