"""Search over users: any part of what a person remembers, never more than the scope."""

import pytest

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.directory import records, search
from portal.directory.models import MirrorUser, SubAccount

pytestmark = pytest.mark.django_db


def add(account: SubAccount, email: str, **data: str) -> MirrorUser:
    found = {"id": email.partition("@")[0], "email": email, **data}
    row = records.user_row(account, found, status="active", seen_at=account.seen_at or records.moment("2026-01-01"))
    records.save_users([row])
    return MirrorUser.objects.get(account=account, email=email)


def found(query: str) -> list[str]:
    return sorted(search.users(MirrorUser.objects.all(), query).values_list("email", flat=True))


@pytest.fixture
def people(acme: SubAccount, globex: SubAccount) -> None:
    add(acme, "ana.ruiz@acme.example", first_name="Ana", last_name="Ruiz-Gómez", dept="Sales", pmi="1234567890")
    add(acme, "bo@acme.example", first_name="Bo", last_name="Li", dept="R&D, Core")
    add(globex, "ana@globex.example", first_name="Ana", last_name="Šimić", dept='50% "off"')


def test_a_part_of_the_name_without_its_accents_is_enough(people: None) -> None:
    assert found("gomez") == ["ana.ruiz@acme.example"]
    assert found("SIMIC") == ["ana@globex.example"]


def test_all_words_must_occur_in_any_order(people: None) -> None:
    assert found("ruiz ana") == ["ana.ruiz@acme.example"]
    assert found("ana globex") == ["ana@globex.example"]
    assert found("ana nobody") == []


def test_a_pmi_is_found_however_it_was_typed(people: None) -> None:
    assert found("123 456 7890") == ["ana.ruiz@acme.example"]
    assert found("456-789") == ["ana.ruiz@acme.example"]


def test_a_department_is_found_also_with_signs_a_query_language_would_read(people: None) -> None:
    assert found("r&d, core") == ["bo@acme.example"]
    assert found('50% "off"') == ["ana@globex.example"]
    assert found('" OR "') == []


def test_two_letters_search_the_start_of_the_address_or_last_name(people: None) -> None:
    assert found("bo") == ["bo@acme.example"]
    assert found("li") == ["bo@acme.example"]


def test_a_short_word_beside_a_long_one_narrows(people: None) -> None:
    assert found("acme bo") == ["bo@acme.example"]


def test_a_changed_name_is_found_and_the_old_one_is_not(people: None, acme: SubAccount) -> None:
    add(acme, "bo@acme.example", first_name="Bo", last_name="Lindqvist")
    assert (found("lindq"), found("core")) == (["bo@acme.example"], [])


def test_a_removed_user_is_not_found(people: None) -> None:
    MirrorUser.objects.filter(email="bo@acme.example").delete()
    assert found("core") == []


def test_search_stays_in_scope(people: None, rita: Staff) -> None:
    mine = MirrorUser.objects.for_scope(scope_of(rita))
    assert [user.email for user in search.users(mine, "ana")] == ["ana.ruiz@acme.example"]


def test_an_endless_query_is_cut_and_a_zero_byte_is_harmless(people: None) -> None:
    assert found("x" * 5000) == []
    assert found("ana\x00globex") == ["ana@globex.example"]


def test_many_hits_are_found_like_few(people: None, monkeypatch: pytest.MonkeyPatch) -> None:
    few = found("acme")
    assert not search.is_broad(search.users(MirrorUser.objects.all(), "acme"))
    monkeypatch.setattr(search, "FEW", 1)
    assert search.is_broad(search.users(MirrorUser.objects.all(), "acme"))
    assert found("acme") == few == ["ana.ruiz@acme.example", "bo@acme.example"]
    assert search.users(MirrorUser.objects.filter(dept="Sales"), "acme").count() == 1
