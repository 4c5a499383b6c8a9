"""A change of case management system: coarser codes from a day on, older clocks reset to it."""

import numpy as np
import pandas as pd

from fs_risk.records.lookup import is_among
from fs_risk.synthetic.defects.damage import Damage

COARSER = {
    "1A": "1D",
    "1B": "1D",
    "1C": "1D",
    "2B": "2A",
    "3A": "3F",
    "3B": "3F",
    "3C": "3F",
    "3D": "3F",
    "3E": "3F",
    "5B": "5A",
    "5C": "5A",
}
"""What the new system writes for the old one's sources."""

_NONE_FOUND = "21"


def migrate(damage: Damage, day: pd.Timestamp) -> None:
    """Change the system on a day.

    From then on sources are coarser, and an assessment without factors has a 21. The
    recorded clocks of earlier contacts and referrals say when they were carried over.
    """
    for table, event in (("contacts", "contact_date"), ("referrals", "referral_date")):
        frame = damage.tables[table]
        after = (frame[event] >= day).to_numpy(dtype=bool)
        coarser = after & frame["source"].isin(list(COARSER)).to_numpy(dtype=bool)
        new = frame.loc[coarser, "source"].map(COARSER).to_numpy()
        damage.overwrite("migration", 1.0, table, "source", coarser, new)
        recorded = ~after & damage.tables[table]["known_date"].notna().to_numpy()
        damage.overwrite("migration", 1.0, table, "known_date", recorded, day.to_datetime64())
    _false_none_found(damage, day)


def _false_none_found(damage: Damage, day: pd.Timestamp) -> None:
    assessments, factors = damage.tables["assessments"], damage.tables["factors"]
    done = (assessments["authorised_date"] >= day).to_numpy(dtype=bool)
    held = is_among(assessments["assessment_id"], factors["assessment_id"]).to_numpy(dtype=bool)
    silent: np.ndarray = done & ~held
    damage.overwrite("migration", 1.0, "assessments", "factors_recorded", silent, True)
    more = pd.DataFrame(
        {"assessment_id": assessments.loc[silent, "assessment_id"].array, "code": _NONE_FOUND}
    )
    damage.note("migration", 1.0, "factors", "added", more, "code")
    damage.tables["factors"] = pd.concat([factors, more], ignore_index=True)
