"""What authorities write in Annex A about need, closure and care, in the codes of the standard."""

import re

from fs_risk.readers import ssd_words
from fs_risk.readers.annex_a_words import Patterns, first_match, official, plain, yes_no
from fs_risk.records import codes
from fs_risk.records.layouts.ssda903 import END_REASONS, PLACEMENT_TYPES

PROVIDERS: dict[str, str] = {
    "PR0": "parents or others with parental responsibility",
    "PR1": "own provision",
    "PR2": "other local authority",
    "PR3": "other public provision",
    "PR4": "private provision",
    "PR5": "voluntary or third sector",
}
CASE_STATUSES: dict[str, str] = {
    "CLA": "looked after child",
    "CP": "child protection plan",
    "CIN": "child in need plan",
    "ASSESSMENT": "open assessment",
    "CLOSED": "closed episode",
}

_NEED_CODE = re.compile(r"(?<![a-z\d])n(\d)(?!\d)")
_NEEDS: Patterns = (
    (
        r"adopt|court rep|^o_cin|\(other\)|^other1?$|not (a )?(cin\b|child(ren)? in need)"
        r"|other than child",
        "N9",
    ),
    (r"not (stated|recorded|specified|yet det)|no need|^unknown|^no$|^nan$|information rec", "N0"),
    (r"low income|low\s*inc|^7[a-z]\b|^inc_|independently, whose", "N7"),
    (r"absent|uasc|^8[a-z]\b|unaccomp|asylum|^abp", "N8"),
    (r"unacceptable|socially unac|offend|^6[a-z]\b|^bhv", "N6"),
    (r"dysfunc|^5[a-z]\b|private fost|^f(ds|st)_|mainly out of their living", "N5"),
    (r"acute stress|in acute|^4[a-z]\b|homeless|arise from living in a fam", "N4"),
    (r"whose need for services aris.*behav", "N6"),
    (r"parent.*(ill|disab)|^3[a-z]\b|^par_|health - parent", "N3"),
    (r"disab|^2[a-z]\b|impair|autis|^dis_|mental health|physical support", "N2"),
    (r"abuse|neglect|^1[a-z]\b|^abs_|exploit|substance|violence|(sig|phys|emo).* harm", "N1"),
)
_CLOSURES: Patterns = (
    (r"^rc8", "RC8"),
    (r"assess.*early help|early help.*assess|early help team following", "RC9"),
    (r"special g", "RC4"),
    (r"residence order|child arrangement", "RC3"),
    (r"adopt", "RC1"),
    (r"\bdied|death|deceased", "RC2"),
    (r"adult (social|serv|care|div)|transfer.*adult", "RC6"),
    (
        r"another (la\b|local)|other (la\b|local auth)|out of area|left area|transferred out",
        "RC5",
    ),
    (
        r"after (init|core|the |a |an )?(initial |core |single )?assess"
        r"|assess.*(no further|nfa|no action|not in need)"
        r"|no further action|^case closed$|ineligible|threshold not met",
        "RC8",
    ),
    (r"^unknown|not stated", ""),
    (r".", "RC7"),
)
_LEGAL: Patterns = (
    (r"residence order|arrangement order|supervision order(?!.*resid)|special g", ""),
    (r"placement order", "E1"),
    (r"\bico\b", "C1"),
    (r"\bfco\b|ward of court", "C2"),
    (r"short.*break.*agree|agreements? (are )?rec", "V4"),
    (r"short.*(break|term)|respite|series", "V3"),
    (r"remand", "J1"),
    (r"\bs ?\.?20|sec(tion|\.)? ?20|accom.*single|voluntar", "V2"),
    (r"police p", "L1"),
    (r"emergency prot|\bepo\b", "L2"),
    (r"child assess", "L3"),
    (r"pace\b", "J2"),
    (r"supervision.*resid|youth rehab|residence req", "J3"),
    (r"remand|youth detention|committed|secure.*youth|sentenced", "J1"),
)
_FIRST_ENDS: Patterns = (
    (r"age.? assess|assessed (as )?over", "E15"),
    (r"transfer.*adult", "E7"),
)
_ENDS: Patterns = (
    (r"new epi[so]+de|episode ceases", "X1"),
    (r"unopposed", "E11"),
    (r"dispens|^adopted", "E12"),
    (r"\bdied|death", "E2"),
    (r"care taken|taken over by", "E3"),
    (r"adult (social|serv|ssd|care)|by adult", "E7"),
    (r"custody", "E9"),
    (r"remand", "E14"),
    (r"aged 18.*(remain|stayed)|staying put|remain.*carer", "E17"),
    (r"abroad", "E16"),
    (r"(no|without|not? have|with no) (parental|pr\b)|no p\.?r", "E13"),
    (
        r"(home|return).*(not planned|non.?planned|unplanned|not part|- no)|unplanned (ret|to par)",
        "E4B",
    ),
    (r"return.*home|returned to|planned ret", "E4A"),
    (r"indep.*(no support|no formal|without)", "E6"),
    (r"indep", "E5"),
    (r"(special|spec|^sg\b).*former.*(relative|friend)", "E45"),
    (r"(special|spec|^sg\b).*(other than|not) former.*(relative|friend)", "E47"),
    (r"(special|spec|^sg\b).*(other than|not) former", "E48"),
    (r"(special|spec|^sg\b).*former", "E46"),
    (r"(special|spec|^sg\b).*(relative|friend)", "E47"),
    (r"spec(ial)? g|^sg\b|\bsgo\b", "E48"),
    (r"residence order|child arrangement|arrangements", "E41"),
    (r"supported +acc", "E5"),
    (r"any other|other reason", "E8"),
)
_EARLIER_ENDS = {"e1": "E12", "e42": "E48"}
_PLACES: Patterns = (
    (r"hospital", "T1"),
    (r"carer.*(on )?holiday", "T3"),
    (r"on holiday|holiday", "T2"),
    (r"seven days|7 days", "T4"),
    (r"temp|short break|respite", "T0"),
    (r"adoption.*consent.*not.*(current|foster)", "A4"),
    (r"adoption.*consent", "A3"),
    (r"adoption.*order.*not", "A6"),
    (r"adoption.*order", "A5"),
    (r"plac.*for adopt|adoption", "A6"),
    (r"(relative|friend).*foster.*(long)|foster.*(relative|friend).*(?<!not )long", "U1"),
    (r"mother|family cent", "R3"),
    (r"semi.?indep|not subject to.*child", "H5"),
    (r"independent|bedsit|lodging|supported acc", "P2"),
    (r"relative|friend|connected|kinship|famil", "U3"),
    (r"foster.*(ffa|fosters? to adopt|concurrent)(?<!not ffa)", "U5"),
    (r"foster.*not long", "U6"),
    (r"foster.*long", "U4"),
    (
        r"foster|other f/?carer|^reg(ulation)? ?(24|38)( carer)?$|^f[2356]\b|other carer"
        r"|with carer",
        "U6",
    ),
    (r"parent", "P1"),
    (r"young offender|prison|\byoi\b|youth treat|\bytc\b", "R5"),
    (r"schools? (except|not dual)", "S1"),
    (r"secure (unit|child|accom|training)", "K1"),
    (r"hostel.*support|not reg", "H5"),
    (r"residential emp", "P3"),
    (r"residential school|boarding", "S1"),
    (r"nhs|health|nursing|medical", "R2"),
    (r"care home|residential care", "R1"),
    (r"child(ren)?'?s'? home|homes and host|homes subj", "K2"),
    (r"residential accom", "H5"),
    (r"home / hostel", "K2"),
    (r"other place|other$|whereabouts|in refuge|unauthorised|by court|regulation 38", "Z1"),
)
_PROVIDERS: Patterns = (
    (r"parent", "PR0"),
    (r"other (la\b|local)", "PR2"),
    (r"other pub|public", "PR3"),
    (r"private", "PR4"),
    (r"volunt|third", "PR5"),
    (r"\bown\b|^local auth", "PR1"),
)
_STATUSES: Patterns = (
    (r"looked after|\bcla\b|\blac\b", "CLA"),
    (r"closed|care leaver", "CLOSED"),
    (r"protect|\bcpp?\b", "CP"),
    (r"in need|\bcin\b", "CIN"),
    (r"asse|asmt", "ASSESSMENT"),
)
_DISABILITIES = (
    r"autis|asperger|behav|communic|con[sc]?ci|hand f|hearing|incont|learning|mobil|personal|visi"
    r"|dda|disab"
)


