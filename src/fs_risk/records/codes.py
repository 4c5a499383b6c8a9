"""Statutory code lists, each with its source and the census year it applies from.

References
----------
.. [1] Department for Education, Children in need census, code sets of the
   2016-17 to 2025-26 collections.
.. [2] Standard Safeguarding Dataset 1.4.5, category files.
"""

FACTORS: dict[str, str] = {
    "1A": "alcohol misuse: child",
    "1B": "alcohol misuse: parent or carer",
    "1C": "alcohol misuse: other person in the household",
    "2A": "drug misuse: child",
    "2B": "drug misuse: parent or carer",
    "2C": "drug misuse: other person in the household",
    "3A": "domestic abuse: child subjected to it",
    "3B": "domestic abuse: parent or carer subjected to it",
    "3C": "domestic abuse: other person in the household subjected to it",
    "4A": "mental health: child",
    "4B": "mental health: parent or carer",
    "4C": "mental health: other person in the household",
    "5A": "learning disability: child",
    "5B": "learning disability: parent or carer",
    "5C": "learning disability: other person in the household",
    "6A": "physical disability or illness: child",
    "6B": "physical disability or illness: parent or carer",
    "6C": "physical disability or illness: other person in the household",
    "7A": "young carer",
    "8B": "privately fostered: overseas, intends to return",
    "8C": "privately fostered: overseas, intends to stay",
    "8D": "privately fostered: UK, educational placement",
    "8E": "privately fostered: UK, alternative family arrangement",
    "8F": "privately fostered: other",
    "9A": "unaccompanied asylum-seeking child",
    "10A": "going or being missing",
    "11A": "child sexual exploitation",
    "12A": "trafficking",
    "13A": "gangs",
    "14A": "socially unacceptable behaviour of the child",
    "15A": "self-harm",
    "16A": "neglect",
    "17A": "emotional abuse",
    "18A": "physical abuse (no longer used from 2020-21)",
    "18B": "physical abuse: child on child",
    "18C": "physical abuse: adult on child",
    "19A": "sexual abuse (no longer used from 2020-21)",
    "19B": "sexual abuse: child on child",
    "19C": "sexual abuse: adult on child",
    "20": "other",
    "21": "no factors identified",
    "22A": "female genital mutilation",
    "23A": "abuse linked to faith or belief",
    "24A": "child criminal exploitation (from 2021-22)",
}

REFERRAL_SOURCES: dict[str, str] = {
    "1A": "family member, relative or carer",
    "1B": "acquaintance",
    "1C": "the child or young person",
    "1D": "other individual",
    "2A": "school",
    "2B": "education services",
    "3A": "GP",
    "3B": "health visitor",
    "3C": "school nurse",
    "3D": "other primary health",
    "3E": "A&E",
    "3F": "other health",
    "4": "housing",
    "5A": "local authority social care",
    "5B": "other local authority service",
    "5C": "another local authority",
    "5D": "early help (from 2022-23)",
    "6": "police",
    "7": "other legal agency",
    "8": "other organisation",
    "9": "anonymous",
    "10": "unknown",
}

SOURCE_GROUPS: dict[str, tuple[str, ...]] = {
    "police": ("6",),
    "school": ("2A", "2B"),
    "health": ("3A", "3B", "3C", "3D", "3E", "3F"),
    "local_authority": ("5A", "5B", "5C", "5D"),
    "individual": ("1A", "1B", "1C", "1D"),
    "other": ("4", "7", "8", "9", "10"),
}

CONTACT_OUTCOMES: dict[str, str] = {
    "referral": "became a referral to children's social care",
    "early_help": "passed to early help",
    "information": "information and advice given",
    "no_further_action": "no further action",
    "existing": "added to a case already open",
    "other": "another outcome",
}

PRIMARY_NEEDS: dict[str, str] = {
    "N1": "abuse or neglect",
    "N2": "child's disability",
    "N3": "parental disability or illness",
    "N4": "family in acute stress",
    "N5": "family dysfunction",
    "N6": "socially unacceptable behaviour",
    "N7": "low income",
    "N8": "absent parenting",
    "N9": "other than children in need",
    "N0": "not stated",
}

CLOSURE_REASONS: dict[str, str] = {
    "RC1": "adopted",
    "RC2": "died",
    "RC3": "child arrangements order",
    "RC4": "special guardianship order",
    "RC5": "transferred to another authority",
    "RC6": "transferred to adult social care",
    "RC7": "services ceased for any other reason",
    "RC8": "closed after assessment, no further action",
    "RC9": "closed after assessment, referred to early help (from 2022-23)",
}

ETHNICITIES: dict[str, str] = {
    "WBRI": "White British",
    "WIRI": "White Irish",
    "WIRT": "Traveller of Irish heritage",
    "WROM": "Gypsy or Roma",
    "WOTH": "any other White background",
    "MWBC": "White and Black Caribbean",
    "MWBA": "White and Black African",
    "MWAS": "White and Asian",
    "MOTH": "any other Mixed background",
    "AIND": "Indian",
    "APKN": "Pakistani",
    "ABAN": "Bangladeshi",
    "AOTH": "any other Asian background",
    "BCRB": "Black Caribbean",
    "BAFR": "Black African",
    "BOTH": "any other Black background",
    "CHNE": "Chinese",
    "OOTH": "any other ethnic background",
    "REFU": "refused",
    "NOBT": "not yet obtained",
}

DISABILITIES: dict[str, str] = {
    "NONE": "no disability",
    "MOB": "mobility",
    "HAND": "hand function",
    "PC": "personal care",
    "INC": "incontinence",
    "COMM": "communication",
    "LD": "learning",
    "HEAR": "hearing",
    "VIS": "vision",
    "BEH": "behaviour",
    "CON": "consciousness",
    "AUT": "autism",
    "DDA": "other disability",
}

SEXES: dict[str, str] = {"M": "male", "F": "female", "U": "unknown or unborn"}

ABUSE_CATEGORIES: dict[str, str] = {
    "NEG": "neglect",
    "PHY": "physical abuse",
    "SAB": "sexual abuse",
    "EMO": "emotional abuse",
    "MUL": "multiple",
}

LEGAL_STATUSES: dict[str, str] = {
    "C1": "interim care order",
    "C2": "full care order",
    "D1": "freeing order",
    "E1": "placement order",
    "V2": "accommodated under section 20",
    "V3": "short breaks, individual episodes",
    "V4": "short breaks, agreed series",
    "L1": "police protection",
    "L2": "emergency protection order",
    "L3": "child assessment order",
    "J1": "remand",
    "J2": "accommodated under PACE",
    "J3": "youth rehabilitation order",
}

CARE_START_REASONS: dict[str, str] = {
    "S": "started to be looked after",
    "L": "change of legal status",
    "P": "change of placement and carer",
    "T": "change of placement, same carer",
    "B": "change of legal status, placement and carer",
    "U": "change of legal status and placement, same carer",
}

SHORT_BREAK_STATUSES = frozenset({"V3", "V4"})
REMAND_STATUSES = frozenset({"J1", "J2", "J3"})
