"""How fast rows are checked, beside a REST framework serializer run row by row over the same rows.

    python benchmarks/validation.py [--rows 100000]

Both get parsed rows in memory and must come to the same verdicts. The memory figure is what the compiled check of a
whole file on disk (reading, detection of doubles included) needs on top of what the process had before.
"""

import argparse
import os
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("PORTAL_DATA", tempfile.mkdtemp(prefix="validation-"))

import django

django.setup()

from portal.bulk.files import user_columns  # noqa: E402  # Django must be set up first
from portal.bulk.files.detect import Layout  # noqa: E402  # Django must be set up first
from portal.bulk.files.reader import Row, Table  # noqa: E402  # Django must be set up first
from portal.bulk.files.rows import RowChecker  # noqa: E402  # Django must be set up first
from zoomapi import spec  # noqa: E402  # as above

HEADER = ["email", "first_name", "last_name", "type"]
MAPPING = {f"user_info.{name}": place for place, name in enumerate(HEADER)}
GIVEN = ("Ana", "Bo", "Chloé", "Dimitri", "Élodie", "Farid", "Greta", "Hana", "诸葛", "José")
FAMILY = ("Ruiz", "Li", "O'Neill", "Müller", "García", "van Dyk", "Sato", "Novák", "Silva", "Kaya")


def people(count: int) -> list[Row]:
    """Rows of which one in fifty has an error."""
    rows = []
    for n in range(count):
        address = f"user.{n}@{'bad' if n % 50 == 7 else f'team{n % 40}.example.com'}"
        kind = "9" if n % 50 == 3 else str(1 + n % 3)
        cells = [address, GIVEN[n % 10] + str(n % 997), FAMILY[n // 10 % 10] + str(n % 991), kind]
        rows.append(Row(n + 1, n + 2, n + 2, cells))
    return rows


def compiled(rows: list[Row]) -> list[bool]:
    check = RowChecker(user_columns.columns(), user_columns.checks(), MAPPING, HEADER)
    return [not check(row).problems for row in rows]


def serializers(rows: list[Row]) -> list[bool]:
    shape = spec.endpoint("users.create").body
    assert shape is not None
    given = ({"action": "create", "user_info": dict(zip(HEADER, row.cells, strict=True))} for row in rows)
    return [bool(shape(data=data).is_valid()) for data in given]


def memory(rows: list[Row]) -> float:
    """Peak, in MB, of checking the same rows from a file, addresses remembered to find doubles."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        path.write_text("".join(",".join(cells) + "\n" for cells in (HEADER, *(row.cells for row in rows))))
        check = RowChecker(user_columns.columns(), user_columns.checks(), MAPPING, HEADER)
        seen: dict[str, int] = {}
        tracemalloc.start()
        for row in Table(path, Layout()).rows():
            seen.setdefault(check(row).given("user_info.email"), row.line)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak / 1024 / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    count = parser.parse_args().rows
    rows = people(count)
    seconds: dict[str, float] = {}
    verdicts = []
    for name, run in (("compiled checks", compiled), ("serializer, row by row", serializers)):
        begun = time.perf_counter()
        verdicts.append(run(rows))
        seconds[name] = time.perf_counter() - begun
        print(f"{name:24} {seconds[name]:8.2f} s   {seconds[name] / count * 1e6:7.1f} µs a row")
    assert verdicts[0] == verdicts[1], "the two disagree"
    fast, slow = seconds.values()
    print(f"{slow / fast:.1f} times as fast; {verdicts[0].count(False):,} of {count:,} rows refused by both")
    print(f"{memory(rows):.1f} MB on top while checking the file")


if __name__ == "__main__":
    main()
