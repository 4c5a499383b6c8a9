"""Who gets no score: rates by group, a gap that was planted, and what may be published."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, fisher_exact

import fs_risk as fs
from fs_risk.errors import AuditError
from fs_risk.evaluation.abstention import ANY, audit_abstentions
from fs_risk.evaluation.certainty import rates_of_abstention

CODES = ("PERSON_NOW", "RESTRICTED", "NOT_APPROVED", "OUT_OF_SCOPE", "STALE_EXTRACT",
         "NOT_OBSERVED")  # fmt: skip


def drawn(rates, n=400, seed=0):
    """Cases of some groups, and how often each has no score."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(list(rates), n)
    none = rng.random(groups.size) < np.repeat(list(rates.values()), n)
    code = np.where(none, rng.choice(["NOT_OBSERVED", "OUT_OF_SCOPE"], groups.size), None)
    return pd.DataFrame({"code": code}), pd.DataFrame({"ethnicity": groups})


class TestPlanted:
    def test_group_that_gets_no_score_more_often_is_found(self):
        """M3, A4: with the size of the gap and its interval."""
        asked, groups = drawn({"one": 0.05, "two": 0.05, "three": 0.16})
        found = audit_abstentions(asked, groups=groups)
        rows = found[found["code"] == ANY].set_index("group")

        assert rows.loc["three", "verdict"] == "gap shown"
        assert rows.loc["three", "difference_low"] > 0
        assert 0.07 < rows.loc["three", "difference"] < 0.15
        assert rows.loc["three", "share"] > rows.loc["three", "rest"]

    def test_gap_in_one_code_alone_is_found(self):
        asked, groups = drawn({"one": 0.2, "two": 0.2}, n=500)
        mine = (groups["ethnicity"] == "two").to_numpy() & asked["code"].notna().to_numpy()
        asked.loc[mine, "code"] = "NOT_OBSERVED"
        found = audit_abstentions(asked, groups=groups).set_index(["code", "group"])

        assert found.loc[("NOT_OBSERVED", "two"), "verdict"] == "gap shown"
        assert found.loc[(ANY, "two"), "verdict"].startswith("no gap shown")

    def test_alarms_are_few_where_there_is_none(self):
        """At most about one audit in twenty, by Holm's procedure."""
        alarms = 0
        for seed in range(25):
            asked, groups = drawn(dict.fromkeys("abcde", 0.1), n=120, seed=seed)
            found = audit_abstentions(asked.assign(code=asked["code"].mask(
                asked["code"].notna(), "NOT_OBSERVED")), groups=groups)  # fmt: skip
            alarms += (found.loc[found["code"] == ANY, "verdict"] == "gap shown").any()
        assert alarms <= 4

    def test_missing_group_is_a_group_of_its_own(self):
        """A4."""
        asked, groups = drawn({"one": 0.1, "two": 0.1})
        groups.loc[:99, "ethnicity"] = None

        assert "missing" in set(audit_abstentions(asked, groups=groups)["group"])


class TestFigures:
    def test_shares_and_intervals_are_those_of_the_counts(self):
        asked, groups = drawn({"one": 0.3, "two": 0.2})
        none = asked["code"].notna()
        found = audit_abstentions(asked, groups=groups)
        rows = found[found["code"] == ANY].set_index("group")
        for group in ("one", "two"):
            mine = none[groups["ethnicity"] == group]
            wilson = binomtest(int(mine.sum()), len(mine)).proportion_ci(method="wilson")
            assert rows.loc[group, "share"] == pytest.approx(mine.mean(), abs=0.006)
            assert rows.loc[group, "low"] == pytest.approx(wilson.low, abs=0.006)
            assert rows.loc[group, "high"] == pytest.approx(wilson.high, abs=0.006)
            assert rows.loc[group, "cases"] == 400
        table = pd.crosstab(groups["ethnicity"], none)
        assert rows["adjusted_p"].min() >= fisher_exact(table).pvalue - 1e-12

    def test_every_code_has_its_rows(self):
        asked = pd.DataFrame({"code": np.repeat([*CODES, None], 40)})
        groups = pd.DataFrame({"age": np.tile(["under 1", "1 to 4"], 140)})
        found = audit_abstentions(asked, groups=groups)

        assert set(found["code"]) == {ANY, *CODES}
        everyone = found[found["attribute"] == "all"].set_index("code")["without_score"]
        assert everyone.loc[list(CODES)].to_list() == [40] * 6
        assert everyone[ANY] == 240

    def test_children_of_one_household_count_as_one_voice(self, small_authority):
        """Half the cases silent together, family by family: wider than if each were apart."""
        links = small_authority["family_links"]
        large = links.groupby("family_id")["child_id"].transform("size") >= 3
        links = links[large].sort_values("family_id").head(300)
        silent = pd.factorize(links["family_id"])[0] % 2 == 0
        asked = pd.DataFrame(
            {"child_id": links["child_id"].array, "as_of": small_authority.extract_date,
             "code": np.where(silent, "NOT_OBSERVED", None)}
        )  # fmt: skip
        apart = asked.assign(child_id=[f"x{place}" for place in range(len(asked))])
        groups = pd.DataFrame({"half": np.arange(len(asked)) % 2}, index=asked.index)
        widths = [
            (rows["high"] - rows["low"]).iloc[0]
            for rows in (
                audit_abstentions(asked, records=small_authority, groups=groups),
                audit_abstentions(apart, groups=groups),
            )
        ]
        assert widths[0] > widths[1]


