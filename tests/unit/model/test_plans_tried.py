import json

import pandas as pd
import pytest

from fs_risk.errors import ArtefactError
from fs_risk.model.plan import BoosterSettings, Plan
from fs_risk.model.plans_tried import note_plan, read_plans

CARE, CP = Plan(outcome="care"), Plan(outcome="cp_plan")


def period(first="2023-01-01", days=365):
    as_of = pd.Series(pd.date_range(first, periods=days)).astype("datetime64[s]")
    return pd.DataFrame({"case_id": [f"R{day}" for day in range(days)], "as_of": as_of})


def note(path, plan, tested=None, origin="real", label=""):
    return note_plan(path, plan, period() if tested is None else tested, origin=origin, label=label)


def test_every_different_plan_on_a_test_period_is_counted(tmp_path):
    """M4."""
    path = tmp_path / "kept" / "plans.jsonl"

    assert [note(path, plan) for plan in (CP, CARE, CP, CP.tuned(5))] == [1, 2, 2, 3]
    assert [entry.plan_hash for entry in read_plans(path)] == [
        CP.hash, CARE.hash, CP.hash, CP.tuned(5).hash,
    ]  # fmt: skip


def test_next_extract_of_the_same_year_counts_on(tmp_path):
    """A few late rows make another fingerprint, not another test."""
    path = tmp_path / "plans.jsonl"
    note(path, CP)

    assert note(path, CARE, period(days=364)) == 2
    assert len({entry.fingerprint for entry in read_plans(path)}) == 2


def test_other_years_cohorts_and_authorities_are_counted_apart(tmp_path):
    path = tmp_path / "plans.jsonl"
    note(path, CP)

    assert note(path, CARE, period("2024-01-01")) == 1
    assert note(path, CARE.model_copy(update={"cohort": "open_case"})) == 1
    assert note(path, CARE, origin="synthetic", label="seed 1") == 1


def test_fingerprint_does_not_depend_on_the_order_and_no_id_is_kept(tmp_path):
    note(tmp_path / "one", CP)
    note(tmp_path / "two", CP, period().iloc[::-1])
    one, two = (read_plans(tmp_path / name)[0] for name in ("one", "two"))

    assert one.fingerprint == two.fingerprint
    assert (one.first_as_of, one.last_as_of, one.n) == ("2023-01-01", "2023-12-31", 365)
    assert "R12" not in (tmp_path / "one").read_text()


@pytest.mark.parametrize("spoil", ["changed", "left out", "put in", "not json"])
def test_list_that_was_tampered_with_is_refused(tmp_path, spoil):
    path = tmp_path / "plans.jsonl"
    for plan in (CP, CARE, CP.tuned(3)):
        note(path, plan)
    lines = path.read_text().splitlines()
    if spoil == "changed":
        lines[1] = lines[1].replace('"capacity":9', '"capacity":8')
    elif spoil == "left out":
        del lines[1]
    elif spoil == "put in":
        lines.insert(1, lines[0])
    else:
        lines[0] = "nonsense"
    path.write_text("\n".join(lines) + "\n")

    with pytest.raises(ArtefactError, match="not as it was written"):
        note(path, CP)


def test_plan_is_noted_before_anything_is_fitted(study, refit, tmp_path):
    """M4: also when the fit then fails."""
    path = tmp_path / "plans.jsonl"
    rare = type(study)(**vars(study))
    rare.labels = study.labels.assign(label=study.labels["label"] * 0)
    with pytest.raises(Exception, match="rarer answer"):
        refit.fit_study(rare, plan=CP, plans_tried=path)

    assert [entry.plan_hash for entry in read_plans(path)] == [CP.hash]


def test_number_is_kept_with_the_model_and_changes_no_hash(study, refit, tmp_path):
    """M4, M6: the count stands in the envelope, the content is the same."""
    from fs_risk.model.artefact import load_model

    quick = BoosterSettings(max_rounds=5)
    path = tmp_path / "plans.jsonl"
    note(path, CARE, period("2024-06-01"), origin="synthetic", label="seed 0")
    plan = Plan(outcome="cp_plan", booster=quick)
    counted = refit.fit_study(study, plan=plan, plans_tried=path)
    alone = refit.fit_study(study, plan=plan)

    assert (counted.plans_tried, alone.plans_tried) == (2, None)
    assert counted.content_hash == alone.content_hash
    folder = counted.save(tmp_path / "model")
    assert load_model(folder).plans_tried == 2
    assert json.loads((folder / "envelope.json").read_text())["plans_tried"] == 2
