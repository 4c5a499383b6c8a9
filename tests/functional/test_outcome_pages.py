"""The pages on outcomes, indicators and value are true: their code runs, their tables agree."""

import re
from pathlib import Path

import matplotlib
import pytest

from fs_risk.evaluation.value_costs import PUBLISHED_COSTS
from fs_risk.outcomes.definitions import OUTCOMES
from fs_risk.outcomes.indicators import INDICATORS
from fs_risk.outcomes.presets import TRIAL_MEASURES

matplotlib.use("Agg")
DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```python\n(.*?)```", re.S)


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["outcomes_and_indicators.md", "value.md"])
def test_code_runs_from_top_to_bottom(name, capsys):
    names = {}
    for code in BLOCK.findall(page(name)):
        exec(compile(code, name, "exec"), names)

    assert capsys.readouterr().out
    matplotlib.pyplot.close("all")


def test_pages_name_every_outcome_indicator_measure_and_cost():
    outcomes = page("outcomes_and_indicators.md")
    for name in (*OUTCOMES, *(each.name for each in INDICATORS), *TRIAL_MEASURES):
        assert f"`{name}`" in outcomes
    for name, cost in PUBLISHED_COSTS.items():
        assert re.search(rf"\| `{name}`.*\| {cost.amount:,.0f} \|", page("value.md"))
