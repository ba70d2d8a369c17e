"""Charts drawn by the server as SVG, with the same figures as a table beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

ROW = 22
LABEL = 165
VALUE = 62
WIDTH = 640


@dataclass(frozen=True)
class Bar:
    label: str
    short: str
    value: float
    text: str
    y: int
    length: float

    @property
    def middle(self) -> int:
        return self.y + ROW // 2


@dataclass(frozen=True)
class BarChart:
    """Horizontal bars for (label, value) pairs; values are not negative. ``unit`` heads the table's second column."""

    title: str
    data: Sequence[tuple[str, float]]
    unit: str = "Count"
    label: str = "Name"

    width: int = WIDTH
    start: int = LABEL
    room: int = WIDTH - LABEL - VALUE
    thickness: int = ROW - 8

    @property
    def height(self) -> int:
        return max(ROW, ROW * len(self.data))

    @property
    def bars(self) -> list[Bar]:
        top = max((value for _, value in self.data), default=0) or 1
        return [
            Bar(name, shortened(name), value, f"{value:,}", ROW * place, round(self.room * max(value, 0) / top, 1))
            for place, (name, value) in enumerate(self.data)
        ]


def shortened(text: str, limit: int = 24) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
