"""Headers find the columns of a kind of file, however they are spelt."""

from collections import Counter

import pytest

from portal.bulk.files.columns import match, refuse_duplicates
from portal.bulk.files.flows import flow_named
from portal.bulk.files.refusal import FileRefused
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


@pytest.mark.parametrize("kind", ["user_settings", "account_settings", "tsp_accounts", "billing.subscribe"])
def test_columns_of_one_label_have_the_name_of_their_group_before_it(kind: str) -> None:
    labels = [column.label for column in flow_named(kind).columns()]
    assert [label for label, number in Counter(labels).items() if number > 1] == []


def test_a_label_with_its_group_is_known_as_a_header() -> None:
    labels = {column.name: column.label for column in flow_named("user_settings").columns()}
    chats = ["in_meeting.auto_saving_chat", "recording.save_chat_text"]
    assert [labels[name] for name in chats] == ["In meetings: Save chat", "Recording: Save chat"]
    headers = [labels[name] for name in reversed(chats)]
    assert match(headers, flow_named("user_settings").columns()).mapping == {chats[0]: 1, chats[1]: 0}


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (["Name", "Name"], "Columns 1 and 2 are both named “Name”."),
        (["E-Mail", "x", "email"], "Columns 1 and 3 have the same name, “E-Mail” and “email”."),
    ],
)
def test_columns_of_one_name_are_quoted_as_each_is_spelt(header: list[str], words: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        refuse_duplicates(header)
    assert str(refusal.value) == f"{words} Nothing was done. Rename or remove one of them and send the file again."
