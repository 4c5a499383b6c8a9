"""A frame's columns as a model reads them: by name, in its order, as numbers."""

from functools import cache

import numpy as np
import pandas as pd

from fs_risk.errors import FeatureError, nearest
from fs_risk.records.counts_in_words import count_of, out_of

_AS_THEY_ARE = (np.dtype(np.float32), np.dtype(np.float64))


def laid_out(X: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    """Lay a frame's columns out by name.

    Parameters
    ----------
    X : DataFrame of shape (n, n_features)
        In any order of columns; numbers, flags or pandas' nullable ones. Other features
        of the catalogue may stand among them.
    names : tuple of str

    Returns
    -------
    ndarray of float, shape (n, n_features)
        In the order of `names`; NaN where missing.

    Raises
    ------
    FeatureError
        If a column is missing or unknown, twice there, not named at all, or holds
        anything but numbers.
    """
    if not isinstance(X, pd.DataFrame):
        raise FeatureError(
            "Features without names cannot be used: their order cannot be checked.",
            where=f"X, a {type(X).__name__}",
            fix="Pass the frame that build_features() returns.",
        )
    if tuple(X.columns) != names:
        _check_columns([str(name) for name in X.columns], names)
        X = X[list(names)]
    matrix = np.asarray(X.to_numpy())
    return matrix if matrix.dtype in _AS_THEY_ARE else _as_numbers(X)


def _as_numbers(X: pd.DataFrame) -> np.ndarray:
    """Turn whole numbers, flags and nullable columns into floats; refuse all others."""
    odd = [
        str(name)
        for name, kind in X.dtypes.items()
        if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_complex_dtype(kind)
    ]
    if odd:
        raise FeatureError(
            f"{out_of(len(odd), X.shape[1], 'feature', does='does', do='do')} not hold numbers.",
            where=f"X, columns {', '.join(odd[:5])}",
            fix="Give numbers, with NaN where a value is not known: build_features() does.",
        )
    return np.asarray(X.to_numpy(dtype=np.float64, na_value=np.nan))


@cache
def _catalogued() -> frozenset[str]:
    from fs_risk.features.catalogue import CATALOGUE

    return frozenset(spec.name for spec in CATALOGUE)


def _check_columns(given: list[str], needed: tuple[str, ...]) -> None:
    missing = [name for name in needed if name not in given]
    # of the catalogue, an outcome leaves a few features out
    unknown = [name for name in given if name not in needed and name not in _catalogued()]
    repeated = len(given) - len(set(given))
    if not (missing or unknown or repeated):
        return
    hints = "".join(nearest(name, needed) for name in unknown[:3])
    raise FeatureError(
        f"{count_of(len(missing), 'feature is', 'features are')} missing, "
        f"{count_of(len(unknown), 'is', 'are')} unknown and "
        f"{count_of(repeated, 'is', 'are')} there twice.{hints}",
        where=f"missing {', '.join(missing[:5]) or 'none'}; "
        f"unknown {', '.join(unknown[:5]) or 'none'}",
        fix="Build X with build_features() for the same catalogue; leave out columns of your own: "
        "X[list(model.feature_names)].",
    )
