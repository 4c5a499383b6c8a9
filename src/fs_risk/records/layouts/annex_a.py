"""The lists of Ofsted's Annex A workbook, declared once for reader and writer.

A list is known by its columns, never by the name or place of its sheet. Column
names are compared without case, spaces and signs, so that "Referral NFA?",
"referral nfa" and "ReferralNFA" are one.

References
----------
.. [1] Ofsted, inspecting local authority children's services: Annex A child-level
   data, template of August 2019, with the columns added since.
"""

from collections.abc import Mapping
from types import MappingProxyType

from fs_risk.records.layouts.annex_a_list import AnnexAList, declare

_CHILD = """
child_id | Child Unique ID | id | Child ID | Child Identifier | Unique Child ID | Child's Unique ID
sex | Gender | sex | Sex
ethnicity | Ethnicity | ethnicity
birth_date | Date of Birth | date | DOB
age | Age of Child (Years) | age | Age
"""
_DISABLED = """
disabled | Does the Child have a Disability | disabled | Has Disability
"""
_TEAM = """
team | Allocated Team | text
worker | Allocated Worker | -
"""

_LISTS = (
    declare(
        1,
        "Contacts",
        "contact_date",
        _CHILD
        + """
contact_date | Date of Contact | date | Contact Date
source | Contact Source | source
""",
    ),
    declare(
        2,
        "Early Help",
        "start_date",
        _CHILD
        + """
start_date | Assessment start date | date
end_date | Assessment completion date | date
organisation | Organisation completing assessment | -
""",
    ),
    declare(
        3,
        "Referral",
        "referral_date",
        _CHILD
        + """
referral_date | Date of referral | date | Referral Date
source | Referral Source | source
no_further_action | Referral NFA? | no_further_action | Referral No Further Action
referrals_12m | Number of Referrals in Last 12 Months | - | Referrals Last 12 Months
"""
        + _TEAM,
    ),
    declare(
        4,
        "Assessments",
        "start_date",
        _CHILD
        + _DISABLED
        + """
start_date | Continuous Assessment Start Date | date | Continuous Assessment Start
seen | Child Seen During Continuous Assessment | yes_no | Continuous Assessment Child Seen
authorised_date | Continuous Assessment Date of Authorisation | date | ContinuousAssessmentAuthDate
support_needed | Was the child assessed as requiring LA children’s social care support | yes_no \
| CSC Support Required
"""
        + _TEAM,
    ),
    declare(
        5,
        "Section 47 enquiries and Initial Child Protection Conferences",
        "start_date",
        _CHILD
        + _DISABLED
        + """
start_date | Strategy discussion initiating Section 47 Enquiry Start Date | date \
| Section 47 Enquiry Start Date | Strat Discussion Date
not_needed | Was an Initial Child Protection Conference deemed unnecessary? | yes_no \
| Initial Child Protection Conference Not Required | Initial CP Conf Unnecessary
conference_date | Date of Initial Child Protection Conference | date | Initial CP Conf Date
plan_made | Did the Initial Child Protection Conference Result in a Child Protection Plan | yes_no \
| CP Conf Result In CP Plan
s47_12m | Number of Section 47 Enquiries in the last 12 months | - | Number S47s 12m
icpc_12m | Number of ICPCs in the last 12 months | - | Number ICPCs 12m
"""
        + _TEAM,
    ),
    declare(
        6,
        "Children in Need",
        "referral_date",
        _CHILD
        + _DISABLED
        + """
referral_date | CIN Start Date | date
primary_need | Primary Need Code | primary_need
last_seen | Date Child Was Last Seen | date | Date Child Last Seen
close_date | CIN Closure Date | date
close_reason | Reason for Closure | close_reason
case_status | Case status | case_status
"""
        + _TEAM,
    ),
    declare(
        7,
        "Child protection",
        "start_date",
        _CHILD
        + _DISABLED
        + """
start_date | Child Protection Plan Start Date | date
initial_category | Initial Category of Abuse | category
latest_category | Latest Category of Abuse | category
last_visit | Date of the Last Statutory Visit | date | Date of Last Statutory Visit
seen_alone | Was the Child Seen Alone? | yes_no | Child Seen Alone
last_review | Date of latest review conference | date | Date of Latest Review Conf
end_date | Child Protection Plan End Date | date
protected | Subject to Emergency Protection Order or Protected Under Police Powers in Last Six \
Months (Y/N) | yes_no | Protection Last Six Months
previous_plans | Number of Previous Child Protection Plans | count
"""
        + _TEAM,
    ),
    declare(
        8,
        "Children in care",
        "start_date",
        _CHILD
        + """
unaccompanied | Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N) | yes_no
"""
        + _DISABLED
        + """
start_date | Date Started to be Looked After | date
need | Child's Category of Need | primary_need
second | Is this a second or subsequent period of being a Looked After Child within the last 12 \
months (Y/N) | yes_no | Is this a second or subsequent episode of being a Looked After Child \
within the last 12 months (Y/N)
status_date | Start date of current legal status | date
legal_status | Child's Legal Status | legal_status
last_review | Date of Latest Statutory Review | date
last_visit | Date of Last Social Work Visit | date
permanence | What is the permanence plan for this child? | - | Plan for Child to be Reunified with \
Their Family
iro_visit | Date of Last IRO Visit / Contact to the Child | date
health | Date of Last Health Assessment | -
dental | Date of Last Dental Check | -
placements_12m | Number of Placements in the Last 12 months | -
end_date | Date Ceased to be Looked After | date
end_reason | Reason Ceased to be Looked After | end_reason
placed_date | Start Date of Most Recent Placement | date
placement_type | Placement Type | placement_type
provider | Placement Provider | provider
postcode | Placement postcode | -
urn | URN of Placement | -
location | Placement Location | -
authority | LA of Placement | -
missing_12m | Number of Episodes the Child has been ‘Missing’ from their Placement in the last 12 \
months | -
absent_12m | Number of Episodes the Child has been ‘Absent’ from their Placement in the last 12 \
months | -
interview | Was the child offered a Return Interview after their last missing episode (Y/N)? | -
accepted | Did the child accept a Return Interview after their last missing episode (Y/N)? | -
"""
        + _TEAM,
    ),
    declare(
        9,
        "Care leavers",
        "",
        _CHILD
        + _DISABLED
        + _TEAM
        + """
eligibility | Eligibility Category | -
in_touch | LA In Touch | -
accommodation | Type of Accommodation | -
suitable | Suitability of Accommodation | -
activity | Activity Status | -
""",
    ),
    declare(
        10,
        "Adoption",
        "",
        _CHILD.replace("\nsex |", "\nfamily | Family identifier | -\nsex |")
        + _DISABLED
        + """
entered | Date the Child Entered Care | -
decided | Date of Decision that Child Should be Placed for Adoption | -
ordered | Date of Placement Order | -
matched | Date of Matching Child and Prospective Adopters | -
placed | Date Placed for Adoption | -
adopted | Date of Adoption Order | -
undecided | Date of Decision that Child Should No Longer be Placed for Adoption | -
reason | Reason Why Child No Longer Placed for Adoption | -
fostered | Date the child was placed for fostering in FFA or concurrent planning placement | -
""",
    ),
    declare(
        11,
        "Adopters",
        "",
        """
child_id | Individual adopter identifier | -
family | Family identifier | -
sex | Gender | -
ethnicity | Ethnicity | -
disabled | Disability | -
fostering | Is the (prospective) adopter fostering for adoption? | -
enquired | Date enquiry received | -
stage1 | Date Stage 1 started | -
stage1_end | Date Stage 1 ended | -
stage2 | Date Stage 2 started | -
stage2_end | Date Stage 2 ended | -
applied | Date application submitted | -
approved | Date application approved | -
matched | Date adopter matched with child(ren) | -
placed | Date child/children placed with adopter(s) | -
n_children | No. of children placed | -
ordered | Date of Adoption Order | -
left | Date of leaving adoption process | -
reason | Reason for leaving adoption process | -
""",
    ),
)

LISTS: Mapping[int, AnnexAList] = MappingProxyType({each.number: each for each in _LISTS})
"""The eleven lists by number. Lists 9 to 11 are recognised and not read."""

MONTHS = 6
"""How far back the lists of events reach."""

UNBORN_AGE = -1
"""The age of a child whose date of birth is the expected one."""
