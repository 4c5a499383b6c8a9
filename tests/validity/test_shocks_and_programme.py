"""Shocks and the programme's effect change the world, and its truth exactly with it."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.outcomes.cohorts import referral_cohort
from fs_risk.outcomes.labels import label_outcome
from fs_risk.synthetic.authority import make_authority
from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.hazards import make_hazards
from fs_risk.synthetic.parameters import load_parameters
from fs_risk.synthetic.programme import TRIO_CLASSES, with_programme
from fs_risk.synthetic.states import CLASSES
from fs_risk.synthetic.truth import Oracle, Situations

pytestmark = pytest.mark.slow

SIZE = {"children": 30_000, "years": 7, "seed": 5}
SETTINGS = {
    "covid and threshold": {"shocks": {"covid": 3, "threshold": 0.6}},
    "programme": {"programme_effect": 0.5},
}


@pytest.fixture(scope="module", params=SETTINGS)
def changed(request):
    return make_authority(**SIZE, **SETTINGS[request.param])


@pytest.mark.parametrize("outcome", ["cp_plan", "step_up"])
def test_outcomes_occur_as_often_as_the_changed_truth_says(changed, outcome):
    truth = changed.truth["referrals"].set_index("referral_id")[f"prob_{outcome}_365"]
    cohort = referral_cohort(changed)
    label = label_outcome(changed, cohort, outcome=outcome, within_days=365)["label"]
    rows = pd.DataFrame(
        {"label": label, "chance": truth.reindex(cohort["case_id"]).to_numpy()}
    ).dropna()
    family = changed["family_links"].drop_duplicates("child_id").set_index("child_id")["family_id"]
    surprise = (rows["label"] - rows["chance"]).groupby(
        family.reindex(cohort.loc[rows.index, "child_id"]).to_numpy()
    )
    away = surprise.sum()

    assert abs(away.sum()) < 3.3 * np.sqrt((away**2).sum())
    assert len(rows) > 5_000


def test_the_programme_lowers_the_chance_of_eligible_families_only():
    """The same children of every class, with and without the effect."""
    parameters = load_parameters()
    calendar = Calendar(2015, 4, parameters)
    many = np.ones(len(CLASSES), dtype=np.int64)
    alike = Situations(
        family_class=np.arange(len(CLASSES)),
        phase=2 * many,
        previous=0 * many,
        deprived=many,
        step=15 * many,
        day=(calendar.starts[15] + 3) * many,
        birth_step=-20 * many,
        exit_step=214 * many,
        lone=many > 0,
    )
    hazards = make_hazards(parameters)
    plain, helped = (
        Oracle(each, calendar, parameters).probabilities(alike, "step_up", (365,))[:, 0]
        for each in (hazards, with_programme(hazards, 0.5))
    )
    eligible = np.isin(CLASSES, TRIO_CLASSES)

    assert (helped[eligible] < 0.95 * plain[eligible]).all()
    assert np.allclose(helped[~eligible], plain[~eligible])
