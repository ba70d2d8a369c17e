"""Rate classes: those of the specification (section "Rate Limits"), and those of today.

A class is a number of calls per period, per credential, sometimes with a cap per day. Every operation belongs to
exactly one class, told from its path. Where the specification names two limits for one path the stricter is kept.
Today's service labels each operation Light, Medium, Heavy or Resource-intensive, and what a label allows depends on
the account's plan.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class RateClass:
    """``calls`` requests in any window of ``period`` seconds, and at most ``per_day`` a day (None: no cap).

    ``label`` is what the service calls it. Classes of the same ``purse`` share one count per day.
    """

    name: str
    calls: int
    period: float
    per_day: int | None = None
    label: str = ""
    purse: str = ""

    @property
    def quota(self) -> str:
        """Name of the count per day."""
        return self.purse or self.name

    def __str__(self) -> str:
        unit = {1.0: "second", 60.0: "minute"}[self.period]
        cap = f", {self.per_day:,} a day" if self.per_day else ""
        return f"{self.calls} a {unit}{cap}"


GENERAL = RateClass("general", 10, 1.0)
BILLING = RateClass("billing", 1, 1.0)
METRICS = RateClass("metrics", 1, 1.0)
DASHBOARD = RateClass("dashboard", 1, 60.0, 2000)
REPORT = RateClass("report", 1, 1.0, 2000)

RATE_CLASSES = {c.name: c for c in (GENERAL, BILLING, METRICS, DASHBOARD, REPORT)}

# First match wins. Paths are those of an Endpoint: without "/v2", with or without "/accounts/{accountId}".
_RULES = (
    (re.compile(r"(^|/)metrics/(meetings|webinars)(/|$)"), DASHBOARD),
    (re.compile(r"(^|/)metrics/"), METRICS),
    (re.compile(r"(^|/)report/"), REPORT),
    (re.compile(r"/(billing|plans)(/|$)"), BILLING),
)


def rate_class(path: str) -> RateClass:
    """Return the rate class of an operation's path."""
    return next((rate for rule, rate in _RULES if rule.search(path)), GENERAL)


class Tier(StrEnum):
    """The plan of an account, as far as today's limits go by it."""

    PRO = "pro"
    BUSINESS = "business"


class Label(StrEnum):
    LIGHT = "Light"
    MEDIUM = "Medium"
    HEAVY = "Heavy"
    INTENSIVE = "Resource-intensive"


def _today(tier: Tier, light: int, medium: int, heavy: int, intensive: int, per_day: int) -> dict[Label, RateClass]:
    """Name the classes after tier and label: an account that changes its plan begins with fresh slots."""
    day = f"{tier}-heavy"
    return {
        Label.LIGHT: RateClass(f"{tier}-light", light, 1.0, label=Label.LIGHT),
        Label.MEDIUM: RateClass(f"{tier}-medium", medium, 1.0, label=Label.MEDIUM),
        Label.HEAVY: RateClass(f"{tier}-heavy", heavy, 1.0, per_day, label=Label.HEAVY, purse=day),
        Label.INTENSIVE: RateClass(f"{tier}-intensive", intensive, 60.0, per_day, label=Label.INTENSIVE, purse=day),
    }


TODAY = {
    Tier.PRO: _today(Tier.PRO, 30, 20, 10, 10, 30_000),
    Tier.BUSINESS: _today(Tier.BUSINESS, 80, 60, 40, 20, 60_000),
}
"""Heavy and Resource-intensive calls are counted together per day."""

HOST_WRITES = RateClass("host-writes", 100, 1.0, 100, label="scheduling (per host)")
"""Creating and changing meetings or webinars: counted per host and day beside the operation's own class.

Only a path that names the host can be counted before it is sent, under the name it gives (an id and an address of one
host count apart). A change by meeting id is counted by the service alone: when the day is used up it answers 429, and
the client then says so instead of trying again.
"""

# First match wins. The service documents a label with each operation; lists of a dashboard are the dearest, everything
# that is computed from past meetings is heavy, and reading a list costs more than reading one object.
_LABELS = (
    (re.compile(r"(^|/)metrics/(\w+)$"), Label.INTENSIVE),
    (re.compile(r"(^|/)(metrics|report)/"), Label.HEAVY),
)
_SCHEDULED = re.compile(r"/users/{userId}/(meetings|webinars)$|^/(meetings|webinars)/{\w+}$")


def label_of(path: str, *, is_list: bool) -> Label:
    """Return today's label of the operation with this path."""
    found = next((label for rule, label in _LABELS if rule.search(path)), None)
    return found or (Label.MEDIUM if is_list else Label.LIGHT)


def is_host_write(method: str, path: str) -> bool:
    """Tell whether today's service counts the operation per host and day."""
    return method in ("POST", "PATCH", "PUT") and _SCHEDULED.search(path) is not None
