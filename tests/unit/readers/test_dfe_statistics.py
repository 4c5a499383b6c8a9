"""Published tables become demand series; what was suppressed stays missing."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import ReturnError, SettingError
from fs_risk.readers.dfe_statistics import (
    MONTHS,
    read_dfe_annual,
    read_dfe_referrals_by_month,
)

PLACES = (
    ("National", "E92000001", "England", "", "", "", ""),
    ("Regional", "E92000001", "England", "E12000001", "North East", "", ""),
    ("Local authority", "E92000001", "England", "E12000001", "North East", "E1", "Aford"),
    ("Local authority", "E92000001", "England", "E12000001", "North East", "E2", "Beham"),
)
ABOUT = ["geographic_level", "country_code", "country_name", "region_code", "region_name",
         "new_la_code", "la_name"]  # fmt: skip


@pytest.fixture
def monthly(tmp_path):
    rows = [(str(year), *place, *range(year - 2000, year - 1988)) for year in (2023, 2024)
            for place in PLACES]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["time_period", *ABOUT, *MONTHS]).astype(str)
    frame.loc[2, "May"] = "c"
    path = tmp_path / "c6.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def annual(tmp_path):
    frame = pd.DataFrame(
        {
            "time_period": [2023, 2024, 2023, 2024],
            "new_la_code": ["E1", "E1", "E2", "E2"],
            "la_name": ["Aford", "Aford", "Beham", "Beham"],
            "region_name": "North East",
            "referral_count": [100.0, 110.0, None, None],
            "CPP_At31": [10.0, None, 20.0, 21.0],
            "population_estimate": [5000.0, 5100.0, 7000.0, 7100.0],
        }
    )
    path = tmp_path / "annual.csv"
    frame.to_csv(path, index=False)
    return path


class TestByMonth:
    def test_reporting_year_runs_from_april_to_march(self, monthly):
        series = read_dfe_referrals_by_month(monthly).query("unique_id == 'E2'")

        assert series["ds"].iloc[0] == pd.Timestamp("2022-04-01")
        assert series["ds"].iloc[-1] == pd.Timestamp("2024-03-01")
        assert series["y"].tolist() == [*range(23, 35), *range(24, 36)]

    def test_suppressed_is_missing_not_nought(self, monthly):
        series = read_dfe_referrals_by_month(monthly).query("unique_id == 'E1'")

        assert series["y"].isna().tolist() == [False, True, *[False] * 22]

    def test_columns_and_types(self, monthly):
        series = read_dfe_referrals_by_month(monthly)

        assert list(series)[:3] == ["unique_id", "ds", "y"]
        assert str(series["ds"].dtype) == "datetime64[s]"
        assert set(series["measure"]) == {"referrals"}
        assert set(series["name"]) == {"Aford", "Beham"}

    @pytest.mark.parametrize(
        ("level", "code"), [("region", "E12000001"), ("national", "E92000001")]
    )
    def test_other_levels(self, monthly, level, code):
        series = read_dfe_referrals_by_month(monthly, level=level)

        assert series["unique_id"].unique().tolist() == [code]

    def test_another_table_is_refused(self, annual):
        with pytest.raises(ReturnError, match="no column 'April', and 11 more"):
            read_dfe_referrals_by_month(annual)

    def test_another_level_is_refused(self, monthly):
        with pytest.raises(SettingError, match="level='ward' is not possible"):
            read_dfe_referrals_by_month(monthly, level="ward")


class TestAnnual:
    def test_every_measure_with_numbers_is_a_series(self, annual):
        series = read_dfe_annual(annual)

        assert set(series["unique_id"]) == {
            "referral_count|E1", "CPP_At31|E1", "CPP_At31|E2",
            "population_estimate|E1", "population_estimate|E2",
        }  # fmt: skip
        assert series["ds"].dt.strftime("%m-%d").eq("04-01").all()

    def test_size_is_the_first_population_published(self, annual):
        series = read_dfe_annual(annual, measures=["CPP_At31"])

        assert series.groupby("unique_id")["size"].unique().str[0].tolist() == [5000.0, 7000.0]
        assert set(series["kind"]) == {"stock"}

    def test_unknown_measure(self, annual):
        with pytest.raises(ReturnError, match=r"no column 'CPP_at31'. Did you mean 'CPP_At31'"):
            read_dfe_annual(annual, measures=["CPP_at31"])

    def test_row_without_a_year(self, annual):
        annual.write_text(annual.read_text().replace("2024,E1", "later,E1"))
        with pytest.raises(ReturnError, match="1 without a year"):
            read_dfe_annual(annual)


@pytest.mark.samples
def test_published_months_are_those_of_129_whole_authorities(samples):
    """The published file itself, where it is at hand."""
    path = samples / "published" / "c6_children_in_need_referrals_by_month_2013_to_2024.csv"
    series = read_dfe_referrals_by_month(path)
    months = series.groupby("unique_id")["y"].count()

    assert (months == 144).sum() == 129
    assert np.isfinite(series["y"]).sum() > 20_000
    england = read_dfe_referrals_by_month(path, level="national").set_index("ds")["y"]
    assert england["2023-04-01"] == 43_340
