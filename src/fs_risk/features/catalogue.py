"""The catalogue: every feature the library knows, declared once, in practitioners' words."""

import pandas as pd

from fs_risk.errors import FeatureError, OutcomeError, nearest
from fs_risk.features.contact_features import contact_features
from fs_risk.features.harm_features import harm_features
from fs_risk.features.household import child_features, household_features
from fs_risk.features.household_needs import household_needs_features
from fs_risk.features.protection_features import protection_features
from fs_risk.features.referral_features import referral_features, this_referral
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.streams import STREAMS
from fs_risk.features.strength_features import strength_features
from fs_risk.features.trio import trio_features
from fs_risk.records.arguments import WORD, takes
from fs_risk.records.outcome_names import OUTCOME_NAMES


def _checked(specs: tuple[FeatureSpec, ...]) -> tuple[FeatureSpec, ...]:
    for name, stream in STREAMS.items():
        stream.check(name)
    names = [spec.name for spec in specs]
    if len(set(names)) < len(names):
        raise FeatureError("Two features have the same name.", fix="Rename one of them.")
    return specs


CATALOGUE: tuple[FeatureSpec, ...] = _checked(
    (
        *contact_features(),
        *referral_features(),
        *protection_features(),
        *strength_features(),
        *trio_features(),
        *harm_features(),
        *household_features(),
        *household_needs_features(),
        *child_features(),
        *this_referral(),
    )
)
"""Every feature, in the order of the columns of `build_features`."""


@takes(outcome=WORD)
def features_for_outcome(outcome: str) -> tuple[FeatureSpec, ...]:
    """List the features that a model of an outcome may use.

    Left out is what the outcome's own decision records: for a child protection plan,
    the neglect and abuse (factors 16A to 19C) found by the current episode's
    assessment.

    Parameters
    ----------
    outcome : str
        As in `label_outcome`.

    Returns
    -------
    tuple of FeatureSpec
        In catalogue order.

    Raises
    ------
    OutcomeError
        If there is no outcome of that name.

    Examples
    --------
    >>> names = {spec.name for spec in features_for_outcome("cp_plan")}
    >>> "child_neglect_current_365d" in names, "child_neglect_this_episode_365d" in names
    (True, False)
    """
    if outcome not in OUTCOME_NAMES:
        raise OutcomeError(
            f"There is no outcome {outcome!r}.{nearest(str(outcome), OUTCOME_NAMES)}",
            where="outcome=",
            fix=f"Choose one of: {', '.join(OUTCOME_NAMES)}.",
        )
    return tuple(spec for spec in CATALOGUE if outcome not in spec.not_for)


def feature_catalogue() -> pd.DataFrame:
    """List every feature with its meaning, words and sensitivity.

    Returns
    -------
    DataFrame
        One row per feature: name, concept, whom, meaning, unit, window_days,
        half_life_days, kind, present, one, below, one_below, whole, absent, missing,
        monotone, sensitivity, necessity, poverty_or_service_use, why, waiver, not_for,
        sources, definition (SHA-256).

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
        "half_life_days",
        "kind",
        "present",
        "one",
        "below",
        "one_below",
        "whole",
        "absent",
        "missing",
        "monotone",
        "sensitivity",
        "necessity",
        "poverty_or_service_use",
        "why",
        "waiver",
    )
    rows = [
        {
            **{field: getattr(spec, field) for field in fields},
            "not_for": ", ".join(spec.not_for),
            "sources": ", ".join(spec.sources),
            "definition": spec.digest,
        }
        for spec in CATALOGUE
    ]
    return pd.DataFrame(rows)
