"""What the sandbox remembers.

Moments are kept as the API writes them (``2018-07-01T09:30:00Z``), which sorts as it should. Ids of other rows are
plain text, not foreign keys: deleting is always done by a handler that knows what else has to go. Families that
need only a little state keep it in ``Record`` and need no table of their own.
"""

from typing import ClassVar

from django.db import models

SCHEMA_VERSION = 2  # raise it whenever a table changes; an older file is then refused with advice


class Row(models.Model):
    """A row says its table and key."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"


class Account(Row):
    """A master account (``master_id`` empty, ``is_master``), a sub-account, or one that left (both empty)."""

    id = models.CharField(primary_key=True, max_length=32)
    master_id = models.CharField(max_length=32, db_index=True)
    is_master = models.BooleanField(default=False)
    name = models.CharField(max_length=255)
    owner_id = models.CharField(max_length=32)
    owner_email = models.CharField(max_length=255)
    created_at = models.CharField(max_length=20)
    subscription_start = models.CharField(max_length=20, default="")
    subscription_end = models.CharField(max_length=20, default="")
    options = models.JSONField(default=dict)
    settings = models.JSONField(default=dict)
    billing = models.JSONField(default=dict)
    plans = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["Account"]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["master_id", "created_at", "id"], name="account_listing")]


class User(Row):
    """A person in one account. ``email`` is lower case."""

    id = models.CharField(primary_key=True, max_length=32)
    account_id = models.CharField(max_length=32)
    email = models.CharField(max_length=255, db_index=True)
    first_name = models.CharField(max_length=128, default="")
    last_name = models.CharField(max_length=128, default="")
    type = models.IntegerField(default=1)
    status = models.CharField(max_length=8, default="active")
    pmi = models.CharField(max_length=16, db_index=True)
    timezone = models.CharField(max_length=64, default="")
    dept = models.CharField(max_length=255, default="")
    created_at = models.CharField(max_length=20)
    last_login_time = models.CharField(max_length=20, default="")
    last_client_version = models.CharField(max_length=64, default="")
    vanity_name = models.CharField(max_length=255, default="", db_index=True)
    verified = models.IntegerField(default=1)
    pic_url = models.CharField(max_length=255, default="")
    cms_user_id = models.CharField(max_length=255, default="")
    host_key = models.CharField(max_length=6, default="")
    role = models.CharField(max_length=8, default="member")
    login_type = models.IntegerField(default=100)
    password = models.CharField(max_length=128, default="")
    token_serial = models.IntegerField(default=0)
    settings = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["User"]] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["account_id", "status", "created_at", "id"], name="user_listing"),
            models.Index(fields=["account_id", "status", "type"], name="user_seats"),
        ]


class Group(Row):
    """A user group, or an IM group (``kind``), of one account."""

    id = models.CharField(primary_key=True, max_length=32)
    account_id = models.CharField(max_length=32, db_index=True)
    kind = models.CharField(max_length=8, default="group")
    name = models.CharField(max_length=255)
    data = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["Group"]] = models.Manager()


class Membership(Row):
    """A user's place in a group; ``kind`` repeats the group's."""

    group_id = models.CharField(max_length=32)
    user_id = models.CharField(max_length=32, db_index=True)
    kind = models.CharField(max_length=8, default="group")

    objects: ClassVar[models.Manager["Membership"]] = models.Manager()

    class Meta:
        unique_together = [("group_id", "user_id")]


class Assistant(Row):
    """``assistant_id`` may schedule for ``user_id``."""

    user_id = models.CharField(max_length=32)
    assistant_id = models.CharField(max_length=32, db_index=True)

    objects: ClassVar[models.Manager["Assistant"]] = models.Manager()

    class Meta:
        unique_together = [("user_id", "assistant_id")]


class Record(Row):
    """Anything small: ``kind`` says what, ``owner_id`` whose, ``key`` which, ``data`` the rest."""

    id = models.CharField(primary_key=True, max_length=64)
    kind = models.CharField(max_length=32)
    account_id = models.CharField(max_length=32, default="")
    owner_id = models.CharField(max_length=64, default="")
    key = models.CharField(max_length=255, default="")
    created_at = models.CharField(max_length=20, default="")
    data = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["Record"]] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "account_id", "created_at", "id"], name="record_of_account"),
            models.Index(fields=["kind", "owner_id", "created_at", "id"], name="record_of_owner"),
            models.Index(fields=["kind", "key"], name="record_by_key"),
        ]


class Meeting(Row):
    """A meeting or webinar (``kind``) somebody scheduled, or one that runs. ``start_time`` is UTC, "" without one.

    ``uuid`` is that of the running or of the next instance. ``occurrences`` are [start, minutes, status] in order of
    time. ``next_at`` is when the clock has to start it, "" never.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=8)
    account_id = models.CharField(max_length=32)
    host_id = models.CharField(max_length=32)
    type = models.IntegerField()
    uuid = models.CharField(max_length=32)
    topic = models.TextField(default="")
    start_time = models.CharField(max_length=20, default="")
    duration = models.IntegerField(default=60)
    timezone = models.CharField(max_length=64, default="")
    agenda = models.TextField(default="")
    password = models.CharField(max_length=16, default="")
    h323_password = models.CharField(max_length=16, default="")
    created_at = models.CharField(max_length=20)
    recurrence = models.JSONField(default=dict)
    occurrences = models.JSONField(default=list)
    settings = models.JSONField(default=dict)
    next_at = models.CharField(max_length=20, default="", db_index=True)

    objects: ClassVar[models.Manager["Meeting"]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["host_id", "kind", "created_at", "id"], name="meeting_listing")]


