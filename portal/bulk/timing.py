"""The engine's times, in one place so that tests can run in seconds. All values are seconds."""

from dataclasses import dataclass, fields
from datetime import timedelta

from django.conf import settings

from zoomapi.spec.base import Effect


@dataclass(frozen=True)
class Timing:
    """``lease`` must outlast ``deadline`` by the time a commit may take, else a live worker could be taken for dead."""

    lease: float = 30.0  # a claim is ours for so long
    deadline: float = 20.0  # of one call on the wire
    settle: float = 90.0  # a request that we gave up on is applied within this time or never
    settle_keyless: float = 300.0  # the same where a second copy could not be refused by Zoom
    loop: float = 25.0  # one round of the pump, at most ...
    least_loop: float = 0.6  # ... and the share of it that a round lasts at least
    fresh: float = 60.0  # a row's comparison with Zoom counts so long; then it is read again before the write
    busy: float = 2.0  # before an item is tried again whose object another call is changing
    poll: float = 0.2
    heart: float = 10.0  # between two sweeps of a worker
    threads: int = 24  # calls in flight per pump; the permits decide the pace
    tries: int = 5  # sends whose outcome stayed unclear, before a person decides

    def __post_init__(self) -> None:
        if self.lease <= self.deadline:
            raise ValueError("A lease must be longer than the deadline of a call.")

    @property
    def margin(self) -> timedelta:
        """What must be left of a lease at the intent."""
        return timedelta(seconds=self.deadline)

    def settling(self, effect: Effect | None) -> float:
        return self.settle_keyless if effect is Effect.CREATE else self.settle


def standard() -> Timing:
    """The times in use: the defaults, changed by ``settings.BULK_TIMING`` (a dict of the names above)."""
    chosen = dict(getattr(settings, "BULK_TIMING", {}))
    unknown = set(chosen) - {f.name for f in fields(Timing)}
    if unknown:
        raise ValueError(f"BULK_TIMING: unknown {', '.join(sorted(unknown))}.")
    return Timing(**chosen)
