"""Each concept by example: a history drawn in a few lines, a day, and what is then known.

`docs/features.md` is written from this page; `test_concepts.py` holds the library to it.
"""

from dataclasses import dataclass
from types import MappingProxyType

from drawn import authority, case
from fs_risk.features.build import build_features
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.records.records import Records

NOT_KNOWN = None


@dataclass(frozen=True)
class Example:
    """A concept shown on a drawn history.

    Attributes
    ----------
    concept : str
    story : str
        What the drawing shows, in a sentence or two.
    tables : dict of str to str
        Drawn tables.
    as_of : str
    values : dict of str to float or None
        What each feature is on that day; None: missing.
    case_id : str
        The referral the case is named for.
    """

    concept: str
    story: str
    tables: dict[str, str]
    as_of: str
    values: dict[str, float | None]
    case_id: str = "case"

    @property
    def records(self) -> Records:
        """The drawn authority."""
        return authority(**self.tables)

    def found(self) -> dict[str, float]:
        """Build the features of the example."""
        row = build_features(self.records, case("A", self.as_of, self.case_id)).iloc[0]
        return {name: float(row[name]) for name in self.values}


LINKS = "child_id | family_id\nA | F\nB | F"

EXAMPLES = (
    Example(
        "Contacts with the front door",
        "The police make contact twice, a school once. The contact of 28 February was only typed "
        "up on 6 March, so on 5 March nobody could have known of it. The contact of the day "
        "itself is left out.",
        {
            "contacts": """
contact_id | child_id | contact_date | known_date | source | outcome
1          | A        | 2023-12-20   | 2023-12-20 | 6      | no_further_action
2          | A        | 2024-02-20   | 2024-02-20 | 2A     | information
3          | A        | 2024-02-28   | 2024-03-06 | 6      | information
4          | A        | 2024-03-01   | 2024-03-01 | 6      | referral
5          | A        | 2024-03-05   | 2024-03-05 | 6      | referral
""",
            "referrals": "referral_id | child_id | referral_date\nR | A | 2024-02-01",
        },
        "2024-03-05",
        {
            "child_contacts_30d": 2,
            "child_contacts_365d": 3,
            "child_contacts_police_365d": 2,
            "child_contacts_not_referred_365d": 2,
            "child_contacts_since_referral_365d": 2,
            "child_contact_sources_365d": 2,
            "child_contact_sources_returning_365d": 1,
            "child_contacts_police_again_365d": 1,
            "child_contacts_change_180d": 3,
            "child_contacts_mean_gap_730d": 36,
            "child_contacts_longest_gap_1095d": 62,
            "child_days_since_contacts_1095d": 4,
        },
    ),
    Example(
        "Earlier referrals",
        "A first referral was taken up and closed; a second came 63 days later and was a repeat; "
        "a third came to nothing.",
        {
            "referrals": """
referral_id | child_id | referral_date | no_further_action | close_date | close_reason
1           | A        | 2022-01-10    | no                | 2022-03-10 | RC8
2           | A        | 2022-05-12    | no                | 2022-09-01 | RC7
3           | A        | 2023-04-03    | yes               | -          | -
""",
            "early_help": "early_help_id | child_id | start_date\n1 | Z | 2020-01-01",
        },
        "2023-06-01",
        {
            "child_referrals_365d": 1,
            "child_referrals_1095d": 3,
            "child_referrals_nfa_365d": 1,
            "child_referrals_nfa_run_1095d": 1,
            "child_referrals_again_1095d": 2,
            "child_referrals_after_closure_1095d": 2,
            "child_referrals_soon_after_closure_1095d": 1,
            "child_closures_after_assessment_730d": 1,
            "child_days_since_referral_closures_1095d": 273,
            "child_episode_open": 0,
            "child_episode_days_1095d": 171,
        },
    ),
    Example(
        "How far earlier work went",
        "Two years ago the work ended with a referral; last year it went on to a child protection "
        "plan.",
        {
            "referrals": """
referral_id | child_id | referral_date | no_further_action | decision_date
1           | A        | 2022-02-01    | yes               | 2022-02-02
2           | A        | 2023-08-01    | no                | 2023-08-02
""",
            "section47": "section47_id | child_id | start_date\n1 | A | 2023-08-10",
            "cp_plans": "cp_plan_id | child_id | start_date\n1 | A | 2023-08-25",
            "pre_proceedings": "pre_proceedings_id | child_id | start_date\n1 | Z | 2020-01-01",
            "care_periods": "care_period_id | child_id | start_date\n1 | Z | 2020-01-01",
        },
        "2024-03-01",
        {
            "child_furthest_step_365d": 4,
            "child_furthest_step_1825d": 4,
            "child_step_change_1095d": 3,
        },
    ),
    Example(
        "Assessments and enquiries",
        "One assessment was authorised after 45 working days, another has been open since "
        "December. A section 47 enquiry needed no conference.",
        {
            "assessments": """
assessment_id | child_id | start_date | authorised_date
1             | A        | 2023-03-01 | 2023-06-30
2             | A        | 2023-12-01 | -
""",
            "section47": """
section47_id | child_id | start_date | end_date   | conference_needed
1            | A        | 2023-03-05 | 2023-03-20 | no
""",
            "conferences": """
conference_id | child_id | conference_date | target_date
1             | A        | 2022-05-20      | 2022-05-16
""",
        },
        "2024-03-01",
        {
            "child_assessments_365d": 1,
            "child_assessments_late_1095d": 1,
            "child_assessment_open": 1,
            "child_assessment_open_days": 91,
            "child_assessment_overdue": 1,
            "child_section47_no_conference_1095d": 1,
            "child_section47_open": 0,
            "child_conferences_late_1095d": 1,
        },
    ),
    Example(
        "Child protection plans",
        "A plan for neglect ended; another for emotional abuse began within two years and is open. "
        "That its end was planned is not yet known.",
        {
            "cp_plans": """
cp_plan_id | child_id | start_date | end_date   | end_known_date | initial_category
1          | A        | 2021-06-01 | 2022-03-01 | 2022-03-01     | NEG
2          | A        | 2023-09-01 | 2024-02-01 | 2024-03-20     | EMO
""",
        },
        "2024-03-01",
        {
            "child_cp_plan_starts_1825d": 2,
            "child_cp_plan_starts_neglect_1825d": 1,
            "child_cp_plan_categories_1825d": 2,
            "child_cp_plans_repeated_1825d": 1,
            "child_cp_plan_open": 1,
            "child_cp_plan_open_days": 182,
            "child_cp_plan_days_1825d": 455,
            "child_days_since_cp_plan_ends_1825d": 731,
        },
    ),
    Example(
        "Care and pre-proceedings",
        "The child came home and was looked after again within the year.",
        {
            "care_periods": """
care_period_id | child_id | start_date | end_date
1              | A        | 2022-01-01 | 2022-07-01
2              | A        | 2023-01-10 | 2023-03-11
""",
            "pre_proceedings": """
pre_proceedings_id | child_id | start_date | end_date
1                  | A        | 2021-09-01 | 2021-12-01
""",
        },
        "2024-03-01",
        {
            "child_care_starts_1095d": 2,
            "child_care_returns_failed_1825d": 1,
            "child_care_days_1825d": 241,
            "child_care_open": 0,
            "child_pre_proceedings_days_1825d": 91,
        },
    ),
    Example(
        "Missing episodes",
        "Missing twice within weeks, the second time for two nights.",
        {
            "missing_episodes": """
missing_id | child_id | start_date | end_date
1          | A        | 2024-01-10 | 2024-01-11
2          | A        | 2024-02-09 | 2024-02-11
""",
        },
        "2024-03-01",
        {
            "child_missing_90d": 2,
            "child_missing_again_365d": 1,
            "child_missing_days_365d": 3,
            "child_days_since_missing_1095d": 21,
        },
    ),
    Example(
        "Early help",
        "Early help ended in June and a referral followed in September.",
        {
            "early_help": """
early_help_id | child_id | start_date | end_date
1             | A        | 2023-01-02 | 2023-06-01
""",
            "referrals": "referral_id | child_id | referral_date\nR | A | 2023-09-01",
        },
        "2024-03-01",
        {
            "child_early_help_starts_1095d": 1,
            "child_early_help_open": 0,
            "child_early_help_days_1095d": 150,
            "child_referrals_after_early_help_1095d": 1,
            "child_early_help_kept_1095d": 0,
        },
    ),
    Example(
        "What has gone well",
        "The plan ended a year and a half ago, and nothing has been known since.",
        {
            "cp_plans": "cp_plan_id | child_id | start_date | end_date\n"
            "1 | A | 2021-06-01 | 2022-08-30",
            "contacts": "contact_id | child_id | contact_date\n1 | A | 2021-05-20",
            "referrals": "referral_id | child_id | referral_date | close_date\n"
            "R | A | 2021-05-20 | 2022-09-15",
            "section47": "section47_id | child_id | start_date\n1 | A | 2021-05-25",
            "pre_proceedings": "pre_proceedings_id | child_id | start_date\n1 | Z | 2020-01-01",
            "care_periods": "care_period_id | child_id | start_date\n1 | Z | 2020-01-01",
            "missing_episodes": "missing_id | child_id | start_date\n1 | Z | 2020-01-01",
        },
        "2024-03-01",
        {
            "child_cp_plan_ends_kept_1825d": 1,
            "child_closures_kept_1095d": 1,
            "child_days_without_concern_1095d": 1004,
        },
    ),
    Example(
        "Domestic abuse",
        "A parent was subjected to domestic abuse on the latest assessment, the child on an "
        "earlier one.",
        {
            "assessments": """
assessment_id | child_id | start_date | authorised_date
1             | A        | 2022-05-01 | 2022-06-01
2             | A        | 2023-10-01 | 2023-11-01
""",
            "factors": "assessment_id | code\n1 | 3A\n2 | 3B",
        },
        "2024-03-01",
        {
            "child_domestic_abuse_household_current_365d": 1,
            "child_domestic_abuse_parent_current_365d": 1,
            "child_domestic_abuse_child_current_365d": 0,
            "child_domestic_abuse_household_1095d": 2,
            "child_days_since_domestic_abuse_household_1825d": 121,
        },
    ),
    Example(
        "Parental substance misuse",
        "The latest assessment names a parent's drug misuse; alcohol is only on an earlier one.",
        {
            "assessments": """
assessment_id | child_id | start_date | authorised_date
1             | A        | 2022-05-01 | 2022-06-01
2             | A        | 2023-10-01 | 2023-11-01
""",
            "factors": "assessment_id | code\n1 | 1B\n2 | 2B",
        },
        "2024-03-01",
        {
            "child_alcohol_parent_current_365d": 0,
            "child_alcohol_parent_earlier_1095d": 1,
            "child_drugs_parent_current_365d": 1,
            "child_substances_parent_current_365d": 1,
            "child_drugs_other_current_365d": 0,
        },
    ),
    Example(
        "Parental mental health",
        "A parent's mental ill-health is on a sister's assessment and not on the child's own.",
        {
            "family_links": LINKS,
            "assessments": """
assessment_id | child_id | start_date | authorised_date
1             | A        | 2023-05-01 | 2023-06-01
2             | B        | 2023-10-01 | 2023-11-01
""",
            "factors": "assessment_id | code\n1 | 20\n2 | 4B",
        },
        "2024-03-01",
        {
            "child_mental_health_parent_current_365d": 0,
            "child_mental_health_parent_1095d": 0,
            "siblings_mental_health_parent_1095d": 1,
            "siblings_only_mental_health_parent_1095d": 1,
        },
    ),
    Example(
        "The child's own difficulties",
        "The child was never assessed: that is not known, and not the same as not recorded.",
        {
            "assessments": "assessment_id | child_id | start_date | authorised_date\n"
            "1 | Z | 2023-05-01 | 2023-06-01",
            "factors": "assessment_id | code\n1 | 2A",
        },
        "2024-03-01",
        {
            "child_drugs_child_current_365d": NOT_KNOWN,
            "child_mental_health_child_current_365d": NOT_KNOWN,
            "child_young_carer_current_365d": NOT_KNOWN,
        },
    ),
    Example(
        "Harm outside the home",
        "Exploitation was found in November.",
        {
            "assessments": "assessment_id | child_id | start_date | authorised_date\n"
            "1 | A | 2023-10-01 | 2023-11-01",
            "factors": "assessment_id | code\n1 | 24A",
        },
        "2024-03-01",
        {"child_outside_home_current_365d": 1, "child_outside_home_earlier_1095d": 0},
    ),
    Example(
        "The trio together",
        "First domestic abuse alone, then with a parent's drug misuse.",
        {
            "assessments": """
assessment_id | child_id | start_date | authorised_date
1             | A        | 2022-05-01 | 2022-06-01
2             | A        | 2023-10-01 | 2023-11-01
""",
            "factors": "assessment_id | code\n1 | 3B\n2 | 3B\n2 | 2B",
        },
        "2024-03-01",
        {
            "child_trio_areas_current_365d": 2,
            "child_domestic_abuse_and_substances_current_365d": 1,
            "child_substances_and_mental_health_current_365d": 0,
            "child_trio_all_current_365d": 0,
            "child_trio_trend_1095d": 1,
        },
    ),
    Example(
        "Neglect and abuse assessed before",
        "The case is an open episode referred in September. The assessment before it found "
        "neglect; its own assessment found emotional abuse, which is the same judgement as the "
        "decision on a plan and stands apart.",
        {
            "referrals": "referral_id | child_id | referral_date\nR1 | A | 2023-09-20",
            "assessments": """
assessment_id | child_id | start_date | authorised_date
1             | A        | 2023-05-01 | 2023-06-01
2             | A        | 2023-10-01 | 2023-11-01
""",
            "factors": "assessment_id | code\n1 | 16A\n2 | 17A",
        },
        "2024-03-01",
        {
            "child_neglect_current_365d": 1,
            "child_abuse_current_365d": 0,
            "child_neglect_1095d": 1,
            "child_abuse_1095d": 0,
        },
        case_id="R1",
    ),
    Example(
        "Neglect and abuse assessed in this episode",
        "The same child and day. These features are left out of models of a plan.",
        {
            "referrals": "referral_id | child_id | referral_date\nR1 | A | 2023-09-20",
            "assessments": """
assessment_id | child_id | start_date | authorised_date
1             | A        | 2023-05-01 | 2023-06-01
2             | A        | 2023-10-01 | 2023-11-01
""",
            "factors": "assessment_id | code\n1 | 16A\n2 | 17A",
        },
        "2024-03-01",
        {"child_neglect_this_episode_365d": 0, "child_abuse_this_episode_365d": 1},
        case_id="R1",
    ),
    Example(
        "Brothers and sisters",
        "A brother is under one and on a plan; a sister is expected in May and already known.",
        {
            "children": """
child_id | birth_date | expected_birth_date
A        | 2016-01-01 | -
B        | 2023-10-01 | -
C        | -          | 2024-05-10
""",
            "family_links": "child_id | family_id\nA | F\nB | F\nC | F",
            "cp_plans": "cp_plan_id | child_id | start_date\n1 | B | 2024-01-10",
            "referrals": "referral_id | child_id | referral_date\n1 | B | 2023-12-20\n"
            "2 | C | 2024-02-10",
        },
        "2024-03-01",
        {
            "siblings_number": 1,
            "siblings_under_1": 1,
            "siblings_unborn": 1,
            "siblings_cp_plan_open": 1,
            "siblings_referrals_365d": 2,
            "siblings_days_since_referrals_1095d": 20,
        },
    ),
    Example(
        "The household as a whole",
        "Two children were contacted about on one day, which counts once; a week later the sister "
        "alone.",
        {
            "family_links": LINKS,
            "contacts": """
contact_id | child_id | contact_date | known_date | source
1          | A        | 2024-02-01   | 2024-02-01 | 6
2          | B        | 2024-02-01   | 2024-02-01 | 6
3          | B        | 2024-02-08   | 2024-02-08 | 2A
""",
            "referrals": "referral_id | child_id | referral_date\n1 | B | 2024-02-08",
        },
        "2024-03-01",
        {"household_contacts_90d": 2, "household_referrals_365d": 1},
    ),
    Example(
        "Who has told the service of the household",
        "One of four contacts was made by a school, the others by the police; there was no "
        "earlier referral.",
        {
            "family_links": LINKS,
            "contacts": """
contact_id | child_id | contact_date | known_date | source
1          | A        | 2022-02-01   | 2022-02-01 | 6
2          | B        | 2023-02-01   | 2023-02-01 | 6
3          | B        | 2024-01-08   | 2024-01-08 | 2A
4          | A        | 2024-02-08   | 2024-02-08 | 6
""",
            "referrals": "referral_id | child_id | referral_date\n1 | C | 2024-02-08",
        },
        "2024-03-01",
        {
            "household_contacts_police_share_1825d": 75,
            "household_contacts_school_share_1825d": 25,
            "household_referrals_police_share_1825d": NOT_KNOWN,
        },
    ),
    Example(
        "The child's age",
        "Expected in ten weeks.",
        {"children": "child_id | birth_date | expected_birth_date\nA | 2024-05-12 | 2024-05-10"},
        "2024-03-01",
        {
            "child_age_years": NOT_KNOWN,
            "child_unborn": 1,
            "child_under_1": 0,
            "child_under_5": 0,
            "child_teenager": 0,
            "child_days_to_birth": 70,
        },
    ),
    Example(
        "Who made this referral",
        "The referral of the day declares that the police made it.",
        {"referrals": "referral_id | child_id | referral_date | source\nR1 | A | 2024-03-01 | 6"},
        "2024-03-01",
        {"referral_source_police": 1, "referral_source_school": 0},
        case_id="R1",
    ),
)
"""One for each concept, in catalogue order."""

