"""``manage.py bulk_walk``: seeded random walks over the model of the engine, and its mutants."""

import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.bulk.proof.model import MUTANTS, Rules
from portal.bulk.proof.walk import first_violation, mutant

CHUNK = 1000
MUTANT_WALKS = 5000


class Command(BaseCommand):
    help = "Walk the model of the bulk engine at random; all invariants must hold, and every mutant must break one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--walks", type=int, default=20_000)
        parser.add_argument("--seed", type=int, default=1, help="number of the first walk")
        parser.add_argument("--processes", type=int, default=2)

    def handle(self, *args: Any, walks: int, seed: int, processes: int, **options: Any) -> None:
        began = time.monotonic()
        parts = [range(start, min(start + CHUNK, seed + walks)) for start in range(seed, seed + walks, CHUNK)]
        with ProcessPoolExecutor(processes) as pool:
            for found in pool.map(first_violation, [Rules()] * len(parts), parts):
                if found:
                    raise CommandError(found)
        self.stdout.write(f"{walks:,} walks from seed {seed}: no violation, {time.monotonic() - began:.0f} s")
        alive = [name for name in MUTANTS if not self._caught(name, seed)]
        if alive:
            raise CommandError(f"Not caught: {', '.join(alive)}.")
        self.stdout.write(f"{len(MUTANTS)} mutants, all caught")

    def _caught(self, name: str, seed: int) -> bool:
        found = first_violation(mutant(name), range(seed, seed + MUTANT_WALKS))
        self.stdout.write(f"  {name}: {found.partition(': Item')[0] or 'NOT CAUGHT'}")
        return bool(found)
