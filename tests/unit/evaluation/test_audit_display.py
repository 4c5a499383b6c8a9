"""What an audit shows and says: small numbers hidden, plain words, no grade."""

import re

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import AuditError
from fs_risk.records.disclosure import is_small

HERE = np.array(["W", "B", "A", "O<script>"], dtype=object)


@pytest.fixture(scope="module")
def audit():
    rng = np.random.default_rng(2)
    n = 1_500
    label = (rng.random(n) < 0.15).astype(float)
    groups = pd.DataFrame(
        {
            "ethnicity": rng.choice(HERE, n, p=[0.7, 0.16, 0.12, 0.02]),
            "sex": rng.choice(["F", "M"], n),
        }
    )
    lost = (groups["ethnicity"] == "B") & (label == 1) & (rng.random(n) < 0.85)
    score = 1 / (1 + np.exp(-(rng.normal(size=n) + 2 * label - 4 * lost)))
    return fs.audit_fairness(
        label, score, groups, capacity=0.15, households=np.arange(n) // 2, resamples=200,
        origin="synthetic",
    )  # fmt: skip


def test_no_small_count_can_be_read_from_the_table(audit):
    """A2: 1 to 5 become c, and no rate gives its counts away."""
    table = audit.table
    shown = table[~table["suppressed"]]
    rates = shown[shown["metric"].isin(audit.overall.index)]
    hits = (rates["value"] * rates["of"]).dropna()

    assert not is_small(hits.to_numpy()).any()
    assert not is_small((rates["of"].loc[hits.index] - hits).to_numpy()).any()
    assert not is_small(table["n"].dropna().to_numpy(dtype=float)).any()
    assert not is_small(table["positives"].dropna().to_numpy(dtype=float)).any()
    assert (table.loc[table["suppressed"], "symbol"] == "c").all()


def test_hidden_groups_of_an_attribute_are_never_one_alone(audit):
    """A2: complementary suppression; everyone's figures are shown."""
    rows = audit.table[~audit.table["attribute"].str.contains("&")]
    hidden = rows.groupby(["attribute", "metric"])["suppressed"].sum()

    assert hidden.max() >= 2
    assert not (hidden == 1).any()
    counts = rows.groupby(["attribute", "metric"])["positives"].apply(lambda n: n.isna().sum())
    assert not (counts == 1).any()


def test_hidden_rows_hold_no_figure_but_keep_their_verdict(audit):
    """A2: a gap of a small group is still named."""
    hidden = audit.table[audit.table["suppressed"]]
    numbers = hidden.select_dtypes("number").drop(columns=["n", "positives"])

    assert numbers.isna().all(axis=None)
    assert (hidden.loc[hidden["family"] != "stated", "verdict"] != "").all()


def test_analyst_has_what_publication_hides(audit):
    hidden = audit.table["suppressed"]
    assert audit.full_table.loc[hidden, "n"].notna().all()


def test_planted_gap_is_named_first_and_in_natural_numbers(audit):
    assert "B" in set(audit.gaps["group"])
    text = audit.text()

    assert text.startswith("SYNTHETIC. Audit of one list of 15 % of cases: 1,500 cases.")
    assert re.search(r"Gap shown: ethnicity B", text)


def test_criteria_that_conflict_are_said_and_nothing_is_graded(audit):
    """A3: no single badge; what conflicts with what is said plainly."""
    from fs_risk.evaluation.fairness_page import audit_page

    for text in (audit.text(), audit._repr_html_(), audit_page(audit)):
        assert "cannot all hold at once" in text
        assert "No single figure grades a model" in text
        assert not re.search(r"\b(fair|unfair|unbiased|safe|passed|compliant)\b", text, re.I)


def test_groups_whose_outcomes_differ_conflict_by_name():
    """A3: with unequal rates of the outcome, equal recall means unequal precision."""
    rng = np.random.default_rng(0)
    group = np.where(rng.random(4_000) < 0.5, "A", "B")
    label = (rng.random(4_000) < np.where(group == "A", 0.3, 0.1)).astype(float)
    audit = fs.audit_fairness(
        label, label + rng.normal(size=4_000), pd.Series(group, name="area"), capacity=0.2,
        resamples=20,
    )  # fmt: skip

    assert re.search(
        r"By area the outcome followed for \d+ in 100 \(A\) down to \d+ in 100 \(B\)", audit.text()
    )


def test_what_comes_from_data_is_escaped(audit, tmp_path):
    page = audit.to_html(tmp_path / "audit.html").read_text()

    for text in (page, audit._repr_html_()):
        assert "<script" not in text
        assert "O&lt;script&gt;" in text


def test_page_stands_alone_and_asks_the_dutys_questions(audit, tmp_path):
    page = audit.to_html(tmp_path / "audit.html").read_text()

    assert not re.search(r"<script|<link|<img|(src|href)=[\"']http|@import", page)
    assert "Equality Act 2010" in page
    assert page.count("<svg") == 2
    assert "SYNTHETIC" in page


def test_page_is_the_same_each_time(audit, tmp_path):
    pages = [audit.to_html(tmp_path / name).read_bytes() for name in ("a.html", "b.html")]
    assert pages[0] == pages[1]


def test_plots_draw_only_what_may_be_published(audit):
    hidden = set(audit.table.query("suppressed and metric == 'recall'")["group"])
    ax = audit.plot_gaps("recall")
    names = [label.get_text() for label in ax.get_yticklabels()]

    assert {name.split(": ")[1].removesuffix(" (c)") for name in names if "(c)" in name} == {
        group for group in hidden if "&" not in group
    }
    assert len(audit.plot_metric("precision").get_yticklabels()) == 6
    assert audit.plot_calibration("sex").get_xlabel().startswith("predicted")


@pytest.mark.parametrize(
    ("metric", "share"), [("recall", True), ("calibration_slope", False), ("auc", False)]
)
def test_axes_of_shares_read_as_the_tables_do(audit, metric, share):
    """A gap of four points stands at -4; a slope's gap is no share of anything."""
    gaps, values = audit.plot_gaps(metric), audit.plot_metric(metric)
    written = [ax.xaxis.get_major_formatter()(-0.04, 0) for ax in (gaps, values)]

    assert [each == "−4" for each in written] == [share, share]
    assert ("(points)" in gaps.get_xlabel()) == share
    assert ("(%)" in values.get_xlabel()) == share
    assert ("grey" in gaps.get_xlabel()) == share


def test_measure_that_is_not_there_is_refused_with_the_nearest(audit):
    with pytest.raises(AuditError, match="Did you mean 'recall'"):
        audit.plot_metric("recal")


def test_calibration_by_an_attribute_that_was_not_audited_is_refused(audit):
    with pytest.raises(AuditError, match="Did you mean 'sex'"):
        audit.plot_calibration("sexx")