class Session(Row):
    """One instance of a meeting or webinar, over or still running (``end`` empty, ``due`` says when it will end).

    Everything not kept here follows from ``seed``: see ``zoomapi.sandbox.past``. ``missing`` are the minutes people
    came late or left early, so that the participants' minutes are participants * duration - missing. ``phones`` and
    ``sips`` of the participants came by telephone and through H.323 or SIP ports. ``colleagues`` are user ids, joined
    by commas. ``kept`` and ``trashed`` count recording files; ``files`` holds what was done to them.
    """

    uuid = models.CharField(primary_key=True, max_length=32)
    meeting_id = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    account_id = models.CharField(max_length=32)
    host_id = models.CharField(max_length=32)
    type = models.IntegerField()
    topic = models.TextField()
    start = models.CharField(max_length=20)
    end = models.CharField(max_length=20, default="")
    due = models.CharField(max_length=20, default="", db_index=True)
    duration = models.IntegerField(default=0)
    participants = models.IntegerField(default=1)
    missing = models.IntegerField(default=0)
    phones = models.IntegerField(default=0)
    sips = models.IntegerField(default=0)
    features = models.IntegerField(default=0)
    room_id = models.CharField(max_length=32, default="")
    seed = models.BigIntegerField()
    colleagues = models.TextField(default="")
    kept = models.IntegerField(default=0)
    trashed = models.IntegerField(default=0)
    files = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["Session"]] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["account_id", "kind", "start"], name="session_of_account"),
            models.Index(fields=["host_id", "kind", "start"], name="session_of_host"),
            models.Index(fields=["meeting_id", "start"], name="session_of_meeting"),
        ]

    @property
    def live(self) -> bool:
        return not self.end

    @property
    def total_minutes(self) -> int:
        """Minutes of all participants together."""
        return self.participants * self.duration - self.missing


class Registrant(Row):
    """Somebody who registered for a meeting or webinar. ``occurrences`` are occurrence ids, none means all."""

    id = models.CharField(primary_key=True, max_length=32)
    meeting_id = models.BigIntegerField()
    email = models.CharField(max_length=255)
    status = models.CharField(max_length=9)
    created_at = models.CharField(max_length=20)
    occurrences = models.JSONField(default=list)
    data = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["Registrant"]] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["meeting_id", "status", "created_at", "id"], name="registrant_listing"),
            models.Index(fields=["meeting_id", "email"], name="registrant_by_email"),
        ]


class Delivery(Row):
    """One event on its way to one webhook. ``next_at`` is when it is tried next (seconds), None never again."""

    n = models.BigAutoField(primary_key=True)
    webhook_id = models.CharField(max_length=32)
    account_id = models.CharField(max_length=32)
    event = models.CharField(max_length=64)
    at = models.FloatField()
    body = models.TextField()
    next_at = models.FloatField(null=True, db_index=True)
    state = models.CharField(max_length=9, default="waiting")
    attempts = models.JSONField(default=list)

    objects: ClassVar[models.Manager["Delivery"]] = models.Manager()


class Write(Row):
    """One applied write: the ledger. Written in the same transaction as its effect."""

    n = models.BigAutoField(primary_key=True)
    at = models.FloatField()
    method = models.CharField(max_length=8)
    path = models.TextField()
    account = models.CharField(max_length=32)
    operation = models.CharField(max_length=64)
    key = models.CharField(max_length=255, db_index=True)
    status = models.IntegerField()

    objects: ClassVar[models.Manager["Write"]] = models.Manager()


TABLES: tuple[type[models.Model], ...] = (
    Account, User, Group, Membership, Assistant, Record, Meeting, Session, Registrant, Delivery, Write,
)  # fmt: skip
