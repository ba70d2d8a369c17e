"""When a pump's round ends: not while the other pump of the job is at its own end, but not much later either."""

import time
from typing import Any

import pytest

from portal.bulk import claims, pump
from portal.bulk.models import Item
from portal.bulk.timing import Timing

pytestmark = pytest.mark.django_db(transaction=True)
TIMING = Timing(loop=25)


def over(job: Any, late: float) -> bool:
    return pump._is_over(job.pk, "mine", time.monotonic() - late, TIMING)


def test_a_round_ends_when_another_pump_has_rows_in_hand_or_a_fifth_of_it_later(creations: Any) -> None:
    job = creations(20)
    assert (over(job, -0.1), over(job, 0.1), over(job, 5.1)) == (False, False, True)
    claims.claim(job.pk, "mine", 10, TIMING)
    assert over(job, 0.1) is False
    claims.claim(job.pk, "other", 8, TIMING)
    assert over(job, 0.1) is True
    Item.objects.filter(lease_owner="other").update(state="sending")
    assert over(job, 0.1) is False
