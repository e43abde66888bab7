"""Does the glossary show every figure with the formula and the worked example that the code gives?"""

from pathlib import Path

import pytest

from campaigns.metrics import Figure
from tests.campaigns.glossary_example import example, row

GLOSSARY = (Path(__file__).parent.parent.parent / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
FIGURES = example().figures


@pytest.mark.parametrize("figure", FIGURES, ids=[f.name for f in FIGURES])
def test_the_glossary_shows_every_figure_with_its_formula_and_its_worked_example(figure: Figure) -> None:
    assert row(figure) in GLOSSARY


def test_the_glossary_shows_no_figure_that_does_not_exist() -> None:
    shown = [line.split("`")[1] for line in GLOSSARY if line.startswith("| `")]
    assert shown == [figure.name for figure in FIGURES]
