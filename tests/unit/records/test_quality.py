"""Item 7: what records hold and lack, on a page without a child's data."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from drawn import authority
from fs_risk.errors import RecordsError
from fs_risk.records.display import observed_text
from fs_risk.records.observed_windows import EARLIEST
from fs_risk.records.quality import counts_by_year, lags, missing_columns, row_ranges
from fs_risk.records.quality_months import _differs, monthly_codes, monthly_events, out_of_line
from fs_risk.records.quality_page import quality_html
from fs_risk.records.records import Records
from fs_risk.records.suppression import drawn_share, rounded, shown_count, shown_share

OBSERVED = {"referrals": ("2020-01-01", "2024-12-31")}


def referrals(per_month, source="6", lag=0):
    """A number of referrals on the days of each month from January 2020 on."""
    months = pd.period_range("2020-01", periods=len(per_month), freq="M")
    days = [
        month.start_time + pd.Timedelta(days=at % 28)
        for month, count in zip(months, per_month, strict=True)
        for at in range(count)
    ]
    frame = pd.DataFrame({"referral_date": days, "source": source})
    frame["referral_id"] = [f"RX{at}" for at in range(len(days))]
    frame["child_id"] = [f"KID{at}" for at in range(len(days))]
    if lag:
        frame["known_date"] = frame["referral_date"] + pd.Timedelta(days=lag)
    return frame


def records_of(frame):
    return Records.from_frames(
        {"referrals": frame},
        extract_date="2024-12-31",
        coverage={"referrals": OBSERVED["referrals"]},
    )


class TestSuppression:
    @given(st.integers(0, 10_000))
    def test_no_count_of_one_to_five_is_shown(self, count):
        shown = shown_count(count)

        assert (shown == "c") == (1 <= count <= 5)
        if shown != "c":
            assert abs(int(shown.replace(",", "")) - count) <= 2

    @given(st.integers(0, 500), st.integers(0, 500))
    def test_a_share_never_gives_a_small_count(self, part, rest):
        shown = shown_share(part, part + rest)

        small = any(1 <= count <= 5 for count in (part, rest))
        assert shown == ("c" if small else "–" if part + rest == 0 else shown)
        drawn = drawn_share(part, part + rest)
        if 1 <= part <= 5 and rest > 5:
            assert drawn == drawn_share(3, 3 + rest)

    @given(st.lists(st.integers(0, 40), min_size=3, max_size=14))
    def test_a_hidden_month_cannot_be_found_from_its_year(self, counts):
        """Any year that shows the same could have had another count in the hidden month."""
        counts = np.array(counts)
        hidden = np.flatnonzero((counts > 0) & (counts <= 5))
        if not len(hidden):
            return
        other = counts.copy()
        other[hidden[0]] = 1 + counts[hidden[0]] % 5
        assert (rounded(other) == rounded(counts)).all()


class TestMonths:
    def test_a_month_that_was_not_exported_is_out_of_line(self):
        counts = np.tile([50, 55, 47, 52], 12)
        counts[20] = 4

        assert np.flatnonzero(out_of_line(counts)).tolist() == [20]
        assert out_of_line(counts)[20] == -1

    def test_a_month_of_typing_up_is_out_of_line(self):
        counts = np.tile([50, 55, 47, 52], 12)
        counts[30] = 160

        assert out_of_line(counts)[30] == 1

    def test_a_school_holiday_is_not_out_of_line(self):
        counts = np.tile([60] * 7 + [20] + [60] * 4, 4)

        assert not out_of_line(counts).any()

    def test_chance_alone_seldom_puts_a_month_out_of_line(self):
        rng = np.random.default_rng(0)
        flagged = [out_of_line(rng.poisson(mean, 96)).astype(bool).mean() for mean in (3, 20, 200)]

        assert max(flagged) < 0.01

    def test_only_whole_observed_months_count(self):
        frame = referrals([10] * 12)
        records = Records.from_frames(
            {"referrals": frame},
            extract_date="2020-11-15",
            coverage={"referrals": ("2020-02-10", "2020-11-15")},
        )
        months = monthly_events(records, "referrals")

        assert (months.months[0], months.months[-1]) == ("2020-03", "2020-10")
        assert months.counts.tolist() == [10] * 8

    def test_counts_by_month_are_those_of_a_plain_count(self, small_authority):
        months = monthly_events(small_authority, "contacts")
        plain = small_authority["contacts"]["contact_date"].dt.strftime("%Y-%m").value_counts()

        assert dict(zip(months.months, months.counts, strict=True)) == {
            month: plain.get(month, 0) for month in months.months
        }


class TestCodes:
    def test_a_code_that_stops_and_one_that_begins_are_named(self):
        frame = referrals([60] * 24)
        late = frame["referral_date"] >= "2021-06-01"
        frame["source"] = np.where(np.arange(len(frame)) % 3 == 0, np.where(late, "5D", "4"), "6")

        changed = dict(monthly_codes(records_of(frame), "referrals", "source").changed)

        assert changed["2021-06"] == "4 stops; 5D begins"
        assert not any(month < "2021-06" for month in changed)

    def test_missing_codes_count_as_a_code(self):
        frame = referrals([60] * 24)
        frame.loc[frame["referral_date"] >= "2021-09-01", "source"] = None

        changed = dict(monthly_codes(records_of(frame), "referrals", "source").changed)

        assert changed["2021-09"] == "6 stops; not given begins"

    def test_steady_codes_are_not_named(self):
        frame = referrals([80] * 36)
        frame["source"] = np.random.default_rng(1).choice(["6", "2A", "3A", "4"], len(frame))

        assert monthly_codes(records_of(frame), "referrals", "source").changed == ()

    def test_difference_agrees_with_the_contingency_test(self):
        rng = np.random.default_rng(2)
        for _ in range(200):
            shares = rng.dirichlet([3, 3, 3])
            before, now = (
                rng.multinomial(400, rng.dirichlet([3, 3, 3])),
                rng.multinomial(60, shares),
            )
            expected = before / before.sum() * now.sum()
            if expected.min() < 5:
                continue
            p = chi2_contingency(np.column_stack([before, now]), correction=False).pvalue
            far = np.abs(before / before.sum() - now / now.sum()).sum() / 2 >= 0.15
            assert _differs(before, now) == bool(p < 1e-4 and far)

    def test_factors_are_dated_by_their_assessment(self, small_authority):
        codes = monthly_codes(small_authority, "factors", "code")
        done = small_authority["assessments"].set_index("assessment_id")["authorised_date"]
        month = small_authority["factors"]["assessment_id"].map(done).dt.strftime("%Y-%m")

        assert codes.counts.sum() == month.isin(codes.months).sum()


class TestFigures:
    def test_missing_cells_are_counted_by_year(self):
        frame = referrals([10] * 24)
        frame.loc[frame["referral_date"] < "2021-01-01", "source"] = None
        by_column = {one.column: one for one in missing_columns(records_of(frame))}

        assert by_column["source"].missing_by_year == {2020: 120, 2021: 0}
        assert by_column["close_date"].may_be_open
        assert not {"referral_id", "child_id", "referral_date", "known_date"} & set(by_column)

    def test_lags_are_measured_only_where_recorded(self):
        recorded = {one.what: one for one in lags(records_of(referrals([10] * 12, lag=9)))}
        ruled = {one.what: one for one in lags(records_of(referrals([10] * 12)))}

        assert (recorded["opening facts"].median, recorded["opening facts"].ninetieth) == (9, 9)
        assert recorded["opening facts"].classes.tolist() == [0, 0, 0, 120, 0, 0]
        assert ruled["opening facts"].recorded == 0
        assert ruled["opening facts"].rule.startswith("by rule")
        assert np.isnan(ruled["opening facts"].median)

    def test_classes_of_lags_end_where_they_say(self):
        for lag, place in [(1, 1), (2, 2), (7, 2), (8, 3), (28, 3), (29, 4), (90, 4), (91, 5)]:
            one = lags(records_of(referrals([40], lag=lag)))[0]
            assert one.classes.argmax() == place

    def test_years_are_counted(self, small_authority):
        plain = small_authority["referrals"]["referral_date"].dt.year.value_counts()

        assert counts_by_year(small_authority, "referrals") == plain.to_dict()

    @given(st.sets(st.integers(1, 60)))
    def test_row_ranges_name_exactly_the_rows(self, rows):
        written = row_ranges(sorted(rows), most=100)
        back = set()
        for part in filter(None, written.split(", ")):
            first, _, last = part.partition("–")
            back |= set(range(int(first), int(last or first) + 1))
        assert back == rows


class TestSummary:
    def test_a_row_for_each_table_with_exact_figures(self):
        frame = referrals([10, 10], lag=3)
        frame.loc[0, "referral_date"] = None
        frame.loc[1, "known_date"] = None
        summary = records_of(frame).summary().loc["referrals"]

        assert (summary["rows"], summary["children"], summary["set_aside"]) == (19, 19, 1)
        assert summary["recorded_clocks"] == pytest.approx(18 / 19)
        assert summary["errors"] == 1
        assert summary["observed_from"] == pd.Timestamp("2020-01-01")

    def test_tables_that_were_not_read_are_not_observed(self):
        summary = records_of(referrals([3])).summary()

        assert summary.loc["contacts", "rows"] == 0
        assert pd.isna(summary.loc["contacts", "observed_from"])


class TestPage:
    def test_no_cell_of_a_child_is_on_the_page(self, tmp_path):
        frame = referrals([70] * 30, lag=2)
        frame.loc[5, "source"] = "Ann Smith, 4 High Street"
        frame["team"] = "<b>Team of J. Jones</b>"
        frame["secret column <script>"] = 1
        records = records_of(frame)
        page = records.quality_report(tmp_path / "quality.html").read_text(encoding="utf-8")

        assert not re.search(r"KID\d|RX\d|Ann Smith|Jones", page)
        assert "<script" not in page
        assert "secret column &lt;script&gt;" in page
        dates = frame["referral_date"].dt.strftime("%Y-%m-%d")
        assert not any(day in page for day in dates.unique())

    def test_page_is_whole_in_itself_and_well_formed(self, small_authority):
        page = quality_html(small_authority)

        assert "http:" not in page
        assert "https:" not in page
        assert not re.search(r"<(script|link|img|iframe|object)|url\(|@import|src=", page)
        assert page.startswith("<!DOCTYPE html>")
        assert "SYNTHETIC" in page
        for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
            drawn = ET.fromstring(svg)
            assert drawn.find("title").text
        assert len(re.findall("<svg", page)) > 20

    def test_every_picture_and_table_hides_small_counts(self):
        page = quality_html(records_of(referrals([3, 40, 2])))
        years = page[page.index("Events by year") : page.index("Findings</h2>")]

        assert ">45<" in years
        assert not re.search(r'number[^>]*">[1-4]<', page)
        same = quality_html(records_of(referrals([4, 40, 1])))
        assert same == page

    def test_a_month_out_of_line_and_its_row_numbers_are_told(self):
        counts = [50] * 30
        counts[12] = 3
        frame = referrals(counts)
        frame["source_row"] = range(2, 2 + len(frame))
        frame.loc[[4, 5, 6, 9], "source"] = "??"
        page = quality_html(records_of(frame))

        assert "out of line 2021-01 (far fewer)" in page
        assert "6–8, 11" in page
        assert "R003" in page

    def test_origin_of_clocks_and_windows_are_told(self):
        """Item 10."""
        page = quality_html(records_of(referrals([50] * 6, lag=1)))

        assert "1 January 2020 to 31 December 2024" in page
        assert "recorded" in page
        assert "unknown rather than absent" in page

    def test_a_table_without_history_is_known_on_a_day_as_everywhere_else(self):
        frame = pd.DataFrame({"child_id": ["A"]})
        day = pd.Timestamp("2024-12-31")
        records = Records.from_frames(
            {"children": frame}, extract_date=day, coverage={"children": (EARLIEST, day)}
        )

        assert "as known on 31 December 2024" in quality_html(records)
        assert observed_text(records.coverage["children"]) == "as known on 2024-12-31"

    def test_records_without_rows_give_a_page(self):
        empty = authority(children="child_id\nA").excluding(["A"])

        assert "No table observes a whole month." in quality_html(empty)

    def test_a_path_that_cannot_be_written_is_refused(self, tmp_path):
        with pytest.raises(RecordsError, match="cannot be written"):
            records_of(referrals([3])).quality_report(tmp_path / "no" / "page.html")
