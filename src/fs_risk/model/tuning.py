"""How the booster's settings may be searched for: the budget and the ranges, as a plan states."""

from pydantic import Field, model_validator

from fs_risk.errors import PlanError
from fs_risk.model.gates import Settings
from fs_risk.records.counts_in_words import count_of


class SearchSpace(Settings):
    """The ranges that settings are drawn from, both ends among them.

    Attributes
    ----------
    num_leaves, max_depth, min_rows_in_leaf : tuple of int
    l2, share_of_features : tuple of float

    Notes
    -----
    The learning rate is not searched: how many trees are kept is chosen for each
    configuration on households held out, which settles the two together.
    """

    num_leaves: tuple[int, int] = (3, 31)
    max_depth: tuple[int, int] = (2, 6)
    min_rows_in_leaf: tuple[int, int] = (20, 400)
    l2: tuple[float, float] = (0.1, 100.0)
    share_of_features: tuple[float, float] = (0.1, 0.8)

    @model_validator(mode="after")
    def _ends_are_in_order(self) -> "SearchSpace":
        ranges = {name: getattr(self, name) for name in SearchSpace.model_fields}
        turned = [name for name, (low, high) in ranges.items() if low > high]
        if turned:
            raise PlanError(
                f"{count_of(len(turned), 'range ends', 'ranges end')} below the beginning.",
                where=f"SearchSpace, {', '.join(turned)}",
                fix="Give the lower end first.",
            )
        return self


class Tuning(Settings):
    """A budget for tuning, and the ranges searched.

    Attributes
    ----------
    trials : int or None
        Configurations to try, the plan's own among them.
    seconds : float or None
        Time after which no further configuration is begun. With it the result depends
        on the machine: only a budget in trials alone can be repeated byte for byte.
    space : SearchSpace

    Examples
    --------
    >>> Tuning(trials=20).repeatable, Tuning(trials=20, seconds=600).repeatable
    (True, False)
    """

    trials: int | None = Field(default=None, ge=1, le=10_000)
    seconds: float | None = Field(default=None, gt=0)
    space: SearchSpace = SearchSpace()

    @model_validator(mode="after")
    def _has_an_end(self) -> "Tuning":
        if self.trials is None and self.seconds is None:
            raise PlanError(
                "Tuning without a budget would never end.",
                where="Tuning, trials and seconds",
                fix="Give trials=, seconds=, or both.",
            )
        return self

    @property
    def repeatable(self) -> bool:
        """Whether the same data, seed and release give the same settings."""
        return self.seconds is None
