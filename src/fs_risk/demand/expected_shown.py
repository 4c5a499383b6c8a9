"""How expected step-ups show themselves: totals with their bands, in a table and a picture."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_paths import TIERS
from fs_risk.demand.expected_cells import ALL
from fs_risk.demand.fan_chart import COLOUR, SIZE
from fs_risk.outcomes.definitions import find_outcome
from fs_risk.records.axes import new_axes
from fs_risk.records.notebook import STAMP, Display
from fs_risk.records.suppression import HIDDEN, shown_count

if TYPE_CHECKING:
    from fs_risk.demand.expected import ExpectedStepUps


def expected_display(expected: "ExpectedStepUps") -> Display:
    """Lay the totals out.

    Parameters
    ----------
    expected : ExpectedStepUps
    """
    by_tier = expected.table[(expected.table["team"] == ALL).to_numpy()]
    shown = pd.DataFrame(
        {
            "tier": [_tier(tier) for tier in by_tier["tier"]],
            "open cases": [HIDDEN if pd.isna(n) else shown_count(int(n)) for n in by_tier["cases"]],
            "expected": [_number(value) for value in by_tier["expected"]],
            "80 % band": _bands(by_tier, 80),
            "95 % band": _bands(by_tier, 95),
        }
    )
    synthetic = expected.stamp.startswith(STAMP)
    return Display(
        "ExpectedStepUps: totals, nobody is named",
        [
            ("of", _what(expected)),
            ("open on", str(expected.on.date())),
            ("may be used", "" if synthetic else expected.stamp.strip().lower()),
            ("no score", expected.out_of_scope),
        ],
        table=shown,
        synthetic=synthetic,
    )


def plot_expected(expected: "ExpectedStepUps", ax: Any = None) -> Any:
    """Draw the totals by tier; see `ExpectedStepUps.plot`.

    Parameters
    ----------
    expected : ExpectedStepUps
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    table = expected.table
    rows = table[((table["team"] == ALL) & ~table["hidden"]).to_numpy()].iloc[::-1]
    places = np.arange(len(rows))
    ax = new_axes(ax, size=SIZE)
    for level, width in ((95, 3), (80, 8)):
        ax.hlines(places, rows[f"lo-{level}"], rows[f"hi-{level}"], color=COLOUR, linewidth=width,
                  alpha=0.35, label=f"{level} % band")  # fmt: skip
    ax.plot(rows["expected"], places, "o", color="black", markersize=5, label="expected")
    cases = [shown_count(int(n)) for n in rows["cases"]]
    ax.set(
        title=f"{expected.stamp.strip()}. Expected: {_what(expected)}\n"
        f"of the cases open on {expected.on.date()}".removeprefix(". "),
        xlabel="children expected to step up",
        xlim=(0, None),
        yticks=places,
        yticklabels=[f"{_tier(t)} (n {n})" for t, n in zip(rows["tier"], cases, strict=True)],
        ylim=(-0.6, len(rows) - 0.4),
    )
    ax.legend(frameon=False, fontsize="small", loc="best")
    return ax


def _what(expected: "ExpectedStepUps") -> str:
    meaning = find_outcome(expected.outcome).meaning.split(" (")[0]
    return f"{meaning} within {expected.within_days} days"


def _tier(tier: str) -> str:
    return "all open cases" if tier == ALL else TIERS.get(int(tier), f"tier {tier}")


def _number(value: float) -> str:
    return HIDDEN if pd.isna(value) else f"{value:,.0f}"


def _bands(rows: pd.DataFrame, level: int) -> list[str]:
    ends = zip(rows[f"lo-{level}"], rows[f"hi-{level}"], strict=True)
    return [HIDDEN if pd.isna(low) else f"{low:,.0f} to {high:,.0f}" for low, high in ends]
