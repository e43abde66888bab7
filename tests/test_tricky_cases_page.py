"""Does docs/tricky-cases.md answer every case, and is each test that it names there, with the row that it names?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "tricky-cases.md").read_text(encoding="utf-8")
# How many cases each paragraph has: whoever adds one raises its number, and nobody takes one out unnoticed.
CASES = {"Time": 31, "Place": 27, "Number input": 32, "Race": 48, "Ways of testing": 24}
NAMED = re.compile(r"`([^`:]+\.py)::(test_\w+)(?:\[([^`]*)\])?`")
NOT_COVERED = re.compile(r"not covered: \S.{25,}|not covered: see attempts over persons")

Row = tuple[str, str]


def rows() -> dict[str, list[Row]]:
    """The case and the answer of every row, by paragraph."""
    found: dict[str, list[Row]] = {}
    for line in PAGE.splitlines():
        if line.startswith("## "):
            found[line[3:]] = []
        elif line.startswith("| ") and not line.startswith(("| case |", "| --- |")):
            case, _, answer = line.strip("| ").partition(" | ")
            list(found.values())[-1].append((case, answer))
    return found


ANSWERS = [answer for paragraph in rows().values() for _, answer in paragraph]
TESTS = [
    (file, name, value)
    for answer in ANSWERS
    for file, name, values in NAMED.findall(answer)
    for value in (values.split("; ") if values else [""])
]


@lru_cache(maxsize=64)
def collected_from(file: str) -> dict[str, tuple[ast.AST, ast.Module]]:
    """The tests of a file that pytest collects there, each with its module; those that are skipped are none."""
    module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    bodies: list[ast.Module | ast.ClassDef] = [module, *classes]
    return {
        node.name: (node, module)
        for body in bodies
        for node in body.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if not re.search(r"\b(skip|skipif|xfail)\b", " ".join(map(ast.unparse, node.decorator_list)))
    }


def words_in(node: ast.AST, module: ast.Module, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every text in a test and in the tables of its file that it uses: as it is, line by line, and word by word."""
    tables = {
        target.id: statement.value
        for statement in module.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield from (each.value, *each.value.splitlines())
            yield from each.value.split() if each.value.replace(" ", "").isdigit() else ()
        elif isinstance(each, ast.Name) and each.id in tables and each.id not in seen:
            yield from words_in(tables[each.id], module, seen | {each.id})


def test_no_paragraph_and_no_case_was_taken_out() -> None:
    assert {paragraph: len(cases) for paragraph, cases in rows().items()} == CASES
    cases = [case for paragraph in rows().values() for case, _ in paragraph]
    assert len(set(cases)) == len(cases), "a case stands twice"


def test_every_case_names_a_test_or_says_why_there_is_none() -> None:
    assert [answer for answer in ANSWERS if not (NAMED.match(answer) or NOT_COVERED.fullmatch(answer))] == []


def test_nothing_on_the_page_looks_like_a_test_and_is_not_looked_up() -> None:
    assert PAGE.count("::") == len(NAMED.findall(PAGE)) == len([n for a in ANSWERS for n in NAMED.findall(a)])


@pytest.mark.parametrize("file", sorted({file for file, _, _ in TESTS}), ids=lambda file: Path(file).stem)
def test_every_test_that_is_named_is_there_with_its_row(file: str) -> None:
    assert Path(file).name.startswith("test_")
    there = collected_from(file)
    for name, value in ((name, value) for where, name, value in TESTS if where == file):
        assert name in there, name
        assert not value or value in set(words_in(*there[name])), f"{name}[{value}]"
