"""The compiler: numba, with its cache on disk where there is a place for one."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function when it is first called, and keep the machine code for next time.

    The code is kept beside the module, else in the user's cache folder, else (on an
    installation where neither can be written) in memory for this process alone.
    ``NUMBA_CACHE_DIR`` names another folder. The interpreter's lock is released.

    Parameters
    ----------
    function : callable
        Of arrays and numbers.

    Returns
    -------
    callable
        With the same arguments.

    Examples
    --------
    >>> @compiled
    ... def twice(number: int) -> int:
    ...     return 2 * number
    >>> twice(3)
    6
    """
    try:
        made: Callable[P, R] = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # there is no folder to keep the code in
        made = njit(nogil=True)(function)
    return made
