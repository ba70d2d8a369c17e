"""Signed checkpoints of the audit chain, kept outside the database.

A line names an entry's number and digest and carries an HMAC under a key derived from SECRET_KEY. Whoever can write the
database but has neither the key nor this file cannot cut the log's tail, or compute it anew, below the newest line.
"""

import json
import os
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

EVERY = 100  # entries between two checkpoints


def place() -> Path:
    return Path(settings.DATA_DIR) / "audit-checkpoints.jsonl"


def sign(number: int, digest: str) -> str:
    return salted_hmac("portal.audit.checkpoint", f"{number}:{digest}", algorithm="sha256").hexdigest()


def write_when_committed(number: int, digest: str) -> None:
    """Add a line once the entry is really in the database: a rolled back one must not be missed later."""
    transaction.on_commit(lambda: write(number, digest), robust=True)


def write(number: int, digest: str) -> None:
    """Add a line; one small append, so that several processes do not mix theirs."""
    line = json.dumps({"number": number, "digest": digest, "mac": sign(number, digest)}) + "\n"
    handle = os.open(place(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)


def read() -> dict[int, str]:
    """Number and digest of every line whose signature holds; others are skipped (another key, a torn line)."""
    if not place().exists():
        return {}
    signed: dict[int, str] = {}
    for line in place().read_text().splitlines():
        try:
            row = json.loads(line)
            number, digest, mac = int(row["number"]), str(row["digest"]), str(row["mac"])
        except (ValueError, KeyError, TypeError):
            continue
        if constant_time_compare(mac, sign(number, digest)):
            signed.setdefault(number, digest)
    return signed
