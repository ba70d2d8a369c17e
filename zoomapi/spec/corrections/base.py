"""What a correction is."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Correction:
    """``operations`` are endpoint keys, none means everywhere; ``aliases`` are dotted names, wrong to right."""

    subject: str
    rule: str
    reason: str
    operations: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
