"""The SQL of the permits, written once for SQLite and PostgreSQL.

In a statement ``:name`` is an argument and ``{name}`` one of ``PARTS`` or a word the two databases spell differently:
``{now}`` the clock, ``{lock}`` skip rows another taker is at, ``{least}`` and ``{most}`` of two numbers.
"""

import re
from functools import lru_cache

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS zoom_rate (
        credential VARCHAR(100) NOT NULL, rate VARCHAR(32) NOT NULL,
        margin DOUBLE PRECISION NOT NULL, margin_at DOUBLE PRECISION NOT NULL,
        paused_until DOUBLE PRECISION NOT NULL, person_at DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (credential, rate))""",
    """CREATE TABLE IF NOT EXISTS zoom_permit (
        credential VARCHAR(100) NOT NULL, rate VARCHAR(32) NOT NULL, slot INTEGER NOT NULL,
        free_at DOUBLE PRECISION NOT NULL, holder VARCHAR(32) NOT NULL, lease_until DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (credential, rate, slot))""",
    """CREATE TABLE IF NOT EXISTS zoom_call (
        credential VARCHAR(100) NOT NULL, rate VARCHAR(32) NOT NULL, slot INTEGER NOT NULL,
        kind VARCHAR(100) NOT NULL, took DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (credential, rate, slot))""",
    """CREATE TABLE IF NOT EXISTS zoom_quota (
        credential VARCHAR(100) NOT NULL, rate VARCHAR(32) NOT NULL, day VARCHAR(10) NOT NULL, used INTEGER NOT NULL,
        PRIMARY KEY (credential, rate, day))""",
    """CREATE TABLE IF NOT EXISTS zoom_spent (
        credential VARCHAR(100) NOT NULL, rate VARCHAR(32) NOT NULL, ends_at DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (credential, rate))""",
)

PARTS = {
    "this": "credential = :credential AND rate = :rate",
    # Held by nobody, or by a taker whose lease is over (or was written by a clock that has since been set back).
    "open": "(holder = '' OR lease_until < {now} OR lease_until > {now} + :ahead + :lease)",
    "paused": """EXISTS (SELECT 1 FROM zoom_rate
        WHERE {this} AND paused_until > {now} AND paused_until <= {now} + :longest)""",
    # Seconds until a slot is free. No rule puts that further ahead than ``ahead``; a clock set back could.
    "wait": "(CASE WHEN free_at > {now} + :ahead THEN :period ELSE {most}(free_at - {now}, 0) END)",
    "allowed": """(slot >= :reserve OR NOT EXISTS (SELECT 1 FROM zoom_rate
        WHERE {this} AND person_at > {now} - :presence AND person_at <= {now} + 1))""",
    "margin_now": "{most}(:least, margin - {most}({now} - margin_at, 0) * :narrowing)",
}

ADD_RATE = """INSERT INTO zoom_rate VALUES (:credential, :rate, :least, :never, :never, :never)
    ON CONFLICT (credential, rate) DO NOTHING"""
ADD_SLOT = """INSERT INTO zoom_permit VALUES (:credential, :rate, :slot, :never, '', :never)
    ON CONFLICT (credential, rate, slot) DO NOTHING"""
PERSON = "UPDATE zoom_rate SET person_at = {now} WHERE {this} AND (person_at < {now} - 1 OR person_at > {now})"
TAKE = """UPDATE zoom_permit SET holder = :holder, lease_until = {now} + {wait} + :lease
    WHERE {this} AND {open} AND NOT {paused} AND slot = (
        SELECT slot FROM zoom_permit WHERE {this} AND {open} AND {wait} <= :within AND {allowed}
        ORDER BY {wait}, slot LIMIT 1 {lock})
    RETURNING slot, {wait}, free_at"""
LOOK = """SELECT
    (SELECT {most}(paused_until - {now}, 0) FROM zoom_rate WHERE {this} AND paused_until <= {now} + :longest),
    (SELECT MIN({wait}) FROM zoom_permit WHERE {this} AND {open} AND {allowed}),
    (SELECT MIN({wait}) FROM zoom_permit WHERE {this} AND {allowed})"""
STANDING = """SELECT
    (SELECT COUNT(*) FROM zoom_permit WHERE {this} AND ({wait} > 0 OR NOT {open})),
    (SELECT {most}(paused_until - {now}, 0) FROM zoom_rate WHERE {this} AND paused_until <= {now} + :longest),
    (SELECT {margin_now} FROM zoom_rate WHERE {this})"""
DEPART = """UPDATE zoom_permit
    SET holder = '', free_at = {now} + :period + (SELECT {margin_now} FROM zoom_rate WHERE {this})
    WHERE {this} AND slot = :slot AND holder = :holder AND NOT {paused} AND {wait} <= :early
    RETURNING free_at, (SELECT {margin_now} FROM zoom_rate WHERE {this})"""
DUE = "SELECT {wait} FROM zoom_permit WHERE {this} AND slot = :slot AND holder = :holder AND NOT {paused}"
SHIFT = """UPDATE zoom_permit SET free_at = :free_at
    WHERE {this} AND slot = :slot AND free_at = :stamped"""
RELEASE = "UPDATE zoom_permit SET holder = '' WHERE {this} AND slot = :slot AND holder = :holder"
HOLD = """UPDATE zoom_rate SET
    margin = CASE WHEN paused_until > {now} THEN margin
        ELSE {least}(:factor * (:period + {margin_now}) - :period + :step, :widest) END,
    margin_at = CASE WHEN paused_until > {now} THEN margin_at ELSE {now} END,
    paused_until = {most}(paused_until, {now} + :seconds)
    WHERE {this}"""
TELL = """INSERT INTO zoom_call VALUES (:credential, :rate, :slot, :kind, :took)
    ON CONFLICT (credential, rate, slot) DO UPDATE SET kind = :kind, took = :took"""
TOLD = "SELECT took FROM zoom_call WHERE {this} AND kind = :kind"

ADD_DAY = """INSERT INTO zoom_quota VALUES (:credential, :rate, :day, 0)
    ON CONFLICT (credential, rate, day) DO NOTHING"""
USE = """UPDATE zoom_quota SET used = used + 1 WHERE {this} AND day = :day AND used < :cap
    AND NOT EXISTS (SELECT 1 FROM zoom_spent WHERE {this} AND ends_at > :time)
    RETURNING used"""
USED = "SELECT used FROM zoom_quota WHERE {this} AND day = :day"
REFUND = "UPDATE zoom_quota SET used = used - 1 WHERE {this} AND day = :day AND used > 0"
FORGET_DAYS = "DELETE FROM zoom_quota WHERE day < :oldest"
# The time of these is that of day, not {now}: both are told by the same clock.
EXHAUST = """INSERT INTO zoom_spent VALUES (:credential, :rate, :ends_at)
    ON CONFLICT (credential, rate) DO UPDATE SET ends_at = {most}(zoom_spent.ends_at, :ends_at)"""
SPENT = "SELECT ends_at - :time FROM zoom_spent WHERE {this} AND ends_at > :time"
FORGET_SPENT = "DELETE FROM zoom_spent WHERE ends_at < :time"

_WORDS = {
    "sqlite": {"lock": "", "least": "MIN", "most": "MAX"},
    "postgresql": {"lock": "FOR UPDATE SKIP LOCKED", "least": "LEAST", "most": "GREATEST"},
}
_CLOCK = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"
_NOT_FLOATS = frozenset({"credential", "rate", "holder", "kind", "day", "slot", "reserve", "cap"})


@lru_cache(maxsize=256)
def worded(template: str, vendor: str, placeholder: str, own_clock: bool) -> tuple[str, tuple[str, ...]]:
    """Return the statement in a database's words, and the names of its arguments in order."""
    meanings = {**PARTS, **_WORDS[vendor], "now": _CLOCK if own_clock else ":now"}
    sql = template
    while "{" in sql:
        sql = re.sub(r"{(\w+)}", lambda found: meanings[found[1]], sql)
    names = tuple(re.findall(r":(\w+)", sql))
    # PostgreSQL must be told that an argument is no integer, else it divides and compares in another type.
    number = f"CAST({placeholder} AS DOUBLE PRECISION)" if vendor == "postgresql" else placeholder
    return re.sub(r":(\w+)", lambda found: placeholder if found[1] in _NOT_FLOATS else number, sql), names
