"""Scores made by hand, for pages that are compared letter by letter."""

from fs_risk.triage.chronology import Chronology, Entry, Gap, Observed
from fs_risk.triage.household_member import HouseholdMember
from fs_risk.triage.reasons import Fact, Reason
from fs_risk.triage.risk_score import BandMeaning, ModelUsed, RiskScore
from fs_risk.triage.scope import CODES
from fs_risk.triage.would_change import Prospect, WouldChange

HOSTILE = "</title></svg><script>alert('x')</script><img src=x onerror=alert(1)>&{{ 7*7 }}\"'"
SAID = {
    "authority": "Anyshire Council",
    "contact": "01234 567890, front.door@anyshire.example, 1 High Street, Anytown",
    "purpose": "to give some referrals a second look",
    "complaints": "write to the Complaints Manager at the same address",
}

DOMESTIC_ABUSE = "domestic abuse: parent or carer subjected to it"
ENTRIES = (
    Entry(kind="contact", day="2021-02-03", known="2021-02-03",
          what="Contact from school; not referred on"),
    Entry(kind="contact", day="2022-09-12", known="2022-09-12",
          what="Contact from police; became a referral"),
    Entry(kind="referral", day="2022-09-12", known="2022-09-12",
          what="Referral from police; further action decided"),
    Entry(kind="assessment", day="2022-10-21", known="2022-10-21", trio=(DOMESTIC_ABUSE,),
          what="Assessment authorised; found: emotional abuse", areas=("domestic abuse",),
          factors_known=True),
    Entry(kind="cin_plan", day="2022-10-24", known="2022-10-24", until="2023-03-30",
          what="Child in need plan"),
    Entry(kind="closure", day="2023-03-30", known="2023-04-02", what="Case closed"),
    Entry(kind="referral", day="2023-08-15", known="2023-08-15", repeat_of="2022-09-12",
          what="Referral from health services; further action decided"),
    Entry(kind="section47", day="2023-08-16", known="2023-08-16", until="2023-08-30",
          what="Section 47 enquiry; no conference found necessary"),
    Entry(kind="assessment", day="2023-09-27", known="2023-09-27",
          trio=(DOMESTIC_ABUSE, "mental health: parent or carer"),
          areas=("domestic abuse", "mental health"), what="Assessment authorised",
          factors_known=True),
    Entry(kind="early_help", day="2023-10-02", known="2023-10-05", until="2023-12-01",
          what="Early help"),
    Entry(kind="assessment", day="2023-10-20", known="2023-10-20", factors_known=False,
          what="Assessment authorised; factors missing"),
)  # fmt: skip
CHRONOLOGY = Chronology(
    as_of="2025-03-05",
    known_before="2025-02-26",
    entries=ENTRIES,
    gaps=(
        Gap(first="2021-02-03", last="2022-09-12", months=19, not_observed=("missing",)),
        Gap(first="2023-12-01", last="2025-03-05", months=15),
    ),
    observed=tuple(
        Observed(kind=kind, first="2022-04-01" if kind == "missing" else "2019-04-01",
                 last="2025-02-25")
        for kind in ("contact", "early_help", "referral", "assessment", "section47", "conference",
                     "cin_plan", "cp_plan", "missing")
    ),
    not_held=("pre_proceedings", "care"),
)  # fmt: skip
REASONS = (
    Reason(concept="Domestic abuse", direction="worry", contribution=0.41,
           wording="a parent or carer subjected to it, on the latest assessment",
           evidence=(Fact(what="assessment", day="2023-09-27", whom="child"),)),
    Reason(concept="Earlier referrals", direction="worry", contribution=0.22,
           wording="2 referrals in the last 3 years; 1 repeat within a year",
           evidence=(Fact(what="referrals", day="2023-08-15", whom="child"),
                     Fact(what="referrals", day="2022-09-12", whom="child"))),
    Reason(concept="Child protection plans", direction="worry", contribution=0.18,
           wording="a child of the household had a plan in the last 3 years",
           evidence=(Fact(what="cp plan starts", day="2024-01-09", whom="siblings"),)),
    Reason(concept="The child's age", direction="worry", contribution=0.08,
           wording="the child is 3 years old"),
    Reason(concept="What has gone well", direction="strength", contribution=-0.27,
           wording="17 months without a contact"),
    Reason(concept="Early help", direction="strength", contribution=-0.09,
           wording="early help was taken up in the last 2 years",
           evidence=(Fact(what="early help starts", day="2023-10-02", whom="child"),)),
)  # fmt: skip


