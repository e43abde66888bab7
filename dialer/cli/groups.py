"""How does every group of commands look alike: plain help, an example under each command, no tracebacks?"""

from __future__ import annotations

import typer


def group(name: str, help_text: str, *examples: str) -> typer.Typer:
    """A group of commands on one noun."""
    return typer.Typer(
        name=name, help=help_text, epilog=example(*examples) if examples else None, no_args_is_help=True,
        rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False,
    )  # fmt: skip


def example(*lines: str) -> str:
    """The lines under a command's help, kept as they are written."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)
