"""The door to shap: an explanation as shap's plots take it."""

import warnings
from typing import TYPE_CHECKING

import numpy as np

from fs_risk.errors import SettingError

if TYPE_CHECKING:
    import shap

    from fs_risk.model.explanation import By, Explanation


def as_shap(explanation: "Explanation", by: "By") -> "shap.Explanation":
    """Give an explanation as shap's own; see `Explanation.to_shap`.

    Parameters
    ----------
    explanation : Explanation
    by : {"feature", "concept"}

    Returns
    -------
    shap.Explanation
    """
    parts = explanation.parts(by)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of matplotlib's, on import: nothing for our callers
            import shap
    except ImportError as error:
        raise SettingError(
            "shap is not installed, so its plots cannot be drawn.",
            where="Explanation.to_shap",
            fix="Install fs-risk[shap], or use plot_row, plot_importance and plot_dependence.",
        ) from error
    return shap.Explanation(
        values=parts.to_numpy(),
        base_values=np.full(len(parts), explanation.base_value),
        data=explanation.data.to_numpy() if by == "feature" else None,
        feature_names=[str(name) for name in parts.columns],
        output_names="log-odds",
    )
