"""All defects that were asked for, planted one after the other."""

import pandas as pd

from fs_risk.synthetic.defects.coding import miscode_a_month, overwrite_with_the_outcome
from fs_risk.synthetic.defects.damage import Damage, Planter
from fs_risk.synthetic.defects.duplicates import duplicate_children
from fs_risk.synthetic.defects.groups import over_report, tell_by_source
from fs_risk.synthetic.defects.migration import migrate
from fs_risk.synthetic.defects.planted import Defects
from fs_risk.synthetic.defects.recording import lose_factors, record_late
from fs_risk.synthetic.shocks import Shocks

_PLANTERS: dict[str, Planter] = {
    "over_reporting": over_report,
    "missing_factors": lose_factors,
    "ethnicity_proxy": tell_by_source,
    "leaking_column": overwrite_with_the_outcome,
    "miscoded_month": miscode_a_month,
    "late_recording": record_late,
    "duplicate_children": duplicate_children,
}
"""In the order in which they are planted: rows that one adds may be damaged by the next."""


def plant(
    tables: dict[str, pd.DataFrame],
    defects: Defects,
    shocks: Shocks,
    *,
    seed: int,
    observed: tuple[pd.Timestamp, pd.Timestamp],
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Damage the tables of an authority as was asked for.

    Parameters
    ----------
    tables : dict of str to DataFrame
        As the generator lays them out.
    defects : Defects
    shocks : Shocks
        Of which only the migration is a matter of recording.
    seed : int
        Of the authority.
    observed : tuple of Timestamp
        First and last day observed.

    Returns
    -------
    tables : dict of str to DataFrame
    truth : dict of str to DataFrame
        ``defects``, a row for each table and column that was changed, and
        ``defect_rows``.
    """
    damage = Damage(dict(tables), *observed, seed)
    sizes = defects.sizes
    for name, planter in _PLANTERS.items():
        if name in sizes:
            planter(damage, sizes[name])
    if shocks.migration is not None:
        migrate(damage, pd.Timestamp(shocks.migration))
    return damage.tables, damage.truth()
