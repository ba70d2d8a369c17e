"""Connections to Zoom master accounts."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.gateway.crypto import SealedTextField
from zoomapi.spec import limits, profiles


class Connection(models.Model):
    """One master account: where its API is, and the sealed credentials (never shown again after saving)."""

    class Profile(models.TextChoices):
        CLASSIC = "classic", "API key and secret (JWT)"
        CURRENT = "current", "Server-to-Server OAuth"

    class Tier(models.TextChoices):
        PRO = "pro", "Pro"
        BUSINESS = "business", "Business or above"

    name = models.CharField(max_length=80, unique=True)
    base_url = models.CharField("API address", max_length=200)
    profile = models.CharField(max_length=20, choices=Profile.choices, default=Profile.CLASSIC)
    account_id = models.CharField("account ID", max_length=64, blank=True)  # OAuth only
    api_key = SealedTextField("API key")  # OAuth: the client ID
    api_secret = SealedTextField("API secret")  # OAuth: the client secret
    tier = models.CharField("plan", max_length=20, choices=Tier.choices, default=Tier.PRO)  # OAuth: whose limits
    is_active = models.BooleanField("in use", default=True)
    created_at = models.DateTimeField(default=timezone.now)
    tested_at = models.DateTimeField(null=True, blank=True)
    test_result = models.CharField(max_length=300, blank=True)
    bad_since = models.DateTimeField(null=True, blank=True)  # Zoom refuses the credentials
    unreachable_since = models.DateTimeField(null=True, blank=True)
    clock_offset = models.FloatField(null=True, blank=True)  # Zoom's clock minus the database's, in seconds

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_current(self) -> bool:
        return self.profile == self.Profile.CURRENT

    @property
    def zoom(self) -> profiles.Profile:
        """The Zoom behind it: its view of an operation has the right path, rate class and user types."""
        return profiles.current(limits.Tier(self.tier)) if self.is_current else profiles.CLASSIC

    @property
    def is_sandbox(self) -> bool:
        return bool(settings.SANDBOX_URL) and self.base_url == settings.SANDBOX_URL

    @property
    def credential(self) -> str:
        """Name of the rate budget: all calls of one connection share it."""
        return f"connection-{self.pk}"


class AccessToken(models.Model):
    """The one access token of a connection, for all processes. Whoever fetches the next one holds ``lease``."""

    connection = models.OneToOneField(Connection, models.CASCADE, related_name="access_token")
    value = SealedTextField(blank=True, default="")
    scopes = models.TextField(blank=True, default="")
    until = models.FloatField(default=0.0)  # seconds since 1970, like the client's
    fresh_until = models.FloatField(default=0.0)
    serial = models.PositiveIntegerField(default=0)  # grows with every new token
    lease = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"access token {self.serial} of connection {self.connection_id}"


class Usage(models.Model):
    """Calls of one day (UTC) by one person for one sub-account; 0 is the portal itself, and the master account."""

    day = models.DateField()
    connection = models.IntegerField()
    rate = models.CharField(max_length=32)  # name of the rate class
    lane = models.CharField(max_length=12)
    actor = models.IntegerField(default=0)
    account = models.IntegerField(default=0)
    calls = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("day", "connection", "rate", "lane", "actor", "account"), name="one_count_per_caller"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.rate}: {self.calls}"