_BY_NAME = MappingProxyType({spec.name: spec for spec in CATALOGUE})


def page() -> str:
    """Write `docs/features.md`."""
    lines = [
        "# Features by example",
        "",
        "What each concept counts, on a history small enough to follow with a finger. The child "
        "is always A; a value is what was known on the day, and says so in the words that a "
        "score's reasons use. Written by `python tests/spec/concepts.py`, from examples that the "
        "tests hold the library to. All features are in `features/catalogue.md`.",
    ]
    for example in EXAMPLES:
        lines += ["", f"## {example.concept}", "", example.story]
        for name, drawn in example.tables.items():
            rows = [[cell.strip() for cell in row.split("|")] for row in drawn.strip().splitlines()]
            lines += ["", f"`{name}`", "", f"| {' | '.join(rows[0])} |"]
            lines += [f"|{' --- |' * len(rows[0])}"]
            lines += [f"| {' | '.join(row)} |" for row in rows[1:]]
        lines += ["", f"On **{example.as_of}**:", "", "| feature | value | in words |"]
        lines += ["| --- | --- | --- |"]
        for name, value in example.values.items():
            number = float("nan") if value is None else float(value)
            said = "missing" if value is None else f"{value:g}"
            lines.append(f"| `{name}` | {said} | {_BY_NAME[name].say(number)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    from pathlib import Path

    target = Path(__file__).parents[2] / "docs" / "features.md"
    target.write_text(page(), encoding="utf-8", newline="\n")
