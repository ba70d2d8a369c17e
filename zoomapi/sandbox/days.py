"""Counts per day, kept as rows: a restarted sandbox goes on counting where it stopped."""

from zoomapi.sandbox.models import Record
from zoomapi.sandbox.past.numbers import made_id
from zoomapi.sandbox.store import writing

KIND = "day"


class DayRows:
    """One row for each credential and quota, with the number of its latest day (days since 1970) and its count."""

    def read(self, credential: str, quota: str) -> tuple[int, int]:
        """Return (day, count); day 0 when nothing was counted yet."""
        row = Record.objects.filter(id=made_id(KIND, credential, quota)).first()
        return (row.data["day"], row.data["count"]) if row else (0, 0)

    def keep(self, credential: str, quota: str, day: int, count: int) -> None:
        """Keep a count, unless a request that was counted later was quicker to keep its own."""
        with writing():
            known, most = self.read(credential, quota)
            if day != known or count > most:
                data = {"day": day, "count": count}
                made = made_id(KIND, credential, quota)
                Record.objects.update_or_create(id=made, defaults={"kind": KIND, "key": quota, "data": data})
