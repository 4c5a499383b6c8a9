"""What one year's census shows of the records: rows of that year, facts known in it."""

import warnings
from dataclasses import dataclass

import pandas as pd

from fs_risk.records.counts_in_words import count_of
from fs_risk.records.lookup import is_among, looked_up
from fs_risk.records.records import Records

_OWN_END = {
    "assessments": "authorised_date",
    "cin_plans": "end_date",
    "cp_plans": "end_date",
    "pre_proceedings": "end_date",
}


@dataclass(frozen=True)
class CensusRows:
    """Records with every row in an episode, as a census needs them.

    Attributes
    ----------
    referrals : DataFrame
    inside : dict of str to DataFrame
        Assessments, enquiries, conferences and plans, each with a ``referral_id`` of
        `referrals`, and ``last``: the last day on which it was active (missing: it
        goes on).
    """

    referrals: pd.DataFrame
    inside: dict[str, pd.DataFrame]

    def year(self, start: pd.Timestamp, end: pd.Timestamp) -> "CensusRows":
        """Give what the census of one year shows, with later dates still unknown."""
        inside = {}
        for name, frame in self.inside.items():
            begin = frame["conference_date" if name == "conferences" else "start_date"]
            shown = frame[(begin <= end) & ~(frame["last"] < start)].copy()
            for column in shown.columns[shown.dtypes == "datetime64[s]"]:
                if column != "target_date":
                    shown[column] = shown[column].where(shown[column] <= end)
            inside[name] = shown
        referrals = self.referrals
        nfa = referrals["no_further_action"].fillna(False).astype(bool)
        last = referrals["close_date"].where(
            referrals["close_date"].notna() | ~nfa, referrals["referral_date"]
        )
        active = pd.concat([frame["referral_id"] for frame in inside.values()])
        seen = (referrals["referral_date"] <= end) & ~(last < start)
        shown = referrals[seen | is_among(referrals["referral_id"], active)].copy()
        shown["close_date"] = shown["close_date"].where(shown["close_date"] <= end)
        shown["close_reason"] = shown["close_reason"].where(shown["close_date"].notna())
        return CensusRows(shown.sort_values("referral_id", kind="stable"), inside)


def census_rows(records: Records) -> CensusRows:
    """Place every row in an episode; warn of those that belong to none.

    A row without a referral goes to the child's episode that was open on its first
    day, else to the latest before it.
    """
    referrals = records["referrals"]
    inside, n_lost = {}, 0
    for name, begin in (
        ("assessments", "start_date"),
        ("cin_plans", "start_date"),
        ("section47", "start_date"),
        ("conferences", "conference_date"),
        ("cp_plans", "start_date"),
        ("pre_proceedings", "start_date"),
    ):
        frame = _placed(records[name], begin, referrals)
        n_lost += int(frame["referral_id"].isna().sum())
        inside[name] = frame.dropna(subset="referral_id")
    if n_lost:
        warnings.warn(
            f"{count_of(n_lost, 'row', 'rows')} of assessments, enquiries, conferences and plans "
            "without an earlier referral of the child; a census cannot hold them.",
            stacklevel=4,
        )
    for name, end in _OWN_END.items():
        inside[name]["last"] = inside[name][end]
    inside["pre_proceedings"]["last"] = inside["pre_proceedings"][["end_date", "court_date"]].max(
        axis=1
    )
    inside["conferences"]["last"] = inside["conferences"]["conference_date"]
    inside["section47"]["last"] = _last_of_enquiries(inside["section47"], inside["conferences"])
    return CensusRows(referrals, inside)


def _placed(frame: pd.DataFrame, begin: str, referrals: pd.DataFrame) -> pd.DataFrame:
    known = is_among(frame["referral_id"], referrals["referral_id"])
    if known.all():
        return frame
    lacking = frame.loc[~known, ["child_id", begin]].reset_index(names="row")
    columns = ["referral_id", "child_id", "referral_date", "close_date"]
    pairs = lacking.merge(referrals[columns], on="child_id")
    pairs = pairs[pairs["referral_date"] <= pairs[begin]]
    pairs["is_open"] = ~(pairs["close_date"] < pairs[begin])
    best = pairs.sort_values(["row", "is_open", "referral_date"], kind="stable")
    found = best.groupby("row")["referral_id"].last()
    placed = frame["referral_id"].where(known)
    placed.loc[found.index] = found
    return frame.assign(referral_id=placed)


def _last_of_enquiries(section47: pd.DataFrame, conferences: pd.DataFrame) -> pd.Series:
    """Show an enquiry until its end or conference; without either, in its first year."""
    held = conferences.groupby("section47_id")["conference_date"].max()
    own = pd.DataFrame(
        {"end": section47["end_date"], "held": looked_up(section47["section47_id"], held)}
    ).max(axis=1)
    return own.fillna(section47["start_date"])
