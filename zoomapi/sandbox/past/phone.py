"""Telephone calls into meetings, and the ports H.323 and SIP devices used."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from zoomapi.sandbox.clock import seconds, stamp
from zoomapi.sandbox.models import Session
from zoomapi.sandbox.past.people import PHONE, participants
from zoomapi.sandbox.past.sessions import over
from zoomapi.sandbox.windows import Window

TOLL_FREE, CALL_OUT = "toll-free", "call-out"
PER_MINUTE = {TOLL_FREE: 0.04, CALL_OUT: 0.07}
HOUR = 3600


@dataclass(frozen=True)
class PhoneCall:
    """One telephone call. ``minutes`` is its length, ``total`` its price in dollars."""

    session: Session
    number: str
    kind: str
    start: str
    end: str
    minutes: int
    total: float


def phone_calls(account_id: str, within: Window) -> list[PhoneCall]:
    """Return an account's telephone calls in a span of days, oldest meeting first."""
    return [call for session in over(account_id, within).filter(phones__gt=0) for call in _calls(session)]


def _calls(session: Session) -> Iterator[PhoneCall]:
    source = random.Random(f"{session.seed}/phone")
    for person in participants(session, PHONE):
        kind = source.choice((TOLL_FREE, TOLL_FREE, CALL_OUT))
        price = round(PER_MINUTE[kind] * person.minutes, 2)
        yield PhoneCall(session, person.phone_number, kind, person.joined, person.left, person.minutes, price)


def ports(account_id: str, within: Window) -> dict[str, list[tuple[int, int]]]:
    """Return day -> 24 of (most ports in use at once, ports used at all) hour by hour, for every day of the span."""
    found = {day.isoformat(): [(0, 0)] * 24 for day in within.days()}
    for slot, used in _hours(over(account_id, within).filter(sips__gt=0)).items():
        day, hour = slot
        if day in found:
            found[day][hour] = used
    return found


def _hours(sessions: Iterable[Session]) -> dict[tuple[str, int], tuple[int, int]]:
    spans = [(int(seconds(session.start)), int(seconds(session.end)), session.sips) for session in sessions]
    inside: dict[int, list[tuple[int, int, int]]] = {}
    for span in spans:
        for hour in range(span[0] // HOUR, max(span[0], span[1] - 1) // HOUR + 1):
            inside.setdefault(hour, []).append(span)
    return {_slot(hour): (_most(members), sum(ports for _, _, ports in members)) for hour, members in inside.items()}


def _most(spans: list[tuple[int, int, int]]) -> int:
    """Return the most ports in use at one moment; a call that ends gives its ports back before the next begins."""
    steps = sorted([(end, -used) for _, end, used in spans] + [(start, used) for start, _, used in spans])
    now = most = 0
    for _, change in steps:
        now += change
        most = max(most, now)
    return most


def _slot(hour: int) -> tuple[str, int]:
    return stamp(hour * HOUR)[:10], hour % 24
