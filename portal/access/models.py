"""People who use the portal, and the sub-accounts a reseller may see."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.timezone import now

from portal.access.rights import Role


class StaffManager(BaseUserManager["Staff"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Staff":
        staff = self.model(email=email.strip().lower(), **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff


class Staff(AbstractBaseUser):
    """One person. Signs in by e-mail; never deleted, only disabled, since the audit names them."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=Role.choices)
    timezone = models.CharField(max_length=64, default="UTC")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)  # may sign in only while every connection is the sandbox
    created_at = models.DateTimeField(default=now)
    session_epoch = models.IntegerField(default=0)  # one more ends every session of the person

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]
    objects: ClassVar[StaffManager] = StaffManager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions end by themselves when the password, the role or the epoch is no longer the one they began with."""
        ground = f"{self.password}\n{self.role}\n{self.session_epoch}"
        return salted_hmac("portal.access.session", ground, secret=secret, algorithm="sha256").hexdigest()


class Grant(models.Model):
    """One sub-account that a reseller may see and change, until ``expires_at`` (None: without end)."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="grants")
    account = models.ForeignKey("directory.SubAccount", on_delete=models.CASCADE, related_name="grants")
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("staff", "account"), name="one_grant_per_account"),)

    def __str__(self) -> str:
        return f"{self.staff} for {self.account}"
