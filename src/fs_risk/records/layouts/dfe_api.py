"""The objects of the DfE's children's social care API, declared once.

A payload is an array of children; each holds its details and its social care
episodes, and these hold assessments, plans, enquiries and placements.

References
----------
.. [1] Department for Education, children-in-social-care-schemas, OpenAPI document
   1.0.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class ApiObject:
    """One kind of object that becomes a row.

    Attributes
    ----------
    member : str
        The member of the enclosing object that holds an array of them; empty for
        the child.
    table : str
        The canonical table.
    fields : mapping of str to (str, str)
        Canonical column to the member and what it holds: ``id``, ``date``, ``flag`` or
        the name of a code list.
    passed : tuple of str
        Members that are known and not read.
    """

    member: str
    table: str
    fields: Mapping[str, tuple[str, str]]
    passed: tuple[str, ...] = ()


CHILD = ApiObject(
    "",
    "children",
    {
        "birth_date": ("date_of_birth", "date"),
        "expected_birth_date": ("expected_date_of_birth", "date"),
        "sex": ("sex", "sex"),
        "ethnicity": ("ethnicity", "ethnicity"),
        "unaccompanied": ("uasc_flag", "flag"),
    },
    (
        "unique_pupil_number",
        "former_unique_pupil_number",
        "unique_pupil_number_unknown_reason",
        "first_name",
        "surname",
        "disabilities",
        "postcode",
        "uasc_end_date",
        "purge",
    ),
)
"""Members of ``child_details``."""

CHILD_ID, DETAILS, EPISODES = "la_child_id", "child_details", "social_care_episodes"
CHILD_PASSED = ("mis_child_id", "purge", "health_and_wellbeing", "adoption", "care_leavers")
PURGE = "purge"

EPISODE = ApiObject(
    EPISODES,
    "referrals",
    {
        "referral_id": ("social_care_episode_id", "id"),
        "referral_date": ("referral_date", "date"),
        "source": ("referral_source", "source"),
        "no_further_action": ("referral_no_further_action_flag", "flag"),
        "close_date": ("closure_date", "date"),
        "close_reason": ("closure_reason", "close_reason"),
    },
    ("care_worker_details", "adoption", "care_leavers", "health_and_wellbeing"),
)

_PARTS = (
    ApiObject(
        "child_and_family_assessments",
        "assessments",
        {
            "assessment_id": ("child_and_family_assessment_id", "id"),
            "start_date": ("start_date", "date"),
            "authorised_date": ("authorisation_date", "date"),
        },
        ("factors",),
    ),
    ApiObject(
        "child_in_need_plans",
        "cin_plans",
        {
            "cin_plan_id": ("child_in_need_plan_id", "id"),
            "start_date": ("start_date", "date"),
            "end_date": ("end_date", "date"),
        },
    ),
    ApiObject(
        "section_47_assessments",
        "section47",
        {
            "section47_id": ("section_47_assessment_id", "id"),
            "start_date": ("start_date", "date"),
            "end_date": ("end_date", "date"),
            "conference_needed": ("icpc_required_flag", "flag"),
            "conference_date": ("icpc_date", "date"),
        },
    ),
    ApiObject(
        "child_protection_plans",
        "cp_plans",
        {
            "cp_plan_id": ("child_protection_plan_id", "id"),
            "start_date": ("start_date", "date"),
            "end_date": ("end_date", "date"),
        },
    ),
    ApiObject(
        "child_looked_after_placements",
        "care_episodes",
        {
            "care_episode_id": ("child_looked_after_placement_id", "id"),
            "start_date": ("start_date", "date"),
            "start_reason": ("start_reason", "start_reason"),
            "placement_type": ("placement_type", "placement_type"),
            "end_date": ("end_date", "date"),
            "end_reason": ("end_reason", "end_reason"),
        },
        ("postcode", "change_reason"),
    ),
)

PARTS: Mapping[str, ApiObject] = MappingProxyType({part.table: part for part in _PARTS})
"""What lies in an episode, by canonical table."""
