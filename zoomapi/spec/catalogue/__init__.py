"""The fixed lists of the API: plans, places, time zones, kinds of users."""

from zoomapi.spec.catalogue.countries import COUNTRIES
from zoomapi.spec.catalogue.dial_in import CALLOUT_COUNTRIES, PREMIUM_COUNTRIES, TOLLFREE_COUNTRIES
from zoomapi.spec.catalogue.plans import ADDON_GROUPS, ADDON_PLANS, BASE_PLANS, PLAN_GROUPS, Plan, addons, labels
from zoomapi.spec.catalogue.states import STATES
from zoomapi.spec.catalogue.timezones import TIMEZONES

USER_TYPES = {1: "Basic", 2: "Pro", 3: "Corp"}
USER_TYPES_TODAY = {1: "Basic", 2: "Licensed", 99: "None (single sign-on only)"}
USER_STATUSES = {"active": "Active", "inactive": "Inactive", "pending": "Pending"}
LOGIN_TYPES = {0: "Facebook", 1: "Google", 99: "API", 100: "Zoom", 101: "SSO"}
PAY_MODES = {"master": "Master account pays", "sub": "Sub-account pays"}
AUDIO_TYPES = {
    "both": "Telephone and computer audio",
    "telephony": "Telephone only",
    "voip": "Computer audio only",
    "thirdParty": "Another provider's audio",
}
AUTO_RECORDING = {"local": "On the host's computer", "cloud": "In the cloud", "none": "Off"}

__all__ = [
    "ADDON_GROUPS",
    "ADDON_PLANS",
    "AUDIO_TYPES",
    "AUTO_RECORDING",
    "BASE_PLANS",
    "CALLOUT_COUNTRIES",
    "COUNTRIES",
    "LOGIN_TYPES",
    "PAY_MODES",
    "PLAN_GROUPS",
    "PREMIUM_COUNTRIES",
    "STATES",
    "TIMEZONES",
    "TOLLFREE_COUNTRIES",
    "USER_STATUSES",
    "USER_TYPES",
    "USER_TYPES_TODAY",
    "Plan",
    "addons",
    "labels",
]
