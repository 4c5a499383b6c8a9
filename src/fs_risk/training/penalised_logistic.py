"""Logistic regression with an L2 penalty, along several strengths of it.

Written for one purpose: ten regressions cost more than the trees they are compared with,
if each works out its second derivatives at every step. Here they are worked out once for
a set of rows, and turn the problem into one that a quasi-Newton method solves in a few
steps; each strength starts where the last ended.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.linalg.blas import ssyrk
from scipy.optimize import minimize
from scipy.special import expit

SMALL_GRADIENT = 1e-6
"""Of the mean loss, in the directions searched; what is left changes no score's fifth digit."""

ENOUGH_FOR_CURVATURE = 20_000
"""Rows, evenly drawn, whose second derivatives say along which directions to search."""


class Design(Protocol):
    """Columns about centred and scaled, of which only products are asked for."""

    @property
    def width(self) -> int:
        """Number of columns."""

    def times(self, weights: np.ndarray) -> np.ndarray:
        """Give the sum of the columns, each times its weight, shape (n,)."""

    def against(self, values: np.ndarray) -> np.ndarray:
        """Give the sum over rows of each column times a value, shape (width,)."""

    def laid_out(self, every: int) -> np.ndarray:
        """Give the columns of each `every`-th row in single precision, shape (width, rows)."""


def fit_path(
    design: Design, label: np.ndarray, penalties: Sequence[float]
) -> list[tuple[float, np.ndarray]]:
    """Fit for each strength of the penalty.

    Parameters
    ----------
    design : Design
    label : ndarray of float, shape (n,)
        1.0 or 0.0, both there.
    penalties : sequence of float
        Inverse strengths (scikit-learn's C), ascending.

    Returns
    -------
    list of (float, ndarray of float64, shape (width,))
        Intercept and coefficients, in the order of `penalties`.
    """
    share = float(label.mean())
    at = np.zeros(design.width + 1)
    at[0] = np.log(share / (1 - share))
    found = []
    curvature = _curvature(design, share, len(label))
    for penalty in penalties:
        at = _fit_one(design, label, penalty * len(label), at, curvature)
        found.append((float(at[0]), at[1:].copy()))
    return found


def _fit_one(
    design: Design, label: np.ndarray, strength: float, at: np.ndarray, curvature: np.ndarray
) -> np.ndarray:
    """Minimise mean loss plus half the squared coefficients over ``strength``."""
    ridge = np.full(len(curvature), 1 / strength)
    ridge[0] = 1e-10
    root = cholesky(curvature + np.diag(ridge), lower=True)

    def loss(turned: np.ndarray) -> tuple[float, np.ndarray]:
        at = solve_triangular(root, turned, lower=True, trans="T")
        margin = design.times(at[1:]) + at[0]
        left = expit(margin) - label
        value = np.mean(np.logaddexp(0.0, margin) - label * margin)
        slopes = design.against(left) / len(label) + at[1:] / strength
        gradient = np.append(left.mean(), slopes)
        return (
            float(value + at[1:] @ at[1:] / (2 * strength)),
            solve_triangular(root, gradient, lower=True),
        )

    found = minimize(
        loss,
        root.T @ at,
        jac=True,
        method="L-BFGS-B",
        options={"maxcor": 20, "gtol": SMALL_GRADIENT, "ftol": 0.0, "maxiter": 1_000},
    )
    return np.asarray(solve_triangular(root, found.x, lower=True, trans="T"))


def _curvature(design: Design, share: float, n: int) -> np.ndarray:
    """Give the second derivatives of the mean loss where all rows have the same chance.

    In single precision, and of some rows where there are many: they only say along which
    directions to search, and how far.
    """
    columns = design.laid_out(1 + (n - 1) // ENOUGH_FOR_CURVATURE)
    n = columns.shape[1]
    with_ones = np.empty((len(columns) + 1, n), dtype=np.float32)
    with_ones[0] = 1.0
    with_ones[1:] = columns
    upper = ssyrk(share * (1 - share) / n, with_ones.T, trans=1).astype(np.float64)
    return np.asarray(upper + np.triu(upper, 1).T)
