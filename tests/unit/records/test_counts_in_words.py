"""A sentence with a count says one child, and two children."""

from collections import Counter

import pandas as pd
import pytest

from fs_risk.cli.texts import check_text, children_text
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.html_templates import filled
from fs_risk.records.records import Records


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 children"), (1, "1 child"), (2, "2 children"), (1_200, "1,200 children")],
)
def test_noun_agrees_with_its_count(count, said):
    assert count_of(count, "child", "children") == said


def test_verb_comes_with_the_noun():
    assert count_of(1, "score is", "scores are") == "1 score is"
    assert count_of(3, "score is", "scores are") == "3 scores are"


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
