"""Roles and what each may do. A view names the one right it needs in matrix.py; nothing is allowed by default."""

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", "Administrator"
    OPERATOR = "operator", "Operator"
    RESELLER = "reseller", "Reseller"
    AUDITOR = "auditor", "Auditor"


class Right(StrEnum):
    VIEW = "view"  # see sub-accounts in scope and what is in them
    WRITE = "write"  # change users, settings, options
    BILLING = "billing"  # change plans and billing contacts
    CREATE_ACCOUNT = "create_account"
    AUDIT = "audit"  # read the audit log (of the accounts in scope)
    EXPORT = "export"
    STAFF = "staff"  # administer people
    CONNECTIONS = "connections"  # administer master accounts and their credentials
    BUDGET = "budget"  # see how the calls Zoom permits are used, and by whom


SYSTEM = "system"

RIGHTS: dict[str, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.OPERATOR: frozenset(Right) - {Right.STAFF, Right.CONNECTIONS},
    Role.RESELLER: frozenset({Right.VIEW, Right.WRITE, Right.BILLING, Right.CREATE_ACCOUNT, Right.AUDIT, Right.EXPORT}),
    Role.AUDITOR: frozenset({Right.VIEW, Right.AUDIT, Right.EXPORT}),
    # The portal itself, when it refreshes the mirror: it only ever reads.
    SYSTEM: frozenset({Right.VIEW}),
}
