"""Which sets of features an ablation tries: concepts left out and alone, and what is set apart."""

from collections.abc import Mapping, Sequence

from fs_risk.evaluation.ablation import ALL, FeatureSet
from fs_risk.features.spec import FeatureSpec

POVERTY = "features of poverty or service use"
SAME_DECISION = "neglect and abuse assessed in this episode"


def feature_sets(
    specs: Sequence[FeatureSpec],
    *,
    outcome: str,
    added: Mapping[str, Sequence[str]] | None = None,
    headline: bool = False,
) -> list[FeatureSet]:
    """List the sets: all, each concept left out and alone, and what is left out or kept apart.

    Parameters
    ----------
    specs : sequence of FeatureSpec
        All that are known; those that are the outcome's own decision are not among
        "all features", and are added in a set of their own.
    outcome : str
        As in `label_outcome`.
    added : mapping of str to sequence of str, optional
        Study-only columns by what they are called, each added to all features.
    headline : bool, default=False
        Without a set for each concept left out.

    Returns
    -------
    list of FeatureSet
        The first is all features.

    Examples
    --------
    >>> from fs_risk.features.catalogue import CATALOGUE
    >>> sets = feature_sets(CATALOGUE, outcome="cp_plan")
    >>> sets[0].done, sets[1].done, sets[-1].done
    ('all', 'left out', 'added')
    """
    used = [spec for spec in specs if outcome not in spec.not_for]
    names = tuple(spec.name for spec in used)
    concepts = list(dict.fromkeys(spec.concept for spec in used))
    of = {concept: tuple(s.name for s in used if s.concept == concept) for concept in concepts}
    sets = [FeatureSet(ALL, "all", names)]
    if not headline:
        sets += [FeatureSet(c, "left out", _without(names, of[c])) for c in concepts]
    sets += [FeatureSet(concept, "alone", of[concept]) for concept in concepts]
    flagged = tuple(spec.name for spec in used if spec.poverty_or_service_use)
    if flagged:
        sets.append(FeatureSet(POVERTY, "left out", _without(names, flagged)))
    apart = tuple(spec.name for spec in specs if outcome in spec.not_for)
    if apart:
        sets.append(FeatureSet(SAME_DECISION, "added", (*names, *apart)))
    for what, columns in (added or {}).items():
        sets.append(FeatureSet(what, "added", (*names, *columns)))
    return sets


def _without(names: Sequence[str], left_out: Sequence[str]) -> tuple[str, ...]:
    gone = set(left_out)
    return tuple(name for name in names if name not in gone)