class TestPublished:
    def test_small_counts_are_hidden_and_the_rest_rounded(self):
        """A2: what a hidden count could be worked out from is hidden or rounded too."""
        asked = pd.DataFrame({"code": ["NOT_OBSERVED"] * 3 + [None] * 197})
        groups = pd.DataFrame({"team": ["a"] * 100 + ["b"] * 96 + ["c"] * 4})
        found = audit_abstentions(asked, groups=groups)
        rows = found[found["code"] == ANY].set_index("group")

        assert rows["without_score"].isna()[["all", "a"]].all()
        assert rows["suppressed"].to_dict() == {"all": True, "a": True, "b": False, "c": True}
        assert rows.loc["a", ["share", "low", "high", "rest", "adjusted_p"]].isna().all()
        assert pd.isna(rows.loc["c", "cases"])
        assert (found["cases"].dropna() % 5 == 0).all()

    def test_group_too_small_to_compare_is_said_to_be(self):
        asked, groups = drawn({"one": 0.2, "two": 0.2})
        groups.loc[:14, "ethnicity"] = "few"
        found = audit_abstentions(asked, groups=groups).set_index(["code", "group"])

        assert found.loc[(ANY, "few"), "verdict"] == "not enough evidence"


class TestFrontDoor:
    @pytest.fixture(scope="class")
    @classmethod
    def asked(cls, small_authority, small_model):
        since = small_authority.extract_date - pd.Timedelta(days=365)
        return fs.front_door_codes(small_authority, model=small_model, since=since)

    def test_codes_are_those_of_single_scores(self, asked, small_authority, small_model):
        """G1."""
        assert asked["code"].notna().any()
        for row in asked.iloc[::40].itertuples():
            of_child = small_authority["children"].set_index("child_id").loc[row.child_id]
            born = of_child["birth_date"] <= row.as_of
            made = fs.score_referral(
                {
                    "referral_id": row.case_id, "child_id": row.child_id,
                    "referral_date": row.as_of, "source": row.source,
                    "birth_date": of_child["birth_date"] if born else None,
                    "expected_birth_date": of_child["expected_birth_date"],
                },
                records=small_authority, model=small_model,
            )  # fmt: skip
            assert made.code == (None if pd.isna(row.code) else row.code)

    def test_disparity_planted_in_the_records_is_found(self, asked, small_authority):
        """M3: by ethnicity, looked up in the records and never a feature."""
        child = small_authority["children"].set_index("child_id")["ethnicity"]
        white = asked["child_id"].map(child).eq("WBRI").to_numpy()
        planted = asked.assign(
            code=asked["code"].mask(white & (np.arange(len(asked)) % 4 == 0), "NOT_OBSERVED")
        )
        rows = audit_abstentions(planted, records=small_authority)
        rows = rows[(rows["code"] == "NOT_OBSERVED") & (rows["attribute"] == "ethnicity")]

        assert rows.set_index("group").loc["White", "verdict"] == "gap shown"
        assert rows.set_index("group").loc["White", "difference"] > 0

    def test_age_ethnicity_and_source_are_looked_at(self, asked, small_authority):
        found = audit_abstentions(asked, records=small_authority)

        assert set(found["attribute"]) == {"all", "age_band", "ethnicity", "source"}
        assert "police" in set(found["group"])
        sizes = found[(found["attribute"] == "source") & (found["code"] == ANY)]["cases"]
        assert abs(sizes.sum() - len(asked)) <= 5 * len(sizes)

    def test_list_can_be_audited(self, asked, small_authority, small_model):
        """Reachable from what `prioritise` gives."""
        referrals = [
            {"referral_id": row.case_id, "child_id": row.child_id, "referral_date": row.as_of,
             "source": row.source}
            for row in asked.tail(60).itertuples()
        ]  # fmt: skip
        ranked = fs.prioritise(
            referrals, records=small_authority, model=small_model, capacity=9,
            purpose="second_read",
        )  # fmt: skip
        found = audit_abstentions(ranked.table, records=small_authority)

        none = int(ranked.table["code"].notna().sum())
        row = found[(found["attribute"] == "all") & (found["code"] == ANY)].iloc[0]
        assert pd.isna(row["without_score"]) == (1 <= none <= 5)
        assert row["cases"] == 60

    def test_days_without_a_referral_are_refused(self, small_authority, small_model):
        late = small_authority.extract_date + pd.Timedelta(days=9)
        with pytest.raises(fs.FsRiskError, match="no referral in that time"):
            fs.front_door_codes(small_authority, model=small_model, since=late)


@pytest.mark.parametrize(
    ("asked", "more", "match"),
    [
        (pd.DataFrame({"score": [1]}), {"groups": pd.DataFrame({"a": [1]})}, "nobody to compare"),
        (pd.DataFrame({"code": []}), {"groups": pd.DataFrame()}, "nobody to compare"),
        (pd.DataFrame({"code": ["X"]}), {}, "nobody to compare"),
        (pd.DataFrame({"code": ["X"]}), {"groups": pd.DataFrame({"a": [1]}, index=[7])},
         "do not have the same index"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(asked, more, match):
    with pytest.raises(AuditError, match=match):
        audit_abstentions(asked, **more)


def test_study_output_names_nobody_and_needs_groups(small_authority):
    asked = pd.DataFrame({"code": ["X"], "child_id": [None], "as_of": [pd.Timestamp("2024-01-01")]})
    with pytest.raises(AuditError, match="name no child"):
        audit_abstentions(asked, records=small_authority)


def test_report_gives_rates_by_ethnicity_too(fitted, study):
    """M3: beside age and source."""
    X = study.X[:300]
    ethnicity = pd.Series(np.resize(["White", "Asian"], 300), index=X.index)
    rates = rates_of_abstention(fitted, X, ethnicity)

    assert {(rate.attribute, rate.group) for rate in rates} >= {
        ("ethnicity", "White"), ("ethnicity", "Asian"),
    }  # fmt: skip
