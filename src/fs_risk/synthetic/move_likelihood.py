"""How probable what befell a family's open cases is, by class and phase: whole steps, or so far."""

from dataclasses import dataclass

import numpy as np

from fs_risk.synthetic.befallen import FINDINGS, Befallen, entries_of, is_enquiry, moves_of
from fs_risk.synthetic.calendar import LONGEST
from fs_risk.synthetic.ceiling_families import N_HIDDEN, Families
from fs_risk.synthetic.joint import joint_chance
from fs_risk.synthetic.states import REVIEWS, Kind, on_plan
from fs_risk.synthetic.timeline import NONE, enquiry_at_entry

_NEVER = 1 << 40
_FIFTHS = np.linspace(0.0, 1.0, 6)


@dataclass(frozen=True)
class Groups:
    """Children whose luck in something is shared.

    Attributes
    ----------
    row, step, extra : ndarray, shape (n_groups,)
        In this order: the family's row, the step, and what else sets groups apart.
    member : ndarray, shape (n_groups, most)
        Numbers into what is grouped; -1 for none.
    """

    row: np.ndarray
    step: np.ndarray
    extra: np.ndarray
    member: np.ndarray

    def asked(
        self, rows: np.ndarray, steps: np.ndarray, n_steps: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pair questions about families and steps with the groups that they concern."""
        key, wanted = self.row * n_steps + self.step, rows * n_steps + steps
        first, last = np.searchsorted(key, wanted), np.searchsorted(key, wanted, side="right")
        count = last - first
        question = np.repeat(np.arange(len(rows)), count)
        within = np.arange(len(question)) - np.repeat(np.cumsum(count) - count, count)
        return question, first[question] + within


def grouped(what: Befallen, extra: np.ndarray) -> Groups:
    """Put together the children of one family, step and extra key."""
    order = np.lexsort((extra, what.step, what.row))
    keys = np.stack([what.row[order], what.step[order], extra[order]])
    new = np.ones(len(order), dtype=bool)
    new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, len(order)))
    member = np.full((len(starts), int(sizes.max(initial=1))), -1)
    group = np.repeat(np.arange(len(starts)), sizes)
    member[group, np.arange(len(order)) - np.repeat(starts, sizes)] = order
    row, step, other = keys[:, starts]
    return Groups(row, step, other, member)


class Moves:
    """The chances of all that befell the children of some families.

    Parameters
    ----------
    families : Families
    """

    def __init__(self, families: Families) -> None:
        self._families = families
        self._share = families.lived.parameters.number("siblings.share")
        decided, found = entries_of(families)
        moved = moves_of(families)
        self._parts = (
            (moved, grouped(moved, np.zeros(len(moved.row), dtype=np.int64)), self._moves_so_far),
            (decided, grouped(decided, decided.referred), self._entries_so_far),
            (found, grouped(found, found.referred), self._findings_so_far),
        )

    def whole(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give the chance of everything, once all of it is known.

        Returns
        -------
        row, step : ndarray, shape (n,)
        chance : ndarray, shape (n, N_HIDDEN)
            A family and step without an entry has chance one; several multiply.
        """
        rows, steps, chances = [], [], []
        for what, groups, _ in self._parts:
            came = np.eye(what.sums.shape[-1], dtype=bool)[what.move]
            allowed = came[groups.member][..., None]
            rows.append(groups.row)
            steps.append(groups.step)
            chances.append(self._joint(what, groups.member, allowed)[:, :, 0])
        return np.concatenate(rows), np.concatenate(steps), np.concatenate(chances)

    def by(self, rows: np.ndarray, steps: np.ndarray, today: np.ndarray) -> np.ndarray:
        """Give the chance of what is known, before a day, to have befallen in a step.

        Parameters
        ----------
        rows, steps, today : ndarray of int, shape (n,)
            Rows of families, steps, and days of the grid in that step or later.

        Returns
        -------
        ndarray, shape (n, N_HIDDEN)
        """
        answer = np.ones((len(rows), N_HIDDEN))
        for what, groups, so_far in self._parts:
            question, group = groups.asked(rows, steps, self._families.lived.calendar.steps)
            begun = groups.extra[group] < today[question]
            question, group = question[begun], group[begun]
            if not len(group):
                continue
            member = groups.member[group]
            allowed, weight = so_far(what, member, today[question])
            chance = self._joint(what, member, allowed)
            np.multiply.at(answer, question, np.einsum("nsk,nk->ns", chance, weight))
        return answer

    def _joint(self, what: Befallen, member: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        answer = np.ones((len(member), N_HIDDEN, allowed.shape[3]))
        size = (member >= 0).sum(axis=1)
        for count in np.unique(size):
            here = np.flatnonzero(size == count)
            sums = self._sums(what.take(member[here, :count].ravel()))
            sums = sums.reshape(len(here), count, *sums.shape[1:])
            answer[here] = joint_chance(sums, allowed[here, :count], self._share)
        return answer

    def _sums(self, what: Befallen) -> np.ndarray:
        """Look up the running sums of the chances of each one's moves, by hidden state."""
        families = self._families
        bands = families.bands(what.row, what.step)[np.arange(len(what.row)), what.place]
        plans = families.plans[what.step, what.row, what.place]
        if what.sums.ndim == 2:
            return families.table_of(what.sums, what.row, bands, plans)
        answer = np.empty((len(what.row), N_HIDDEN, what.sums.shape[2]))
        for status in np.unique(what.status):
            here = what.status == status
            answer[here] = families.table_of(
                what.sums[status], what.row[here], bands[here], plans[here]
            )
        return answer

    # Each of these gives, for members of groups, which moves agree with what is known
    # before today, shape (n, members, moves, cases), and the chance of each case.

    def _moves_so_far(
        self, what: Befallen, member: np.ndarray, today: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cases: where in the step the family's events fall."""
        calendar = self._families.lived.calendar
        step = what.step[member[:, 0]]
        day = np.where(member >= 0, what.day[member], NONE)
        seen = (day != NONE) & (day < today[:, None])
        shares, start = calendar.working_shares[step], calendar.starts[step]
        edges = _cells(shares, start, today, np.where(seen, day, NONE))
        weight, middle = np.diff(edges, axis=1), (edges[:, 1:] + edges[:, :-1]) / 2
        length = calendar.starts[step + 1] - start
        passed = (shares[:, None, :] <= middle[:, :, None]).sum(axis=2)
        working = start[:, None] + np.minimum(passed, length[:, None] - 1)
        days = self._days(what, member, working, middle, start, length)
        allowed = days >= today[:, None, None, None]
        came = _came(what, member, today)[..., None] & (days == day[:, :, None, None])
        return np.where(seen[:, :, None, None], came, allowed), weight

    def _days(
        self,
        what: Befallen,
        member: np.ndarray,
        working: np.ndarray,
        middle: np.ndarray,
        start: np.ndarray,
        length: np.ndarray,
    ) -> np.ndarray:
        """Day on which each move would fall in each case, (n, members, moves, cases)."""
        kinds = what.kinds[member][..., None]
        days = np.broadcast_to(working[:, None, None, :], (*kinds.shape[:3], working.shape[1]))
        days = np.where(np.isin(kinds, FINDINGS), what.authorised[member][:, :, None, None], days)
        after = self._families.lived.parameters.array("plan_end.review_days").astype(np.int64)
        ends = np.isin(kinds, (Kind.STEPS_DOWN, Kind.CLOSES))
        for review, wait in zip(REVIEWS, after, strict=True):
            here = ends & (what.status[member] == on_plan(review))[:, :, None, None]
            slack = (middle * 5).astype(np.int64)[:, None, None, :]
            due = what.conference[member][:, :, None, None] + wait + slack
            first = start[:, None, None, None]
            inside = (due >= first) & (due < first + length[:, None, None, None])
            days = np.where(here & inside, due, days)
        return np.where(kinds == Kind.STAYS, _NEVER, days)

    def _entries_so_far(
        self, what: Befallen, member: np.ndarray, today: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cases: an enquiry made on the referral would have been made by now, or not."""
        some = member >= 0
        kinds, kind = what.kinds[member], what.kind[member]
        began = some & is_enquiry(kind) & (what.day[member] < today[:, None])
        certain = began | np.isin(kind, (Kind.CARE, Kind.NO_FURTHER_ACTION))
        authorised = what.authorised[member] < today[:, None]
        finished = authorised & (kind == Kind.ASSESSMENT)
        assessed = (kinds == Kind.ASSESSMENT) & (finished | ~authorised)[..., None]
        waiting = is_enquiry(kinds) & ~finished[..., None]
        came = _came(what, member, today)
        allowed = np.stack([assessed, assessed | waiting], axis=3)
        allowed = np.where(certain[:, :, None, None], came[..., None], allowed)
        later = self._enquiry_later(what.referred[member[:, 0]], today)
        later = np.where(began.any(axis=1), 0.0, later)
        past = np.where(began.any(axis=1), 1.0, 1.0 - later)
        return allowed, np.stack([past, later], axis=1)

    def _enquiry_later(self, referred: np.ndarray, today: np.ndarray) -> np.ndarray:
        """Chance that an enquiry made on a referral falls on or after today."""
        later = np.zeros(len(referred))
        lived = self._families.lived
        for gap, share in enumerate(lived.parameters.array("enquiry.gap_days")):
            later += share * (enquiry_at_entry(lived.calendar, referred, gap) >= today)
        return later

    def _findings_so_far(
        self, what: Befallen, member: np.ndarray, today: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        known = (member >= 0) & (what.day[member] < today[:, None])
        came = np.eye(what.sums.shape[-1], dtype=bool)[what.move[member]]
        allowed = np.where(known[..., None], came, True)[..., None]
        return allowed, np.ones((len(member), 1))


def _came(what: Befallen, member: np.ndarray, today: np.ndarray) -> np.ndarray:
    """Mark what came; of an enquiry without a result yet, all that it may lead to."""
    came = np.eye(what.sums.shape[-1], dtype=bool)[what.move[member]]
    kinds = what.kinds[member]
    pending = is_enquiry(what.kind[member]) & (what.resolved[member] >= today[:, None])
    marked: np.ndarray = came | (pending[..., None] & is_enquiry(kinds))
    return marked


def _cells(
    shares: np.ndarray, start: np.ndarray, today: np.ndarray, seen: np.ndarray
) -> np.ndarray:
    """Cut the family's number for days where what it means changes."""
    rows = np.arange(len(shares))

    def before(day: np.ndarray) -> np.ndarray:
        place = np.clip(day - start, 0, LONGEST)
        cut: np.ndarray = np.where(place == 0, 0.0, shares[rows, np.maximum(place - 1, 0)])
        return cut

    cuts = [np.broadcast_to(_FIFTHS, (len(shares), len(_FIFTHS))), before(today)[:, None]]
    for place in range(seen.shape[1]):
        day = np.where(seen[:, place] == NONE, start, seen[:, place])
        cuts += [before(day)[:, None], before(day + 1)[:, None]]
    return np.sort(np.concatenate(cuts, axis=1), axis=1)
