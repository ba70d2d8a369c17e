"""The files of the repository, for tests about the repository itself."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control, as a path relative to the root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file())


def text_of(path: Path) -> str:
    """The text of a tracked file; bytes that are no UTF-8 are replaced."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def sources() -> list[Path]:
    """Python files of the program: neither tests nor migrations."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and path.parts[0] in ("zoomapi", "portal") and "migrations" not in path.parts
    ]
