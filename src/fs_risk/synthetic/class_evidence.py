"""What recorded details say about the class of a family: each says it once, when it is known."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from fs_risk.synthetic.ceiling_families import Families
from fs_risk.synthetic.factors import factor_chances
from fs_risk.synthetic.identities import ethnicity_shares
from fs_risk.synthetic.joint import joint_chance
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.people import class_shares, no_birth_for
from fs_risk.synthetic.sources import group_of_code, source_shares
from fs_risk.synthetic.states import CLASSES, UNBORN_STEPS, Kind, band

N_CLASSES = len(CLASSES)
FACTS = ("sources", "sex", "ethnicity", "categories", "factors")
"""Kinds of facts that tell of the class; the decile and the children so far do as well."""


class Evidence:
    """Log-likelihoods of the classes, each from the day after it is known.

    Parameters
    ----------
    families : Families
    """

    def __init__(self, families: Families) -> None:
        self._families = families
        self._row: list[np.ndarray] = []
        self._day: list[np.ndarray] = []
        self._logs: list[np.ndarray] = []

    def add(self, row: np.ndarray, day: np.ndarray, likelihood: np.ndarray) -> None:
        """Add facts about families (by row), known on some day, with their likelihoods."""
        here = row >= 0
        with np.errstate(divide="ignore"):
            logs = np.log(likelihood[here])
        self._row.append(row[here])
        self._day.append(day[here])
        self._logs.append(np.maximum(logs, -700.0))

    def before(self, rows: np.ndarray, today: np.ndarray) -> np.ndarray:
        """Add up what was known of some families before some days, shape (n, classes)."""
        if not self._row:
            return np.zeros((len(rows), N_CLASSES))
        row, day = np.concatenate(self._row), np.concatenate(self._day)
        order = np.lexsort((day, row))
        sums = np.concatenate(
            [np.zeros((1, N_CLASSES)), np.cumsum(np.concatenate(self._logs)[order], axis=0)]
        )
        far = 1 << 20
        key = row[order] * far + np.minimum(day[order], far - 1)
        found: np.ndarray = (
            sums[np.searchsorted(key, rows * far + today)] - sums[np.searchsorted(key, rows * far)]
        )
        return found


def recorded_evidence(
    families: Families,
    tables: Mapping[str, pd.DataFrame],
    child_of: pd.Series,
    *,
    without: Collection[str] = (),
) -> Evidence:
    """Gather what the tables say of the class.

    Parameters
    ----------
    families : Families
    tables : mapping of str to DataFrame
        Canonical tables of the same world.
    child_of : Series of int
        Number of each ``child_id``.
    without : collection of str, default=()
        Names of `FACTS` that are not counted, and so summed over.

    Returns
    -------
    Evidence
    """
    evidence = Evidence(families)
    reading = _Reading(families, tables, child_of)
    for name in FACTS:
        if name not in without:
            for part in reading.facts(name):
                evidence.add(*part)
    return evidence


_Facts = tuple[np.ndarray, np.ndarray, np.ndarray]


class _Reading:
    """Reads facts of the tables as rows of families, days of the grid and likelihoods."""

    def __init__(
        self, families: Families, tables: Mapping[str, pd.DataFrame], child_of: pd.Series
    ) -> None:
        self._families, self._tables, self._child_of = families, tables, child_of
        self._parameters: Parameters = families.lived.parameters

    def facts(self, name: str) -> list[_Facts]:
        """Read one kind of `FACTS`."""
        if name == "sources":
            pairs = (("referrals", "referral_date"), ("contacts", "contact_date"))
            return [self.sources(table, date) for table, date in pairs]
        if name == "factors":
            return self.factors()
        read = {"sex": self.sex, "ethnicity": self.ethnicity, "categories": self.categories}
        return [read[name]()]

    def _rows(self, name: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
        """Rows of a table about these families, with child and row of the family."""
        table = self._tables[name]
        child = self._child_of.reindex(table["child_id"]).to_numpy()
        known = np.flatnonzero(~np.isnan(child))
        child = child[known].astype(np.int64)
        row = self._families.of_children(child)
        ours = row >= 0
        return table.iloc[known[ours]], child[ours], row[ours]

    def _days(self, dates: pd.Series) -> np.ndarray:
        first = self._families.lived.calendar.dates[0]
        days: np.ndarray = (dates.to_numpy().astype("datetime64[D]") - first).astype(np.int64)
        return days

    def sources(self, name: str, date: str) -> _Facts:
        """Read who referred a child or made a contact."""
        table, child, row = self._rows(name)
        if name == "contacts":  # one that became a referral has the referral's source
            other = (table["outcome"] != "referral").to_numpy()
            table, child, row = table[other], child[other], row[other]
        day = self._days(table[date])
        known = self._days(table["known_date"].fillna(table[date]))
        shares = all_source_shares(self._families, child, day)
        group = group_of_code(self._parameters).loc[table["source"]].to_numpy()
        return row, known, shares[np.arange(len(row)), :, group]

    def sex(self) -> _Facts:
        """Read the sex of each child born, from its first involvement."""
        table, child, row = self._rows("children")
        told = table["sex"].isin(["M", "F"]).to_numpy()
        table, child, row = table[told], child[told], row[told]
        first = self._days(self._first_involved(table["child_id"]))
        known = np.maximum(first, self._families.lived.people.birth_day[child])
        male = self._parameters.array("people.sex_male")
        is_male = (table["sex"] == "M").to_numpy()[:, None]
        return row, known, np.where(is_male, male, 1.0 - male)

    def _first_involved(self, child_ids: pd.Series) -> pd.Series:
        links = self._tables["family_links"]
        first = links.groupby("child_id")["known_date"].min()
        return first.reindex(child_ids)

    def ethnicity(self) -> _Facts:
        """Read one ethnic group for each family, from a child's first involvement."""
        table, _, row = self._rows("children")
        codes = pd.Index(self._parameters.names("ethnicity.share"))
        place = codes.get_indexer(table["ethnicity"])
        day = self._days(self._first_involved(table["child_id"]))
        frame = pd.DataFrame({"row": row, "day": day, "place": place})
        frame = frame[frame["place"] >= 0].sort_values("day").drop_duplicates("row")
        row = frame["row"].to_numpy()
        kind, decile = np.divmod(np.arange(N_CLASSES * 10), 10)
        shares = ethnicity_shares(kind, 1 + decile, self._parameters)
        shares = shares.reshape(N_CLASSES, 10, -1)[:, :, frame["place"].to_numpy()]
        weight = self._families.decile_chances(row)[:, :, None] * class_shares(self._parameters)
        found = np.einsum("cdn,ndc->nc", shares, weight) / weight.sum(axis=1)
        return row, frame["day"].to_numpy(), found

    def categories(self) -> _Facts:
        """Read the initial category of plans, drawn once for siblings planned for in one step."""
        table, child, row = self._rows("cp_plans")
        day = self._days(table["start_date"])
        timeline = self._families.lived.timeline
        events = timeline.events
        plan = np.flatnonzero(np.isin(events["kind"], (Kind.PLAN, Kind.TRANSFER_IN)))
        begun = pd.DataFrame(
            {
                "child": events["child"][plan],
                "day": timeline.conference[plan],
                "step": events["step"][plan],
            }
        ).drop_duplicates(["child", "day"])
        names = pd.Index(self._parameters.names("plan.category"))
        frame = pd.DataFrame({"child": child, "day": day, "row": row})
        frame["place"] = names.get_indexer(table["initial_category"])
        frame = frame.merge(begun, on=["child", "day"]).sort_values("day")
        frame = frame[frame["place"] >= 0].drop_duplicates(["row", "step"])
        shares = self._parameters.table("plan.category")
        shares = shares / shares.sum(axis=0)
        return (
            frame["row"].to_numpy(),
            frame["day"].to_numpy(),
            shares[frame["place"].to_numpy()],
        )

    def factors(self) -> list[_Facts]:
        """Read the factors of assessments; siblings assessed from one day mostly share their luck.

        An assessment's factors are known once it is authorised. Of siblings assessed
        from the same day but authorised on different ones, the later say only what
        the earlier did not.
        """
        table, child, row = self._rows("assessments")
        usable = table["factors_recorded"].fillna(False).to_numpy(dtype=bool)
        table, child, row = table[usable], child[usable], row[usable]
        codes, chances = factor_chances(self._parameters)
        start, known = self._days(table["start_date"]), self._days(table["authorised_date"])
        people = self._families.lived.people
        bands = band(self._families.lived.calendar.step_of[start] - people.birth_step[child])
        likely = np.moveaxis(chances[:, bands], 1, 0)
        found = _flags(table["assessment_id"], self._tables["factors"], codes)
        order = np.lexsort((known, start, row))
        first = np.ones(len(order), dtype=bool)
        first[1:] = (np.diff(row[order]) != 0) | (np.diff(start[order]) != 0)
        groups = np.cumsum(first) - 1
        rank = np.arange(len(order)) - np.flatnonzero(first)[groups]
        share = self._parameters.number("siblings.share")
        parts: list[_Facts] = []
        for size in range(1, int(rank.max(initial=0)) + 2):
            last = np.flatnonzero(rank == size - 1)
            member = order[last[:, None] - np.arange(size)[::-1]]
            log = _log_joint(likely[member], found[member], share)
            if size > 1:
                log = log - _log_joint(likely[member[:, :-1]], found[member[:, :-1]], share)
            here = order[last]
            parts.append((row[here], known[here], np.exp(log)))
        return parts


