"""What a person compares before deciding about a row whose outcome is not known."""

from portal.bulk.models import Item
from portal.bulk.views.reviews import Line, lines_of

BASE = {"type": "business_monthly", "hosts": 15}
ROOMS = [{"type": "large500_monthly", "hosts": 2}]


def test_what_was_wanted_stands_beside_what_is_there_now() -> None:
    answer = {"before": {"plan_base": BASE}, "now": {"plan_base": BASE, "plan_large_meeting": ROOMS}}
    item = Item(endpoint="billing.update_base", body={"type": "business_monthly", "hosts": 20}, answer=answer)
    lines = list(lines_of(item))
    assert lines == [
        Line("Plan base, type", "business_monthly", "business_monthly", "business_monthly"),
        Line("Plan base, hosts", 15, 15, 20),
        Line("Plan large meeting, 1, type", None, "large500_monthly", None),
        Line("Plan large meeting, 1, hosts", None, 2, None),
    ]
    assert [(line.moved, line.asked) for line in lines] == [(False, False), (False, True), (True, False), (True, False)]


def test_plain_lists_stay_one_value() -> None:
    item = Item(endpoint="users.update", body={"group_ids": ["a", "b"]}, before={"group_ids": ["a"]}, answer={})
    assert list(lines_of(item)) == [Line("Group ids", ["a"], None, ["a", "b"])]
