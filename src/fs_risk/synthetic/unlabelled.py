"""Who has no label: children who are seen to leave, are adopted, or are remanded."""

from functools import cached_property

import numpy as np

from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.states import BANDS, Kind

_ADOPTED_CLOSURE = ("RC1",)
_ADOPTED_CARE = ("E11", "E12")
_REMAND = ("J1",)


class Unlabelled:
    """Chances that something takes a child's label away, as `outcomes.ends` has it.

    A child whose open case closes as the family moves has no label, nor has one who is
    adopted, nor, where care is the outcome, one whose care is a remand. Of a child who
    moves away without an open case nobody knows, so the label is 0; and a child who
    died cannot have the outcome any more.

    Parameters
    ----------
    parameters : Parameters
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def seen_to_leave(self, lone: np.ndarray) -> np.ndarray:
        """Chance that a family's going ends an open case by a transfer, not by a death.

        Parameters
        ----------
        lone : ndarray of bool
            Whether each child is an only child.

        Returns
        -------
        ndarray of float64
        """
        seen: np.ndarray = 1.0 - self._parameters.number("people.dies") * lone
        return seen

    @cached_property
    def adopted(self) -> dict[Kind, np.ndarray]:
        """Chance, by age band, that a child who leaves care has been adopted."""
        young = np.arange(len(BANDS)) <= BANDS.index("1-4")
        in_care = self._share("care.end_reason", _ADOPTED_CARE)
        closing = self._share("close_reason.shares", _ADOPTED_CLOSURE)
        of_care = np.where(young, in_care["young"], in_care["older"])
        of_case = np.where(young, closing["young_from_care"], closing["from_care"])
        return {
            Kind.STEPS_DOWN: of_care,
            Kind.CLOSES: 1.0 - (1.0 - of_care) * (1.0 - of_case),
        }

    @cached_property
    def remanded(self) -> np.ndarray:
        """Chance, by age band, that care begun neither at once nor by a court is a remand."""
        shares = self._share("care.legal_status", _REMAND)
        older = np.arange(len(BANDS)) >= BANDS.index("10-15")
        return np.where(older, shares["older"], shares["younger"])

    def _share(self, name: str, codes: tuple[str, ...]) -> dict[str, float]:
        """Give the share of some codes, by row of a table of shares."""
        rows = self._parameters[name].value
        return {
            row: sum(shares[code] for code in codes) / sum(shares.values())
            for row, shares in rows.items()
        }
