"""What a worker builds at its start."""

import pytest
from celery.signals import worker_init

from portal.bulk import claims, tasks, warm


@pytest.mark.django_db(transaction=True)  # as at a worker's start, within no transaction
def test_a_worker_builds_the_queries_of_a_claim_before_its_first_row() -> None:
    claims.prepared.cache_clear()
    warm.up(sender=tasks.app, signal=worker_init)
    assert claims.prepared.cache_info().currsize == 2


def test_it_does_so_when_it_starts() -> None:
    assert warm.up in [reference() for _, reference in worker_init.receivers]
