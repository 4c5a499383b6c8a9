"""Which families group supervision is about: a setting that is written down and shown."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from fs_risk.features.trio import AREAS
from fs_risk.records.notebook import ShowsItsFields
from fs_risk.records.tables import TIERS

Area = Literal["domestic_abuse", "substances", "mental_health"]


class SupervisionSetting(ShowsItsFields, BaseModel):
    """Which families are discussed, and what counts as out of date.

    A family is the household: children joined by family links known on the day.

    Attributes
    ----------
    trio_areas : tuple of str
        Areas of the trio that count: ``domestic_abuse``, ``substances``,
        ``mental_health``.
    least_areas : int
        How many of them an assessment of any of the family's children must have found.
    trio_within_days : int
        How far back such an assessment may lie; it always may as far as the earliest of
        the family's open cases began.
    tiers : tuple of int
        A family is discussed while one of its open cases is on one of these.
    include_unborn : bool
    exclude_contextual_only : bool
        Whether to leave out children whose latest assessment found harm outside the home
        and none in it.
    exclude_specialist_disability : bool
        Whether to leave out children whose primary need is their own disability, or whom
        one of `disability_teams` holds.
    disability_teams : tuple of str
        As the records name them.
    stale_after_days : int
        An assessment older than this is asked about.
    ask_about_reasons : bool
        Whether questions come from the themes of the score's reasons before a rating too.
        Then which themes are asked about tells something of the score.

    Examples
    --------
    >>> print(SupervisionSetting().lines()[0])
    At least 1 of domestic abuse, adult substance misuse, a parent's mental ill-health on an \
assessment of any child of the family, authorised in the 365 days before or since the earliest \
open case began.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    trio_areas: tuple[Area, ...] = Field(
        default=("domestic_abuse", "substances", "mental_health"), min_length=1
    )
    least_areas: int = Field(default=1, ge=1, le=3)
    trio_within_days: int = Field(default=365, ge=1, le=3_650)
    tiers: tuple[Literal[2, 3, 4, 5], ...] = Field(default=(2, 3, 4), min_length=1)
    include_unborn: bool = True
    exclude_contextual_only: bool = True
    exclude_specialist_disability: bool = True
    disability_teams: tuple[str, ...] = ()
    stale_after_days: int = Field(default=180, ge=1)
    ask_about_reasons: bool = False

    def lines(self) -> tuple[str, ...]:
        """Say the setting, line by line, as every list shows it.

        Returns
        -------
        tuple of str
        """
        areas = ", ".join(AREAS[area][1] for area in self.trio_areas)
        tiers = ", ".join(TIERS[tier] for tier in sorted(set(self.tiers)))
        teams = f", or held by {', '.join(self.disability_teams)}" * bool(self.disability_teams)
        contextual = "harm outside the home and none in it on the latest assessment"
        disability = f"the child's own disability as primary need, as at the extract{teams}"
        return (
            f"At least {self.least_areas} of {areas} on an assessment of any child of the "
            f"family, authorised in the {self.trio_within_days} days before or since the "
            "earliest open case began.",
            f"An open case on one of these tiers: {tiers}.",
            f"Unborn children: {_in_or_out(self.include_unborn)}.",
            f"Contextual only ({contextual}): {_in_or_out(not self.exclude_contextual_only)}.",
            f"Specialist disability ({disability}): "
            f"{_in_or_out(not self.exclude_specialist_disability)}.",
            "Unaccompanied children, and those 18 or over: left out.",
            "Questions come from what was agreed, is out of date and not known, and from "
            + ("the themes of the score's reasons." if self.ask_about_reasons else "the records."),
        )


def _in_or_out(included: bool) -> str:
    return "included" if included else "left out"
