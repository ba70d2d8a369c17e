"""Every error of a row at once: what can be judged is, and what depends on a cell that was refused is left open."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any


class Unknown(LookupError):
    """Somebody asked for what is not known, and the row says why already. What depends on it cannot be judged."""


# Around each judgement that others do not need: ``with judging:``. It is left where it asks for what is unknown.
judging = suppress(Unknown)


class Partial(dict[str, Any]):
    """Values of which some were refused. These are neither there nor missing: whoever asks for one gets ``Unknown``.

    To go through all of them (``items()``, ``dict()``) gives those that could be read.
    """

    def __init__(self, values: Mapping[str, Any], refused: Collection[str]) -> None:
        super().__init__(values)
        self.refused = frozenset(refused)
        for name in self.refused & values.keys():
            del self[name]

    def need(self, names: Iterable[str]) -> None:
        """Raise Unknown when one of them was refused."""
        if not self.refused.isdisjoint(names):
            raise Unknown(*names)

    def __getitem__(self, name: str) -> Any:
        self.need((name,))
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.need((str(name),))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.need((name,))
        return super().get(name, default)
