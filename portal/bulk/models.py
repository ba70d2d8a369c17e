"""Jobs and their items. These rows are the truth of all writing to Zoom; Celery messages only ring the bell."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.directory.models import SubAccount
from portal.gateway.models import Connection


class JobState(models.TextChoices):
    UPLOADED = "uploaded", "File received"
    VALIDATING = "validating", "Checking the file"
    INVALID = "invalid", "Nothing to run"
    PREPARING = "preparing", "Being prepared"
    READY = "ready", "Ready to run"
    SCHEDULED = "scheduled", "Waiting for its time"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    CANCELLING = "cancelling", "Cancelling"
    CANCELLED = "cancelled", "Cancelled"
    DONE = "done", "Done"
    DONE_WITH_ERRORS = "done_with_errors", "Done with errors"
    NEEDS_REVIEW = "needs_review", "Needs a decision"


class ItemState(models.TextChoices):
    PENDING = "pending", "Waiting"
    SENDING = "sending", "Being sent"
    UNKNOWN = "unknown", "Outcome being checked"
    REVIEW = "review", "Needs a decision"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Not done"
    SKIPPED = "skipped", "Nothing to do"  # already as wanted
    INVALID = "invalid", "Not usable"  # the row has errors and was never sent
    JOINED = "joined", "In another row's call"  # one call carries several rows; the first of them tells the outcome


class UndoState(models.TextChoices):
    """How rows of an undo are called that the check left alone: as the check called them."""

    IMPOSSIBLE = "impossible", "Cannot be undone"
    CONFLICT = "conflict", "Conflict"
    EITHER = "left_alone", "Cannot be taken back"


INTERACTIVE = "interactive"  # the lane, and the kind, of a single change that a person waits for
UNDOES = "undoes"  # in the source of a row of an undo: the item that it takes back
OPEN_STATES = (ItemState.PENDING, ItemState.SENDING, ItemState.UNKNOWN)


class JobQuery(models.QuerySet["Job"]):
    def for_scope(self, scope: Scope) -> Self:
        """All jobs for people who see every account; else one's own jobs."""
        return self if scope.everywhere else self.filter(owner_id=scope.staff_id)


class Job(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)  # "interactive", "onboarding", "users_import", "users_status", …
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="jobs")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="jobs")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    state = models.CharField(max_length=20, choices=JobState.choices, default=JobState.READY)
    paused_reason = models.CharField(max_length=300, blank=True)
    paused_by = models.CharField(max_length=12, blank=True)  # "person", "connection", "rights", "disk", "window"
    cancel_requested = models.BooleanField(default=False)
    lane = models.CharField(max_length=12, default="bulk")  # or INTERACTIVE
    operation_key = models.CharField(max_length=64, unique=True, null=True, blank=True)  # a form's token: double clicks
    right = models.CharField(max_length=20, default="write")  # checked again before every send
    reason = models.CharField(max_length=500, blank=True)
    awaits_approval = models.BooleanField(default=False)  # by a second person: see Approval
    options = models.JSONField(default=dict, blank=True)  # mapping, constants, summary of the dry run
    file_name = models.CharField(max_length=200, blank=True)
    file_path = models.CharField(max_length=200, blank=True)  # below settings.UPLOAD_DIR
    file_sha256 = models.CharField(max_length=64, blank=True)
    begins_at = models.DateTimeField(null=True, blank=True)  # SCHEDULED until then
    window = models.JSONField(default=dict, blank=True)  # {"from": "22:00", "to": "06:00", "zone": "Europe/Berlin"}
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Job"]] = JobQuery.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("state", "created_at")), models.Index(fields=("owner", "-created_at")))

    def __str__(self) -> str:
        return self.title

    @property
    def shown_state(self) -> "JobState | ApprovalState":
        return ApprovalState.WAITING if self.awaits_approval else JobState(self.state)


