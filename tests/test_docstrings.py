"""Does every test file say in its first line what it asks?"""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parent


def test_every_test_file_begins_with_a_sentence() -> None:
    files = sorted(TESTS.rglob("test_*.py"))
    silent = [
        str(file.relative_to(TESTS)) for file in files if not ast.get_docstring(ast.parse(file.read_text("utf-8")))
    ]
    assert silent == []
