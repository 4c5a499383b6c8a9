"""Each census rule fires on its own fault, and none on a file without one."""

import pytest

from fs_risk.readers.cin_file import read_census_file
from fs_risk.readers.cin_rules.all_rules import RULES
from fs_risk.readers.cin_rules.census import Census
from fs_risk.readers.cin_rules.check import broken_lines
from fs_risk.readers.cin_window import reported_year

SECOND = "<CINdetails>\n<CINreferralDate>2024-09-02</CINreferralDate>"
REFERRED = "<CINreferralDate>2024-04-10</CINreferralDate>"
CLOSED = "<CINclosureDate>2025-02-28</CINclosureDate>\n<ReasonForClosure>RC7</ReasonForClosure>\n"
ASSESSMENT = "<Assessments>\n<AssessmentActualStartDate>2024-04-11</AssessmentActualStartDate>"
AUTHORISED = "<AssessmentAuthorisationDate>2024-05-20</AssessmentAuthorisationDate>"
FACTORS = "<AssessmentFactors>3B</AssessmentFactors>\n<AssessmentFactors>4B</AssessmentFactors>"
ENQUIRY = "<Section47>\n<S47ActualStartDate>2024-05-01</S47ActualStartDate>"
HELD = "<DateOfInitialCPC>2024-05-23</DateOfInitialCPC>"
PLAN = "<ChildProtectionPlans>\n<CPPstartDate>2024-05-23</CPPstartDate>"
CIN_PLAN = "<CINPlanDates>\n<CINPlanStartDate>2024-12-13</CINPlanStartDate>"
BORN = "<PersonBirthDate>2012-05-01</PersonBirthDate>"
NFA = "<ReferralNFA>true</ReferralNFA>"
SEX = "<Sex>F</Sex>"
ANOTHER_OPEN = (
    "<CINdetails><CINreferralDate>{}</CINreferralDate><ReferralSource>6</ReferralSource>"
    "<PrimaryNeedCode>N1</PrimaryNeedCode><ReferralNFA>0</ReferralNFA></CINdetails>"
)
ANOTHER_PLAN = (
    "<ChildProtectionPlans><CPPstartDate>2024-05-23</CPPstartDate>{}"
    "<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>"
    "<LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse>"
    "<NumberOfPreviousCPP>0</NumberOfPreviousCPP></ChildProtectionPlans>"
)
ANOTHER_ENQUIRY = (
    "<Section47><S47ActualStartDate>{}</S47ActualStartDate>"
    "<ICPCnotRequired>false</ICPCnotRequired></Section47>"
)
UNFINISHED = "<Assessments><AssessmentActualStartDate>{}</AssessmentActualStartDate></Assessments>"
DIED = SEX + "<PersonDeathDate>{}</PersonDeathDate>"

