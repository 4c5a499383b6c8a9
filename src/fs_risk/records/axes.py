"""What every matplotlib plot begins with: colours, line styles and axes; a door to matplotlib."""

from typing import Any

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000")
"""Okabe and Ito's, told apart with every common kind of colour vision."""

STYLES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 3)))
"""Lines differ in style too, so that a plot reads without colour."""


def new_axes(ax: Any, *, size: tuple[float, float] | None = None) -> Any:
    """Give the axes to draw on: those given, or those of a new figure.

    Parameters
    ----------
    ax : matplotlib Axes or None
    size : tuple of float, optional
        Width and height of a new figure in inches.

    Returns
    -------
    matplotlib Axes
        A new figure is the caller's: nothing is shown, and no other figure is closed.
    """
    if ax is not None:
        return ax
    from matplotlib import pyplot

    _, made = pyplot.subplots(figsize=size, layout="constrained")
    return made
