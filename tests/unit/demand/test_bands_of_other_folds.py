"""A series' error size is judged, in each fold, by the other folds alone."""

import numpy as np
import pytest

from fs_risk.demand.bands import fit_bands

ORIGINS = 20
"""In each of two folds."""


def signs():
    """Errors above and below in turn: their mean is 0, whatever they are divided by."""
    return np.tile([1.0, -1.0], ORIGINS // 2)


def scale_of_first_fold(above, *, elsewhere=1.0):
    """Give the scale that a series' errors were divided by in the first fold, up to a factor.

    There alone errors do not cancel: the first series is always `above` the forecast. All
    other errors do, so the mean of the scaled errors is `above` over the scale sought. The
    second series errs the less in the first fold the more the first one does, and the other
    way round in the other fold, so that the pool's error is the same throughout.
    """
    forecasts = np.full((2 * ORIGINS, 2, 1), 100.0)
    first = np.column_stack([np.full(ORIGINS, above), (10.0 - above) * signs()])
    other = np.column_stack([elsewhere * signs(), (10.0 - elsewhere) * signs()])
    answers = forecasts + np.concatenate([first, other])[:, :, None]
    bands = fit_bands(forecasts, answers, np.repeat([0, 1], ORIGINS))
    assert bands.measured == 4 * ORIGINS
    return above / bands.shift


@pytest.mark.parametrize("above", [2.0, 5.0, 9.0])
def test_errors_of_a_fold_leave_the_scale_used_for_that_fold_unchanged(above):
    """Else an unusual error would excuse itself, and bands would be too narrow."""
    assert scale_of_first_fold(above) == pytest.approx(scale_of_first_fold(1.0))


def test_errors_of_the_other_fold_set_the_scale():
    """A series whose errors were small elsewhere is given less room than one of large errors."""
    small, usual, large = (scale_of_first_fold(5.0, elsewhere=size) for size in (1.0, 5.0, 9.0))

    assert small < usual < large
