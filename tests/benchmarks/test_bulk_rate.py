"""What the benchmark of the bulk engine prepares is what it says."""

from benchmarks.bulk_rate import subscribed
from tests.support.sandbox import Sandbox


def test_the_billing_contact_of_every_chosen_account_may_be_changed(sandbox: Sandbox) -> None:
    sandbox.reset()
    found = [row["id"] for row in subscribed(sandbox)]
    answers = [sandbox.call("PATCH", f"/accounts/{one}/billing", json={"address": "Street 1"}) for one in found]
    assert [answer.status_code for answer in answers] == [204] * 10
