import re

import pytest

from fs_risk.errors import FeatureError
from fs_risk.features.catalogue import CATALOGUE, feature_catalogue
from fs_risk.features.streams import STREAMS, Stream

PROTECTED = {"sex", "ethnicity", "disability", "religion", "nationality"}
NEVER_FACTORS = {"9A", "22A", "23A"}


@pytest.mark.parametrize("spec", CATALOGUE, ids=lambda spec: spec.name)
class TestEveryFeature:
    def test_is_said_in_words_in_all_three_cases(self, spec):
        """E3: plain English present, absent and not recorded."""
        said = [spec.say(2.0), spec.say(0.0), spec.say(float("nan"))]

        assert all(said)
        assert len(set(said)) == 3
        assert "{" not in "".join(said)

    def test_has_a_limited_look_back(self, spec):
        """F2: no unlimited history."""
        assert 0 <= spec.window_days <= 1_825

    def test_name_says_its_window(self, spec):
        in_name = re.search(r"_(\d+)d$", spec.name)

        assert in_name is None or int(in_name[1]) == spec.window_days

    def test_sensitive_feature_states_why_it_is_needed(self, spec):
        assert bool(spec.sensitivity) == bool(spec.necessity)

    def test_is_never_a_protected_attribute_or_excluded_factor(self, spec):
        """F6: sex, ethnicity, disability and factors 9A, 22A, 23A never enter X."""
        factors = set(getattr(spec.measure, "factors", ()))
        stream = getattr(spec.measure, "stream", "")
        factors |= set(STREAMS[stream].factors) if stream else set()

        assert not factors & NEVER_FACTORS
        assert not PROTECTED & set(spec.name.split("_"))

    def test_being_subjected_to_domestic_abuse_is_never_monotone(self, spec):
        assert not (spec.monotone and "domestic_abuse" in spec.name)

    def test_words_never_foretell_or_grade(self, spec):
        """G10: no "will", no "low risk"."""
        words = " ".join([spec.present, spec.absent, spec.missing, spec.meaning]).lower()

        assert not re.search(r"\bwill\b|low risk|unsafe|predict", words)


def test_definitions_have_distinct_digests():
    assert feature_catalogue()["definition"].is_unique


@pytest.mark.parametrize(
    "stream",
    [
        Stream("referrals", "referral_date", column="no_further_action", values=("True",)),
        Stream("referrals", "close_date"),
        Stream("referrals", "referral_date", column="primary_need", values=("N1",)),
        Stream("cp_plans", "start_date", "end_known_date", "latest_category", ("NEG",)),
        Stream("assessments", "start_date", factors=("1B",)),
        Stream("referrals", "no_such_date"),
    ],
)
def test_stream_that_reads_a_column_before_it_is_known_is_refused(stream):
    with pytest.raises(FeatureError, match=r"before it is known|not known yet|does not have"):
        stream.check("planted")
