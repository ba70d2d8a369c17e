"""Small files and small functions, so that a room can be read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.meta.repository import sources, text_of

LONGEST_FILE = 330  # "about 300"
LONGEST_FUNCTION = 50  # "about 40", with signature and docstring
# Lists of facts, not code: they are as long as the facts are many.
DATA = ("zoomapi/spec/",)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_source_file_is_too_long() -> None:
    lengths = {str(path): text_of(path).count("\n") for path in sources()}
    assert {
        name: length for name, length in lengths.items() if length > LONGEST_FILE and not name.startswith(DATA)
    } == {}


def test_no_function_is_too_long() -> None:
    assert {name: length for path in sources() for name, length in functions(path) if length > LONGEST_FUNCTION} == {}
