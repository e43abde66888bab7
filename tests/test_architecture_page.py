"""Is everything where docs/architecture.md says it is?"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def named() -> list[str]:
    """Every path in backticks; a file named without its folder stands beside the path before it in its line."""
    found = []
    for line in PAGE.splitlines():
        folder = Path()
        for word in re.findall(r"`([^`\s]+)`", line):
            if "/" in word:
                found.append(word)
                folder = Path(word) if word.endswith("/") else Path(word).parent
            elif word.endswith(".py") and word != "pyproject.toml":
                found.append(str(folder / word))
    return found


def test_every_path_the_page_names_exists() -> None:
    paths = named()
    assert len(paths) > 30
    assert [path for path in paths if not there(path)] == []


def there(path: str) -> bool:
    found = list(ROOT.glob(path.rstrip("/")))
    return bool(found) and (path.endswith(".py") or all(each.is_dir() for each in found))


def test_the_page_names_every_package_of_the_product() -> None:
    tops = ("campaigns", "telephony", "dialer", "tui")
    packages = {init.parent.relative_to(ROOT) for top in tops for init in (ROOT / top).glob("*/__init__.py")}
    assert sorted(str(each) for each in packages if f"`{each}" not in PAGE) == []
