"""What is kept of what was read for a file."""

import pytest

from portal.bulk.files.flows.live import Shelf


def test_what_was_not_needed_for_longest_goes_first_and_the_newest_stays_whatever_its_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Shelf, "MOST", 4)
    shelf: Shelf[list[int]] = Shelf()
    shelf.put("a", [1, 2])
    shelf.put("b", [3, 4])
    assert shelf.get("a") == [1, 2]
    shelf.put("c", [5])
    assert [shelf.get(key) for key in "abc"] == [[1, 2], None, [5]]
    shelf.put("d", [6] * 9)
    assert [shelf.get(key) for key in "acd"] == [None, None, [6] * 9]
