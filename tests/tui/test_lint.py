"""Does all foreign text take the one safe way? Read from the source of every module of the screens.

Only tui.safe makes `Text`; what draws text is given nothing but the results of functions that return it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tui

FOLDER = Path(tui.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))
MAKERS = {"Text", "Content", "from_markup", "from_ansi", "assemble", "escape", "render"}
SINKS = {
    "Words",
    "Label",
    "Static",
    "Button",
    "Option",
    "Selection",
    "show",
    "update",
    "update_cell",
    "update_cell_at",
    "add_row",
    "add_column",
    "add_columns",
    "write_line",
}
OURS = {"title", "severity", "variant", "id", "classes", "key", "width", "timeout", "markup"}
RAW_WIDGETS = {"Static", "Label", "Markdown", "RichLog", "Log", "Pretty", "Link", "TextArea"}


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def functions_that_return_text() -> set[str]:
    """The names of our functions whose annotation says that they return Text, or rows of it."""
    found = {"Row"}
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.FunctionDef) and node.returns is not None:
                kept = ast.unparse(node.returns)
                found |= {node.name} if "Text" in kept or "Row" in kept else set()
    return found


TEXTS = functions_that_return_text()


def strings_into_sinks(tree: ast.AST) -> Iterator[str]:
    """Every place where a sink is given what is a str for sure, or what nobody can tell to be Text."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if name_of(call) in SINKS:
            given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg not in OURS)]
            yield from (f"line {call.lineno}: {ast.unparse(call)[:100]}" for value in given if is_str(value))


def is_str(value: ast.expr) -> bool:
    """Whether it is a str for sure, or a call of something that is not known to return Text."""
    if isinstance(value, ast.JoinedStr | ast.BinOp | ast.Subscript):
        return True
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str)
    if isinstance(value, ast.Call):
        return name_of(value) not in TEXTS
    if isinstance(value, ast.IfExp):
        return is_str(value.body) or is_str(value.orelse)
    return False


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(FOLDER)))
def test_no_str_goes_into_anything_that_draws(module: Path) -> None:
    assert list(strings_into_sinks(ast.parse(module.read_text()))) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(FOLDER)))
def test_only_the_safe_module_makes_text_and_only_words_draws_it_raw(module: Path) -> None:
    if module.name == "safe.py":
        return
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call):
            assert name_of(node) not in MAKERS, f"line {node.lineno}: {ast.unparse(node)[:80]}"
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual.widgets"):
            raw = {alias.name for alias in node.names} & RAW_WIDGETS
            assert raw <= ({"Static"} if module.name == "words.py" else set())


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(FOLDER)))
def test_a_toast_is_never_markup_and_no_title_of_the_app_is_foreign(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call) and name_of(node) == "notify":
            markup = [keyword.value for keyword in node.keywords if keyword.arg == "markup"]
            assert [ast.unparse(value) for value in markup] == ["False"]
            assert ast.unparse(node.args[0]) == "safe_str(message)"
        if isinstance(node, ast.Call) and name_of(node) == "say":
            titles = [keyword.value for keyword in node.keywords if keyword.arg == "title"]
            assert all(isinstance(title, ast.Constant) for title in titles)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            assert node.attr not in {"title", "sub_title", "border_title", "border_subtitle", "tooltip"}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(FOLDER)))
def test_the_screens_know_the_control_values_and_nothing_beneath(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom):
            top = (node.module or "").split(".")[0]
            assert top not in {"campaigns", "telephony"}
            assert top != "dialer" or node.module in {"dialer.control", "dialer.control_client"}


@pytest.mark.parametrize(
    "source",
    [
        "table.add_row(row['name'])",
        "self.update(f'{name}')",
        "Label('a' + name)",
        "Words(str(name))",
        "Button(words(row, 'name'))",
        "label.show(a if b else 'c')",
        "Static('literal [b]')",
    ],
)
def test_the_lint_finds_what_it_is_for(source: str) -> None:
    assert list(strings_into_sinks(ast.parse(source)))


def test_the_lint_lets_safe_calls_pass() -> None:
    source = "Words(safe_text(name)); table.add_row(safe_text(a), number(3)); label.show(joined('a', b), id='x')"
    assert list(strings_into_sinks(ast.parse(source))) == []
