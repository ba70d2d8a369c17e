"""The audit log: one append-only chain of hashes. Rows are never changed; the database refuses it too."""

from typing import ClassVar

from django.db import models

from portal.audit.verbs import words


class Phase(models.TextChoices):
    EVENT = "event", "Event"  # something inside the portal
    INTENT = "intent", "Intent"  # about to be sent to Zoom
    OUTCOME = "outcome", "Outcome"  # what Zoom answered, or that it is unknown


class Entry(models.Model):
    """People and accounts are written as text and number, not as references: a log outlives what it names."""

    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=254)
    verb = models.CharField(max_length=60)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.EVENT)
    connection_id = models.BigIntegerField(null=True)
    account_id = models.BigIntegerField(null=True)  # directory.SubAccount
    account = models.CharField(max_length=200, blank=True)
    target = models.CharField(max_length=254, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    result = models.CharField(max_length=40, blank=True)
    status = models.IntegerField(null=True)
    code = models.IntegerField(null=True)
    message = models.CharField(max_length=500, blank=True)
    operation = models.CharField(max_length=64, blank=True)  # ties an intent to its outcome, and both to a job item
    trace_id = models.CharField(max_length=80, blank=True)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    objects: ClassVar[models.Manager["Entry"]] = models.Manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=("account_id", "-number")),
            models.Index(fields=("actor_id", "-number")),
            models.Index(fields=("verb", "-number")),
            models.Index(fields=("operation",)),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.verb}"

    @property
    def words(self) -> str:
        """What happened, for people."""
        return words(self.verb)


class Head(models.Model):
    """The last link of the chain. Locked while an entry is appended, so numbers have no gaps."""

    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"Head at {self.number}"
