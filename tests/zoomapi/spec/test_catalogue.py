"""The fixed lists, in number and in kind."""

from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from zoomapi.spec import catalogue
from zoomapi.spec.corrections import zone


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("STATES", 75),
        ("COUNTRIES", 255),
        ("TIMEZONES", 135),
        ("CALLOUT_COUNTRIES", 76),
        ("TOLLFREE_COUNTRIES", 76),
        ("PREMIUM_COUNTRIES", 17),
        ("BASE_PLANS", 8),
        ("ADDON_PLANS", 30),
    ],
)
def test_a_list_has_the_documented_length(name: str, count: int) -> None:
    assert len(getattr(catalogue, name)) == count


def test_additional_plans_fall_into_six_groups() -> None:
    assert Counter(plan.group for plan in catalogue.ADDON_PLANS.values()) == {
        "zoom_rooms": 2,
        "room_connector": 2,
        "large_meeting": 8,
        "webinar": 12,
        "recording": 3,
        "audio": 3,
    }


def test_plan_codes_are_spelt_as_documented() -> None:
    assert list(catalogue.BASE_PLANS) == [
        "trial", "monthly", "yearly", "business_monthly", "business_yearly", "edu20", "zroom_monthly", "zroom_yearly",
    ]  # fmt: skip
    assert {"roomconnector_yearly", "large500_monthly", "webinar10000_yearly", "cmr_monthly_commitment_40"} < set(
        catalogue.ADDON_PLANS
    )
    assert list(catalogue.addons("audio")) == [
        "tollfree_payongo", "tollfree_monthly_commitment_100", "tollfree_monthly_commitment_500",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "bounds"),
    [
        ("trial", (1, 9999)),
        ("monthly", (1, 9)),
        ("yearly", (1, 9)),
        ("business_monthly", (10, 49)),
        ("business_yearly", (10, 49)),
        ("edu20", (20, 149)),
        ("zroom_monthly", (1, 9999)),
    ],
)
def test_base_plans_have_their_host_bounds(code: str, bounds: tuple[int, int]) -> None:
    plan = catalogue.BASE_PLANS[code]
    assert (plan.min_hosts, plan.max_hosts) == bounds


def test_withdrawn_countries_and_military_regions_are_kept() -> None:
    assert {"YD", "FX", "PZ"} < set(catalogue.COUNTRIES)
    assert {"AP", "AA", "AE"} < set(catalogue.STATES)


def test_mobile_numbers_are_countries_of_their_own_for_calling_out() -> None:
    assert catalogue.CALLOUT_COUNTRIES["TW_mobile"] == "Taiwan Mobile"


def test_names_have_no_stray_spaces() -> None:
    lists = (catalogue.STATES, catalogue.COUNTRIES, catalogue.TIMEZONES, catalogue.CALLOUT_COUNTRIES)
    assert [name for names in lists for pair in names.items() for name in pair if name != name.strip()] == []


@pytest.mark.parametrize("name", list(catalogue.TIMEZONES))
def test_every_time_zone_can_be_calculated_with(name: str) -> None:
    assert isinstance(zone(name), ZoneInfo)