SPOILT = {
    "8500": ("<LAchildID>C1</LAchildID>", ""),
    "8510": ("<LAchildID>C2</LAchildID>", "<LAchildID>c1 </LAchildID>"),
    "1570": ("<LAchildID>C1<", f"<LAchildID>{'C' * 21}<"),
    "1580": ("<LAchildID>C1<", "<LAchildID>C-1<"),
    "8520": (BORN, "<PersonBirthDate>2025-04-01</PersonBirthDate>"),
    "8525Q": (BORN, BORN + "<ExpectedPersonBirthDate>2025-05-01</ExpectedPersonBirthDate>"),
    "8530Q": (BORN, "<ExpectedPersonBirthDate>2024-05-01</ExpectedPersonBirthDate>"),
    "4180": (SEX, "<Sex>1</Sex>"),
    "8750": (BORN, "<ExpectedPersonBirthDate>2025-05-01</ExpectedPersonBirthDate>"),
    "4220": ("WBRI", "ZZZZ"),
    "8540": ("<Disability>MOB<", "<Disability>XX<"),
    "8790": ("<Disability>MOB<", "<Disability>NONE<"),
    "8794": ("<Disability>MOB<", "<Disability>VIS<"),
    "8590": (
        SECOND + "\n<ReferralSource>2A</ReferralSource>\n" + NFA + "\n</CINdetails>\n",
        "",
    ),
    "8775Q": (BORN, "<PersonBirthDate>1999-03-30</PersonBirthDate>"),
    "8606": ("<PersonBirthDate>2024-01-15<", "<PersonBirthDate>2025-06-10<"),
    "1510": ("H801200001001", "A801200001001"),
    "1520": ("<UPNunknown>UN7</UPNunknown>", "<UPN>H801200001001</UPN>"),
    "1540": ("H801200001001", "H80120X001001"),
    "1550": ("H801200001001", "H80120000100O"),
    "1560Q": (SEX, SEX + "<FormerUPN>123</FormerUPN>"),
    "8770Q": ("<UPN>H801200001001</UPN>", ""),
    "8772": (NFA, "<ReferralNFA>false</ReferralNFA>"),
    "8535Q": (SEX, DIED.format("2012-04-30")),
    "8545Q": (SEX, DIED.format("2024-03-31")),
    "8555Q": (SEX, DIED.format("2024-04-09")),
    "8585Q": ("RC7", "RC2"),
    "4008": (SEX, DIED.format("2024-12-12")),
    "4009Q": (SEX, DIED.format("2025-02-27")),
    "8915": (SEX, DIED.format("2024-05-22")),
    "8920": (SEX, DIED.format("2024-12-12")),
    "8600": ("<CINreferralDate>2024-09-02<", "<CINreferralDate>2025-04-01<"),
    "8568": (NFA, "<ReferralNFA>maybe</ReferralNFA>"),
    "8866": ("<ReferralSource>6<", "<ReferralSource>11<"),
    "8610": ("<PrimaryNeedCode>N1</PrimaryNeedCode>", ""),
    "8650": ("<PrimaryNeedCode>N1<", "<PrimaryNeedCode>X1<"),
    "8569Q": ("<CINreferralDate>2024-09-02<", "<CINreferralDate>2024-03-27<"),
    "8640": ("RC7", "RC99"),
    "8620": ("<CINclosureDate>2025-02-28<", "<CINclosureDate>2025-04-01<"),
    "8630": ("<CINclosureDate>2025-02-28<", "<CINclosureDate>2024-04-09<"),
    "8805": ("<ReasonForClosure>RC7</ReasonForClosure>", ""),
    "8810": ("<CINclosureDate>2025-02-28</CINclosureDate>", ""),
    "8815": (
        CLOSED,
        "",
        "</CINdetails>\n</Child>\n<Child>",
        "</CINdetails>" + ANOTHER_OPEN.format("2025-03-01") + "\n</Child>\n<Child>",
    ),
    "8816": (
        "</CINdetails>\n</Child>\n<Child>",
        "</CINdetails>" + ANOTHER_OPEN.format("2024-04-02") + "\n</Child>\n<Child>",
    ),
    "8820": (
        "</CINdetails>\n</Child>\n<Child>",
        "</CINdetails>" + ANOTHER_OPEN.format("2025-02-27") + "\n</Child>\n<Child>",
    ),
    "8565": ("<CPPendDate>2024-12-13<", "<CPPendDate>2025-03-01<"),
    "2990": ("RC7", "RC8"),
    "8825Q": (
        "<ReferralNFA>true</ReferralNFA>",
        NFA + "<CINclosureDate>2024-10-01</CINclosureDate><ReasonForClosure>RC9</ReasonForClosure>",
    ),
    "4000": ("<ReferralNFA>0<", "<ReferralNFA>1<"),
    "8831": ("<ReferralNFA>0<", "<ReferralNFA>1<"),
    "8832": ("<ReferralNFA>0<", "<ReferralNFA>1<"),
    "1103": (ASSESSMENT, ASSESSMENT.replace("2024-04-11", "2024-04-09")),
    "8608": (ASSESSMENT, ASSESSMENT.replace("2024-04-11", "2024-05-21")),
    "8696": (AUTHORISED, AUTHORISED.replace("2024", "2023")),
    "8736": (ASSESSMENT, UNFINISHED.format("2024-03-20") + ASSESSMENT),
    "8670Q": (AUTHORISED, ""),
    "8863Q": (ASSESSMENT, UNFINISHED.format("2024-04-10") + ASSESSMENT),
    "8896": (
        ASSESSMENT,
        UNFINISHED.format("2024-06-01") + UNFINISHED.format("2024-07-01") + ASSESSMENT,
    ),
    "8867": (AUTHORISED, ""),
    "8614": (AUTHORISED, ""),
    "8897Q": (FACTORS, "<AssessmentFactors>RB</AssessmentFactors>"),
    "8869": ("<AssessmentFactors>3B<", "<AssessmentFactors>21<"),
    "8873Q": (FACTORS, "<AssessmentFactors>21</AssessmentFactors>"),
    "8898": ("<AssessmentFactors>3B<", "<AssessmentFactors>4b<"),
    "8945Q": ("<AssessmentFactors>3B<", "<AssessmentFactors>18A<"),
    "8950Q": ("<AssessmentFactors>3B<", "<AssessmentFactors>19A<"),
    "2889": (ENQUIRY, ENQUIRY.replace("2024-05-01", "2024-04-09")),
    "1104": ("<ReferralNFA>0<", "<DateOfInitialCPC>2024-04-09</DateOfInitialCPC><ReferralNFA>0<"),
    "8615": (ENQUIRY, ENQUIRY.replace("2024-05-01", "2024-05-24")),
    "8740": (ENQUIRY, ANOTHER_ENQUIRY.format("2024-03-28") + ENQUIRY),
    "8715": (HELD, HELD.replace("2024", "2023")),
    "8675Q": (HELD, ""),
    "8839": (
        ENQUIRY,
        ANOTHER_ENQUIRY.format("2024-07-01") + ANOTHER_ENQUIRY.format("2024-08-01") + ENQUIRY,
    ),
    "8890": (ENQUIRY, ANOTHER_ENQUIRY.format("2024-05-10") + ENQUIRY),
    "8868": (HELD, ""),
    "2884": (
        "<ReferralNFA>0<",
        "<DateOfInitialCPC>2024-05-23</DateOfInitialCPC><ReferralNFA>0<",
    ),
    "8875": (HELD, HELD.replace("05-23", "05-25")),
    "8870Q": ("<InitialCPCtarget>2024-05-23<", "<InitialCPCtarget>2024-05-25<"),
    "2991Q": ("<Assessments>", "<Unknown>", "</Assessments>", "</Unknown>"),
    "1105": (PLAN, PLAN.replace("2024-05-23", "2024-04-09")),
    "8720": (PLAN, PLAN.replace("2024-05-23", "2025-04-01")),
    "8925": ("<CPPendDate>2024-12-13<", "<CPPendDate>2024-05-22<"),
    "8930": ("<CPPendDate>2024-12-13<", "<CPPendDate>2025-04-02<"),
    "8840": ("<CPPendDate>2024-12-13<", "<CPPendDate>2024-05-23<"),
    "8905": ("<InitialCategoryOfAbuse>NEG<", "<InitialCategoryOfAbuse>XXX<"),
    "8910": ("<LatestCategoryOfAbuse>EMO</LatestCategoryOfAbuse>", ""),
    "8730": ("<NumberOfPreviousCPP>0</NumberOfPreviousCPP>", ""),
    "8935": (PLAN, ANOTHER_PLAN.format("") * 2 + PLAN),
    "8940": (PLAN, ANOTHER_PLAN.format("<CPPendDate>2024-06-01</CPPendDate>") + PLAN),
    "2885": (PLAN, PLAN.replace("05-23", "05-24")),
    "8841": ("<CPPreviewDate>2024-08-20<", "<CPPreviewDate>2024-05-23<"),
    "8842Q": ("<CPPreviewDate>2024-08-20</CPPreviewDate>", ""),
    "4010": (CIN_PLAN, CIN_PLAN.replace("2024-12-13", "2025-04-02")),
    "4011": ("<CINPlanEndDate>2025-02-28<", "<CINPlanEndDate>2024-12-12<"),
    "4012Q": ("<CINPlanEndDate>2025-02-28<", "<CINPlanEndDate>2024-12-13<"),
    "4013": ("<CINPlanEndDate>2025-02-28<", "<CINPlanEndDate>2025-04-02<"),
    "4014": (
        CIN_PLAN,
        "<CINPlanDates><CINPlanStartDate>2025-01-01</CINPlanStartDate></CINPlanDates>" + CIN_PLAN,
    ),
    "4015": (CIN_PLAN, CIN_PLAN.replace("2024-12-13", "2024-04-09")),
    "4004": (
        CIN_PLAN,
        "<CINPlanDates><CINPlanStartDate>2025-01-01</CINPlanStartDate></CINPlanDates>" * 2
        + CIN_PLAN,
    ),
    "4001": (
        "<CINPlanEndDate>2025-02-28</CINPlanEndDate>",
        "",
        "<CPPendDate>2024-12-13</CPPendDate>",
        "",
    ),
    "4016": (CIN_PLAN, CIN_PLAN.replace("2024-12-13", "2024-12-12")),
    "4017": (CIN_PLAN, CIN_PLAN.replace("2024-12-13", "2024-05-22")),
    "4003": (CIN_PLAN, CIN_PLAN.replace("2024-12-13", "2024-08-01")),
    "9005": ("<PPStartDate>2024-06-03<", "<PPStartDate>2024-03-28<"),
    "9012": ("<CourtAppDate>2024-11-08<", "<CourtAppDate>2024-10-31<"),
    "9010Q": ("<FGDMMeetingFac>0</FGDMMeetingFac>", ""),
    "9015Q": ("<ReviewMeetingsCount>2</ReviewMeetingsCount>", ""),
    "9000Q": ("<PPStartDate>2024-06-03</PPStartDate>", ""),
    "100": ("<ReferenceDate>2025-03-31<", "<ReferenceDate>2025-03-30<"),
    "2883": (HELD, ""),
    "2886Q": (SEX, "<Sex>U</Sex>"),
    "2887Q": ("<Disability>VIS</Disability>", ""),
    "2888Q": tuple(
        part
        for code in ("HAND", "PC", "INC", "COMM", "LD", "HEAR", "VIS")
        for part in (f"<Disability>{code}</Disability>\n", "")
    ),
}
UNTESTED = {"8995Q": "asked of the 2026-27 census, whose year is not over"}


