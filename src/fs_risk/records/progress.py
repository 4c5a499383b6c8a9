"""One door to progress bars, so that a notebook without widgets shows no warning about them."""

import warnings

from tqdm import TqdmWarning

with warnings.catch_warnings():
    # without ipywidgets there is simply no bar; that is no fault of the reader's
    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.auto import tqdm

__all__ = ["tqdm"]
