"""A compiled pass that makes missing what a return did not observe."""

import numpy as np

from fs_risk.features.compiled import compiled


@compiled
def blank_unobserved(
    case_day: np.ndarray,
    case_cut: np.ndarray,
    earliest: np.ndarray,
    latest: np.ndarray,
    values: np.ndarray,
) -> None:
    """Make missing each value whose window was not wholly observed.

    Parameters
    ----------
    case_day, case_cut : int32 (n_cases,)
        `as_of`, and the day before which a fact must be known.
    earliest, latest : int32 (n_features,)
        First and last day on which each feature's window was observed.
    values : float32 (n_cases, n_features)
        Changed in place.
    """
    for c in range(values.shape[1]):
        first, last = earliest[c], latest[c]
        for i in range(case_day.size):
            if case_day[i] < first or case_cut[i] > last:
                values[i, c] = np.nan
