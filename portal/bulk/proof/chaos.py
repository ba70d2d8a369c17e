"""The chaos driver: a job under faults, kills and freezes; then the invariants, and a naive client.

Runs in a process of its own on data of its own, which ``manage.py chaos`` prepares.
"""

import random
import sys

import django


def main(rows: int, kills: int, seed: int) -> int:
    django.setup()
    from portal.bulk.proof.run import Run  # noqa: PLC0415  # its models need the settings

    run = Run(rows, kills, random.Random(seed), seed)  # noqa: S311  # repeatable, not secret
    try:
        return run.perform()
    finally:
        run.troupe.stop()


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:4])))