def _flags(assessments: pd.Series, factors: pd.DataFrame, codes: list[str]) -> np.ndarray:
    """Whether each factor was found in each assessment, shape (n, codes)."""
    place = pd.Index(assessments).get_indexer(factors["assessment_id"])
    code = pd.Index(codes).get_indexer(factors["code"])
    told = (place >= 0) & (code >= 0)
    flags = np.zeros((len(assessments), len(codes)), dtype=bool)
    flags[place[told], code[told]] = True
    return flags


def _log_joint(likely: np.ndarray, found: np.ndarray, share: float) -> np.ndarray:
    """Log-likelihood of groups' flags, (n, siblings, classes, codes), summed over codes."""
    n, siblings, classes, codes = likely.shape
    sums = np.stack([likely, np.ones_like(likely)], axis=-1)
    sums = np.moveaxis(sums, 3, 1).reshape(n * codes, siblings, classes, 2)
    flags = np.moveaxis(found, 2, 1).reshape(n * codes, siblings)
    allowed = np.stack([flags, ~flags], axis=-1)[..., None]
    with np.errstate(divide="ignore"):
        logs = np.log(joint_chance(sums, allowed, share)[:, :, 0])
    total: np.ndarray = np.maximum(logs, -700.0).reshape(n, codes, classes).sum(axis=1)
    return total


