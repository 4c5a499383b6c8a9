"""What authorities write in Annex A about people and sources, in the codes of the standard.

Each function takes one spelling and gives the code, or None where it means nothing
to us. Official codes are looked for first, then words, then the numbering of case
management systems. A value that only names a group ("White", "Health") becomes the
"any other" code of that group.
"""

import re
from collections.abc import Iterable, Mapping

from fs_risk.readers import ssd_words
from fs_risk.records import codes

Patterns = tuple[tuple[str, str], ...]

_LETTER = re.compile(r"^(?:[a-z]{1,2}\d?\)|[a-z]\.(?= ))\s*")
_NOT_MAPPED = re.compile(r"^code '(.*)' is not mapped$")
_NOTHING = frozenset(
    [
        "nan",
        "-",
        ".",
        "..",
        "<blank>",
        "#n/a",
        "#multivalue",
        "xxxx",
        "zzcodeerror",
        "n/a",
        "na",
        "null",
        "none",
        "nope",
    ]
)
_STRAIGHT = str.maketrans({"\xa0": " ", "‘": "'", "’": "'", "–": "-", "—": "-", "“": '"', "”": '"'})

_YES = re.compile(r"(1|y|yes|true|t)\b|nfa$|no further action|(child )?seen\b")
_NO = re.compile(r"(0|n|no|none|false|f)\b|fa$|further action|(child )?not seen\b")

_SEXES: Patterns = (
    (r"^(2|f|female)\b", "F"),
    (r"^(1|m|male)\b", "M"),
    (r"^(0|9|i|u)\b", "U"),
    (r"not |neither|un|withheld|indeterm|trans|binary|dysphoria", "U"),
)

_NOT_OBTAINED: Patterns = (
    (r"refus|declin|not wish|prefer|divulge|disclose|dtg\b|would not say|^e3\b", "REFU"),
    (
        r"not (yet )?(obtained|known|(?<!part not )stated|recorded|asked|given|populated"
        r"|established|declared)"
        r"|not completed|no data|no information|no (initial )?client|not available|not yet avail"
        r"|unborn|^unknown|^<unknown|unable to prov|multivalue|undeclared|before ethnicity"
        r"|unspecified - (eth|info)|^ns$|^xxxx|do not use|- unknown|^0$",
        "NOBT",
    ),
)
_MIXED: Patterns = (
    (r"(white|dual).*(carib|carrib)|caribbean (&|and) white", "MWBC"),
    (r"(white|dual).*(&|and|/|\+) *(black )?african|african (&|and) white", "MWBA"),
    (r"(white|dual).*(&|and|/|\+) *(black )?asian|asian (&|and) white|^mwa[a-z]\b", "MWAS"),
    (
        r"mixed(?! british)|\bmix\b|dual|multiple ethnic"
        r"|white (&|and) (indian|pakist|chinese|any)"
        r"|(asian|black|chinese) (and|&) (black|asian|chinese|white)|(black|chinese) and any",
        "MOTH",
    ),
)
_ETHNIC_WORDS: Patterns = (
    (r"irish trav|trav.*irish|irish heritage", "WIRT"),
    (r"gyps|roma\b|romany|travel", "WROM"),
    (r"\bchin|hong kong|taiwan", "CHNE"),
    (r"arab|afghan|\biran|\biraq|syrian|filip|vietnam|japan|korea|yemen|egypt(?!.*black)", "OOTH"),
    (r"afr.*indian|asian.*(carib|afric)|african asian", "AOTH"),
    (r"(?<!west )indian\b", "AIND"),
    (r"pakist|kashmir", "APKN"),
    (r"bangl", "ABAN"),
    (r"\basian|sri lank|tamil|nepal|punjab|sinhal|sikh", "AOTH"),
    (r"african and carib", "BOTH"),
    (r"caribb?ean|carib|carrib|west indian|jamaic|^bac - |barbad|grenad", "BCRB"),
    (
        r"black.*afric|african|congo|somal|nigeri|ghan|sudan|eritr|ethiop|zimbab|ugand|angola"
        r"|camero|liberia|senegal|sierra|tanzan|swazi|kenya|gambia",
        "BAFR",
    ),
    (r"black", "BOTH"),
    (r"white.*(any )?other ethnic", "WOTH"),
    (
        r"other ethnic|ethnic(ity)? other|any other ethn|latin|south american|central american"
        r"|polynes|malay|thai\b|other group|other eth",
        "OOTH",
    ),
    (r"^other$|^other( ?-|ethnic)|kurdish sorani|^morocc?an$|^kosovan$|^other european$", "OOTH"),
    (r"(white.*)?\birish\b(?!.*(british|welsh))", "WIRI"),
    (r"white.*other.*british|british|english|scot|welsh|cornish", "WBRI"),
    (
        r"white|europ|polish|greek|turk|ital|portug|bulgar|albani|jewish|kurd|mediterr|roman"
        r"|lithu|latvi|jersey|cyprio|bosnia|croat",
        "WOTH",
    ),
)
_NATIONAL = {
    "WBRI": "weng|wsco|wcor|wwel|wowb|wnir|wbri",
    "MWAS": "mwai|mwao|mwap",
    "APKN": "akpa|ampk|aopk",
    "BAFR": "bsom|bngn|bgha|bslc|bsln|bsud|baof|bcon|bang|banl",
    "OOTH": "eopo",
}
_NATIONAL_OF = {name: code for code, names in _NATIONAL.items() for name in names.split("|")}
_FIRST_LETTERS = {"w": "WOTH", "m": "MOTH", "a": "AOTH", "b": "BOTH", "o": "OOTH", "c": "CHNE"}
_CENSUS = {
    **dict(
        zip(["a1", "a2", "a3", "a4", "a5"], ["WBRI", "WIRI", "WOTH", "WIRT", "WROM"], strict=True)
    ),
    **dict(zip(["b1", "b2", "b3", "b4"], ["MWBC", "MWBA", "MWAS", "MOTH"], strict=True)),
    **dict(zip(["c1", "c2", "c3", "c4"], ["AIND", "APKN", "ABAN", "AOTH"], strict=True)),
    **dict(zip(["d1", "d2", "d3"], ["BCRB", "BAFR", "BOTH"], strict=True)),
    **dict(
        zip(
            ["e1", "e2", "e3", "e4", "e5", "f1"],
            ["CHNE", "OOTH", "REFU", "NOBT", "NOBT", "NOBT"],
            strict=True,
        )
    ),
}
_CENSUS_LETTER = {
    "a": "WOTH",
    "b": "MOTH",
    "c": "AOTH",
    "d": "BOTH",
    "e": "OOTH",
    "f": "NOBT",
    "n": "NOBT",
    "u": "NOBT",
}
_NUMBERED = re.compile(r"^\(?([a-fnu])(?:[.:) ]|$)")
_ONE_GROUP = re.compile(r"mixed (white|black|asian)(?=\s*($|\)))")
_BLACK_HEADING = re.compile(r"black\s*/\s*african\s*/\s*caribbean(\s*/\s*black british)?")


