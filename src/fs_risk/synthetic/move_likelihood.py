"""How probable what befell a family's open cases is, by class and phase: whole steps, or so far."""

from typing import NamedTuple

import numpy as np

from fs_risk.synthetic.befallen import FINDINGS, Befallen, entries_of, is_enquiry, moves_of
from fs_risk.synthetic.calendar import LONGEST
from fs_risk.synthetic.ceiling_families import N_HIDDEN, Families
from fs_risk.synthetic.groups import Groups, grouped
from fs_risk.synthetic.hazards import Hazards
from fs_risk.synthetic.joint import joint_chance
from fs_risk.synthetic.states import REVIEWS, Kind, on_plan
from fs_risk.synthetic.timeline import NONE, enquiry_at_entry

_NEVER = 1 << 40
_FIFTHS = np.linspace(0.0, 1.0, 6)


class OwnChild(NamedTuple):
    """The child that is asked about.

    Attributes
    ----------
    place, cut : ndarray of int, shape (n,)
        Its place in the family, and the day from which what it does counts as late.
    status : ndarray of int, optional
        A status to take it to have, with the day of a finding not known.
    """

    place: np.ndarray
    cut: np.ndarray
    status: np.ndarray | None = None


class OwnWays(NamedTuple):
    """What a child may have done, with all that is known of its siblings.

    Attributes
    ----------
    question : ndarray of int, shape (m,)
    kinds : ndarray of int, shape (m, moves)
    chance : ndarray, shape (m, N_HIDDEN, moves, 2)
        Before the cut, and from it on.
    """

    question: np.ndarray
    kinds: np.ndarray
    chance: np.ndarray


