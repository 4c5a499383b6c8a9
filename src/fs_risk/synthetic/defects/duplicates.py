"""A child known under two identifiers: one up to some referral, another from it on."""

import numpy as np
import pandas as pd

from fs_risk.records.lookup import looked_up
from fs_risk.records.tables import TABLES
from fs_risk.synthetic.defects.damage import Damage, further_ids, picked


def duplicate_children(damage: Damage, size: float) -> None:
    """Give a share of children referred more than once a second identifier."""
    rng = damage.stream(6)
    split = _splits(damage, size, rng)
    children = damage.tables["children"]
    new = further_ids("C", children["child_id"], len(split)).iloc[rng.permutation(len(split))]
    new.index = split.index
    twice = children[children["child_id"].isin(split.index)]
    again = twice.assign(child_id=looked_up(twice["child_id"], new))
    damage.note("duplicate_children", size, "children", "added", again)
    damage.rows[-1]["was"] = twice["child_id"].array
    for name, table in TABLES.items():
        if name not in damage.tables or "child_id" not in table or not table.date:
            continue
        frame = damage.tables[name]
        later = (frame[table.date] >= looked_up(frame["child_id"], split)).to_numpy(dtype=bool)
        renamed = looked_up(frame.loc[later, "child_id"], new).to_numpy()
        damage.overwrite("duplicate_children", size, name, "child_id", later, renamed)
    damage.tables["children"] = pd.concat([children, again], ignore_index=True)
    for name in ("disabilities", "family_links"):
        _repeat(damage, name, new, split)


def _splits(damage: Damage, size: float, rng: np.random.Generator) -> pd.Series:
    """Pick children and, of each, the referral from which the new identifier holds."""
    referrals = damage.tables["referrals"].sort_values("referral_date", kind="stable")
    later = referrals[referrals["child_id"].duplicated()]
    later = later.iloc[rng.permutation(len(later))].drop_duplicates("child_id")
    chosen = later[picked(len(later), size, rng)].sort_values("child_id")
    return chosen.set_index("child_id")["referral_date"]


def _repeat(damage: Damage, name: str, new: pd.Series, split: pd.Series) -> None:
    frame = damage.tables[name]
    rows = frame[frame["child_id"].isin(new.index)]
    again = rows.assign(child_id=looked_up(rows["child_id"], new))
    if "known_date" in again:
        again["known_date"] = looked_up(rows["child_id"], split)
    damage.tables[name] = pd.concat([frame, again], ignore_index=True)
