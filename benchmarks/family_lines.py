"""How many lines a family of the API takes, in the spec and in the sandbox: a table for docs/figures.md.

Run: python -m benchmarks.family_lines. A line counts when it holds code: no blank, no comment, no docstring. A module
belongs to the family in its name, or to those named below; what several share is counted once, in the last rows.
"""

import ast
import tokenize
from collections import Counter
from pathlib import Path

from zoomapi.spec import all_endpoints

ROOT = Path(__file__).resolve().parents[1]
SPEC, HANDLERS = ROOT / "zoomapi" / "spec", ROOT / "zoomapi" / "sandbox" / "handlers"
# Modules that are not called like their family.
BELONGS = {
    "account_settings": "accounts", "user_shapes": "users", "user_settings": "users", "user_details": "users",
    "dashboard_shapes": "dashboards", "report_shapes": "reports", "rooms_and_chats": "dashboards",
    "schedule": "meetings + webinars", "registration": "meetings + webinars", "recurrence": "meetings + webinars",
    "telephony": "tsp + pac", "all_groups": "groups + im_groups",
}  # fmt: skip
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}


def lines_of_code(path: Path) -> int:
    """Lines that hold a token of the language, those of docstrings left out."""
    with path.open("rb") as source:
        tokens = [token for token in tokenize.tokenize(source.readline) if token.type not in LAYOUT]
    held = {line for token in tokens if token.string for line in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            held -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(held)


def counted(folder: Path, families: set[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for path in folder.glob("*.py"):
        owner = BELONGS.get(path.stem, path.stem)
        if owner in families or "+" in owner:
            found[owner] += lines_of_code(path)
    return found


def main() -> None:
    operations = Counter(endpoint.family for endpoint in all_endpoints())
    spec, sandbox = (counted(folder, set(operations)) for folder in (SPEC, HANDLERS))
    print("| Family | Operations | Lines in spec | a piece | Lines in sandbox | a piece |")
    print("|---|---|---|---|---|---|")
    for family in sorted(operations):
        row(family, operations[family], spec[family], sandbox[family])
    for shared in sorted({*spec, *sandbox} - set(operations)):
        row(f"{shared} (shared)", 0, spec[shared], sandbox[shared])
    row("**all**", operations.total(), spec.total(), sandbox.total())


def row(name: str, operations: int, spec: int, sandbox: int) -> None:
    each = [f"{lines / operations:.1f}" if operations and lines else "–" for lines in (spec, sandbox)]
    print(f"| {name} | {operations or '–'} | {spec or '–'} | {each[0]} | {sandbox or '–'} | {each[1]} |")


if __name__ == "__main__":
    main()
