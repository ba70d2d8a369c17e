"""Plans a sub-account can subscribe to (section "Plans"): 8 base plans and 30 additional ones."""

from dataclasses import dataclass

MOST_HOSTS = 9999  # the widest bound the specification names; used where it names none


@dataclass(frozen=True)
class Plan:
    """One plan. ``period`` is "monthly", "yearly" or "" where the plan has none of its own; bounds are inclusive."""

    code: str
    label: str
    group: str
    min_hosts: int = 1
    max_hosts: int = MOST_HOSTS
    period: str = ""

    def allows(self, hosts: int) -> bool:
        return self.min_hosts <= hosts <= self.max_hosts

    @property
    def bounds(self) -> str:
        """For people: "Pro allows 1–9"."""
        return f"{PLAN_GROUPS[self.group]} allows {self.min_hosts}–{self.max_hosts}"


PLAN_GROUPS = {
    "trial": "Free Trial",
    "pro": "Pro",
    "business": "Business",
    "education": "Education",
    "zoom_rooms": "Zoom Rooms",
    "room_connector": "H.323/SIP Room Connector",
    "large_meeting": "Large Meeting",
    "webinar": "Webinar",
    "recording": "Cloud Recording",
    "audio": "Audio Conferencing",
}
ADDON_GROUPS = ("zoom_rooms", "room_connector", "large_meeting", "webinar", "recording", "audio")
PERIODS = ("monthly", "yearly")


def _by_code(*plans: Plan) -> dict[str, Plan]:
    return {plan.code: plan for plan in plans}


def _both_periods(prefix: str, label: str, group: str) -> tuple[Plan, ...]:
    return tuple(Plan(f"{prefix}_{period}", f"{label}, {period}", group, period=period) for period in PERIODS)


def _by_size(prefix: str, label: str, group: str, sizes: tuple[int, ...]) -> tuple[Plan, ...]:
    return tuple(p for size in sizes for p in _both_periods(f"{prefix}{size}", f"{label} {size} participants", group))


LARGE_MEETING_SIZES = (100, 200, 300, 500)
WEBINAR_SIZES = (100, 500, 1000, 3000, 5000, 10000)

BASE_PLANS = _by_code(
    Plan("trial", "Free Trial", "trial", 1, 9999),
    Plan("monthly", "Pro, monthly", "pro", 1, 9, "monthly"),
    Plan("yearly", "Pro, yearly", "pro", 1, 9, "yearly"),
    Plan("business_monthly", "Business, monthly", "business", 10, 49, "monthly"),
    Plan("business_yearly", "Business, yearly", "business", 10, 49, "yearly"),
    Plan("edu20", "Education", "education", 20, 149),
    *_both_periods("zroom", "Zoom Rooms", "zoom_rooms"),
)
ADDON_PLANS = _by_code(
    *_both_periods("zroom", "Additional Zoom Rooms", "zoom_rooms"),
    *_both_periods("roomconnector", "H.323/SIP Room Connector", "room_connector"),
    *_by_size("large", "Large Meeting", "large_meeting", LARGE_MEETING_SIZES),
    *_by_size("webinar", "Webinar", "webinar", WEBINAR_SIZES),
    *(
        Plan(f"cmr_monthly_commitment_{dollars}", f"Cloud Recording, ${dollars} monthly", "recording", period="monthly")
        for dollars in (40, 100, 500)
    ),
    Plan("tollfree_payongo", "Audio Conferencing, pay as you go", "audio"),
    *(
        Plan(f"tollfree_monthly_commitment_{d}", f"Audio Conferencing, ${d} monthly", "audio", period="monthly")
        for d in (100, 500)
    ),
)


def addons(group: str) -> dict[str, Plan]:
    """Return the additional plans of one group (one of ``ADDON_GROUPS``)."""
    return {code: plan for code, plan in ADDON_PLANS.items() if plan.group == group}


def labels(plans: dict[str, Plan]) -> dict[str, str]:
    """Code to label, as a choice field wants it."""
    return {code: plan.label for code, plan in plans.items()}
