"""What authorities write in Annex A for the source of a contact or referral, as codes."""

import re

from fs_risk.readers import ssd_words
from fs_risk.readers.annex_a_words import Patterns, first_match, plain
from fs_risk.records import codes

_LETTERED = re.compile(r"^(?:code )?(1[a-d]|2[ab]|3[a-f]|5[a-d])(?![a-z\d])|\[(\d{1,2}[a-f]?)\]$")
_NUMBER = re.compile(r"^(4|6|7|8|9|10)(?=[ :-]|$)")

_WORDS: Patterns = (
    (r"police|\bceop\b|\bpol\b|online protection|merlin", "6"),
    (r"not (recorded|mapped|known)|^nk$|unkown|unknown / anon", "10"),
    (r"anon", "9"),
    (r"^(legal|other legal|\w+ - other legal|law\b)|legal agency", "7"),
    (r"^health(?!.*(gp|visitor|a ?& ?e|school|primary|general))|mental health$", "3F"),
    (r"depa?r?t?m?e?n?t?\.? ?(other|\(other|\(not)|other (internal|council|l\.?a\.? dep)", "5B"),
    (r"other [a-z]+ (cc |county |city |council )*dep|other than (scc|housing)|\bother dep", "5B"),
    (r"(another|other|out of|from)( l\.?/?a\b| la'?s| local auth)|^\(?ola\b|\bola -", "5C"),
    (r"housing.*internal", "4"),
    (r"internal", "5B"),
    (r"nurser", "2A"),
    (r"school (nurs|health)|nurs.*school", "3C"),
    (r"family nurse|sexual assault|birth (liaison|notif)", "3F"),
    (
        r"housing|homeless|landlord|sheltered|warden|tenancy|home ?start|\bhou\b|hous\.|^hous$"
        r"|support(ed)? (living|officer|worker)",
        "4",
    ),
    (r"early help|step ?down|\btaf\b", "5D"),
    (
        r"family support|famil(y|ies) (solution|first|matters|partner|recovery|service)"
        r"|children(s|'s)? (&|and|,)? ?famil|stronger famil|children'?s serv|child.*disabilit"
        r"|youth (serv|supp|offend|just)|targeted|young people|\byot\b|sure ?start(?!.*other)"
        r"|early (start|inter|years and early)|portage|neighbourhood (off|s$)|la serv.*neighb"
        r"|council(?!l?or)|parent(ing)? (and fam|support adv)|\bsen team|extended serv|gateway",
        "5B",
    ),
    (
        r"social ?(serv|work|care)|\bssd\b|adult'?s? (&|team|serv|social)|\bedt\b|emergency duty"
        r"|out of hours|leaving care|day cent(?!.*staff)|home care( unit)?( - int|.*lbh)|\blado\b"
        r"|marac|disability staff|resource cent|nursing home|accomm?odation man|senior prac",
        "5A",
    ),
    (
        r"camhs|midwi|ambulance|paediat|psychiat|psycholog|clinic|audiol|dentist|nhs\b|casualty"
        r"|consultant|physio|\bward (round|staff)|substance misuse serv|drug|alcohol|addiction"
        r"|walk.?in|optom|occupational therapist|nurse\b|nurses\b|matron|rapid response|hosp"
        r"|emergency serv|\ba and e\b|nursing.*(staff|midw|district)|\bg\.?p\.?/|pct\b|nwas|cmht",
        "3F",
    ),
    (
        r"aunt|uncle|\bbrother|\bsister|daughter|father|mother(?!.*baby)|grand|husband|\bwife|niece"
        r"|nephew|\bparent(?!ing)|^partner|household",
        "1A",
    ),
    (r"friend", "1B"),
    (r"public|councillor|elected member|stranger|in person|fire brigade$|community member", "1D"),
    (
        r"solicitor|law cent|benefits? agency|border|\bcourt|cafcass|prison|\bhmp\b|probation"
        r"|immigration|lawyer|government agency|registrars?$|rehabilitation comp",
        "7",
    ),
    (
        r"charit|barnardo|\bfire\b|child(ren)?'?s? cent|voluntar|agency|care home|residential home"
        r"|hostel|refuge|women'?s aid|n\.?s\.?p\.?c|military|forces|church|victim|third party"
        r"|provider|young +carer|federation|connexions|jobcentre|ofsted|advocate|^mp\b|parliament"
        r"|domestic abuse serv|idva|childline|project|commissioned|home office|defence|vcs\b|grow"
        r"|inspection|rehab|residential$|home care|work and pens|crime agency|caritas|utilit"
        r"|resident$|safe cent|catch 22|intervention proj|community safety",
        "8",
    ),
    (r"^college|\bfe\b|ewo\b|training|not school|early years prov|psychology", "2B"),
    (r"school|academy|college|\bsch\b|\bsen\b|early years", "2A"),
)
_ABBREVIATIONS = {
    **dict.fromkeys(
        [
            "br",
            "daug",
            "daui",
            "fath",
            "gran",
            "grpa",
            "grso",
            "husb",
            "moth",
            "nie",
            "part",
            "sis",
            "son",
            "wife",
        ],
        "1A",
    ),
    **dict.fromkeys(["ca", "sf", "sm"], "1A"),
    **dict.fromkeys(["frei", "nei"], "1B"),
    "hv": "3B",
    "sn": "3C",
    **dict.fromkeys(
        [
            "cas",
            "cln",
            "con",
            "dn",
            "hn",
            "hos",
            "hosp",
            "midw",
            "nurs",
            "ocgp",
            "phy",
            "wr",
            "ws",
            "aud",
            "ot",
            "nhsc",
        ],
        "3F",
    ),
    **dict.fromkeys(["sw", "ssdt", "otss", "otla", "lcpa", "senp", "dc"], "5A"),
    **dict.fromkeys(["sol", "prob", "cafs", "reg", "ba"], "7"),
    **dict.fromkeys(["cc", "ch", "char", "nspc", "vs", "tp", "od", "res"], "8"),
    **dict.fromkeys(["slex", "slih", "shel", "supo", "supw", "ward"], "4"),
}


def source(text: str) -> str | None:
    """Read the source of a contact or referral.

    Examples
    --------
    >>> source("e) 2A: Schools"), source("‘6"), source("Health Visitor"), source("7 - Police")
    ('2A', '6', '3B', '6')
    """
    bare = plain(text)
    lettered = _LETTERED.search(bare)
    if lettered:
        code = (lettered.group(1) or lettered.group(2)).upper()
        return code if code in codes.REFERRAL_SOURCES else None
    number = _NUMBER.match(bare)
    words = _NUMBER.sub("", bare).lstrip(" -:")
    found = _ABBREVIATIONS.get(words) or first_match(words, _WORDS)
    if words and not found:
        found = ssd_words.source(words)
    return found or (number.group(1) if number else None)
