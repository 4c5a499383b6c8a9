"""A sentence with a count says one child, and two children."""

from collections import Counter
from datetime import date

import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.cli.texts import check_text, children_text
from fs_risk.model.columns import laid_out
from fs_risk.records.counts_in_words import count_of, out_of
from fs_risk.records.html_templates import filled
from fs_risk.records.records import Records
from fs_risk.triage.list_overdue import list_day
from fs_risk.triage.referral import as_referral


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 children"), (1, "1 child"), (2, "2 children"), (1_200, "1,200 children")],
)
def test_noun_agrees_with_its_count(count, said):
    assert count_of(count, "child", "children") == said


def test_verb_comes_with_the_noun():
    assert count_of(1, "score is", "scores are") == "1 score is"
    assert count_of(3, "score is", "scores are") == "3 scores are"


def test_count_out_of_a_whole_has_the_noun_of_all_and_the_verb_of_those_counted():
    assert out_of(1, 5, "row", does="has", do="have") == "1 of 5 rows has"
    assert out_of(1, 1, "row") == "1 of 1 row is"
    assert out_of(1_000, 2_000, "entry", "entries") == "1,000 of 2,000 entries are"


def undated():
    cohort = pd.DataFrame({"case_id": ["1"], "child_id": ["A"], "as_of": [pd.NaT]})
    fs.build_features(Records.from_frames({}, extract_date="2024-04-15"), cohort)


def listed_before():
    referral = {"referral_id": "R1", "child_id": "A", "referral_date": "2024-03-05"}
    list_day([as_referral(referral)], date(2024, 1, 1))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (undated, "1 of 1 case has no child or no date"),
        (listed_before, "1 of 1 referral is of a day after"),
        (lambda: laid_out(pd.DataFrame({"a": [1.0]}), ("a", "b")), "1 feature is missing, 0 are"),
        (lambda: laid_out(pd.DataFrame({"a": ["x"]}), ("a",)), "1 of 1 feature does not hold"),
    ],
)
def test_error_about_one_speaks_of_one(asked, said):
    with pytest.raises(fs.FsRiskError, match=said):
        asked()


def test_templates_have_it_as_a_filter(tmp_path):
    (tmp_path / "page.html.j2").write_text('{{ n | count_of("card") }}', encoding="utf-8")
    assert filled(tmp_path, "page.html.j2", {"n": 1}) == "1 card"


@pytest.fixture
def one_referral():
    """One referral, of one child, in a table with one column too many."""
    referrals = pd.DataFrame(
        {"referral_id": ["1"], "child_id": ["A"], "referral_date": [pd.Timestamp("2024-01-10")],
         "extra": ["x"]}
    )  # fmt: skip
    return Records.from_frames({"referrals": referrals}, extract_date="2024-04-15")


def test_check_of_one_referral_speaks_of_one(one_referral):
    said = check_text(one_referral)
    counted = Counter(one_referral.problems["severity"])

    assert "1 column is not part of table referrals: extra." in said
    assert "0 rows set aside. " in said
    assert "1 referral, 0 child protection plans" in children_text(one_referral)
    assert " 1 notes" not in said
    assert count_of(counted["note"], "note") in said
    assert f"{count_of(len(one_referral.findings), 'finding')}>" in repr(one_referral)
