"""Does anything break the sandbox? Cases that schemathesis makes from the sandbox's own OpenAPI document.

Run: python -m benchmarks.fuzz [CASES] [SEED]. Starts the sandbox with its demo world and no limits, sends 20,000 cases
to all operations in both forms, half of them right by the document and half wrong, most with ids that exist, and ends
with 1 if one of them got a server error, no answer, or one that is not JSON. A seed makes much
the same cases again: they follow the ids that answers give. Ctrl-C ends it early, with what was found until then.
"""

import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.support.fuzz import Fuzz
from tests.support.sandbox import start_sandbox

EACH = 10  # cases of one operation in a round


def main(cases: int, number: int) -> int:
    with tempfile.TemporaryDirectory() as folder, start_sandbox(Path(folder), "--no-limits") as sandbox:
        fuzz = Fuzz(sandbox, number)
        began = time.monotonic()
        found = fuzz.result
        with suppress(KeyboardInterrupt):
            while found.cases < cases:
                fuzz.run(min(cases, found.cases + len(fuzz.operations) * EACH), EACH)
                rate = found.cases / (time.monotonic() - began)
                print(f"{found.cases:7,} cases, {rate:4.0f} a second, {len(found.broken)} broken", flush=True)
    print(f"{found.cases:,} cases in {time.monotonic() - began:.0f} s")
    print(f"seed {number}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    statuses = ", ".join(f"{status}: {number:,}" for status, number in sorted(found.statuses.items()))
    print(f"answers by status: {statuses}")
    print(f"operations done at least once: {len(found.reached)} of {len(fuzz.operations)}")
    for label in sorted(set(fuzz.operations) - found.reached):
        print(f"  never: {label}")
    for problem in found.broken[:20]:
        print(problem[:2000])
    return 1 if found.broken else 0


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*given, *(20_000, 1)[len(given) :]))
