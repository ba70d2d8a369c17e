"""Mirror of sub-accounts and users. Lists, filters and search answer from here, and say how fresh it is."""

from typing import ClassVar, Self

from django.db import models
from django.utils.timezone import now

from portal.access.scope import Scope
from portal.gateway.models import Connection


class SubAccountQuery(models.QuerySet["SubAccount"]):
    def for_scope(self, scope: Scope) -> Self:
        return self.filter(scope.where("pk"))


class SubAccount(models.Model):
    """A sub-account as Zoom last described it. ``gone_since`` marks one that left the master account.

    The master account itself has a row too (``is_master``): its own users are reached by the direct operations, and
    some of these (schedulers, permissions) exist for no other account.
    """

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="sub_accounts")
    zoom_id = models.CharField(max_length=64)
    is_master = models.BooleanField(default=False)
    name = models.CharField(max_length=200, blank=True)
    owner_id = models.CharField(max_length=64, blank=True)
    owner_email = models.CharField(max_length=254, blank=True)
    account_type = models.CharField(max_length=60, blank=True)
    seats = models.IntegerField(null=True, blank=True)
    subscription_start_time = models.DateTimeField(null=True, blank=True)
    subscription_end_time = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    pay_mode = models.CharField(max_length=20, blank=True)
    plan_type = models.CharField(max_length=60, blank=True)
    plan_hosts = models.IntegerField(null=True, blank=True)
    plans = models.JSONField(default=dict, blank=True)
    seats_used = models.IntegerField(null=True, blank=True)  # licensed users, counted in the mirror
    user_total = models.IntegerField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)  # last time the list of accounts showed it
    detail_at = models.DateTimeField(null=True, blank=True)  # options and plans as of
    users_at = models.DateTimeField(null=True, blank=True)  # all three statuses of users as of
    sync_problem = models.CharField(max_length=300, blank=True)
    failed_sync = models.BigIntegerField(null=True, blank=True)  # the run that could not read this account
    gone_since = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["SubAccount"]] = SubAccountQuery.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("connection", "zoom_id"), name="one_row_per_sub_account"),)
        indexes = (models.Index(fields=("name", "id")), models.Index(fields=("plan_type", "id")))

    def __str__(self) -> str:
        return self.name or self.owner_email or self.zoom_id


class MirrorUserQuery(models.QuerySet["MirrorUser"]):
    def for_scope(self, scope: Scope) -> Self:
        return self.filter(scope.where("account"))


class MirrorUser(models.Model):
    """A user of a sub-account as Zoom last listed it. Unknown types and statuses are kept as they came."""

    account = models.ForeignKey(SubAccount, on_delete=models.CASCADE, related_name="users")
    zoom_id = models.CharField(max_length=64)
    email = models.CharField(max_length=254)
    first_name = models.CharField(max_length=128, blank=True)
    last_name = models.CharField(max_length=128, blank=True)
    type = models.IntegerField(null=True, blank=True)
    status = models.CharField(max_length=20)
    pmi = models.CharField(max_length=20, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    dept = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    last_login_time = models.DateTimeField(null=True, blank=True)
    last_client_version = models.CharField(max_length=80, blank=True)
    group_ids = models.JSONField(default=list, blank=True)
    search_text = models.TextField(blank=True)  # folded e-mail, names, PMI and department: see search.py
    seen_at = models.DateTimeField(default=now)

    objects: ClassVar[models.Manager["MirrorUser"]] = MirrorUserQuery.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "zoom_id"), name="one_row_per_user"),)
        indexes = (
            models.Index(fields=("email", "id")),
            models.Index(fields=("last_name", "id")),
            models.Index(fields=("last_login_time", "id")),
            models.Index(fields=("created_at", "id")),
            models.Index(fields=("account", "email", "id")),
            models.Index(fields=("account", "status", "type")),
            # What the list is narrowed by most, in the order it has then.
            models.Index(fields=("status", "email", "id")),
            models.Index(fields=("dept", "email", "id")),
        )

    def __str__(self) -> str:
        return self.email

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class MirrorGroup(models.Model):
    """A user group of a sub-account, so that imports and pages can name groups."""

    account = models.ForeignKey(SubAccount, on_delete=models.CASCADE, related_name="groups")
    zoom_id = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    total_members = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "zoom_id"), name="one_row_per_group"),)

    def __str__(self) -> str:
        return self.name


class Sync(models.Model):
    """One run of the mirror over a connection, with its progress."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PARTIAL = "partial", "Done, not everything could be read"
        FAILED = "failed", "Failed"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="syncs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField(default=now)
    beat_at = models.DateTimeField(default=now)  # a run that stopped beating is dead and may be replaced
    ended_at = models.DateTimeField(null=True, blank=True)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.connection} {self.started_at:%Y-%m-%d %H:%M}"
