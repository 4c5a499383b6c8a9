"""What a score was made from is written and read without losing a bit."""

import json
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fs_risk.features.evidence import Evidence
from fs_risk.model.canonical import canonical_json
from fs_risk.triage.basis import Basis
from fs_risk.triage.referral import Referral

REFERRAL = Referral(referral_id="R1", child_id="A", referral_date=date(2024, 3, 5), source="6")
DAYS = st.dates(date(1990, 1, 1), date(2030, 1, 1))
FACTS = st.builds(
    Evidence, st.sampled_from(["contacts", "cp_plan"]), DAYS, DAYS,
    st.sampled_from(["child", "siblings"]),
)  # fmt: skip


def bits(values):
    """The bits of a row, every missing value being one."""
    return np.where(np.isnan(values), np.float32(np.nan), values).view(np.uint32).tolist()


@given(
    values=hnp.arrays(np.float32, st.integers(1, 20), elements=st.floats(width=32)),
    facts=st.dictionaries(st.text(min_size=1), st.lists(FACTS, max_size=3).map(tuple), max_size=3),
    extract=DAYS,
)
def test_row_and_facts_survive_json(values, facts, extract):
    names = tuple(f"f{place}" for place in range(values.size))
    basis = Basis(REFERRAL, None, values, extract, study=False, facts=facts)

    again = Basis.from_content(json.loads(canonical_json(basis.content(names))), names)

    assert bits(again.values) == bits(values)
    assert again.values.dtype == np.float32
    assert again.facts == facts
    assert (again.referral, again.code, again.extract_date) == (REFERRAL, None, extract)


def test_code_has_no_row():
    basis = Basis(REFERRAL, "PERSON_NOW", None, date(2024, 1, 1), study=False)

    again = Basis.from_content(basis.content(("f",)), ("f",))

    assert (again.code, again.values) == ("PERSON_NOW", None)