def fixed_score(**fields):
    """A score with all that a page can show."""
    prospect = Prospect(low=0.2, high=0.24, bands=("higher", "higher"), said="200 to 240")
    member = HouseholdMember(
        child_id="C-72", age="6 years old", score_id="b" * 16, probability=0.07,
        said="In about 70 in 1,000 similar referrals a plan began within 365 days.",
        outside="Outside the bands. This is not evidence of safety.",
        shared=(REASONS[0],), own=(REASONS[5],),
    )  # fmt: skip
    return RiskScore(
        **{
            "score_id": "a" * 16,
            "referral_id": "R-1",
            "child_id": "C-71",
            "as_of": "2025-03-05",
            "outcome": "cp_plan",
            "within_days": 365,
            "probability": 0.152,
            "log_odds": -1.72,
            "said": "In about 152 in 1,000 similar referrals a child protection plan began within "
            "365 days.",
            "interval": (0.11, 0.21),
            "interval_said": "What is recorded, better understood, would put it between 110 and "
            "210 in 1,000 for 9 of 10 such referrals.",
            "n_similar": 240,
            "similar_said": "Based on about 240 past cases with a similar history.",
            "band": BandMeaning(name="higher", n=812, meaning="Of 812 referrals in this band, "
                                "the outcome followed for 160 in 1,000 (135 to 188)."),
            "reasons": REASONS,
            "unknowns": ("no assessment is authorised in this episode yet",),
            "would_change": (
                WouldChange(concept="Parental substance misuse", known="not assessed lately",
                            recorded=prospect,
                            wording="Parental substance misuse: not assessed lately. If an "
                            "assessment recorded it, 200 to 240 in 1,000."),
            ),
            "household": (member,),
            "household_said": "1 other child under 18 known to be in the household.",
            "synthetic": True,
            "model": ModelUsed(name="cp_plan-365d", version="1.0", plan="0" * 12,
                               origin="SYNTHETIC"),
            "chronology": CHRONOLOGY,
            **fields,
        }
    )  # fmt: skip


def empty_score():
    """A score of a child of whom nothing is recorded."""
    return fixed_score(
        reasons=(), would_change=(), household=(), household_said="",
        chronology=CHRONOLOGY.model_copy(update={"entries": (), "gaps": ()}),
    )  # fmt: skip


def coded_score(code="PERSON_NOW", **fields):
    """A code instead of a score."""
    return fixed_score(
        code=code, code_meaning=CODES[code], probability=None, log_odds=None, said="",
        interval=None, interval_said="", n_similar=None, similar_said="", band=None, reasons=(),
        unknowns=(), would_change=(), household=(), household_said="", **fields,
    )  # fmt: skip


def long_score(n=150):
    """A score with many entries."""
    many = tuple(
        ENTRIES[place % len(ENTRIES)].model_copy(
            update={"day": f"{2014 + place // 15}-{1 + place % 12:02d}-11", "known": "2025-01-01",
                    "until": None}
        )
        for place in range(n)
    )  # fmt: skip
    ordered = tuple(sorted(many, key=lambda entry: entry.day))
    return fixed_score(chronology=CHRONOLOGY.model_copy(update={"entries": ordered}))


def hostile_score(text=HOSTILE):
    """A score in which every text that comes from data is hostile."""
    reason = Reason(concept=text, direction="worry", wording=text, contribution=1.0)
    entry = Entry(kind="contact", day="2024-01-05", known="2024-01-05", what=text, trio=(text,))
    return fixed_score(
        referral_id=text, child_id=text, score_id=text, said=text, interval_said=text,
        similar_said=text, outside=text, reasons=(reason,), unknowns=(text,),
        household_said=text, household=(HouseholdMember(child_id=text, age=text, score_id="s",
                                                        said=text, outside=text, own=(reason,)),),
        would_change=(WouldChange(concept=text, known=text, wording=text,
                                  recorded=Prospect(low=0, high=1, bands=("a", "b"), said=text)),),
        band=BandMeaning(name=text, meaning=text, n=1), caveat=text,
        model=ModelUsed(name=text, version=text, plan=text, origin=text),
        chronology=CHRONOLOGY.model_copy(update={"entries": (entry,)}),
    )  # fmt: skip


PAGES = {
    "score.html": lambda: fixed_score().to_html(),
    "score_with_score.html": lambda: fixed_score().to_html(with_score=True),
    "family.html": lambda: fixed_score().to_family_html(**SAID),
    "child.html": lambda: fixed_score().to_family_html(**SAID, reader="child"),
}
"""Pages that are kept, letter by letter, in tests/golden."""