def primary_need(text: str) -> str | None:
    """Read a primary need code."""
    bare = plain(text)
    if "do not use" in bare:
        return None
    numbered = _NEED_CODE.search(bare)
    return f"N{numbered.group(1)}" if numbered else first_match(bare, _NEEDS)


def closure_reason(text: str) -> str | None:
    """Read why an episode of need closed; what fits no other reason is "any other"."""
    bare = plain(text)
    return official(bare, codes.CLOSURE_REASONS) or first_match(bare, _CLOSURES) or None


def legal_status(text: str) -> str | None:
    """Read the legal status of a looked after child; other statuses mean nothing here."""
    bare = plain(text)
    if re.search(r"placement order.*(and|&).*care|care.*(and|&) placement", bare):
        return "E1"
    found = official(bare, codes.LEGAL_STATUSES) or first_match(bare, _LEGAL)
    return found or ssd_words.legal_status(bare) if found != "" else None


def end_reason(text: str) -> str | None:
    """Read why care ceased."""
    bare = plain(text)
    return (
        first_match(bare, _FIRST_ENDS)
        or official(bare, END_REASONS)
        or _EARLIER_ENDS.get(bare.split(" ")[0])
        or first_match(bare, _ENDS)
    )


def placement_type(text: str) -> str | None:
    """Read a placement type."""
    bare = plain(text)
    return official(bare, PLACEMENT_TYPES) or first_match(bare, _PLACES)


def provider(text: str) -> str | None:
    """Read who provides a placement."""
    bare = plain(text)
    return official(bare, PROVIDERS) or first_match(bare, _PROVIDERS)


def case_status(text: str) -> str | None:
    """Read the case status at the day of the extract."""
    return first_match(plain(text), _STATUSES)


def disabled(text: str) -> bool | None:
    """Read whether a child has a disability; the name or code of one means yes."""
    answer = False if text.strip().upper() == "NONE" else yes_no(text)
    if answer is not None:
        return answer
    bare = plain(text)
    named = official(bare, codes.DISABILITIES) or re.search(_DISABILITIES, bare)
    return True if named else None
