"""An explanation in words: each feature as practitioners say it, and the whole in a few lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fs_risk.features.spec import FeatureSpec
from fs_risk.model.facts import UsedFeature
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import Display

if TYPE_CHECKING:
    from fs_risk.model.explanation import Explanation

_SHOWN = 6
"""Concepts named in a few lines; and the fewest cases of which anything is."""


@dataclass(frozen=True)
class Said:
    """A model's features as they are said.

    Attributes
    ----------
    features : tuple of UsedFeature
        In the model's order.
    specs : tuple of FeatureSpec or None
        Their declarations, where they are known here and unchanged.
    """

    features: tuple[UsedFeature, ...]
    specs: tuple[FeatureSpec | None, ...]

    @classmethod
    def of(cls, features: Iterable[UsedFeature], known: Iterable[FeatureSpec]) -> "Said":
        """Find the declaration of each feature, if it is still defined as it was.

        Parameters
        ----------
        features : iterable of UsedFeature
        known : iterable of FeatureSpec
        """
        used = tuple(features)
        declared = {(spec.name, spec.digest): spec for spec in known}
        return cls(used, tuple(declared.get((each.name, each.digest)) for each in used))

    @property
    def concept(self) -> tuple[str, ...]:
        """The concept of each feature."""
        return tuple(feature.concept for feature in self.features)

    def say(self, place: int, value: float) -> str:
        """Say the value of a feature.

        Parameters
        ----------
        place : int
        value : float
        """
        spec = self.specs[place]
        if spec is not None:
            return spec.say(value)
        feature = self.features[place]
        said = "not known" if np.isnan(value) else f"{value:,.4g} {feature.unit}".strip()
        return f"{feature.name.replace('_', ' ')}: {said}"

    def told(self, contributions: pd.Series, values: pd.Series) -> pd.DataFrame:
        """Lay the features of one case out.

        Parameters
        ----------
        contributions, values : Series of shape (n_features,)

        Returns
        -------
        DataFrame
            ``concept``, ``feature``, ``value``, ``said``, ``contribution``.
        """
        numbers = values.to_numpy(dtype=np.float64)
        return pd.DataFrame(
            {
                "concept": list(self.concept),
                "feature": [feature.name for feature in self.features],
                "value": numbers,
                "said": [self.say(place, value) for place, value in enumerate(numbers.tolist())],
                "contribution": contributions.to_numpy(),
            }
        )


def _display(explanation: "Explanation") -> Display:
    said, n = explanation.said, len(explanation)
    facts: list[tuple[str, object]] = [
        ("model", explanation.model),
        ("scores of", explanation.outcome),
        ("cases", f"{n:,}"),
        (
            "parts",
            f"{count_of(len(said.features), 'feature')} in "
            f"{count_of(len(set(said.concept)), 'concept')}",
        ),
        ("start", f"{explanation.base_value:.2f} log-odds; parts and start sum to each score"),
    ]
    if n < _SHOWN:
        return Display(
            "Explanation", facts, synthetic=explanation.synthetic,
            notes=("See table(row) and plot_row(row) for a case.",),
        )  # fmt: skip
    top = explanation.importance().head(_SHOWN)
    table = pd.DataFrame(
        {
            "concept": top["part"],
            "moves scores by (mean, log-odds)": top["mean"].map("{:.3f}".format),
            "95 % interval": [
                f"{low:.3f} to {high:.3f}"
                for low, high in zip(top["low"], top["high"], strict=True)
            ],
        }
    )
    return Display(
        "Explanation", facts, table=table, synthetic=explanation.synthetic,
        notes=("It says what moved the scores, and not what causes the outcome.",),
    )  # fmt: skip


def explanation_text(explanation: "Explanation") -> str:
    """Say an explanation in a few lines, of all its cases together.

    Parameters
    ----------
    explanation : Explanation
    """
    return _display(explanation).text()


def explanation_html(explanation: "Explanation") -> str:
    """Lay the same out as HTML.

    Parameters
    ----------
    explanation : Explanation
    """
    return _display(explanation).html()
