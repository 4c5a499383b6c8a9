import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from fs_risk.errors import AuditError
from fs_risk.evaluation.leakage import audit_leakage


def test_planted_leak_is_caught(study):
    """T10."""
    rng = np.random.default_rng(0)
    label = study.labels["label"]
    filled_after = pd.Series(rng.random(len(label))).where(label == 1)
    X = study.X.assign(
        close_reason=label.fillna(0) + rng.normal(0, 0.3, len(label)), end=filled_after
    )
    found = audit_leakage(X, label).set_index("feature")

    assert found.index[found["suspicious"]].to_list() == ["end", "close_reason"]
    assert found.loc["end", "roc_auc_missing"] == pytest.approx(1.0)


def test_areas_are_scikit_learns_in_the_better_direction(study):
    known = study.labels["label"].notna()
    found = audit_leakage(-study.X, study.labels["label"]).set_index("feature")["roc_auc"]

    for name in study.X:
        area = roc_auc_score(study.labels["label"][known], study.X[name][known])
        assert found[name] == pytest.approx(max(area, 1 - area))


def test_honest_features_are_not_suspicious(study):
    assert not audit_leakage(study.X, study.labels["label"])["suspicious"].any()


def test_labels_all_alike_are_refused(study):
    with pytest.raises(AuditError, match="labels are positive"):
        audit_leakage(study.X, study.labels["label"] * 0)