def plain(text: str) -> str:
    r"""Write a spelling in one manner: lower case, straight signs, single spaces, no list letter.

    Examples
    --------
    >>> plain("b)\xa0Female"), plain("‘POLICE’."), plain("Code 'V2' is not mapped")
    ('female', 'police', 'v2')
    """
    lowered = " ".join(text.translate(_STRAIGHT).lower().split()).lstrip("'")
    unmapped = _NOT_MAPPED.match(lowered)
    bare = _LETTER.sub("", unmapped.group(1) if unmapped else lowered)
    return "" if bare in _NOTHING else bare.replace("''", "'").rstrip(".").rstrip("'").strip()


def first_match(text: str, patterns: Patterns) -> str | None:
    """Give the code of the first pattern that is found."""
    for pattern, code in patterns:
        if re.search(pattern, text):
            return code
    return None


def official(text: str, known: Iterable[str]) -> str | None:
    """Give the first official code that stands as a word of its own."""
    for word in re.findall(r"[a-z]{1,4}\d{0,2}[a-z]?", text):
        if word.upper() in _upper(known) and re.search(rf"(?<![a-z\d]){word}(?![a-z\d])", text):
            return str(word.upper())
    return None


def _upper(known: Iterable[str]) -> frozenset[str]:
    return frozenset(known)


def yes_no(text: str) -> bool | None:
    """Read yes and no, and the words some columns use for them."""
    bare = plain(text)
    if _NO.match(bare) and not bare.startswith("no further"):
        return False
    return True if _YES.match(bare) else None


def no_further_action(text: str) -> bool | None:
    """Read whether a referral led to nothing; U was seen for "no"."""
    return False if plain(text) == "u" else yes_no(text)


def sex(text: str) -> str | None:
    """Read a sex or gender; what is neither M nor F is U."""
    return first_match(plain(text), _SEXES)


def ethnicity(text: str) -> str | None:
    """Read an ethnic group."""
    bare = _BLACK_HEADING.sub("black", _ONE_GROUP.sub(r"\1", plain(text)))
    if not bare:
        return None
    unstated = first_match(bare, _NOT_OBTAINED)
    if unstated:
        return unstated
    found = official(bare, codes.ETHNICITIES)
    if found:
        return found
    words = bare.replace("european mixed", "european").replace("white - mixed", "white")
    return (
        first_match(words, _MIXED)
        or first_match(words, _ETHNIC_WORDS)
        or _by_number(bare)
        or _national(bare)
    )


def _national(bare: str) -> str | None:
    """Read the department's extended codes (four letters, the first for the group)."""
    word = bare.split(" ")[0]
    if not re.fullmatch(r"[a-z]{4}", word):
        return None
    return _NATIONAL_OF.get(word) or _FIRST_LETTERS.get(word[0])


def _by_number(bare: str) -> str | None:
    """Read the numbering of the 2001 census, as systems write it (A1, "A.A1", "B: B17")."""
    if bare.split(" ")[0] in _CENSUS:
        return _CENSUS[bare.split(" ")[0]]
    numbered = _NUMBERED.match(bare)
    return _CENSUS_LETTER[numbered.group(1)] if numbered else None


_CATEGORY_FLAGS: Mapping[str, str] = {"ynnn": "NEG", "nynn": "PHY", "nnyn": "SAB", "nnny": "EMO"}
_CATEGORIES: Patterns = ((r"mul", "MUL"), (r"^pa$|^phys|^phy\b", "PHY"), (r"^emo", "EMO"))


def abuse_category(text: str) -> str | None:
    """Read a category of abuse; several are "multiple"."""
    bare = plain(text)
    if re.fullmatch("[yn]{4}", bare):
        return _CATEGORY_FLAGS.get(bare, "MUL" if bare.count("y") > 1 else None)
    parts = [part for part in re.split(r"[,;/&+ ]+|\band\b", bare) if part]
    short = {part.upper() for part in parts} & codes.ABUSE_CATEGORIES.keys()
    if short:
        return short.pop() if len(short) == 1 else "MUL"
    found = ssd_words.abuse_category(bare.replace("emotion ", "emotional "))
    return found or first_match(bare, _CATEGORIES)
