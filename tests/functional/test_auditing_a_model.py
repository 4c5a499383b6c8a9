"""A model's lists audited by group, from records to page."""

import io

import numpy as np
import pytest

import fs_risk as fs
from fs_risk.errors import AuditError


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(scope="module")
def audit(small_model, small_authority):
    return fs.audit_step_up(small_model, small_authority, resamples=100)


def test_every_attribute_and_pair_of_the_law_is_there(audit):
    """A1: sex, ethnicity, age band, disability and pairs, at the plan's capacity."""
    slots = set(audit.audited.groups.slots)

    assert {"sex", "ethnicity", "ethnicity_18", "age_band", "disability"} <= slots
    assert {"sex & ethnicity", "ethnicity & age_band", "sex & disability"} <= slots
    assert "ethnicity & ethnicity_18" not in slots


def test_groups_of_many_codes_are_explored_only(audit):
    primary = set(audit.primary["attribute"])
    assert "ethnicity" in primary
    assert not {"ethnicity_18", "unaccompanied"} & primary


def test_list_is_that_of_the_report(audit, small_model, small_authority):
    report = fs.evaluate_step_up(small_model, small_authority, resamples=100)

    for metric in ("precision", "recall"):
        assert audit.overall[metric] == pytest.approx(report[f"{metric}_at_capacity"])


def test_capacity_and_attributes_can_be_chosen(small_model, small_authority):
    audit = fs.audit_step_up(
        small_model, small_authority, attributes=["sex"], capacity=0.5, resamples=100
    )
    assert set(audit.table["attribute"]) == {"sex"}
    assert audit.overall["selection_rate"] == pytest.approx(0.5)


def test_attribute_that_is_not_known_is_refused(small_model, small_authority):
    with pytest.raises(AuditError, match="1 of 1 attribute is not known"):
        fs.audit_step_up(small_model, small_authority, attributes=["religion"], resamples=100)


def test_same_records_give_the_same_audit(audit, small_model, small_authority):
    """M6: deterministic."""
    again = fs.audit_step_up(small_model, small_authority, resamples=100)
    numbers = audit.full_table.select_dtypes("number").to_numpy(dtype=float)

    assert np.array_equal(
        numbers, again.full_table.select_dtypes("number").to_numpy(dtype=float), equal_nan=True
    )
    assert audit.text().startswith("SYNTHETIC.")


@pytest.mark.parametrize("progress", [True, False])
def test_progress_is_shown_in_a_terminal_where_it_is_asked_for(
    progress, small_model, small_authority, monkeypatch
):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    fs.audit_step_up(
        small_model, small_authority, attributes=["sex"], resamples=50, progress=progress
    )

    assert ("resamples: 100%" in terminal.getvalue()) == progress
