"""When a pump's round ends: not while the other pump of the job is at its own end, but not much later either."""

import time
from typing import Any

import pytest

from portal.bulk import claims, pump, storage
from portal.bulk.models import Item
from portal.bulk.shares import Turns
from portal.bulk.timing import Timing
from zoomapi.spec.limits import GENERAL

pytestmark = pytest.mark.django_db(transaction=True)
TIMING = Timing(loop=25)


def keys_of(owner: str) -> list[int]:
    return list(Item.objects.filter(lease_owner=owner).values_list("pk", flat=True))


def over(job: Any, late: float) -> bool:
    turns = Turns(job.pk, job.connection)
    turns._held = dict.fromkeys(keys_of("mine"), GENERAL)
    return pump._is_over(turns, "mine", time.monotonic() - late, TIMING)


def test_a_round_ends_when_another_pump_has_rows_in_hand_or_a_fifth_of_it_later(creations: Any) -> None:
    job = creations(20)
    assert (over(job, -0.1), over(job, 0.1), over(job, 5.1)) == (False, False, True)
    claims.claim(job.pk, "mine", 10, TIMING)
    assert over(job, 0.1) is False
    claims.claim(job.pk, "other", 8, TIMING)
    assert over(job, 0.1) is True
    assert Item.objects.filter(lease_owner=f"mine{claims.ENDING}").count() == 10
    Item.objects.filter(lease_owner="other").update(state="sending")
    assert over(job, 0.1) is False


def test_the_second_of_two_pumps_does_not_rely_on_one_that_ends_its_own_round(creations: Any) -> None:
    job = creations(40)
    claims.claim(job.pk, "mine", 10, TIMING)
    claims.claim(job.pk, "other", 10, TIMING)
    assert claims.hand_over(job.pk, "other", keys_of("other"), 8) is True
    assert over(job, 0.1) is False
    assert over(job, 5.1) is True
    assert Item.objects.filter(lease_owner__endswith=claims.ENDING).count() == 20


def test_what_a_pump_has_in_hand_as_it_ends_is_still_its_own(creations: Any) -> None:
    job = creations(20)
    held = claims.claim(job.pk, "mine", 2, TIMING)
    claims.claim(job.pk, "other", 8, TIMING)
    assert over(job, 0.1) is True
    assert held[0].move("pending", {"state": "sending"}, lease_beyond=storage.now()) is True


def test_only_rows_that_are_still_its_own_say_so_and_all_of_them_do(creations: Any) -> None:
    job = creations(200)
    claims.claim(job.pk, "other", 8, TIMING)
    claims.claim(job.pk, "mine", 100, TIMING)
    keys = keys_of("mine")
    Item.objects.filter(pk=keys[0]).update(lease_owner="third")
    Item.objects.filter(pk=keys[1]).update(state="sending")
    assert claims.hand_over(job.pk, "mine", keys, 8) is True
    assert Item.objects.filter(lease_owner=f"mine{claims.ENDING}").count() == 98
