"""What an open case may still do in the day's step, given what is known of its siblings."""

import numpy as np

from fs_risk.synthetic.befallen import is_enquiry
from fs_risk.synthetic.ceiling_families import N_HIDDEN
from fs_risk.synthetic.move_likelihood import OwnChild, OwnWays
from fs_risk.synthetic.open_cases import OpenCases
from fs_risk.synthetic.posterior import Filter
from fs_risk.synthetic.states import CLASSES, ENQUIRIES, PHASES


class Together:
    """Chances of a child's moves that hold what befell its siblings in the same step.

    Parameters
    ----------
    posterior : Filter
        Of the cases' families.
    cases : OpenCases
    phase_before : ndarray of int, shape (n,), optional
        Phase at the start of the step before the day's; summed over if not given.
    """

    def __init__(
        self, posterior: Filter, cases: OpenCases, phase_before: np.ndarray | None = None
    ) -> None:
        self._filter, self._cases, self._phase_before = posterior, cases, phase_before
        calendar = posterior.calendar
        self._cut = calendar.add_working_days(cases.day, 1) + 1

    def take(self, which: np.ndarray) -> "Together":
        """Give the same of some of the cases."""
        before = None if self._phase_before is None else self._phase_before[which]
        return Together(self._filter, self._cases.take(which), before)

    def moves(self, rows: np.ndarray, status: int) -> OwnWays:
        """Give the chances of the moves from a status, of children with siblings in the step."""
        cases = self._cases
        own = OwnChild(cases.place[rows], self._cut[rows], np.full(len(rows), status))
        return self._filter.moves.own_moves(cases.row[rows], cases.step[rows], cases.day[rows], own)

    def entries(self, rows: np.ndarray) -> OwnWays:
        """Give the chances of what is decided on a referral of the day's step."""
        cases = self._cases
        own = OwnChild(cases.place[rows], self._cut[rows])
        return self._filter.moves.own_entries(
            cases.row[rows], cases.step[rows], cases.day[rows], own
        )

    def results(self, rows: np.ndarray, alone: np.ndarray) -> np.ndarray:
        """Give the chance of each result of an enquiry that is still to come.

        Parameters
        ----------
        rows : ndarray of int, shape (n,)
        alone : ndarray, shape (n, results, N_HIDDEN)
            The chances by the state in the step of the enquiry, without siblings.

        Returns
        -------
        ndarray, shape (n, results, N_HIDDEN)
            By the state at the start of the day's step.
        """
        shares = self._with_siblings(rows, alone)
        earlier = np.flatnonzero(self._cases.in_step[rows] < self._cases.step[rows])
        if len(earlier):
            shares[earlier] = self._a_step_later(rows[earlier], shares[earlier])
        return shares

    def _with_siblings(self, rows: np.ndarray, alone: np.ndarray) -> np.ndarray:
        cases, moves = self._cases, self._filter.moves
        own = OwnChild(cases.place[rows], self._cut[rows])
        asked = cases.row[rows], cases.in_step[rows], cases.day[rows], own
        shares = alone.copy()
        for ways in (moves.own_moves(*asked), moves.own_entries(*asked)):
            by_move = ways.chance.sum(axis=3)
            by_result = np.stack(
                [
                    (by_move * (ways.kinds == result)[:, None, :]).sum(axis=2)
                    for result in ENQUIRIES
                ],
                axis=1,
            )
            total = by_result.sum(axis=1, keepdims=True)
            mine = is_enquiry(ways.kinds).any(axis=1) & (total > 0).all(axis=(1, 2))
            shares[ways.question[mine]] = (by_result / np.where(total > 0, total, 1.0))[mine]
        return shares

    def _a_step_later(self, rows: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Carry the chances from the step of the enquiry to the next."""
        if self._phase_before is not None:
            by_class = shares.reshape(len(rows), -1, len(CLASSES), len(PHASES))
            phase = self._phase_before[rows][:, None, None, None]
            then = np.take_along_axis(by_class, phase, axis=3)
            return np.asarray(np.broadcast_to(then, by_class.shape).reshape(shares.shape))
        cases = self._cases
        weight = self._filter.step_before(cases.row[rows], cases.day[rows])
        total = self._filter.onward(weight)
        parts = [self._filter.onward(weight * shares[:, place]) for place in range(shares.shape[1])]
        later: np.ndarray = np.stack(parts, axis=1) / np.maximum(total, 1e-300)[:, None, :]
        return later.reshape(len(rows), -1, N_HIDDEN)
