"""What a service sets before it watches: limits, and how the chance of a false alarm is spent."""

from dataclasses import dataclass, field, fields
from types import MappingProxyType

from fs_risk.errors import SettingError
from fs_risk.records.notebook import ShowsItsFields

SPENT = MappingProxyType(
    {
        "inputs": 0.08,
        "inputs together": 0.04,
        "outside training": 0.04,
        "scores": 0.08,
        "calibration": 0.16,
        "slope": 0.04,
        "finding": 0.06,
        "volume": 0.06,
        "lists": 0.04,
        "overrides": 0.06,
        "abstentions": 0.06,
        "groups": 0.10,
        "recording": 0.08,
        "codes": 0.06,
        "clocks": 0.04,
    }
)
"""Each check's part of the chance of any false alarm in three years."""

FEWEST_HOUSEHOLDS = 50
"""With fewer, before or now, nothing is said of inputs."""


@dataclass(frozen=True, kw_only=True)
class DriftLimits(ShowsItsFields):
    """Limits within which a model in use is as expected; set by the service beforehand.

    Attributes
    ----------
    false_alarm : float, default=0.05
        Chance that anything at all is signalled in 36 monthly looks although nothing is
        beyond its limit.
    ratio : tuple of float, default=(0.8, 1.25)
        Outcomes observed for each one expected: within these, as expected.
    ratio_stop : tuple of float, default=(0.6, 1.67)
        Beyond these the model is to be stopped until it is reviewed.
    slope : tuple of float, default=(0.7, 1.5)
        Of calibration.
    stability : float, default=0.1
        Population stability index of a feature, of the scores, or of codes.
    area : float, default=0.65
        How well trees may tell the cases of now from those of training.
    outside : float, default=0.05
        By how much the share of cases that are unlike training may rise.
    band : float, default=1.5
        By what factor the share of cases in the bands may differ from the test's.
    finding : float, default=0.1
        By how much the share of children with the outcome who are listed may fall.
    volume : tuple of float, default=(0.67, 1.5)
        Referrals for each one at the time of training.
    places : float, default=0.8
        Least share of a list's places that should be used.
    override : tuple of float, default=(0.02, 0.5)
        Overrides of all decisions with a score in view. Below the first nobody seems to
        disagree; above the second hardly anybody agrees.
    not_used : float, default=0.5
        Most decisions in which the score, though seen, had no part.
    abstention : float, default=0.05
        By how much the share of referrals without a score may differ.
    declared : float, default=0.3
        Most referrals with a code that the front door itself declares.
    gap : float, default=0.1
        By how much a group's difference to the others may have changed.
    missing : float, default=0.1
        By how much the share of rows without an entry may differ, of all or of a team.
    late : float, default=0.1
        By how much the share of facts known later than the extract's lag may differ.
    model_age_days : int, default=1095
        Since the last case that it was tested on.

    Raises
    ------
    SettingError
        If a limit is not possible.

    Examples
    --------
    >>> DriftLimits(ratio=(0.85, 1.2)).ratio
    (0.85, 1.2)
    """

    false_alarm: float = 0.05
    ratio: tuple[float, float] = (0.8, 1.25)
    ratio_stop: tuple[float, float] = (0.6, 1.67)
    slope: tuple[float, float] = (0.7, 1.5)
    stability: float = 0.1
    area: float = 0.65
    outside: float = 0.05
    band: float = 1.5
    finding: float = 0.1
    volume: tuple[float, float] = (0.67, 1.5)
    places: float = 0.8
    override: tuple[float, float] = (0.02, 0.5)
    not_used: float = 0.5
    abstention: float = 0.05
    declared: float = 0.3
    gap: float = 0.1
    missing: float = 0.1
    late: float = 0.1
    model_age_days: int = field(default=1_095)

    def __post_init__(self) -> None:
        for each in fields(self):
            given = getattr(self, each.name)
            ends = given if isinstance(given, tuple) else (0.0, given)
            if len(ends) != 2 or not 0 <= ends[0] < ends[1]:
                raise SettingError(
                    "A limit is not a positive number, or a pair of them in order.",
                    where=f"DriftLimits, {each.name}",
                    fix=f"Leave it at {each.default}, or give numbers of that kind.",
                )
        around = self.ratio[0] <= 1 <= self.ratio[1] and self.slope[0] <= 1 <= self.slope[1]
        wider = self.ratio_stop[0] <= self.ratio[0] and self.ratio[1] <= self.ratio_stop[1]
        if not (around and wider and self.false_alarm < 1):
            raise SettingError(
                "The limits of calibration do not hold 1 between them, or those for stopping are "
                "narrower than those for a look; or a false alarm would be certain.",
                where="DriftLimits, ratio, ratio_stop, slope, false_alarm",
                fix="Give for example ratio=(0.8, 1.25) and ratio_stop=(0.6, 1.67).",
            )

    def alpha(self, check: str, among: int = 1) -> float:
        """Give the chance of a false alarm that one of several questions of a check may spend.

        Parameters
        ----------
        check : str
            In `SPENT`.
        among : int, default=1
            How many questions share it.

        Examples
        --------
        >>> round(DriftLimits().alpha("inputs", 400), 6), round(sum(SPENT.values()), 9)
        (1e-05, 1.0)
        """
        return self.false_alarm * SPENT[check] / max(among, 1)
