"""Names of what is written to the audit log. A call to Zoom is named by its operation instead: ``users.create``."""

from enum import StrEnum

from zoomapi import spec


class Verb(StrEnum):
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    REFUSED = "refused"
    EXPORTED = "exported"
    STAFF_ADDED = "staff_added"
    STAFF_CHANGED = "staff_changed"
    STAFF_DISABLED = "staff_disabled"
    STAFF_ENABLED = "staff_enabled"
    PASSWORD_LINK_MADE = "password_link_made"  # noqa: S105  # the name of an event
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # the name of an event
    PROFILE_CHANGED = "profile_changed"
    GRANT_ADDED = "grant_added"
    GRANT_CHANGED = "grant_changed"
    GRANT_REMOVED = "grant_removed"
    CONNECTION_ADDED = "connection_added"
    CONNECTION_CHANGED = "connection_changed"
    CONNECTION_DISABLED = "connection_disabled"
    CONNECTION_ENABLED = "connection_enabled"
    CONNECTION_TESTED = "connection_tested"
    CREDENTIALS_REFUSED = "credentials_refused"
    KEYS_ROTATED = "keys_rotated"
    AUDIT_VERIFIED = "audit_verified"
    JOB_CREATED = "job_created"
    JOB_SCHEDULED = "job_scheduled"
    JOB_STARTED = "job_started"
    JOB_PAUSED = "job_paused"
    JOB_RESUMED = "job_resumed"
    JOB_CANCELLED = "job_cancelled"
    JOB_ENDED = "job_ended"
    JOB_UNDECIDED = "job_waits_for_decisions"
    JOB_UNDONE = "job_undone"
    APPROVAL_REQUESTED = "approval_requested"
    APPROVAL_EXPIRED = "approval_expired"
    JOB_APPROVED = "job_approved"
    JOB_DECLINED = "job_declined"
    ITEM_SETTLED = "item_settled"
    TWIN_FOUND = "second_copy_found"
    TWIN_SETTLED = "second_copy_settled"
    FILE_UPLOADED = "file_uploaded"
    SYNC_STARTED = "sync_started"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


def words(verb: str) -> str:
    """What happened, for people: our own verb as words, a call to Zoom by its operation's title."""
    try:
        return Verb(verb).label
    except ValueError:
        pass
    try:
        return str(spec.endpoint(verb).title)
    except KeyError:
        return verb