def _as_if(what: Befallen, entry: np.ndarray, status: np.ndarray, hazards: Hazards) -> Befallen:
    """Give entries another status, with any finding still to come."""
    changed = what.take(np.arange(len(what.row)))
    changed.status[entry] = status
    changed.kinds[entry] = hazards.kinds[status]
    changed.authorised[entry] = _NEVER
    return changed


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
        self._moved = moved, grouped(moved, np.zeros(len(moved.row), dtype=np.int64))
        self._decided = decided, grouped(decided, decided.referred)
        self._parts = (
            (*self._moved, self._moves_so_far),
            (*self._decided, self._entries_so_far),
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

    def by(
        self,
        rows: np.ndarray,
        steps: np.ndarray,
        today: np.ndarray,
        closed: np.ndarray | None = None,
    ) -> np.ndarray:
        """Give the chance of what is known, before a day, to have befallen in a step.

        Parameters
        ----------
        rows, steps, today : ndarray of int, shape (n,)
            Rows of families, steps, and days of the grid in that step or later.
        closed : ndarray of int, shape (n,), optional
            Place of the child whose case closes on the day, which is known too, or -1.

        Returns
        -------
        ndarray, shape (n, N_HIDDEN)
        """
        answer = np.ones((len(rows), N_HIDDEN))
        for what, groups, so_far in self._parts:
            question, group = groups.asked(rows, steps, self._families.lived.calendar.steps)
            member = groups.member[group]
            own = np.zeros(member.shape, dtype=bool)
            if closed is not None:
                own = (member >= 0) & (what.place[member] == closed[question][:, None])
            begun = groups.extra[group] < today[question] + own.any(axis=1)
            question, member, own = question[begun], member[begun], own[begun]
            if not len(question):
                continue
            allowed, weight = so_far(what, member, today[question], own)
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
    # before today, shape (n, members, moves, cases), and the chance of each case. Of
    # those marked as `own` what befell them today is known as well.

    def _moves_so_far(
        self, what: Befallen, member: np.ndarray, today: np.ndarray, own: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cases: where in the step the family's events fall."""
        allowed, weight, _ = self._cases(what, member, today, own, today)
        return allowed, weight

    def _cases(
        self,
        what: Befallen,
        member: np.ndarray,
        today: np.ndarray,
        own: np.ndarray,
        cut: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give the cases, parted at `cut` too, and the day of each move in each."""
        calendar = self._families.lived.calendar
        step = what.step[member[:, 0]]
        day = np.where(member >= 0, what.day[member], NONE)
        seen = (day != NONE) & (day < today[:, None] + own)
        shares, start = calendar.working_shares[step], calendar.starts[step]
        edges = _cells(shares, start, np.stack([today, cut]), np.where(seen, day, NONE))
        weight, middle = np.diff(edges, axis=1), (edges[:, 1:] + edges[:, :-1]) / 2
        length = calendar.starts[step + 1] - start
        passed = (shares[:, None, :] <= middle[:, :, None]).sum(axis=2)
        working = start[:, None] + np.minimum(passed, length[:, None] - 1)
        days = self._days(what, member, working, middle, start, length)
        allowed = days >= today[:, None, None, None]
        came = _came(what, member, today)[..., None] & (days == day[:, :, None, None])
        return np.where(seen[:, :, None, None], came, allowed), weight, days

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
        self, what: Befallen, member: np.ndarray, today: np.ndarray, own: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cases: an enquiry made on the referral would have been made by now, or not."""
        some = member >= 0
        kinds, kind = what.kinds[member], what.kind[member]
        began = some & is_enquiry(kind) & (what.day[member] < today[:, None])
        certain = began | np.isin(kind, (Kind.CARE, Kind.NO_FURTHER_ACTION))
        authorised = what.authorised[member] < today[:, None] + own
        finished = authorised & (kind == Kind.ASSESSMENT)
        assessed = (kinds == Kind.ASSESSMENT) & (finished | ~authorised)[..., None]
        waiting = is_enquiry(kinds) & ~finished[..., None]
        came = _came(what, member, today)
        allowed = np.stack([assessed, assessed | waiting], axis=3)
        allowed = np.where(certain[:, :, None, None], came[..., None], allowed)
        unseen = some & ~own & (what.referred[member] >= today[:, None])
        allowed |= unseen[:, :, None, None]  # referred today: not known yet
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

    def own_moves(
        self, rows: np.ndarray, steps: np.ndarray, today: np.ndarray, child: OwnChild
    ) -> OwnWays:
        """Give the chance of each move of one child, with all that is known of its siblings.

        Parameters
        ----------
        rows, steps, today : ndarray of int, shape (n,)
            As for `by`.
        child : OwnChild

        Returns
        -------
        OwnWays
            For questions where siblings' cases were open too, in statuses that tell.
        """
        what, groups = self._moved
        question, member, own = self._mine(groups, what, rows, steps, child.place)
        if child.status is not None and len(question):
            what = _as_if(what, member[own], child.status[question], self._families.lived.hazards)
        allowed, weight, days = self._cases(
            what, member, today[question], np.zeros_like(own), child.cut[question]
        )
        late = (days >= child.cut[question][:, None, None, None])[own]
        return self._ways(what, member, own, question, allowed, weight, late)

    def own_entries(
        self, rows: np.ndarray, steps: np.ndarray, today: np.ndarray, child: OwnChild
    ) -> OwnWays:
        """Give the same of what is decided on a referral of that step."""
        what, groups = self._decided
        question, member, own = self._mine(groups, what, rows, steps, child.place)
        when = today[question]
        allowed, part = self._entries_so_far(what, member, when, np.zeros_like(own))
        later = self._enquiry_later(what.referred[member[:, 0]], child.cut[question])
        later = np.minimum(later, part[:, 1])
        weight = np.stack([part[:, 0], part[:, 1] - later, later], axis=1)
        late = ~is_enquiry(what.kinds[member[own]])[:, :, None] | np.array([False, False, True])
        return self._ways(what, member, own, question, allowed[..., [0, 1, 1]], weight, late)

    def _mine(
        self,
        groups: Groups,
        what: Befallen,
        rows: np.ndarray,
        steps: np.ndarray,
        place: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Find the groups of several children that one child belongs to."""
        question, group = groups.asked(rows, steps, self._families.lived.calendar.steps)
        member = groups.member[group]
        own = (member >= 0) & (what.place[member] == place[question][:, None])
        here = own.any(axis=1) & ((member >= 0).sum(axis=1) > 1)
        return question[here], member[here], own[here]

    def _ways(
        self,
        what: Befallen,
        member: np.ndarray,
        own: np.ndarray,
        question: np.ndarray,
        allowed: np.ndarray,
        weight: np.ndarray,
        late: np.ndarray,
    ) -> OwnWays:
        """Add up the cases, for each move of the own child, by whether it falls late."""
        n_moves, n_cases = allowed.shape[2:]
        chance = np.zeros((len(question), N_HIDDEN, n_moves, 2))
        for move in range(n_moves if len(question) else 0):
            only = allowed.copy()
            only[own] &= (np.arange(n_moves) == move)[None, :, None]
            joint = self._joint(what, member, only) * weight[:, None, :]
            falls = np.broadcast_to(late, (len(question), n_moves, n_cases))[:, move]
            chance[:, :, move, 0] = (joint * ~falls[:, None, :]).sum(axis=2)
            chance[:, :, move, 1] = (joint * falls[:, None, :]).sum(axis=2)
        return OwnWays(question, what.kinds[member[own]], chance)

    def _findings_so_far(
        self, what: Befallen, member: np.ndarray, today: np.ndarray, own: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        known = (member >= 0) & (what.day[member] < today[:, None] + own)
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


def _cells(shares: np.ndarray, start: np.ndarray, days: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Cut the family's number for days where what it means changes."""
    rows = np.arange(len(shares))

    def before(day: np.ndarray) -> np.ndarray:
        place = np.clip(day - start, 0, LONGEST)
        cut: np.ndarray = np.where(place == 0, 0.0, shares[rows, np.maximum(place - 1, 0)])
        return cut

    cuts = [np.broadcast_to(_FIFTHS, (len(shares), len(_FIFTHS)))]
    cuts += [before(day)[:, None] for day in days]
    for place in range(seen.shape[1]):
        day = np.where(seen[:, place] == NONE, start, seen[:, place])
        cuts += [before(day)[:, None], before(day + 1)[:, None]]
    return np.sort(np.concatenate(cuts, axis=1), axis=1)