class Item(models.Model):
    """One call to Zoom. A row of a file that needs several calls has several items in ``step`` order."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items")
    row = models.IntegerField()  # 1, 2, 3 … in the job
    step = models.IntegerField(default=0)  # 0, 1, 2 … within the row
    line = models.IntegerField(null=True, blank=True)  # in the uploaded file
    after = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followers")
    account = models.ForeignKey(SubAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    endpoint = models.CharField(max_length=60, blank=True)  # "users.create"; empty for a row that is not sent
    action = models.CharField(max_length=20, blank=True)  # create, update, unchanged, conflict, error …
    label = models.CharField(max_length=254, blank=True)  # what a person calls it: an e-mail, an account's name
    path = models.JSONField(default=dict, blank=True)
    query = models.JSONField(default=dict, blank=True)
    body = models.JSONField(default=dict, blank=True)
    secret = models.TextField(blank=True)  # sealed members of the body; erased when the item ends
    secret_erased = models.BooleanField(default=False)  # so it cannot be sent again as it stands
    source = models.JSONField(default=dict, blank=True)  # the row as it was in the file
    before = models.JSONField(default=dict, blank=True)  # what the mirror or Zoom held, for differences and undo
    object_key = models.CharField(max_length=300, blank=True)  # the remote object: one mutation of it at a time
    # What a creation would make: one per job. NULL is "not a creation", which the unique constraint must not compare.
    remote_key = models.CharField(max_length=254, null=True, blank=True)  # noqa: DJ001

    state = models.CharField(max_length=12, choices=ItemState.choices, default=ItemState.PENDING)
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.IntegerField(default=0)
    attempt = models.IntegerField(default=0)  # sends whose outcome counts, since somebody decided that it is sent again
    sent_before = models.IntegerField(default=0)  # those before that
    checks = models.IntegerField(default=0)  # reads made to settle an unknown outcome
    not_before = models.DateTimeField(null=True, blank=True)
    first_sent = models.DateTimeField(null=True, blank=True)
    clock_offset = models.FloatField(null=True, blank=True)  # Zoom's clock minus ours at the first send, where known
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    baseline = models.JSONField(null=True, blank=True)  # what existed before the first send (effect D and E)

    remote_id = models.CharField(max_length=200, blank=True)
    answer = models.JSONField(default=dict, blank=True)  # Zoom's answer without secrets
    http_status = models.IntegerField(null=True, blank=True)
    code = models.IntegerField(null=True, blank=True)
    message = models.CharField(max_length=500, blank=True)
    errors = models.JSONField(default=dict, blank=True)  # field -> messages
    decided = models.TextField(blank=True)  # who took it out of review, how and why: a sentence for each time
    trace_id = models.CharField(max_length=80, blank=True)
    twins_looked_at = models.DateTimeField(null=True, blank=True)  # when twin_finder could read what Zoom has

    sealed_fields: ClassVar[tuple[str, ...]] = ("secret",)  # sealed anew when the keys are rotated

    class Meta:
        ordering = ("row", "step")
        constraints = (
            models.UniqueConstraint(fields=("job", "row", "step"), name="one_item_per_step"),
            models.UniqueConstraint(
                fields=("job", "endpoint", "remote_key"), condition=Q(remote_key__isnull=False), name="one_item_per_key"
            ),
            models.UniqueConstraint(
                fields=("object_key",),
                condition=Q(state__in=("sending", "unknown")) & ~Q(object_key=""),
                name="one_mutation_per_object",
            ),
        )
        indexes = (
            models.Index(fields=("job", "state", "not_before", "id"), name="next_item"),
            models.Index(fields=("state", "lease_until"), name="dead_leases"),
            models.Index(fields=("job", "ended_at"), name="pace"),
        )

    def __str__(self) -> str:
        return f"{self.endpoint} {self.label}"

    @property
    def operation(self) -> str:
        """The name that ties audit entries to it: the job, and its own number."""
        return f"{self.job_id}:{self.pk}"

    @property
    def sends(self) -> int:
        return self.attempt + self.sent_before

    @property
    def told(self) -> str:
        """What people decided about it, and what was said of it last."""
        return f"{self.decided} {self.message}".strip()

    leader_state: str = ""  # of the row in whose call this one travels; see progress.take_leaders_states

    @property
    def shown_state(self) -> ItemState | UndoState:
        state = ItemState(self.leader_state or self.state)
        is_left = state == ItemState.INVALID and UNDOES in self.source and self.action in UndoState
        return UndoState(self.action) if is_left else state


class Twin(models.Model):
    """A second thing at Zoom beside the one an item has made; a person compares the two, and settles it."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="twins")
    zoom_id = models.CharField(max_length=200, blank=True)  # empty for things that Zoom gives no id
    found_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("item", "zoom_id"), name="one_twin_per_id"),)

    def __str__(self) -> str:
        return f"{self.zoom_id} beside {self.item}"


class Selection(models.Model):
    """What a job is about whose rows are being written down; it goes when they are complete."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, primary_key=True, related_name="selection")
    keys = models.JSONField()  # of the mirror's users, or of the rows that are retried; in the order of the new rows
    change = models.JSONField()
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    run = models.CharField(max_length=32, blank=True)  # who is at it
    tries = models.IntegerField(default=0)
    stirred_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.done} of {self.total} rows"


class ApprovalState(models.TextChoices):
    WAITING = "waiting", "Waits for a second person"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Nobody decided in time"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Approval(models.Model):
    """A second person's word about a job; the rules are in ``approval``."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="approvals")
    state = models.CharField(max_length=12, choices=ApprovalState.choices, default=ApprovalState.WAITING)
    version = models.CharField(max_length=80)  # of the rows it is about: others need a word of their own
    deletes = models.IntegerField()
    money = models.IntegerField()
    calls = models.IntegerField()
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-asked_at",)
        constraints = (
            models.UniqueConstraint(fields=("job",), condition=Q(state="waiting"), name="one_approval_at_a_time"),
        )

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.job}"

    @property
    def shown_state(self) -> ApprovalState:
        return ApprovalState(self.state)


class MappingQuery(models.QuerySet["Mapping"]):
    def for_scope(self, scope: Scope) -> Self:
        """One's own; for people who see every account also those that are shared."""
        own = Q(owner_id=scope.staff_id)
        return self.filter(own | Q(shared=True)) if scope.everywhere else self.filter(own)


class Mapping(models.Model):
    """What the columns of a kind of file mean, kept under a name for the next file with the same headers."""

    owner = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="mappings")
    shared = models.BooleanField(default=False)  # among all who see every account
    flow = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    columns = models.JSONField(default=dict)  # name of our column -> header in plain form
    constants = models.JSONField(default=dict, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Mapping"]] = MappingQuery.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("owner", "flow", "name"), name="one_mapping_per_name"),)

    def __str__(self) -> str:
        return self.name
