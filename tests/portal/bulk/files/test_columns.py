"""Headers find the columns of a kind of file, however they are spelt."""

import pytest

from portal.bulk.files.columns import match
from portal.bulk.files.flows import flow_named
from zoomapi.spec.corrections import INPUT_ALIASES


@pytest.mark.parametrize(
    ("kind", "section"),
    [("account_settings", "schedule_meting"), ("user_settings", "scheduled_meeting")],
)
@pytest.mark.parametrize("spelt", ["schedule_meting", "schedule_meeting", "scheduled_meeting"])
def test_the_first_section_of_the_settings_is_known_in_each_spelling_that_the_corrections_allow(
    kind: str, section: str, spelt: str
) -> None:
    found = match([f"{spelt}.host_video"], flow_named(kind).columns()).mapping
    operation = {"account_settings": "accounts.update_settings", "user_settings": "users.update_settings"}[kind]
    allowed = {section, *INPUT_ALIASES[operation]}
    assert found == ({f"{section}.host_video": 0} if spelt in allowed else {})


@pytest.mark.parametrize("header", ["in_meeting.p2p_connection", "p2p_connection"])
def test_a_name_that_the_document_misspells_is_known_as_it_should_be_spelt(header: str) -> None:
    found = match([header], flow_named("account_settings").columns()).mapping
    assert found == {"in_meeting.p2p_connetion": 0}