def broken(path, codes=()):
    """The lines that break the named rules, or any rule."""
    file = read_census_file(path)
    year, _ = reported_year(file)
    census = Census(file.file, file.blocks, year.start, year.end)
    found = {}
    for rule in RULES:
        if not codes or rule.code in codes:
            lines = broken_lines(rule, census).tolist()
            found.setdefault(rule.code, []).extend(lines)
    return {code: lines for code, lines in found.items() if lines}


def test_a_file_without_a_fault_breaks_no_rule(clean, census_file):
    assert broken(census_file(clean)) == {}


@pytest.mark.parametrize("rule", SPOILT)
def test_rule_fires_on_its_fault(rule, clean, census_file):
    """G8: a fault is named by its rule and its line."""
    text = clean
    edits = SPOILT[rule]
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        assert old in text
        text = text.replace(old, new, 1)

    found = broken(census_file(text), codes=[rule])

    assert rule in found
    assert all(0 < line <= text.count("\n") for line in found[rule])


def test_every_rule_has_a_fault_that_it_fires_on():
    assert {rule.code for rule in RULES} == set(SPOILT) | set(UNTESTED)


def test_every_rule_says_what_is_wrong_and_what_to_do():
    for rule in RULES:
        assert rule.message.endswith(".")
        assert rule.fix.endswith(".")
        assert rule.severity == ("warning" if rule.code.endswith("Q") else "error")


def test_missing_disability_is_asked_of_born_children_with_a_case_only(clean, census_file):
    start, end = clean.index("<Disabilities>"), clean.index("</Disabilities>") + 16
    without = clean[:start] + clean[end:]

    assert broken(census_file(without), codes=["8540"]) == {"8540": [8]}