def all_source_shares(families: Families, child: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Share of each group of sources, given each class, shape (n, classes, groups)."""
    lived = families.lived
    bands = band(lived.calendar.step_of[day] - lived.people.birth_step[child])
    return np.stack(
        [
            source_shares(np.full(len(child), kind), bands, day, lived.calendar, lived.parameters)
            for kind in range(N_CLASSES)
        ],
        axis=1,
    )


def class_prior(families: Families, rows: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Give the log-chance of each class from decile and number of children in view so far.

    Parameters
    ----------
    families : Families
    rows, steps : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n, classes)
        Up to a constant.
    """
    lived = families.lived
    people, calendar = lived.people, lived.calendar
    number = families.numbers[rows]
    prior = families.decile_chances(rows) @ class_shares(lived.parameters)
    child = families.child[rows]
    entered = (child >= 0) & (people.enter_step[child] <= steps[:, None])
    count = people.elder[number] + entered.sum(axis=1)
    latest = np.where(entered, people.birth_day[child], 0).max(axis=1)
    soonest = calendar.starts[np.minimum(steps + UNBORN_STEPS + 1, len(calendar.starts) - 1)]
    waited = no_birth_for(soonest - latest, lived.parameters)
    sizes = lived.parameters.array("people.family_size")
    sizes = sizes / sizes.sum(axis=1, keepdims=True)
    least = np.cumsum(sizes[:, ::-1], axis=1)[:, ::-1]
    more = np.concatenate([least[:, 1:], np.zeros((len(sizes), 1))], axis=1)
    likelihood = sizes[:, count - 1].T + more[:, count - 1].T * waited[:, None]
    with np.errstate(divide="ignore"):
        logs: np.ndarray = np.maximum(np.log(prior * likelihood), -700.0)
    return logs
