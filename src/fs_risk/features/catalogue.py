"""The catalogue: every feature the library knows, declared once, in practitioners' words."""

import pandas as pd

from fs_risk.errors import FeatureError
from fs_risk.features.history import history_features
from fs_risk.features.household import household_features
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.streams import STREAMS
from fs_risk.features.trio import trio_features


def _checked(specs: tuple[FeatureSpec, ...]) -> tuple[FeatureSpec, ...]:
    for name, stream in STREAMS.items():
        stream.check(name)
    names = [spec.name for spec in specs]
    if len(set(names)) < len(names):
        raise FeatureError("Two features have the same name.", fix="Rename one of them.")
    return specs


CATALOGUE: tuple[FeatureSpec, ...] = _checked(
    (*history_features(), *trio_features(), *household_features())
)
"""Every feature, in the order of the columns of `build_features`."""


def feature_catalogue() -> pd.DataFrame:
    """List every feature with its meaning, words and sensitivity.

    Returns
    -------
    DataFrame
        One row per feature: name, concept, whom, meaning, unit, window_days, kind,
        present, absent, missing, monotone, sensitivity, necessity,
        poverty_or_service_use, sources, why, definition (SHA-256).

    Examples
    --------
    >>> catalogue = feature_catalogue()
    >>> catalogue.loc[catalogue["name"] == "child_contacts_90d", "present"].item()
    '{n} contacts in the last 90 days'
    """
    fields = (
        "name",
        "concept",
        "whom",
        "meaning",
        "unit",
        "window_days",
        "kind",
        "present",
        "absent",
        "missing",
        "monotone",
        "sensitivity",
        "necessity",
        "poverty_or_service_use",
        "why",
    )
    rows = [
        {
            **{field: getattr(spec, field) for field in fields},
            "sources": ", ".join(spec.sources),
            "definition": spec.digest,
        }
        for spec in CATALOGUE
    ]
    return pd.DataFrame(rows)
