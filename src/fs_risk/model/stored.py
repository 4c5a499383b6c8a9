"""How the simple models are stored: frozen data, their columns found by name."""

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from fs_risk.errors import FeatureError, nearest


class Stored(BaseModel):
    """A part of a simple model: data that cannot change and holds nothing undeclared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def column(X: pd.DataFrame, name: str) -> np.ndarray:
    """Give a feature's column, or refuse a matrix that lacks it.

    Parameters
    ----------
    X : DataFrame
    name : str

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    FeatureError
    """
    if name not in X:
        raise FeatureError(
            f"The matrix lacks {name}.{nearest(name, map(str, X.columns))}",
            fix="Build it with build_features() for the same catalogue.",
        )
    return np.asarray(X[name].to_numpy(dtype=np.float64))
